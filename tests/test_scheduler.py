from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request

from dockerhub import scheduler as scheduler_module
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import HubLimit
from dockerhub.meta import SERVICE
from dockerhub.scheduler import MOST_UNSTORED, BudgetScheduler, unstored_answers, wake_engine
from tests.clock import START, Clock
from tests.scheduling import HUB, OTHER, put, scheduler_of, taken


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
    return scheduler_of(clock, woken)


def test_higher_priority_goes_first_then_who_came_first(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a", "b")
    put(scheduler, "c", "d", priority=20)
    put(scheduler, "e", priority=-1)
    assert taken(scheduler) == ["c", "d", "a", "b", "e"]
    assert not scheduler.has_pending_requests()


def test_a_request_that_goes_knows_its_service(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a")
    put(scheduler, "b", origin=OTHER)
    metas = [request.meta for request in (scheduler.next_request(), scheduler.next_request())
             if request]  # fmt: skip
    assert [meta[SERVICE] for meta in metas] == ["hub", "registry"]
    assert [meta["download_slot"] for meta in metas] == ["hub|direct", "registry|direct"]


def test_a_closed_budget_withholds_and_stays_pending(
    scheduler: BudgetScheduler, clock: Clock, woken: list[float]
) -> None:
    put(scheduler, "a", "b")
    scheduler.queues["hub"].budget.close_until(START + 60)
    assert taken(scheduler) == []
    assert scheduler.has_pending_requests()
    assert clock.next_ring == START + 60
    clock.go_to(START + 59)
    assert (woken, taken(scheduler)) == ([], [])
    clock.go_to(START + 60)
    assert (woken, taken(scheduler)) == ([START + 60], ["a", "b"])


def test_a_closed_service_does_not_hold_another(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a")
    put(scheduler, "b", origin=OTHER)
    scheduler.queues["hub"].budget.close_until(START + 60)
    assert taken(scheduler) == ["b"]


def test_a_hold_sets_no_timer(scheduler: BudgetScheduler, clock: Clock, woken: list[float]) -> None:
    put(scheduler, "a")
    scheduler.queues["hub"].budget.hold()
    assert taken(scheduler) == []
    assert scheduler.has_pending_requests()
    assert clock.next_ring == NEVER
    scheduler.queues["hub"].budget.release()
    scheduler.wake()
    assert (woken, taken(scheduler)) == ([START], ["a"])


def test_an_earlier_moment_takes_the_place_of_the_timer(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    put(scheduler, "a", not_before=START + 9)
    put(scheduler, "b", not_before=START + 9, origin=OTHER)
    assert (taken(scheduler), clock.next_ring) == ([], START + 9)
    put(scheduler, "c", not_before=START + 4)
    assert (taken(scheduler), clock.next_ring) == ([], START + 4)
    assert len([timer for timer in clock.timers if not timer.is_cancelled]) == 1


def test_closing_stops_the_timer(scheduler: BudgetScheduler, clock: Clock) -> None:
    put(scheduler, "a", not_before=START + 9)
    assert scheduler.next_request() is None
    scheduler.close("finished")
    assert clock.next_ring == NEVER


def test_our_ceiling_spaces_requests(clock: Clock, woken: list[float]) -> None:
    scheduler = scheduler_of(clock, woken, rate=120)
    put(scheduler, *"abc")
    times = {}
    while scheduler.has_pending_requests():
        times |= dict.fromkeys(taken(scheduler), clock.now - START)
        if scheduler.has_pending_requests():
            clock.go_to(clock.next_ring)
    assert times == {"a": 0.0, "b": 0.5, "c": 1.0}


def test_a_window_is_used_up_and_then_waited_for(scheduler: BudgetScheduler, clock: Clock) -> None:
    budget = scheduler.queues["hub"].budget
    budget.heard(HubLimit(limit=3, remaining=2, reset=int(START) + 30))
    put(scheduler, *"abcde")
    assert taken(scheduler) == ["a", "b"]
    assert START + 30 < clock.next_ring <= START + 32
    budget.answered(HubLimit(3, 1, int(START) + 30))
    budget.answered(HubLimit(3, 0, int(START) + 30))
    clock.go_to(clock.next_ring)
    assert taken(scheduler) == ["c", "d", "e"]


def test_failures_after_a_window_do_not_close_the_service_for_ever(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    budget = scheduler.queues["hub"].budget
    budget.heard(HubLimit(limit=3, remaining=3, reset=int(START) + 30))
    clock.go_to(START + 60)
    for name in "abcdefgh":
        put(scheduler, name)
        assert taken(scheduler) == [name]
        budget.failed()


def test_a_request_that_is_given_back_is_under_way_no_more(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a")
    put(scheduler, "b", origin=OTHER)
    hub, other = (scheduler.next_request(), scheduler.next_request())
    assert hub is not None
    assert other is not None
    scheduler.give_back(hub)
    # Nobody counts it any more, neither an answer nor another that gives it back.
    assert SERVICE not in hub.meta
    scheduler.give_back(hub)
    assert [queue.budget.in_flight for queue in scheduler.queues.values()] == [0, 0, 1, 0]
    scheduler.give_back(other)
    assert [queue.budget.in_flight for queue in scheduler.queues.values()] == [0, 0, 0, 0]


def test_a_request_that_was_not_handed_out_cannot_be_given_back(
    scheduler: BudgetScheduler,
) -> None:
    scheduler.give_back(Request(f"{HUB}/a"))
    scheduler.give_back(Request(f"{HUB}/a", meta={SERVICE: "none of ours"}))
    assert scheduler.queues["hub"].budget.in_flight == 0


def test_after_a_rest_one_goes_and_the_others_when_it_is_answered(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    put(scheduler, *"abc")
    budget = scheduler.queues["hub"].budget
    budget.rest(300, START)
    assert (taken(scheduler), clock.next_ring) == ([], START + 300)
    clock.go_to(START + 300)
    assert taken(scheduler) == ["a"]
    assert clock.next_ring == NEVER
    budget.answered(None)
    budget.went_well()
    assert taken(scheduler) == ["b", "c"]


def test_nothing_goes_while_many_answers_are_not_stored_yet(
    clock: Clock, woken: list[float]
) -> None:
    unstored = MOST_UNSTORED
    scheduler = scheduler_of(clock, woken, unstored=lambda: unstored)
    put(scheduler, "a", "b")
    assert taken(scheduler) == []
    assert scheduler.has_pending_requests()
    # The engine asks again by itself, so no timer is set.
    assert (scheduler.queues["hub"].budget.in_flight, clock.next_ring) == (0, NEVER)
    unstored -= 1
    assert taken(scheduler) == ["a", "b"]


@pytest.mark.parametrize(
    ("slot", "count"),
    [
        pytest.param(None, 0, id="before the first answer"),
        pytest.param(SimpleNamespace(queue=[], active=set()), 0, id="none"),
        pytest.param(SimpleNamespace(queue=[1, 2], active={3}), 3, id="waiting and at work"),
    ],
)
def test_answers_are_counted_until_all_of_them_is_stored(slot: Any, count: int) -> None:
    crawler: Any = SimpleNamespace(engine=SimpleNamespace(scraper=SimpleNamespace(slot=slot)))
    assert unstored_answers(crawler) == count


def test_without_an_engine_no_answer_came() -> None:
    crawler: Any = SimpleNamespace(engine=None)
    assert unstored_answers(crawler) == 0


def test_the_first_request_goes_alone(clock: Clock, woken: list[float]) -> None:
    scheduler = scheduler_of(clock, woken, has_heard=False)
    put(scheduler, *"abc")
    assert taken(scheduler) == ["a"]
    scheduler.queues["hub"].budget.answered(None)
    assert taken(scheduler) == ["b", "c"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://evil.example/v2/?token=s3cret&page=2",
                     "https://evil.example/v2/?token=***&page=2", id="another host"),
        pytest.param("http://hub.example/v2/x", "http://hub.example/v2/x", id="another scheme"),
        pytest.param("https://hub.example:8443/x", "https://hub.example:8443/x", id="port"),
        pytest.param("https://hub.example.evil.example/x",
                     "https://hub.example.evil.example/x", id="a longer host"),
        pytest.param("https://hub.example@evil.example/x",
                     "https://***@evil.example/x", id="host as user"),
    ],
)  # fmt: skip
def test_a_request_to_another_origin_is_refused(
    scheduler: BudgetScheduler, caplog: pytest.LogCaptureFixture, url: str, shown: str
) -> None:
    with caplog.at_level(logging.ERROR):
        assert not scheduler.enqueue_request(Request(url))
    assert caplog.messages == [f"refused a request to another host: {shown}"]
    assert not scheduler.has_pending_requests()
    assert scheduler.next_request() is None


def test_the_engine_is_woken_through_its_slot() -> None:
    calls: list[str] = []
    nextcall = SimpleNamespace(schedule=lambda: calls.append("schedule"))
    crawler: Any = SimpleNamespace(engine=SimpleNamespace(_slot=None))
    wake_engine(crawler)
    crawler.engine._slot = SimpleNamespace(nextcall=nextcall)
    wake_engine(crawler)
    assert calls == ["schedule"]
