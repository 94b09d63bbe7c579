from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from dockerhub import scheduler as scheduler_module
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import HubLimit
from dockerhub.meta import BACKED_OFF, NOT_BEFORE, SERVICE
from dockerhub.scheduler import BudgetScheduler, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable

HUB, OTHER = "https://hub.example", "https://registry.example"
START = 1_000.0


class Time:
    """A clock that goes only when it is told to, with its timers."""

    def __init__(self) -> None:
        self.now = START
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def go_to(self, moment: float) -> None:
        self.now = moment
        for timer in [each for each in self.timers if each.at <= moment]:
            self.timers.remove(timer)
            if not timer.is_cancelled:
                timer.call()

    @property
    def next_ring(self) -> float:
        return min((timer.at for timer in self.timers if not timer.is_cancelled), default=NEVER)


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.is_cancelled = at, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(scheduler_module, "time", made)
    monkeypatch.setattr(scheduler_module, "call_later", made.call_later)
    return made


@pytest.fixture
def woken() -> list[float]:
    return []


@pytest.fixture
def scheduler(clock: Time, woken: list[float]) -> BudgetScheduler:
    return made(clock, woken, rate=0)


def made(clock: Time, woken: list[float], *, rate: float) -> BudgetScheduler:
    """Return a scheduler of two services; every budget has had its first answer."""
    services = {HUB: ("hub", rate), OTHER: ("registry", 0.0)}
    scheduler = BudgetScheduler(services=services, wake=lambda: woken.append(clock.now))
    for queue in scheduler.queues.values():
        queue.budget.heard(None)
    return scheduler


def put(
    scheduler: BudgetScheduler, *paths: str, origin: str = HUB, not_before: float | None = None,
    **said: Any,
) -> None:  # fmt: skip
    for path in paths:
        request = Request(f"{origin}/{path}", **said)
        if not_before is not None:
            request.meta[NOT_BEFORE] = not_before
        assert scheduler.enqueue_request(request)


def taken(scheduler: BudgetScheduler) -> list[str]:
    """Return the paths that may go now, in their order."""
    found = []
    while (request := scheduler.next_request()) is not None:
        found.append(request.url.rsplit("/", 1)[1])
    return found


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


def test_a_delayed_request_goes_at_its_time(
    scheduler: BudgetScheduler, clock: Time, woken: list[float]
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


def test_priority_counts_among_those_that_are_due(scheduler: BudgetScheduler, clock: Time) -> None:
    put(scheduler, "a", not_before=START + 1)
    put(scheduler, "b", not_before=START + 2, priority=20)
    clock.go_to(START + 2)
    assert taken(scheduler) == ["b", "a"]


def test_a_repetition_waits_first_and_once(
    scheduler: BudgetScheduler, clock: Time, woken: list[float]
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


def test_a_closed_budget_withholds_and_stays_pending(
    scheduler: BudgetScheduler, clock: Time, woken: list[float]
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


def test_a_hold_sets_no_timer(scheduler: BudgetScheduler, clock: Time, woken: list[float]) -> None:
    put(scheduler, "a")
    scheduler.queues["hub"].budget.hold()
    assert taken(scheduler) == []
    assert scheduler.has_pending_requests()
    assert clock.next_ring == NEVER
    scheduler.queues["hub"].budget.release()
    scheduler.wake()
    assert (woken, taken(scheduler)) == ([START], ["a"])


def test_an_earlier_moment_takes_the_place_of_the_timer(
    scheduler: BudgetScheduler, clock: Time
) -> None:
    put(scheduler, "a", not_before=START + 9)
    put(scheduler, "b", not_before=START + 9, origin=OTHER)
    assert (taken(scheduler), clock.next_ring) == ([], START + 9)
    put(scheduler, "c", not_before=START + 4)
    assert (taken(scheduler), clock.next_ring) == ([], START + 4)
    assert len([timer for timer in clock.timers if not timer.is_cancelled]) == 1


def test_closing_stops_the_timer(scheduler: BudgetScheduler, clock: Time) -> None:
    put(scheduler, "a", not_before=START + 9)
    assert scheduler.next_request() is None
    scheduler.close("finished")
    assert clock.next_ring == NEVER


def test_our_ceiling_spaces_requests(clock: Time, woken: list[float]) -> None:
    scheduler = made(clock, woken, rate=120)
    put(scheduler, *"abc")
    times = {}
    while scheduler.has_pending_requests():
        times |= dict.fromkeys(taken(scheduler), clock.now - START)
        if scheduler.has_pending_requests():
            clock.go_to(clock.next_ring)
    assert times == {"a": 0.0, "b": 0.5, "c": 1.0}


def test_a_window_is_used_up_and_then_waited_for(scheduler: BudgetScheduler, clock: Time) -> None:
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
    scheduler: BudgetScheduler, clock: Time
) -> None:
    budget = scheduler.queues["hub"].budget
    budget.heard(HubLimit(limit=3, remaining=3, reset=int(START) + 30))
    clock.go_to(START + 60)
    for name in "abcdefgh":
        put(scheduler, name)
        assert taken(scheduler) == [name]
        budget.failed()


def test_the_first_request_goes_alone(clock: Time, woken: list[float]) -> None:
    scheduler = BudgetScheduler(services={HUB: ("hub", 0.0)}, wake=lambda: woken.append(0))
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


def test_it_is_built_from_the_settings() -> None:
    crawler = get_crawler(
        settings_dict={"DOCKERHUB_HUB_URL": "http://127.0.0.1:8080/", "DOCKERHUB_HUB_RATE": "60"}
    )
    scheduler = BudgetScheduler.from_crawler(crawler)
    assert scheduler.service_of("http://127.0.0.1:8080/v2/x") == "hub"
    scheduler.queues["hub"].budget.take(START)
    scheduler.queues["hub"].budget.answered(None)
    assert scheduler.queues["hub"].budget.opens_at(START) == START + 1


def test_the_engine_is_woken_through_its_slot() -> None:
    calls: list[str] = []
    nextcall = SimpleNamespace(schedule=lambda: calls.append("schedule"))
    crawler: Any = SimpleNamespace(engine=SimpleNamespace(_slot=None))
    wake_engine(crawler)
    crawler.engine._slot = SimpleNamespace(nextcall=nextcall)
    wake_engine(crawler)
    assert calls == ["schedule"]
