"""Answers what a spider asks of the database. It cannot write."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import StoreError
from dockerhub.kinds import SETTLED
from dockerhub.known import KnownRepository, KnownTag, OpenWalk, SettledWalk
from dockerhub.store.database import open_to_read
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockerhub.names import RepositoryName


class PulledRepository(NamedTuple):
    """A repository with what makes it worth a look."""

    name: str
    pull_count: int | None
    tag_count: int
    platform_count: int
    last_updated: str | None


class Reader:
    """The questions of a crawl. One connection, opened when it is first asked, for one thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: sqlite3.Connection | None = None
        self._sql = load_queries("reading")

    def known_repositories(
        self, repositories: Iterable[RepositoryName], walk_arguments: str, *, signed_in: bool
    ) -> dict[RepositoryName, KnownRepository]:
        """Return what is known of *repositories*, those unknown left out."""
        found = {}
        for repository in repositories:
            row = self._row("repository", repository)
            if row is not None:
                walk = (str(repository), walk_arguments, signed_in)
                settled, left = self._settled(walk), self._open(walk)
                found[repository] = KnownRepository(
                    row[0], row[1], row[2], bool(row[3]), settled, left, bool(row[4])
                )
        return found

    def known_tag(self, repository: RepositoryName, tag: str) -> KnownTag | None:
        """Return what is known of one tag."""
        row = self._row("tag", (tag, *repository))
        return None if row is None else KnownTag(*row)

    def seen_tags(self, repository: RepositoryName, since: int) -> list[str]:
        """Return the names of the tags that were seen since a moment."""
        return [row[0] for row in self._rows("seen_tags", (since, *repository))]

    def counts(self) -> tuple[int, int]:
        """Return how many repositories and tags there are now."""
        row = self._row("counts", ())
        return (0, 0) if row is None else (row[0], row[1])

    def most_pulled(self, limit: int) -> list[PulledRepository]:
        """Return the *limit* repositories with the most pulls."""
        return [PulledRepository(*row) for row in self._rows("most_pulled", (limit,))]

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _settled(self, walk: tuple[str, str, bool]) -> SettledWalk | None:
        last = self._row("last_walk", walk)
        if last is None or last[1] not in SETTLED or last[3]:
            return None
        full = self._row("last_full_walk", walk)
        return None if full is None or full[0] is None else SettledWalk(last[0], full[0], last[2])

    def _open(self, walk: tuple[str, str, bool]) -> OpenWalk | None:
        row = self._row("open_walk", walk)
        return None if row is None else OpenWalk(row[0], bool(row[1]), *row[2:])

    def _row(self, name: str, parameters: Sequence[object]) -> tuple[Any, ...] | None:
        rows = self._rows(name, parameters)
        return rows[0] if rows else None

    def _rows(self, name: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = open_to_read(self._url)
            return self._connection.execute(self._sql[name], parameters).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"database: expected to read, {error}") from error
