"""A list that changes while it is walked, newest first, and a walker that may be killed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.items import WalkKey, WalkStep
from dockerhub.known import KnownTag, OpenWalk
from dockerhub.spiders.tag_walks import is_as_settled
from dockerhub.walks.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

KEY = WalkKey("tags", "acme/app", "last_updated", "", True)
START, PUSHED = 7, 5

Stored = dict[str, KnownTag]
Content = tuple[int | None, bytes | None]


def new_walk(
    page_size: int = 2,
    *,
    is_full: bool = True,
    max_rows: int | None = None,
    started: int = START,
    settled_until: int | None = None,
    subject_updated: int = PUSHED,
    orderings: Sequence[str] = (),
    key: WalkKey = KEY,
) -> Walk:
    """Return a walk that begins at 7, if nothing else is said."""
    walk = Walk(
        key,
        started=started,
        page_size=page_size,
        is_full=is_full,
        subject_updated=subject_updated,
        max_rows=max_rows,
        orderings=orderings,
    )
    walk.settled_until = settled_until
    return walk


def is_catching_up(walk: Walk) -> bool:
    """Tell whether *walk* reads its top again, having come to the end."""
    return walk._is_catching_up


@dataclass
class ChangingList:
    """The Hub's side: rows at the top are the newest. It has the clock too."""

    names: list[str]
    is_404_past_the_end: bool = True
    born: int = 0
    clock: int = START
    pushed: int = PUSHED
    """when a row was pushed last: the repository's own `last_updated`"""
    asked: int = 0
    """pages that were asked for"""
    longest: int = 0
    stayed: set[str] = field(default_factory=set)
    """rows that existed since the list was made"""
    unmoved: set[str] = field(default_factory=set)
    """those of them that were not pushed since"""
    ever: set[str] = field(default_factory=set)
    contents: dict[str, Content] = field(default_factory=dict)
    """when each row was pushed, and its digest"""

    def __post_init__(self) -> None:
        self.start_again()
        # The names that came with the list are older than all that follows.
        for age, name in enumerate(self.names):
            self.contents[name] = (-age, name.encode())

    def start_again(self) -> None:
        """Regard the rows that are there now as those that existed throughout."""
        self.stayed, self.unmoved = set(self.names), set(self.names)
        self.ever.update(self.names)
        self.longest = max(self.longest, len(self.names))

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
        name = self.names.pop(position % len(self.names))
        self.unmoved.discard(name)
        self._push(name)

    def delete(self, position: int) -> None:
        """Take a row away."""
        name = self.names.pop(position % len(self.names))
        self.stayed.discard(name)
        self.unmoved.discard(name)
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
        self.asked += 1
        size, now = walk.page_size, self.tick()
        names = self.names[(walk.page - 1) * size : walk.page * size]
        if not names and walk.page > 1 and self.is_404_past_the_end:
            return walk.take_end(now)
        wanted = names[: walk.room]
        known = self._stored_alike(wanted, stored) if not walk.is_full else None
        step = walk.take(
            names,
            wanted=wanted,
            refused=0,
            count=len(self.names),
            has_next=walk.page * size < len(self.names),
            is_known=known is not None and is_as_settled(walk, known),
            pushed=self.pushed_at(names),
            now=now,
        )
        stored.update(self.as_known(wanted, now))
        return step

    def pushed_at(self, names: Sequence[str]) -> tuple[int | None, int | None]:
        """Return when the first and the last of *names* were pushed."""
        return (self.contents[names[0]][0], self.contents[names[-1]][0]) if names else (None, None)

    def as_known(self, names: Sequence[str], seen: int) -> Stored:
        """Return rows as the database has them when they are stored now."""
        return {name: KnownTag(*self.contents[name], seen) for name in names}

    def _push(self, name: str) -> None:
        self.names.insert(0, name)
        self.ever.add(name)
        self.longest = max(self.longest, len(self.names))
        pushed = self.pushed = self.tick()
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


def left_by(step: WalkStep) -> OpenWalk:
    """Return what the database says of a walk that was killed behind *step*."""
    return OpenWalk(
        step.started,
        step.is_full,
        step.pages,
        step.next_page,
        step.last_count,
        step.leg,
        step.reach,
        first_count=step.first_count,
        subject_updated=step.subject_updated,
    )


def seen_since(stored: Stored, since: int) -> list[str]:
    """Return the names of the rows that were seen since a moment."""
    return [name for name, tag in stored.items() if tag.last_seen >= since]


def resumed(hub: ChangingList, step: WalkStep, stored: Stored, walk: Walk) -> Walk:
    """Return *walk* as it goes on after a kill behind *step*."""
    walk.subject_updated = hub.pushed
    has_news = hub.pushed != step.subject_updated
    walk.resume(left_by(step), seen_since(stored, step.started), has_news=has_news)
    return walk
