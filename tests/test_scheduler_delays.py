"""Requests that wait: because they are repeated, or because an answer asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub import scheduler as scheduler_module
from dockerhub.limits.budget import NEVER
from dockerhub.meta import BACKED_OFF, NOT_BEFORE
from tests.clock import START, Clock
from tests.scheduling import put, scheduler_of, taken

if TYPE_CHECKING:
    from dockerhub.scheduler import BudgetScheduler


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(scheduler_module, "time", made)
    monkeypatch.setattr(scheduler_module, "call_later", made.call_later)
    return made


@pytest.fixture
def woken() -> list[float]:
    return []


@pytest.fixture
def scheduler(clock: Clock, woken: list[float]) -> BudgetScheduler:
    return scheduler_of(clock, woken, rate=0)


def test_a_delayed_request_goes_at_its_time(
    scheduler: BudgetScheduler, clock: Clock, woken: list[float]
) -> None:
    put(scheduler, "late", not_before=START + 5, priority=20)
    put(scheduler, "now")
    put(scheduler, "later", not_before=START + 3)
    assert taken(scheduler) == ["now"]
    assert scheduler.has_pending_requests()
    assert clock.next_ring == START + 3
    clock.go_to(START + 3)
    assert (woken, taken(scheduler)) == ([START + 3], ["later"])
    clock.go_to(START + 5)
    assert (woken, taken(scheduler)) == ([START + 3, START + 5], ["late"])
    assert not scheduler.has_pending_requests()


def test_a_delay_counts_once(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a", not_before=START)
    request = scheduler.next_request()
    assert request is not None
    assert NOT_BEFORE not in request.meta


def test_priority_counts_among_those_that_are_due(scheduler: BudgetScheduler, clock: Clock) -> None:
    put(scheduler, "a", not_before=START + 1)
    put(scheduler, "b", not_before=START + 2, priority=20)
    clock.go_to(START + 2)
    assert taken(scheduler) == ["b", "a"]


def test_a_repetition_waits_first_and_once(
    scheduler: BudgetScheduler, clock: Clock, woken: list[float]
) -> None:
    for attempt, longest in ((1, 2), (2, 4), (3, 8)):
        put(scheduler, "a", meta={"retry_times": attempt, BACKED_OFF: attempt - 1})
        assert taken(scheduler) == []
        assert longest / 2 <= clock.next_ring - clock.now <= longest
        clock.go_to(clock.next_ring)
        request = scheduler.next_request()
        assert request is not None
        assert request.meta[BACKED_OFF] == attempt
        # It was asked to slow down, or to sign in anew: that is no repetition.
        assert scheduler.enqueue_request(request.replace(dont_filter=True))
        assert taken(scheduler) == ["a"]
    assert len(woken) == 3


def test_a_request_that_is_not_repeated_does_not_wait(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a", meta={"retry_times": 0})
    request = scheduler.next_request()
    assert request is not None
    assert BACKED_OFF not in request.meta


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        pytest.param(40, 40, 40, id="longer than the backoff"),
        pytest.param(0.5, 1, 2, id="shorter"),
        pytest.param(-9, 1, 2, id="over already"),
    ],
)
def test_a_repetition_waits_as_long_as_an_answer_asked_if_that_is_longer(
    scheduler: BudgetScheduler, clock: Clock, asked: float, least: float, most: float
) -> None:
    put(scheduler, "a", not_before=START + asked, meta={"retry_times": 1})
    assert taken(scheduler) == []
    assert least <= clock.next_ring - START <= most
    clock.go_to(clock.next_ring)
    assert taken(scheduler) == ["a"]


def test_what_an_answer_asked_is_waited_for_once(scheduler: BudgetScheduler, clock: Clock) -> None:
    put(scheduler, "a", not_before=START + 40, meta={"retry_times": 1})
    assert taken(scheduler) == []
    clock.go_to(START + 40)
    request = scheduler.next_request()
    assert request is not None
    assert NOT_BEFORE not in request.meta
    request.meta["retry_times"] = 2
    assert scheduler.enqueue_request(request.replace(dont_filter=True))
    assert taken(scheduler) == []
    assert 2 <= clock.next_ring - clock.now <= 4


def test_who_backed_off_already_still_waits_as_asked(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    put(scheduler, "a", not_before=START + 7, meta={"retry_times": 2, BACKED_OFF: 2})
    assert (taken(scheduler), clock.next_ring) == ([], START + 7)


def test_those_that_wait_hold_up_no_others(
    scheduler: BudgetScheduler, clock: Clock, woken: list[float]
) -> None:
    put(scheduler, *"abcdefghijklmnop", meta={"retry_times": 4}, priority=100)
    put(scheduler, "x", "y")
    assert taken(scheduler) == ["x", "y"]
    assert scheduler.queues["hub"].budget.in_flight == 2
    while scheduler.has_pending_requests():
        assert clock.next_ring < NEVER
        clock.go_to(clock.next_ring)
        taken(scheduler)
    assert scheduler.queues["hub"].budget.in_flight == 18
    assert clock.now - START <= 16
