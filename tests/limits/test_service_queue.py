"""In which order things go, and by which exit."""

from __future__ import annotations

import pytest

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.lanes import Lanes
from dockerhub.limits.openings import Openings
from dockerhub.limits.service_queue import Place, ServiceQueue

NOW = 1000.0
BOTH = Openings({"a": 0.0, "b": 0.0})


@pytest.fixture
def queue() -> ServiceQueue[str]:
    made: ServiceQueue[str] = ServiceQueue(Lanes(lambda: Budget(per_minute=0)))
    for name in BOTH:
        made.lanes.of(name).heard(None)
    return made


def taken(queue: ServiceQueue[str], exits: Openings = BOTH, now: float = NOW) -> list[str]:
    found = []
    while (one := queue.take(now, exits)) is not None:
        queue.lanes.take(one[1], now)
        found.append(f"{one[0]} by {one[1]}")
    return found


def test_by_priority_and_then_in_their_order(queue: ServiceQueue[str]) -> None:
    for name, priority in (("1", 0), ("2", 5), ("3", 0), ("4", 5)):
        queue.put(name, Place(priority=priority))
    assert len(queue) == 4
    assert taken(queue) == ["2 by a", "4 by b", "1 by a", "3 by b"]
    assert len(queue) == 0


def test_what_waits_for_its_time_comes_with_its_priority(queue: ServiceQueue[str]) -> None:
    queue.put("late", Place(priority=9, not_before=NOW + 5))
    queue.put("now", Place())
    assert taken(queue) == ["now by a"]
    assert queue.opens_at(NOW, BOTH) == NOW + 5
    queue.put("also", Place())
    assert taken(queue, now=NOW + 5) == ["late by b", "also by a"]


def test_what_is_for_one_exit_waits_for_that_one_and_holds_nobody_back(
    queue: ServiceQueue[str],
) -> None:
    queue.lanes.of("a").close_until(NOW + 60)
    queue.put("probe", Place(only_by="a"))
    queue.put("other", Place())
    assert taken(queue) == ["other by b"]
    assert queue.opens_at(NOW, BOTH) == NOW + 60
    assert taken(queue, now=NOW + 60) == ["probe by a"]


@pytest.mark.parametrize(
    "exits", [Openings({"b": 0.0}), Openings({"a": NEVER, "b": 0.0})], ids=["gone", "dead"]
)
def test_what_is_for_one_exit_goes_by_any_once_that_is_gone(
    queue: ServiceQueue[str], exits: Openings
) -> None:
    queue.put("probe", Place(only_by="a", priority=9))
    queue.put("other", Place())
    assert taken(queue, exits) == ["probe by b", "other by b"]


def test_what_went_in_vain_goes_by_another(queue: ServiceQueue[str]) -> None:
    queue.put("again", Place(avoid=("a",)))
    assert taken(queue) == ["again by b"]
    queue.put("again", Place(avoid=("a", "b")))
    assert taken(queue) == ["again by a"]


def test_it_moves_while_something_goes_or_is_awaited(queue: ServiceQueue[str]) -> None:
    assert not queue.is_moving(NOW, BOTH)
    queue.put("one", Place())
    assert queue.is_moving(NOW, BOTH)
    for name in BOTH:
        queue.lanes.of(name).close_until(NOW + 60)
    assert not queue.is_moving(NOW, BOTH)
    assert queue.is_moving(NOW + 59, BOTH)
    queue.lanes.hold()
    assert queue.is_moving(NOW, BOTH)
    assert not queue.is_moving(NOW, Openings(dict.fromkeys(BOTH, NEVER)))
