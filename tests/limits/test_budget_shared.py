"""Several crawls at one address: together they keep to the limit, and use it."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest

from dockerhub.ledger import Ledger
from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.headers import HubLimit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN, SECONDS = 1_000_000.4, 10


class InOneProcess(Ledger):
    """A ledger whose locks keep out the others in this process, by their places."""

    def __init__(self, path: Path, simulation: Simulation) -> None:
        super().__init__(path, "hub", clock=lambda: simulation.now)
        self._taken = simulation.places

    def _lock(self, place: int) -> bool:
        return self._taken.setdefault(place, self) is self

    def _is_alive(self, place: int) -> bool:
        return place in self._taken

    def die(self) -> None:
        self.close()
        for place in [each for each, ledger in self._taken.items() if ledger is self]:
            del self._taken[place]


@dataclass
class Simulation:
    """Clients that always have more to ask, and a server with a fixed window."""

    random: Random
    limit: int
    folder: Path
    places: dict[int, InOneProcess] = field(default_factory=dict)
    now: float = BEGIN
    counted: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    _events: list[tuple[float, int, str, int, HubLimit | None]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def run(self, count: int, windows: int, *, killed_at: float = NEVER) -> None:
        """Let *count* clients go, of which the first is killed at *killed_at*."""
        self.ledgers = [InOneProcess(self.folder / "hub.db-budgets", self) for _ in range(count)]
        self.clients = [Budget(per_minute=0, ledger=each) for each in self.ledgers]
        for number in range(count):
            self._at(BEGIN + self.random.uniform(0, 3), "wake", number)
        while self._events and self._events[0][0] < BEGIN + windows * SECONDS:
            self.now, _, kind, number, told = heapq.heappop(self._events)
            is_gone = number == 0 and self.now >= killed_at
            if is_gone:
                self.ledgers[0].die()
            if kind == "arrival":
                self._at(self.now + self._trip(), "answer", number, self._arrive())
            elif kind == "answer" and not is_gone:
                self.clients[number].answered(told)
            if not is_gone:
                self._hand_out(number)

    def _at(self, moment: float, kind: str, number: int, told: HubLimit | None = None) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), kind, number, told))

    def _trip(self) -> float:
        return self.random.uniform(0.01, 0.4)

    def _arrive(self) -> HubLimit:
        window = int(self.now // SECONDS)
        if self.counted[window] < self.limit:
            self.counted[window] += 1
        else:
            self.refused += 1
        return HubLimit(self.limit, self.limit - self.counted[window], (window + 1) * SECONDS)

    def _hand_out(self, number: int) -> None:
        budget = self.clients[number]
        while budget.in_flight < 16:
            opens = budget.opens_at(self.now)
            if opens > self.now:
                if opens < NEVER:
                    self._at(opens, "wake", number)
                return
            budget.take(self.now)
            self._at(self.now + self._trip(), "arrival", number)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("limit", [7, 60])
def test_together_they_take_what_there_is_and_no_more(
    tmp_path: Path, count: int, limit: int
) -> None:
    simulation = Simulation(Random(count), limit, tmp_path)
    simulation.run(count, windows=6)

    assert simulation.refused == 0
    full = sorted(simulation.counted)[1:-1]
    assert len(full) == 4
    # What one client alone gets; at 60 requests ten seconds are long enough for all.
    assert {simulation.counted[window] for window in full} == {limit}
    for ledger in simulation.ledgers:
        ledger.close()


def test_without_a_ledger_they_would_take_more(tmp_path: Path) -> None:
    simulation = Simulation(Random(2), 60, tmp_path)
    (tmp_path / "hub.db-budgets").mkdir()  # which is no file
    simulation.run(3, windows=6)

    assert simulation.refused > 20


@pytest.mark.parametrize("moment", [12.0, 19.9, 20.3, 21.2, 23.0])
def test_a_killed_one_keeps_nobody_waiting(tmp_path: Path, moment: float) -> None:
    simulation = Simulation(Random(4), 20, tmp_path)
    simulation.run(3, windows=7, killed_at=BEGIN + moment)

    # At most what it had under way as a window ended, which nobody can know.
    assert simulation.refused <= 16
    assert [simulation.counted[each] for each in sorted(simulation.counted)[-3:-1]] == [20, 20]
    for ledger in simulation.ledgers:
        ledger.close()
