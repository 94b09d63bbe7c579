"""The tags of one repository: the generated ones less those removed, plus those pushed since."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.standin.generated_tags import GeneratedTags
    from dockerhub.standin.images import Push
    from dockerhub.standin.laid import Laid


class Entry(NamedTuple):
    """A tag: its name, when it was pushed (microseconds), and the push that it points to."""

    name: str
    at: int
    push: Push | Laid


class TagShelf:
    """The tags of one repository, newest first; costs memory only for what was changed.

    *version* moves whenever a tag comes, moves or goes.
    """

    def __init__(self, generated: GeneratedTags) -> None:
        self.generated = generated
        self.version = 0
        self._removed: list[int] = []
        self._pushed: dict[str, Entry] = {}
        self._newest_last: list[str] = []
        self._orders: dict[tuple[str | None, str], list[str]] = {}

    def __len__(self) -> int:
        return len(self._pushed) + self.generated.count - len(self._removed)

    def __contains__(self, name: str) -> bool:
        return name in self._pushed or self._live_index(name) is not None

    def __iter__(self) -> Iterator[Entry]:
        return (self._entry(position) for position in range(len(self)))

    def entries(self, ordering: str | None, containing: str, start: int, stop: int) -> list[Entry]:
        """Return the tags from *start* to *stop* in *ordering* whose name has *containing*.

        Orderings are those of the Hub API; without one ``latest`` comes first and the others
        follow, newest first.
        """
        if containing or ordering in ("name", "-name"):
            return [self.entry(name) for name in self._ordered(ordering, containing)[start:stop]]
        places = range(start, min(stop, len(self)))
        return [self._entry(place) for place in self._positions(ordering, places)]

    def count(self, containing: str) -> int:
        """Return how many names contain *containing*."""
        return len(self._ordered(None, containing)) if containing else len(self)

    def names(self) -> list[str]:
        """Return all names in ASCII order."""
        return self._ordered("name", "")

    def entry(self, name: str) -> Entry:
        """Return one tag.

        :raises KeyError: if there is none of that name
        """
        pushed = self._pushed.get(name)
        index = None if pushed else self._live_index(name)
        if index is not None:
            return self._generated(index)
        if pushed is None:
            raise KeyError(name)
        return pushed

    def put(self, name: str, at: int, push: Push | Laid) -> None:
        """Let *name* point to *push* from *at* (microseconds) on, as the newest tag."""
        self.remove(name)
        self._pushed[name] = Entry(name, at, push)
        self._newest_last.append(name)

    def remove(self, name: str) -> None:
        """Take *name* away, if it is there."""
        self._orders.clear()
        self.version += 1
        index = self._live_index(name)
        if self._pushed.pop(name, None):
            self._newest_last.remove(name)
        elif index is not None:
            insort(self._removed, index)

    def _generated(self, index: int) -> Entry:
        tags = self.generated
        return Entry(tags.name(index), tags.at(index), tags.push(index))

    def _live_index(self, name: str) -> int | None:
        index = self.generated.index(name)
        if index is None:
            return None
        at = bisect_left(self._removed, index)
        return None if at < len(self._removed) and self._removed[at] == index else index

    def _entry(self, position: int) -> Entry:
        if position < len(self._newest_last):
            return self._pushed[self._newest_last[-1 - position]]
        rank = position - len(self._newest_last)
        # The removed indices below the wanted one: removed[j] - j of the live ones come before it.
        removed = self._removed
        if not removed:
            return self._generated(rank)
        skipped = bisect_right(range(len(removed)), rank, key=lambda j: removed[j] - j)
        return self._generated(rank + skipped)

    def _positions(self, ordering: str | None, places: range) -> Iterator[int]:
        pinned = self._pinned() if ordering is None else None
        for place in places:
            if ordering == "-last_updated":
                yield len(self) - 1 - place
            elif pinned is None or place > pinned:
                yield place
            else:
                yield place - 1 if place else pinned

    def _pinned(self) -> int | None:
        if "latest" in self._pushed:
            return len(self._newest_last) - 1 - self._newest_last.index("latest")
        index = self._live_index("latest")
        if index is None:
            return None
        return len(self._newest_last) + index - bisect_left(self._removed, index)

    def _ordered(self, ordering: str | None, containing: str) -> list[str]:
        # Kept until the next change: pages of one walk must not each sort everything.
        key = (ordering, containing)
        if key not in self._orders:
            positions = self._positions(ordering, range(len(self)))
            every = (self._entry(position).name for position in positions)
            names = [name for name in every if containing in name]
            if ordering in ("name", "-name"):
                names.sort(reverse=ordering == "-name")
            self._orders[key] = names
        return self._orders[key]
