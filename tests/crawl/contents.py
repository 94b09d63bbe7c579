"""Holds what is stored of images against the bytes that a stand-in serves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from dockerhub.media_types import OCTET_STREAM
from tests.real.stored import Stored
from tests.real.witness import Witness
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dockerhub.standin import World
    from tests.real.skopeo import Skopeo

_NO_MOMENT = re.compile(r"(0*1|1970)-01-01T00:00:00\.000000Z")
# Every kind of row that both know, less what of a manifest is told by its answer alone.
_TABLES = ("layers", "members", "annotations", "images", "labels", "steps", "statements")


class _Shelf:
    """The bytes of a world, as `Witness` asks for them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def raw(self, repository: str, reference: str) -> bytes:
        return self._world.manifest_bytes(repository, reference)[0]

    def config(self, repository: str, digest: str) -> bytes:
        content = json.loads(self.raw(repository, digest))
        return self._world.blob_bytes(repository, content["config"]["digest"])


class _Truth(Witness):
    """A witness who has seen the pushes of 2017."""

    def kind(self, digest: str) -> str:
        content = self.manifests[digest]
        if content.get("config", {}).get("mediaType") == OCTET_STREAM:
            return "image"
        return super().kind(digest)


def truth(world: World, repository: str, tags: Iterable[str] | None = None) -> Witness:
    """Return what is true of *tags* of *repository*, by default of all."""
    names = [tag.name for tag in world.tags(repository)] if tags is None else tags
    return _Truth(cast("Skopeo", _Shelf(world)), repository, names)


def assert_contents(
    database: Path,
    truths: Iterable[Witness],
    *,
    besides: Iterable[str] = (),
    from_hub: bool = False,
) -> None:
    """Assert that all of *truths* is stored, and nothing else but the manifests *besides*.

    What is listed *from_hub* needs no index, where no attestation is in it: that is a pull less.
    """
    stored, expected = Stored(database), list(truths)
    spared = {digest for one in expected for digest in _spared(one)} if from_hub else set()
    for table in _TABLES:
        wanted = {_dated(row) for one in expected for row in getattr(one, table)()}
        found: set[Any] = getattr(stored, table)()
        assert {row for row in wanted - found if row[0] not in spared} == set(), table
    known = {digest for one in expected for digest in one.manifests}
    found_digests = {row[0] for row in stored.kinds()}
    assert known - found_digests - spared == set()
    assert found_digests - known == set(besides)


def _dated(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return *row* without the moments that stand for none: 1970, and Go's zero time."""
    return tuple(None if isinstance(one, str) and _NO_MOMENT.match(one) else one for one in row)


def _spared(one: Witness) -> set[str]:
    """Return the indexes that say nothing which Docker Hub does not."""
    attested = {row[0] for row in one.members() if row[-2] == "attestation"}
    return {digest for digest in one.of_kind("index") if digest not in attested}


def manifests(database: Path) -> dict[str, str]:
    """Return the kind of each manifest that is stored, by its digest."""
    return dict(rows(database, "SELECT digest, kind FROM manifests"))
