"""Writes what changed while we looked, with the rows that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.items import TagRow, WalkKey
    from dockerhub.store.engine import Connection


class NewTag(NamedTuple):
    """What was told of a tag, as far as an event says it."""

    name: str
    digest: bytes | None = None
    """32 bytes of what it shows; None where that is not told"""
    updated: int | None = None
    """when Hub says that it was last changed, in microseconds; None where only a name was told"""
    pushed: int | None = None
    """the same of its last push"""

    @classmethod
    def of(cls, row: TagRow) -> NewTag:
        """Return what Hub tells of a tag."""
        return cls(row.name, row.digest, row.last_updated, row.last_pushed)

    def after(self, last_seen: int) -> NewTag:
        """Return it for a tag that is back: what Hub says of the time before is not its return."""
        if self.at is None or self.at > last_seen:
            return self
        return self._replace(updated=None, pushed=None)

    @property
    def at(self) -> int | None:
        """When Hub says that it came to show what it shows."""
        return self.updated if self.pushed is None else self.pushed


class EventWriter:
    """Writes inside the caller's transaction: an event is there if, and only if, its rows are.

    What was there at the first look is no event. Moments are microseconds, digests 32 bytes.

    A look came before another one if it had ended when the crawl of the other one began: the order
    of the rows says so, whatever the clock does in between. Only of what ended meanwhile, in this
    crawl or one beside it, the moment tells whether an answer is older.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("events_writing")
        self._before: dict[str, object] = {"last_walk": 0, "open_walks": "[]"}

    def begin(self) -> None:
        """Note which walks have ended by now: a crawl begins."""
        last, still_open = self._connection.execute(self._sql["walks_so_far"]).fetchone()
        self._before = {"last_walk": last, "open_walks": still_open}

    def has_list(self, key: WalkKey, seen: int) -> bool:
        """Tell whether a list had been walked to its end before: what is unknown in it is new."""
        about = {"kind": key.kind, "subject": key.subject, "seen": seen} | self._before
        return bool(self._connection.execute(self._sql["has_list"], about).fetchone()[0])

    def news_among(self, repository_id: int, tags: Sequence[NewTag], seen: int) -> list[NewTag]:
        """Return those of *tags*, all unknown until now, that were not there at the first look.

        Where all tags were known before, that is each of them; where only some were, it is what
        Hub says to have changed since.
        """
        about = {"repository_id": repository_id, "seen": seen} | self._before
        looks = self._connection.execute(self._sql["looks_at_tags"], about)
        knew_all, since = looks.fetchone()
        if knew_all:
            return list(tags)
        if since is None:
            return []
        return [tag for tag in tags if tag.updated is not None and tag.updated > since]

    def tags_created(self, repository_id: int, tags: Sequence[NewTag], seen: int) -> None:
        """Write that *tags*, which are stored by now, came into being."""
        self._connection.executemany(
            self._sql["put_tag_created"],
            [(seen, tag.at, tag.digest, repository_id, tag.name) for tag in tags],
        )

    def tag_moved(
        self, repository_id: int, tag_id: int, left: bytes | None, tag: NewTag, seen: int
    ) -> None:
        """Write that a tag shows another digest than the one that it has *left*."""
        moved = (repository_id, tag_id, seen, tag.at, left, tag.digest)
        self._connection.execute(self._sql["put_tag_moved"], moved)

    def tags_deleted(self, tags: Sequence[tuple[int, bytes | None, int]], seen: int) -> None:
        """Write that *tags* are gone: each its number, what it showed, and its repository.

        If that is gone as well, that says it all.
        """
        self._connection.executemany(
            self._sql["put_tag_deleted"],
            [(tag_id, seen, left, repository_id) for tag_id, left, repository_id in tags],
        )

    def repository_appeared(self, repository_id: int, registered: int | None, seen: int) -> None:
        """Write that a repository is there that was not there before."""
        self._connection.execute(
            self._sql["put_repository_appeared"], (repository_id, seen, registered)
        )

    def repositories_gone(self, repository_ids: Sequence[int], seen: int) -> None:
        """Write that repositories are gone, with all their tags."""
        self._connection.executemany(
            self._sql["put_repository_gone"], [(number, seen) for number in repository_ids]
        )
