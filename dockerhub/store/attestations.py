"""Writes what attestations state: what an image was built of, and which packages are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.store.contents_rows import attestation_parameters

if TYPE_CHECKING:
    from dockerhub.items import Attestation
    from dockerhub.store.engine import Connection
    from dockerhub.store.tags import Tally


class AttestationWriter:
    """Writes inside the caller's transaction."""

    def __init__(self, connection: Connection, sql: dict[str, str], tally: Tally) -> None:
        self._connection = connection
        self._sql = sql
        self._tally = tally

    def put(self, item: Attestation) -> None:
        """Write a statement under the attestation manifest that holds it, which came before it."""
        run, sql = self._connection.execute, self._sql
        found = run(sql["find_manifest"], (item.manifest,)).fetchone()
        if found is None:
            self._tally["attestations_without_manifest"] += 1
            return
        key = (found[0], item.digest)
        is_known = run(sql["has_attestation"], key).fetchone() is not None
        self._tally["attestations_new"] += not is_known
        written = run(sql["put_attestation"], attestation_parameters(found[0], item)).fetchone()
        # One that could not be read this time leaves what was read before.
        if written is not None:
            self._put_bases(written[0], item)
            self._put_packages(written[0], item)

    def _put_bases(self, attestation_id: int, item: Attestation) -> None:
        self._connection.execute(self._sql["clear_bases"], (attestation_id,))
        rows = [(attestation_id, position, *base) for position, base in enumerate(item.bases)]
        self._connection.executemany(self._sql["put_base"], rows)

    def _put_packages(self, attestation_id: int, item: Attestation) -> None:
        packages = [(each.name, each.version or "", each.purl or "") for each in item.packages]
        many = self._connection.executemany
        self._connection.execute(self._sql["clear_packages"], (attestation_id,))
        many(self._sql["put_package"], packages)
        rows = [(attestation_id, *package) for package in packages]
        many(self._sql["put_attestation_package"], rows)
