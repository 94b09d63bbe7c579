"""Answers which images an image stands on, by their layers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.names import RepositoryName
from dockerhub.store.connection import ReadConnection
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_NAMES = 100
_MOST_MANIFESTS = 20


class TagName(NamedTuple):
    """A tag by its full name."""

    repository: RepositoryName
    tag: str

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"


class LowerImage(NamedTuple):
    """An image whose layers are the lowest ones of another image."""

    digest: bytes
    """32 bytes of its manifest"""
    top: int
    """place, in the other image, of the uppermost layer that is its own too"""
    names: tuple[TagName, ...]
    """the tags that show it; none if it has lost them all"""


class BasesReader:
    """The questions about what stands on what. Digests are 32 bytes; for one thread at a time.

    Layers that hold nothing count for nothing.
    """

    def __init__(self, url: str) -> None:
        self._connection = ReadConnection(url)
        self._sql = load_queries("bases_reading")

    def below(self, manifest: bytes) -> Iterator[LowerImage]:
        """Yield the images that a manifest's image may stand on, those with most layers first.

        Of the many that have the same layers, a few are looked at.
        """
        for position, chain in self._connection.rows(self._sql["below"], (manifest,)):
            found = self._connection.rows(self._sql["tops"], (chain, _MOST_MANIFESTS))
            for (digest,) in found:
                yield LowerImage(digest, position, self.names_of(digest))

    def names_of(self, manifest: bytes) -> tuple[TagName, ...]:
        """Return the live tags that show a manifest, by name."""
        asked = {"digest": manifest, "most": _MOST_NAMES}
        rows = self._connection.rows(self._sql["names"], asked)
        # Hub lists nearly every tag: those that only the registry has shown are looked for last.
        rows = rows or self._connection.rows(self._sql["names_by_registry"], asked)
        return tuple(TagName(RepositoryName(*row[:2]), row[2]) for row in rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
