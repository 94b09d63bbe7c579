"""A list that changes while it is walked, newest first, and a walker that may be killed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.items import WalkKey, WalkStep
from dockerhub.known import OpenWalk
from dockerhub.walks.walk import Walk

if TYPE_CHECKING:
    from random import Random

KEY = WalkKey("tags", "acme/app", "last_updated", "", True)


def new_walk(page_size: int = 2, *, is_full: bool = True, max_rows: int | None = None) -> Walk:
    """Return a walk that begins at 7."""
    return Walk(
        KEY,
        started=7,
        page_size=page_size,
        is_full=is_full,
        subject_updated=5,
        max_rows=max_rows,
    )


@dataclass
class ChangingList:
    """The Hub's side: rows at the top are the newest."""

    names: list[str]
    born: int = 0
    stayed: set[str] = field(default_factory=set)
    """rows that existed since the list was made"""

    def __post_init__(self) -> None:
        self.stayed.update(self.names)

    def insert(self) -> None:
        """Add a new row at the top."""
        self.born += 1
        self.names.insert(0, f"new{self.born}")

    def move(self, position: int) -> None:
        """Push a row again: it goes to the top."""
        self.names.insert(0, self.names.pop(position % len(self.names)))

    def delete(self, position: int) -> None:
        """Take a row away."""
        self.stayed.discard(self.names.pop(position % len(self.names)))

    def change(self, random: Random) -> None:
        """Change at chance."""
        what = random.choice(["insert", "move", "delete"])
        if what == "insert" or not self.names:
            self.insert()
        else:
            getattr(self, what)(random.randrange(len(self.names)))

    def ask(self, walk: Walk, stored: set[str]) -> WalkStep:
        """Answer the page that *walk* asks for; what it brings is *stored*."""
        size = walk.page_size
        rows = self.names[(walk.page - 1) * size : walk.page * size]
        if not rows and walk.page > 1:
            return walk.take_end()
        stored.update(rows)
        return walk.take(
            rows,
            kept=len(rows),
            refused=0,
            count=len(self.names),
            has_next=walk.page * size < len(self.names),
        )


def resumed(step: WalkStep, stored: set[str], page_size: int) -> Walk:
    """Return the walk that goes on after a kill behind *step*."""
    walk = new_walk(page_size)
    left = OpenWalk(step.started, step.is_full, step.pages, step.next_page, step.first_count)
    walk.resume(left, stored)
    return walk
