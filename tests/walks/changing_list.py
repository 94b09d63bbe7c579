"""A list that changes while it is walked, newest first, and a walker that may be killed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.items import WalkKey, WalkStep
from dockerhub.known import KnownTag, OpenWalk
from dockerhub.spiders.tag_walks import is_as_resumed, is_as_settled
from dockerhub.walks.walk import Walk

if TYPE_CHECKING:
    from random import Random

KEY = WalkKey("tags", "acme/app", "last_updated", "", True)
START = 7

Stored = dict[str, KnownTag]
Content = tuple[int | None, bytes | None]


def new_walk(
    page_size: int = 2,
    *,
    is_full: bool = True,
    max_rows: int | None = None,
    started: int = START,
    settled_until: int | None = None,
) -> Walk:
    """Return a walk that begins at 7, if nothing else is said."""
    walk = Walk(
        KEY,
        started=started,
        page_size=page_size,
        is_full=is_full,
        subject_updated=5,
        max_rows=max_rows,
    )
    walk.settled_until = settled_until
    return walk


@dataclass
class ChangingList:
    """The Hub's side: rows at the top are the newest. It has the clock too."""

    names: list[str]
    born: int = 0
    clock: int = START
    stayed: set[str] = field(default_factory=set)
    """rows that existed since the list was made"""
    contents: dict[str, Content] = field(default_factory=dict)
    """when each row was pushed, and its digest"""

    def __post_init__(self) -> None:
        self.stayed.update(self.names)
        # The names that came with the list are older than all that follows.
        for age, name in enumerate(self.names):
            self.contents[name] = (-age, name.encode())

    def tick(self) -> int:
        """Return the present moment, each time a later one."""
        self.clock += 1
        return self.clock

    def insert(self) -> None:
        """Add a new row at the top."""
        self.born += 1
        self._push(f"new{self.born}")

    def move(self, position: int) -> None:
        """Push a row again: it goes to the top, with another digest or the same."""
        self._push(self.names.pop(position % len(self.names)))

    def delete(self, position: int) -> None:
        """Take a row away."""
        name = self.names.pop(position % len(self.names))
        self.stayed.discard(name)
        del self.contents[name]

    def change(self, random: Random) -> None:
        """Change at chance."""
        what = random.choice(["insert", "move", "delete"])
        if what == "insert" or not self.names:
            self.insert()
        else:
            getattr(self, what)(random.randrange(len(self.names)))

    def ask(self, walk: Walk, stored: Stored) -> WalkStep:
        """Answer the page that *walk* asks for; what it brings is *stored*, as a spider does it."""
        size = walk.page_size
        names = self.names[(walk.page - 1) * size : walk.page * size]
        if not names and walk.page > 1:
            return walk.take_end(self.tick())
        wanted = names[: walk.room]
        known = self._stored_alike(wanted, stored)
        step = walk.take(
            names,
            kept=len(wanted),
            refused=0,
            count=len(self.names),
            has_next=walk.page * size < len(self.names),
            is_known=known is not None and is_as_settled(walk, known),
            is_met=known is not None and is_as_resumed(walk, known),
            now=self.tick(),
        )
        seen = self.tick()
        stored.update((name, KnownTag(*self.contents[name], seen)) for name in wanted)
        return step

    def _push(self, name: str) -> None:
        self.names.insert(0, name)
        pushed = self.tick()
        # A tag that is pushed as it was has another time alone.
        self.contents[name] = (pushed, f"{name} {pushed // 2 % 2}".encode())

    def _stored_alike(self, names: list[str], stored: Stored) -> KnownTag | None:
        known = stored.get(names[-1]) if names else None
        if known is None or (known.last_updated, known.digest) != self.contents[names[-1]]:
            return None
        return known


def alive(step: WalkStep, stored: Stored) -> dict[str, Content]:
    """Return what the database has for there once the walk of *step* ended complete."""
    since = step.began_again or step.started
    return {name: tag[:2] for name, tag in stored.items() if tag.last_seen >= since}


def resumed(hub: ChangingList, step: WalkStep, stored: Stored, walk: Walk) -> Walk:
    """Return *walk* as it goes on after a kill behind *step*."""
    left = OpenWalk(step.started, step.is_full, step.pages, step.next_page, step.first_count)
    walk.resume(left, [name for name, tag in stored.items() if tag.last_seen >= left.started])
    walk.resumed = hub.tick()
    return walk
