"""The tags that a repository starts with: computed when asked for, never kept."""

from __future__ import annotations

from functools import lru_cache

from dockerhub.standin.chance import number
from dockerhub.standin.images import Blueprint, Push
from dockerhub.standin.moments import DAY, SECOND
from dockerhub.standin.tag_names import tag_name, tag_place


@lru_cache(maxsize=4096)
def _throw(key: str, group: int) -> int:
    return number(key, "at", group)


class GeneratedTags:
    """*count* tags of one repository, index 0 the newest.

    Their moments lie between *registered_at* and *newest_at* (microseconds), distinct but for some
    pushes whose names share one. There are *group_count* pushes.
    """

    def __init__(
        self, blueprint: Blueprint, count: int, registered_at: int, newest_at: int
    ) -> None:
        self.blueprint, self.count, self.newest_at = blueprint, count, newest_at
        self._key = key = blueprint.repository
        self._names = names = blueprint.shape.names_per_digest
        self.group_count = -(-count // names)
        self._gap = (newest_at - registered_at - DAY) // max(1, self.group_count)
        self._alias_step = max(1, min(7 * SECOND + 1_310, self._gap * 2 // 5 // names))
        self._legacy_from = self.group_count * (1 - blueprint.shape.undigested)
        # In some repositories ``latest`` is not the newest tag.
        behind = self.group_count > 1 and number(key, "latest") % 4 == 0
        self.latest = names if behind else 0
        self._last: tuple[int, Push] | None = None

    def name(self, index: int) -> str:
        if index == self.latest:
            return "latest"
        group, alias = divmod(index, self._names)
        return tag_name(self.group_count - 1 - group, alias)

    def index(self, name: str) -> int | None:
        """Return the index of the tag called *name*, ``None`` if there is none."""
        if name == "latest":
            return self.latest if self.count else None
        place = tag_place(name)
        if place is None or place[1] >= self._names:
            return None
        index = (self.group_count - 1 - place[0]) * self._names + place[1]
        return index if 0 <= index < self.count and index != self.latest else None

    def at(self, index: int) -> int:
        """Return when the tag was pushed, in microseconds."""
        group, alias = divmod(index, self._names)
        at = self.group_push(group).at
        if not alias or _throw(self._key, group) % 8 == 0:
            return at
        return at - alias * self._alias_step

    def push(self, index: int) -> Push:
        """Return the push that put the tag there; several tags share one."""
        return self.group_push(index // self._names)

    def group_push(self, group: int) -> Push:
        """Return the push number *group*, 0 the newest."""
        last = self._last
        if last is not None and last[0] == group:
            return last[1]
        key, legacy = str(self.group_count - 1 - group), group >= self._legacy_from
        push = Push(self.blueprint, key, self._group_at(group), legacy)
        self._last = (group, push)
        return push

    def _group_at(self, group: int) -> int:
        if group == 0:
            return self.newest_at
        late = _throw(self._key, group) % max(1, self._gap * 2 // 5)
        return self.newest_at - group * self._gap - late
