"""A registry that counts pulls and clients that go by `PullBudget`, in simulated time."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from dockerhub.limits.budget import NEVER
from dockerhub.limits.pull_headers import PullLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerhub.limits.pulls import PullBudget

NOW = 1_000_000.0


@dataclass
class Registry:
    """A registry that counts pulls in windows: of their own, of the clock's, or sliding ones."""

    kind: str
    limit: int
    window: int
    starts_at: float = 0.0
    counted: list[tuple[str, float]] = field(default_factory=list)
    """who pulled, and in which fixed window"""
    lowest: int = 10**9
    refused: int = 0
    _held: deque[float] = field(default_factory=deque)
    _began: float = -1e18

    def pull(self, now: float, who: str) -> tuple[bool, PullLimit]:
        """Count a pull and return whether it is let through, and what its answer tells."""
        self._renew(now)
        may = len(self._held) < self.limit
        if may:
            self._held.append(now)
            self.counted.append((who, self._began))
        else:
            self.refused += 1
        told = self.look(now)
        self.lowest = min(self.lowest, told.remaining)
        return may, told

    def look(self, now: float) -> PullLimit:
        """Return what the answer to a HEAD tells."""
        self._renew(now)
        return PullLimit(self.limit, self.limit - len(self._held), self.window)

    def per_window(self) -> list[int]:
        """Return how many were counted in each fixed window."""
        return list(Counter(began for _, began in self.counted).values())

    def _renew(self, now: float) -> None:
        if self.kind == "sliding":
            while self._held and self._held[0] <= now - self.window:
                self._held.popleft()
        elif now >= self._began + self.window:
            self._held.clear()
            since = (now - self.starts_at) % self.window if self.kind == "aligned" else 0.0
            self._began = now - since


class Simulation:
    """Time, and what happens in it."""

    def __init__(self, registry: Registry, seed: int, windows: int) -> None:
        self.registry = registry
        self.random = Random(seed)
        self.end = NOW + windows * registry.window
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers: Iterator[int] = itertools.count()

    def at(self, moment: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), happens))

    def run(self) -> None:
        while self._events:
            now, _, happens = heapq.heappop(self._events)
            happens(now)

    def add_people(self, a_second: float) -> None:
        """Let others pull at random from behind the same address."""

        def one(now: float) -> None:
            if now < self.end:
                self.registry.pull(now, "people")
                self.at(now + self.random.expovariate(a_second), one)

        self.at(NOW, one)


@dataclass
class Crawl:
    """A client that always has more to pull and goes by its budget, with a HEAD where it asks."""

    simulation: Simulation
    budget: PullBudget
    concurrency: int
    slowest: float
    lost: float = 0.0
    """the share of pulls whose answers never come"""
    unlooked: float = 0.0
    """the share of looks that tell nothing"""
    name: str = "ours"
    begins: float = NOW
    most_in_flight: int = 0
    most_unknown: int = 0
    """pulls under way, and those since the last answer that will never have one"""
    blind: int = 0
    """pulls that found out whether there are any, since no look could tell"""
    unled: int = 0
    """pulls that went before any answer told a limit"""
    below: int = 0
    """pulls that took what is left to others"""
    reserve: int = 0
    looked_at: list[float] = field(default_factory=list)
    _is_looking: bool = False
    _unanswered: int = 0
    _wakes_at: float = 0.0

    def __post_init__(self) -> None:
        self.simulation.at(self.begins, self._hand_out)

    def most_looks(self) -> int:
        """Return how many HEADs went in any stretch of a window's length."""
        seconds = self.simulation.registry.window
        return max(sum(a <= b < a + seconds for b in self.looked_at) for a in self.looked_at)

    def watch(self, now: float) -> None:
        """Ask by HEADs of its own, now and every so often, whatever is under way."""
        simulation = self.simulation
        if now < simulation.end:
            simulation.at(now + self._trip(), self._be_shown)
            pause = simulation.random.expovariate(50 / simulation.registry.window)
            simulation.at(now + pause, self.watch)

    def _be_shown(self, now: float) -> None:
        told = self.simulation.registry.look(now)
        self.simulation.at(now + self._trip(), lambda then: self._hear_of(then, told))

    def _hear_of(self, now: float, told: PullLimit) -> None:
        self.budget.heard(told, now)
        self._hand_out(now)

    def _trip(self) -> float:
        return self.simulation.random.uniform(0, self.slowest / 2)

    def _hand_out(self, now: float) -> None:
        budget, simulation = self.budget, self.simulation
        while now < simulation.end and budget.in_flight < self.concurrency:
            opens = budget.opens_at(now)
            assert opens < NEVER or budget.in_flight or self._is_looking
            if opens > now:
                if opens < NEVER and opens != self._wakes_at:
                    self._wakes_at = opens
                    simulation.at(opens, self._hand_out)
                return
            budget.take(now)
            if budget.is_spent(now):
                # It is refused, and so is what comes later; the spider has other things to do.
                budget.give_back()
                simulation.at(now + simulation.registry.window / 40, self._hand_out)
                return
            if budget.must_look(now):
                budget.give_back()
                self._look(now)
                return
            self._send(now)

    def _look(self, now: float) -> None:
        if self.budget.begin_look(now):
            assert self.budget.in_flight == 0
            self._is_looking = True
            self.looked_at.append(now)
            self.simulation.at(now + self._trip(), self._look_arrives)

    def _look_arrives(self, now: float) -> None:
        simulation = self.simulation
        told: PullLimit | None = simulation.registry.look(now)
        if simulation.random.random() < self.unlooked:
            told = None
        simulation.at(now + self._trip(), lambda then: self._end_look(then, told))

    def _end_look(self, now: float, told: PullLimit | None) -> None:
        if told is not None:
            self.budget.heard(told, now, is_look=True)
        self.budget.end_look(now)
        self._is_looking = False
        self._hand_out(now)

    def _send(self, now: float) -> None:
        assert not self._is_looking
        # Before the first answer that told a limit, or when none above the reserve is known.
        is_unled = self.budget.left() is None
        self.unled += is_unled
        self.blind += is_unled or self._is_finding_out()
        self.most_in_flight = max(self.most_in_flight, self.budget.in_flight)
        self.most_unknown = max(self.most_unknown, self.budget.in_flight + self._unanswered)
        self.simulation.at(now + self._trip(), self._arrive)

    def _is_finding_out(self) -> bool:
        window = self.budget._window
        return window is not None and window.free <= self.reserve

    def _arrive(self, now: float) -> None:
        may, told = self.simulation.registry.pull(now, self.name)
        self.below += told.remaining < self.reserve or not may
        if self.simulation.random.random() < self.lost:
            self.simulation.at(now + 2 * self.slowest, self._miss)
        else:
            self.simulation.at(now + self._trip(), lambda then: self._hear(then, may, told))

    def _miss(self, now: float) -> None:
        self._unanswered += 1
        self.budget.failed()
        self._hand_out(now)

    def _hear(self, now: float, may: bool, told: PullLimit) -> None:
        self._unanswered = 0
        self.budget.answered(told)
        if may:
            self.budget.went_well()
        else:
            self.budget.spent(now, None)
        self._hand_out(now)
