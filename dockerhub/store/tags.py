"""Writes a repository's tags and the image sets behind them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.items import ImageRow
from dockerhub.store.events import NewTag
from dockerhub.store.rows import (
    BLANK_IMAGE_SET,
    fingerprint,
    image_set_key,
    platform_key,
    tag_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dockerhub.items import TagDigest, TagRow
    from dockerhub.store.engine import Connection
    from dockerhub.store.events import EventWriter
    from dockerhub.store.platforms import Platforms
    from dockerhub.store.rows import Parameters

Tally = Counter[str]

_BLANK = fingerprint(BLANK_IMAGE_SET)
# SQLite takes 32,766 parameters; a page of names may be longer than one of tags.
_NAMES_AT_ONCE = 1000


class _Stored(NamedTuple):
    """A tag as it stood before the page at hand."""

    name: str
    tag_id: int
    image_set_id: int
    mark: bytes
    set_digest: bytes | None
    registry_digest: bytes | None
    registry_media_type: str | None
    last_updated: int | None
    image_set_seen: int
    last_seen: int
    gone: int | None

    @property
    def digest(self) -> bytes | None:
        """What it was known to show; Hub need not have told it."""
        return self.registry_digest if self.set_digest is None else self.set_digest

    @property
    def is_undescribed(self) -> bool:
        """Whether only the registry spoke of it since it was made or moved."""
        return self.mark == _BLANK and self.last_updated is None

    def is_newer_than(self, seen: int) -> bool:
        """Tell whether an answer of that moment is older than what is stored."""
        return seen < (self.gone or self.last_seen)


class TagWriter:
    """Writes inside the caller's transaction."""

    def __init__(
        self,
        connection: Connection,
        sql: dict[str, str],
        platforms: Platforms,
        events: EventWriter,
        tally: Tally,
    ) -> None:
        self._connection = connection
        self._sql = sql
        self._platforms = platforms
        self._events = events
        self._tally = tally

    def put(self, repository_id: int, tags: Sequence[TagRow], seen: int) -> None:
        """Write *tags* as they were seen, and what those that moved have left."""
        # Where a page shows a tag twice, the last one counts.
        tags = list({tag.name: tag for tag in tags}.values())
        stored = self._stored(repository_id, [tag.name for tag in tags])
        tags = self._without_stale(repository_id, tags, stored, seen)
        if not tags:
            return
        keys = [image_set_key(tag) for tag in tags]
        sets = self._image_set_ids(dict.fromkeys(keys), seen)
        set_ids = [sets[key] for key in keys]
        news = self._note_history(repository_id, tags, set_ids, stored, seen)
        self._connection.executemany(
            self._sql["put_tag"],
            [
                tag_parameters(repository_id, set_id, tag, seen)
                for tag, set_id in zip(tags, set_ids, strict=True)
            ],
        )
        self._events.tags_created(repository_id, news, seen)

    def put_digest(self, repository_id: int, item: TagDigest) -> None:
        """Write what the registry says that a tag shows now, and what it has left if it moved."""
        seen = item.seen
        old = self._stored(repository_id, [item.tag]).get(item.tag)
        if old is not None and old.is_newer_than(seen):
            return
        blank, new = self._image_set_id(BLANK_IMAGE_SET, seen), NewTag(item.tag, item.digest)
        news = self._news(
            repository_id, {item.tag: new}, {} if old is None else {item.tag: old}, seen
        )
        if old is None:
            self._tally["tags_new"] += 1
        elif old.digest not in {None, item.digest}:
            # What Hub said of it is about what it has left.
            self._put_move(repository_id, old, new, seen)
            self._connection.execute(self._sql["blank_tag"], (blank, seen, old.tag_id))
        said = (item.digest, item.media_type)
        self._connection.execute(
            self._sql["put_tag_digest"], (repository_id, item.tag, blank, *said, seen, seen, seen)
        )
        self._events.tags_created(repository_id, news, seen)

    def put_names(self, repository_id: int, names: Sequence[str], seen: int) -> None:
        """Write that there are tags with these *names*, of which nothing else is told."""
        blank = self._image_set_id(BLANK_IMAGE_SET, seen) if names else 0
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            stored = self._stored(repository_id, some)
            self._tally["tags_new"] += len(set(some)) - len(stored)
            news = self._news(repository_id, {name: NewTag(name) for name in some}, stored, seen)
            self._connection.executemany(
                self._sql["put_tag_name"],
                [(repository_id, name, blank, seen, seen, seen) for name in some],
            )
            self._events.tags_created(repository_id, news, seen)

    def _image_set_id(self, key: Parameters, seen: int) -> int:
        return self._image_set_ids([key], seen)[key]

    def _image_set_ids(self, keys: Iterable[Parameters], seen: int) -> dict[Parameters, int]:
        """Return the numbers of image sets, those that are new written together."""
        marks = {fingerprint(key): key for key in keys}
        numbers = self._known_sets(marks)
        new = [mark for mark in marks if mark not in numbers]
        if new:
            many = self._connection.executemany
            many(self._sql["put_image_set"], [(mark, *marks[mark][:3], seen) for mark in new])
            numbers |= self._known_sets(new)
            rows = self._image_rows((numbers[mark], marks[mark][3]) for mark in new)
            many(self._sql["put_image"], rows)
        return {key: numbers[mark] for mark, key in marks.items()}

    def _known_sets(self, marks: Collection[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        listed = list(marks)
        for start in range(0, len(listed), _NAMES_AT_ONCE):
            some = listed[start : start + _NAMES_AT_ONCE]
            places = ", ".join("?" * len(some))
            found.update(
                self._connection.execute(
                    f"SELECT fingerprint, id FROM image_set WHERE fingerprint IN ({places})", some
                )
            )
        return found

    def _image_rows(self, sets: Iterable[tuple[int, Sequence[ImageRow]]]) -> list[Parameters]:
        number = self._platforms.number
        return [
            (image_set_id, position, number(platform_key(image)), image.digest, image.size)
            for image_set_id, images in sets
            for position, image in enumerate(images)
        ]

    def _without_stale(
        self,
        repository_id: int,
        tags: Sequence[TagRow],
        stored: Mapping[str, _Stored],
        seen: int,
    ) -> Sequence[TagRow]:
        """Return *tags* without those that Hub shows as they were before the registry spoke.

        Of them nothing is written but that they are there.
        """
        stale = {tag.name for tag in tags if _is_stale(stored.get(tag.name), tag)}
        if not stale:
            return tags
        self.put_names(repository_id, sorted(stale), seen)
        return [tag for tag in tags if tag.name not in stale]

    def _note_history(
        self,
        repository_id: int,
        tags: Sequence[TagRow],
        set_ids: Sequence[int],
        stored: Mapping[str, _Stored],
        seen: int,
    ) -> list[NewTag]:
        """Write what known tags have left, and return those that are there since lately."""
        told = {tag.name: NewTag.of(tag) for tag in tags}
        known = {name: stored[name] for name in told if name in stored}
        self._tally["tags_new"] += len(tags) - len(known)
        news = self._news(repository_id, told, known, seen)
        for tag, set_id in zip(tags, set_ids, strict=True):
            old = stored.get(tag.name)
            # An older answer than the one in the database tells no history.
            if old is None or old.is_newer_than(seen):
                continue
            if old.image_set_id != set_id and _has_moved(old, tag):
                self._put_move(repository_id, old, told[tag.name], seen)
            if old.registry_digest is not None and not _agrees(old, tag):
                self._connection.execute(self._sql["forget_registry_digest"], (old.tag_id,))
        return news

    def _news(
        self,
        repository_id: int,
        told: Mapping[str, NewTag],
        stored: Mapping[str, _Stored],
        seen: int,
    ) -> list[NewTag]:
        """Return the tags that came into being while we looked: unknown ones, and those back."""
        unknown = [new for name, new in told.items() if name not in stored]
        news = self._events.news_among(repository_id, unknown, seen) if unknown else []
        for old in stored.values():
            if old.gone is not None and not old.is_newer_than(seen):
                back = (repository_id, old.tag_id, old.gone, seen)
                self._connection.execute(self._sql["put_back_tag"], back)
                news.append(told[old.name].after(old.last_seen))
        return news

    def _put_move(self, repository_id: int, old: _Stored, new: NewTag, seen: int) -> None:
        left = (old.tag_id, self._left_set_id(old, seen), old.image_set_seen, old.last_seen, seen)
        self._connection.execute(self._sql["put_move"], left)
        self._tally["tags_moved"] += 1
        if old.gone is None:
            self._events.tag_moved(repository_id, old.tag_id, old.digest, new, seen)

    def _left_set_id(self, old: _Stored, seen: int) -> int:
        """Return the image set that a tag has left, with the digest that only the registry told."""
        if old.set_digest is not None or old.registry_digest is None:
            return old.image_set_id
        run = self._connection.execute
        types = run(self._sql["types_of_image_set"], (old.image_set_id,)).fetchone()
        rows = run(self._sql["images_of_image_set"], (old.image_set_id,))
        images = tuple(
            ImageRow(digest, size, *[word or None for word in words])
            for digest, size, *words in rows
        )
        key = (old.registry_digest, types[0] or old.registry_media_type, types[1], images)
        return self._image_set_id(key, seen)

    def _stored(self, repository_id: int, names: Sequence[str]) -> dict[str, _Stored]:
        if not names:
            return {}
        marks = ", ".join("?" * len(names))
        rows = self._connection.execute(
            "SELECT t.name, t.id, t.image_set_id, s.fingerprint, s.digest, t.registry_digest,"
            " t.registry_media_type, t.last_updated_at, t.image_set_seen_at, t.last_seen_at,"
            " t.gone_at"
            " FROM tag AS t INNER JOIN image_set AS s ON s.id = t.image_set_id"
            f" WHERE t.repository_id = ? AND t.name IN ({marks})",
            (repository_id, *names),
        )
        return {row[0]: _Stored(*row) for row in rows}


def _is_stale(old: _Stored | None, tag: TagRow) -> bool:
    """Tell whether Hub shows a tag as it was before the registry showed it.

    Its lists lag behind the registry: they are believed again once they tell of a later push.
    """
    if old is None or old.gone is not None or not old.is_undescribed:
        return False
    if None in {old.digest, tag.digest} or old.digest == tag.digest:
        return False
    return tag.last_updated is None or tag.last_updated < old.image_set_seen


def _has_moved(old: _Stored, tag: TagRow) -> bool:
    """Tell whether a tag was pushed, and not only described better than before.

    Hub fills in digests of old tags in time; a push always moves `last_updated`.
    """
    if old.is_undescribed:
        return None not in {old.digest, tag.digest} and old.digest != tag.digest
    return old.last_updated != tag.last_updated and (
        old.digest is None or tag.digest is None or old.digest != tag.digest
    )


def _agrees(old: _Stored, tag: TagRow) -> bool:
    """Tell whether what the registry said of a tag may still be so, after what Hub says now."""
    if tag.digest is None:
        return old.last_updated in {None, tag.last_updated}
    return tag.digest == old.registry_digest
