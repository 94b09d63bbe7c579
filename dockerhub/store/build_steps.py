"""Writes the steps of images' builds: as Hub shows them, or as a config's history has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.store.contents_rows import (
    instruction_parameters,
    layer_count,
    read_steps,
    step_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.contents import BuildStep
    from dockerhub.store.engine import Connection


class StepWriter:
    """Writes inside the caller's transaction.

    A history counts its layers itself, and that need not fit a manifest: then it gives none.
    """

    def __init__(self, connection: Connection, sql: dict[str, str]) -> None:
        self._connection = connection
        self._sql = sql

    def put(self, manifest_id: int, steps: Sequence[BuildStep]) -> None:
        """Write *steps* in the place of those that a manifest had."""
        connection, sql = self._connection, self._sql
        connection.execute(sql["clear_build_steps"], (manifest_id,))
        connection.executemany(sql["put_instruction"], instruction_parameters(steps))
        connection.executemany(sql["put_build_step"], step_parameters(manifest_id, steps))

    def clear(self, manifest_id: int) -> None:
        """Remove the steps of a manifest."""
        self._connection.execute(self._sql["clear_build_steps"], (manifest_id,))

    def count(self, manifest_id: int) -> int:
        """Return how many steps a manifest has."""
        found = self._connection.execute(self._sql["count_build_steps"], (manifest_id,)).fetchone()
        return int(found[0])

    def give(self, config_digest: bytes, steps: Sequence[BuildStep]) -> bool:
        """Write the history of a config for all its manifests; False if it fits none of them."""
        if not steps:
            return False
        rows = self._connection.execute(
            self._sql["manifests_of_config"], (config_digest, layer_count(steps))
        ).fetchall()
        for (manifest_id,) in rows:
            self.put(manifest_id, steps)
        return bool(rows)

    def take(self, manifest_id: int, config_digest: bytes) -> None:
        """Give a manifest the history of its config, if that came before it."""
        run, sql = self._connection.execute, self._sql
        found = run(sql["history"], (config_digest,)).fetchone()
        if found is None:
            return
        if found[0] is not None:
            if self.give(config_digest, read_steps(found[0])):
                run(sql["clear_history"], (config_digest,))
            return
        alike = run(sql["manifest_alike"], (manifest_id,)).fetchone()
        if alike is not None:
            self.clear(manifest_id)
            run(sql["copy_build_steps"], (manifest_id, alike[0]))
