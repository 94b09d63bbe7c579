"""What waits for one service, and by which exit it may go now.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.budget import NEVER
from dockerhub.limits.openings import AWAITED, ONLY_DIRECT

if TYPE_CHECKING:
    from dockerhub.limits.budget import Budget
    from dockerhub.limits.lanes import Lanes
    from dockerhub.limits.openings import Openings
    from dockerhub.limits.pulls import PullBudget

Waiting = TypeVar("Waiting")

ANY = ""
"""In the place of an exit: whichever is open."""


class Place(NamedTuple):
    """How something waits."""

    priority: int = 0
    """those with a higher one go first, then those that came first"""
    not_before: float = 0.0
    only_by: str = ANY
    """the one exit that it is for"""
    avoid: tuple[str, ...] = ()
    """the exits that are taken only if no other is open"""


class ServiceQueue(Generic[Waiting]):
    """What waits for one service, by priority and then in the order in which it came."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._ready: dict[str, list[tuple[int, int, Waiting, Place]]] = {ANY: []}
        self._later: list[tuple[float, int, Waiting, Place]] = []
        self._numbers = itertools.count()

    @property
    def budget(self) -> Budget | PullBudget:
        """The budget of the exit without a proxy."""
        return self.lanes.of(DIRECT)

    def __len__(self) -> int:
        return len(self._later) + sum(map(len, self._ready.values()))

    def put(self, waiting: Waiting, place: Place) -> None:
        """Keep *waiting* until it may go."""
        number = next(self._numbers)
        if place.not_before:
            heapq.heappush(self._later, (place.not_before, number, waiting, place))
        else:
            self._make_ready(number, waiting, place)

    def take(self, now: float, exits: Openings = ONLY_DIRECT) -> tuple[Waiting, str] | None:
        """Return what may go first at *now*, and by which exit; the budget is not told.

        *exits* tells when each exit may be used.
        """
        self._ripen(now)
        if not any(self._ready.values()):
            return None
        self._release(exits)
        # What is for one exit alone finds out about that one: first.
        for only_by, ready in reversed(list(self._ready.items())):
            if not ready:
                continue
            offered = exits.only(only_by) if only_by else exits
            name = self.lanes.choose(now, offered, ready[0][3].avoid)
            if name is not None:
                return heapq.heappop(ready)[2], name
        return None

    def opens_at(self, now: float, exits: Openings = ONLY_DIRECT) -> float:
        """Return when the next may go; `NEVER` if only an answer can tell."""
        self._ripen(now)
        self._release(exits)
        found = [NEVER]
        for only_by, ready in self._ready.items():
            if ready:
                offered = exits.only(only_by) if only_by else exits
                found.append(self.lanes.opens_at(now, offered))
        if self._later:
            found.append(max(self._later[0][0], self.lanes.opens_at(now, exits)))
        return min(found)

    def is_moving(self, now: float, exits: Openings) -> bool:
        """Tell whether something goes, or will in a moment: an answer is awaited, or a hold's end.

        Nothing moves where no exit is there to go by.
        """
        opens = self.opens_at(now, exits)
        is_awaited = opens >= AWAITED and min(exits.values()) < NEVER
        return bool(self) and (opens <= now + 1 or is_awaited)

    def _make_ready(self, number: int, waiting: Waiting, place: Place) -> None:
        ready = self._ready.setdefault(place.only_by, [])
        heapq.heappush(ready, (-place.priority, number, waiting, place))

    def _ripen(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, number, waiting, place = heapq.heappop(self._later)
            self._make_ready(number, waiting, place)

    def _release(self, exits: Openings) -> None:
        """Let what was for an exit that is gone go by any."""
        for name in [one for one in self._ready if one and exits.get(one, NEVER) == NEVER]:
            for _, number, waiting, place in self._ready.pop(name):
                self._make_ready(number, waiting, place._replace(only_by=ANY))
