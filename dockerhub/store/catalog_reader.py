"""Answers what a discovery has still to ask, and how it found what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.media_types import BASE_NAME
from dockerhub.store.connection import ReadConnection
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.names import RepositoryName

# Comes behind all signs that prefixes are made of.
_BEHIND = chr(127)


class WaitingPrefix(NamedTuple):
    """A prefix that is to be searched for, or whose pages came in part."""

    prefix: str
    expected_count: int
    next_page: int
    row_count: int
    """hits that came"""
    said_count: int | None
    """hits that the search said"""
    parent: str | None
    parent_count: int | None
    """hits that it said of the prefix that was split"""


class FoundCount(NamedTuple):
    """How many repositories with about as many pulls were found in the same ways."""

    digits: int
    is_upper: int
    """1 if the first digit of the pulls is 3 or more"""
    is_namesake: int
    by_owner: int
    by_name: int
    number: int


def span_of(under: str) -> tuple[str, str]:
    """Return the first of all texts that begin as *under* does, and the first one behind them."""
    return under, f"{under}{_BEHIND}"


def waiting_question(under: str) -> tuple[str, tuple[str, ...]]:
    """Return the question how much is left, and its parameters."""
    return ("waiting_under", span_of(under) * 2) if under else ("waiting", ())


class CatalogReader:
    """The questions of a discovery; *under* is the prefix to which all is confined, or empty.

    For one thread at a time. :raises StoreError: from every method, if it cannot be read
    """

    def __init__(self, url: str) -> None:
        self._connection = ReadConnection(url)
        self._sql = load_queries("catalog_reading")

    def next_prefixes(self, under: str, most: int) -> list[WaitingPrefix]:
        """Return the prefixes to be searched for next, those with most hits first."""
        return [WaitingPrefix(*row) for row in self._under("next_prefixes", under, most)]

    def next_namespaces(self, under: str, most: int) -> list[str]:
        """Return the namespaces to be listed next, those with most hits first."""
        return [row[0] for row in self._under("next_namespaces", under, most)]

    def has_echo(self, waiting: WaitingPrefix) -> bool:
        """Tell whether another continuation of the same prefix has as many hits as that itself."""
        if waiting.parent is None or waiting.parent_count is None:
            return False
        asked = (waiting.parent, waiting.parent_count, waiting.prefix)
        return bool(self._rows("echoes", *asked)[0][0])

    def last_reach(self, *, signed_in: bool) -> int | None:
        """Return how many hits such a caller may see, None if that was never met."""
        rows = self._rows("last_reach", int(signed_in))
        return rows[0][0] if rows else None

    def good_prefix(self) -> str | None:
        """Return a prefix whose search had hits, None if there was none."""
        rows = self._rows("good_prefix")
        return rows[0][0] if rows else None

    def waiting(self, under: str) -> tuple[int, int]:
        """Return how many prefixes and how many namespaces are known to be left."""
        question, asked = waiting_question(under)
        row = self._rows(question, *asked)[0]
        return row[0], row[1]

    def finds(self) -> list[FoundCount]:
        """Return how many repositories were found in which ways."""
        return [FoundCount(*row) for row in self._rows("finds")]

    def base_names(self) -> Iterator[str]:
        """Yield what annotations, labels and provenance name as base images."""
        for name, asked in (
            ("annotated_bases", (BASE_NAME,)),
            ("labelled_bases", (BASE_NAME,)),
            ("attested_bases", ()),
        ):
            yield from (row[0] for row in self._rows(name, *asked))

    def dockerfiles(self) -> Iterator[str]:
        """Yield the Dockerfiles that provenance holds."""
        yield from (row[0] for row in self._rows("dockerfiles"))

    def is_stored(self, repository: RepositoryName) -> bool:
        """Tell whether a repository is stored, gone or not."""
        return bool(self._rows("is_stored", *repository))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _under(self, name: str, under: str, most: int) -> list[tuple[Any, ...]]:
        if not under:
            return self._rows(name, most)
        return self._rows(f"{name}_under", *span_of(under), most)

    def _rows(self, name: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._connection.rows(self._sql[name], parameters)
