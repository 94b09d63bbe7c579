"""Answers what a spider asks of the database. It cannot write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.items import RepositoryRow
from dockerhub.kinds import SETTLED
from dockerhub.known import KnownRepository, KnownTag, OpenWalk, SettledWalk
from dockerhub.moments import DAY
from dockerhub.names import RepositoryName
from dockerhub.store.connection import ReadConnection
from dockerhub.store.contents_reader import ContentsReader
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
        self._connection = ReadConnection(url)
        self._sql = load_queries("reading")
        self.contents = ContentsReader(self._connection)
        """the questions about what images are made of"""

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

    def is_live(self, repository: RepositoryName) -> bool:
        """Tell whether *repository* is known and not gone."""
        return self._row("live_repository", repository) is not None

    def any_repository(self, namespace: str) -> RepositoryName | None:
        """Return a repository of *namespace* that is known and not gone, None if there is none."""
        row = self._row("any_repository", (namespace,))
        return None if row is None else RepositoryName(namespace, row[0])

    def any_tag(self, repository: RepositoryName) -> str | None:
        """Return a tag of *repository* that is known and not gone, None if there is none."""
        row = self._row("any_tag", repository)
        return None if row is None else row[0]

    def unfinished_since(
        self, spider: str, arguments: str, *, signed_in: bool, now: int
    ) -> int | None:
        """Return when the crawls like this one began that did not come to their end, None if none.

        Those of a day at most, and since the last one that did: what they have read is fresh.
        """
        key = (spider, arguments, signed_in)
        row = self._row("unfinished_since", (*key, now, now - DAY, *key))
        return None if row is None else row[0]

    def visited_since(self, repository: RepositoryName, since: int) -> RepositoryRow | None:
        """Return what *repository* itself said since a moment, None if it was not asked."""
        row = self._row("visited_repository", (*repository, since))
        if row is None:
            return None
        *said, media_types, content_types = row
        return RepositoryRow(repository, *said)._replace(
            media_types=_parts(media_types), content_types=_parts(content_types)
        )

    def known_tag(self, repository: RepositoryName, tag: str) -> KnownTag | None:
        """Return what is known of one tag."""
        row = self._row("tag", (tag, *repository))
        return None if row is None else KnownTag(*row)

    def seen_tags(self, repository: RepositoryName, since: int) -> list[str]:
        """Return the names of the tags that were seen since a moment."""
        return [row[0] for row in self._rows("seen_tags", (since, *repository))]

    def oldest_unfinished(self) -> int | None:
        """Return when the oldest walk that is not finished began, None if all are."""
        row = self._row("oldest_unfinished", ())
        return None if row is None else row[0]

    def counts(self) -> tuple[int, int]:
        """Return how many repositories and tags there are now."""
        row = self._row("counts", ())
        return (0, 0) if row is None else (row[0], row[1])

    def most_pulled(self, limit: int) -> list[PulledRepository]:
        """Return the *limit* repositories with the most pulls."""
        return [PulledRepository(*row) for row in self._rows("most_pulled", (limit,))]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

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
        return self._connection.rows(self._sql[name], parameters)


def _parts(text: str | None) -> tuple[str, ...]:
    """Return words that were joined with `|`."""
    return tuple(text.split("|")) if text else ()
