"""A server with a fixed window and a client that goes by `Budget`, in simulated time."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.headers import HubLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    # The Date of an answer and what it says of the limit.
    Told = tuple[float, HubLimit] | None


@dataclass
class Simulation:
    """What happens between a client that always has more to ask and its server."""

    random: Random
    limit: int
    window: float
    concurrency: int
    slowest: float
    rounds: Callable[[float], int] = math.ceil
    ahead: float = 0.0
    """how far the server's clock runs ahead of ours"""
    starts_at: float = 0.0
    """where a window begins, in the server's clock"""
    lost: float = 0.0
    """the share of answers that never come"""
    others: float = 0.0
    """requests a second of other clients behind the same address"""
    budget: Budget = field(default_factory=lambda: Budget(per_minute=0))
    ours: Counter[int] = field(default_factory=Counter)
    theirs: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    most_in_flight: int = 0
    _events: list[tuple[float, int, str, float, Told]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _end: float = 0.0

    def run(self, windows: int) -> None:
        """Let the client go for that many windows."""
        begin = 1_000_000.3
        self._end = begin + windows * self.window
        self._at(begin, "wake")
        if self.others:
            self._at(begin, "other")
        while self._events:
            now, _, kind, sent, told = heapq.heappop(self._events)
            if kind == "other" and now < self._end:
                self._arrive(now, self.theirs)
                self._at(now + self.random.expovariate(self.others), "other")
            elif kind == "arrival":
                self._answer(now, sent)
            elif kind == "lost":
                self.budget.failed()
            elif kind == "answer" and told is not None:
                self.budget.clock.heard(told[0], sent, now)
                self.budget.answered(told[1])
            self._hand_out(now)

    def _at(self, moment: float, kind: str, sent: float = 0.0, told: Told = None) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), kind, sent, told))

    def _trip(self) -> float:
        return self.random.uniform(0, self.slowest / 2)

    def _answer(self, now: float, sent: float) -> None:
        date, limit = float(math.floor(now + self.ahead)), self._arrive(now, self.ours)
        if self.random.random() < self.lost:  # noticed later than an answer would have come
            self._at(now + 2 * self.slowest, "lost")
        else:
            self._at(now + self._trip(), "answer", sent, (date, limit))

    def _hand_out(self, now: float) -> None:
        """Let go what may go now, and look again when more may."""
        while now < self._end and self.budget.in_flight < self.concurrency:
            opens = self.budget.opens_at(now)
            if opens > now:
                if opens < NEVER:
                    self._at(opens, "wake")
                return
            self.budget.take(now)
            self.most_in_flight = max(self.most_in_flight, self.budget.in_flight)
            self._at(now + self._trip(), "arrival", now)

    def _arrive(self, now: float, counted: Counter[int]) -> HubLimit:
        """Count a request at the server and return what its answer says of the limit."""
        here = now + self.ahead - self.starts_at
        number = math.floor(here / self.window)
        if self.ours[number] + self.theirs[number] >= self.limit:
            if counted is self.ours:
                self.refused[number] += 1
        else:
            counted[number] += 1
        left = self.limit - self.ours[number] - self.theirs[number]
        reset = (number + 1) * self.window + self.starts_at
        return HubLimit(self.limit, left, self.rounds(reset))

    def full_windows(self) -> list[int]:
        """Return the numbers of the windows that the client had from end to end."""
        return sorted(self.ours)[1:-1]
