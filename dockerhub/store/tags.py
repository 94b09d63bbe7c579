"""Writes a repository's tags and the image sets behind them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.store.rows import fingerprint, image_set_key, platform_key, tag_parameters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from dockerhub.items import ImageRow, TagRow
    from dockerhub.store.rows import Parameters

Tally = Counter[str]

# Platforms are few; the bound only keeps a namespace that means harm from filling the memory.
_MOST_PLATFORMS_REMEMBERED = 10_000


class _Stored(NamedTuple):
    """A tag as it stood before the page at hand."""

    name: str
    tag_id: int
    image_set_id: int
    digest: bytes | None
    last_updated: int | None
    image_set_seen: int
    last_seen: int
    gone: int | None


class TagWriter:
    """Writes inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, sql: dict[str, str], tally: Tally) -> None:
        self._connection = connection
        self._sql = sql
        self._tally = tally
        self._platforms: dict[tuple[str, ...], int] = {}

    def put(self, repository_id: int, tags: Sequence[TagRow], seen: int) -> None:
        """Write *tags* as they were seen, and what those that moved have left."""
        if not tags:
            return
        sets: dict[Parameters, int] = {}
        for tag in tags:
            key = image_set_key(tag)
            if key not in sets:
                sets[key] = self._image_set_id(key, seen)
        set_ids = [sets[image_set_key(tag)] for tag in tags]
        self._note_history(repository_id, tags, set_ids, seen)
        self._connection.executemany(
            self._sql["put_tag"],
            [
                tag_parameters(repository_id, set_id, tag, seen)
                for tag, set_id in zip(tags, set_ids, strict=True)
            ],
        )

    def _image_set_id(self, key: Parameters, seen: int) -> int:
        run = self._connection.execute
        mark = fingerprint(key)
        found = run(self._sql["find_image_set"], (mark,)).fetchone()
        if found is None:
            found = run(self._sql["put_image_set"], (mark, *key[:3], seen)).fetchone()
            self._put_images(found[0], key[3])
        return int(found[0])

    def _put_images(self, image_set_id: int, images: Sequence[ImageRow]) -> None:
        self._connection.executemany(
            self._sql["put_image"],
            [
                (image_set_id, position, self._platform_id(image), image.digest, image.size)
                for position, image in enumerate(images)
            ],
        )

    def _platform_id(self, image: ImageRow) -> int:
        key = platform_key(image)
        if key not in self._platforms:
            run = self._connection.execute
            found = run(self._sql["find_platform"], key).fetchone()
            found = found or run(self._sql["put_platform"], key).fetchone()
            if len(self._platforms) >= _MOST_PLATFORMS_REMEMBERED:
                self._platforms.clear()
            self._platforms[key] = found[0]
        return self._platforms[key]

    def forget_platforms(self) -> None:
        """Forget the numbers given in a transaction that was rolled back."""
        self._platforms.clear()

    def _note_history(
        self, repository_id: int, tags: Sequence[TagRow], set_ids: Sequence[int], seen: int
    ) -> None:
        stored = self._stored(repository_id, tags)
        self._tally["tags_new"] += len(tags) - len(stored)
        for tag, set_id in zip(tags, set_ids, strict=True):
            old = stored.get(tag.name)
            # An older answer than the one in the database tells no history.
            if old is None or seen < (old.gone or old.last_seen):
                continue
            if old.gone is not None:
                back = (repository_id, old.tag_id, old.gone, seen)
                self._connection.execute(self._sql["put_back_tag"], back)
            if old.image_set_id != set_id and _has_moved(old, tag):
                left = (old.tag_id, old.image_set_id, old.image_set_seen, old.last_seen, seen)
                self._connection.execute(self._sql["put_move"], left)
                self._tally["tags_moved"] += 1

    def _stored(self, repository_id: int, tags: Sequence[TagRow]) -> dict[str, _Stored]:
        marks = ", ".join("?" * len(tags))
        rows = self._connection.execute(
            "SELECT t.name, t.id, t.image_set_id, s.digest, t.last_updated_at,"
            " t.image_set_seen_at, t.last_seen_at, t.gone_at"
            " FROM tag AS t INNER JOIN image_set AS s ON s.id = t.image_set_id"
            f" WHERE t.repository_id = ? AND t.name IN ({marks})",
            (repository_id, *[tag.name for tag in tags]),
        )
        return {row[0]: _Stored(*row) for row in rows}


def _has_moved(old: _Stored, tag: TagRow) -> bool:
    """Tell whether a tag was pushed, and not only described better than before.

    Hub fills in digests of old tags in time; a push always moves `last_updated`.
    """
    return old.last_updated != tag.last_updated and (
        old.digest is None or tag.digest is None or old.digest != tag.digest
    )
