"""A list of which each order shows only the front, and a walker that may be killed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.walks.orderings import TAG_ORDERINGS
from tests.walks.changing_list import (
    KEY,
    ChangingList,
    Stored,
    left_by,
    new_walk,
    seen_since,
)

if TYPE_CHECKING:
    from random import Random

    from dockerhub.items import WalkStep
    from dockerhub.walks.walk import Walk

ANONYMOUS = KEY._replace(signed_in=False)


@dataclass
class CappedList(ChangingList):
    """Refuses pages whose first row is the *cap*th or behind it, and knows some orders only."""

    cap: int = 6
    ignored: frozenset[str] = frozenset()
    """orders in which it says the same as without one"""
    refused: frozenset[str] = frozenset()
    """orders that it refuses with 400"""
    refusals: int = field(default=0)

    def rows(self, ordering: str) -> list[str]:
        """Return all rows in an order."""
        if ordering in self.ignored or ordering == "last_updated":
            return self.names
        rows = self.names if "last_updated" in ordering else sorted(self.names, reverse=True)
        return rows if ordering == "-name" else rows[::-1]

    def visible_rows(self, page_size: int) -> int:
        """Return how many rows one order shows."""
        return self._visible_pages(page_size) * page_size

    def reachable(self, page_size: int) -> set[str]:
        """Return all rows that a walk can see, in all orders that differ in their first page."""
        visible, seen = self.visible_rows(page_size), set[str]()
        for ordering in TAG_ORDERINGS:
            rows = self.rows(ordering)
            is_same = ordering != "last_updated" and rows[:page_size] == self.names[:page_size]
            if ordering not in self.refused and not is_same:
                seen.update(rows[:visible])
        return seen

    def _visible_pages(self, page_size: int) -> int:
        return -(-self.cap // page_size)

    def most_requests(self, page_size: int) -> int:
        """Return how many requests a walk may cost: what each order shows, or its refusal."""
        return self._visible_pages(page_size) * len(TAG_ORDERINGS) + 1

    def answer(self, walk: Walk, stored: Stored) -> WalkStep:
        """Answer the page that *walk* asks for, or refuse it."""
        self.asked += 1
        size, now, ordering = walk.page_size, self.tick(), walk.ordering
        start = (walk.page - 1) * size
        if ordering in self.refused:
            return walk.skip_ordering(now)
        if start >= self.cap:
            self.refusals += 1
            return walk.take_cap(now)
        names = self.rows(ordering)[start : start + size]
        step = walk.take(
            names,
            wanted=names,
            refused=0,
            count=len(self.names),
            has_next=start + size < len(self.names),
            pushed=self.pushed_at(names),
            now=now,
        )
        stored.update(self.as_known(names, now))
        return step


def capped_walk(
    page_size: int = 2, *, max_rows: int | None = None, signed_in: bool = False
) -> Walk:
    """Return a walk of tags in all their orders."""
    key = KEY if signed_in else ANONYMOUS
    return new_walk(page_size, key=key, orderings=TAG_ORDERINGS, max_rows=max_rows)


def walk_capped(
    hub: CappedList, stored: Stored, page_size: int, random: Random | None = None
) -> tuple[WalkStep, int]:
    """Walk to the end; with *random*, through up to four kills. Return the end and the kills."""
    walk, kills = capped_walk(page_size), 0
    for _ in range(1000):
        step = hub.answer(walk, stored)
        if step.stop_reason is not None:
            return step, kills
        if random is not None and kills < 4 and random.random() < 0.2:
            walk, kills = go_on(hub, step, stored, page_size, random.random() < 0.5), kills + 1
    raise AssertionError("the walk does not end")


def go_on(hub: CappedList, step: WalkStep, stored: Stored, page_size: int, has_news: bool) -> Walk:
    """Return a walk that goes on after a kill behind *step*."""
    walk = capped_walk(page_size)
    walk.resume(left_by(step), seen_since(stored, step.started), has_news=has_news)
    return walk
