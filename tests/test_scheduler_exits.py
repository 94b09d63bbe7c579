"""By which exit the scheduler hands requests out, and when."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.utils.test import get_crawler

from dockerhub import scheduler as scheduler_module
from dockerhub.exits.exits import Exits
from dockerhub.limits.pace import Pace
from dockerhub.limits.pulls import PullBudget
from dockerhub.meta import AVOID, EXIT, ONLY_BY, SERVICE
from dockerhub.outcome import SIGNED_IN
from dockerhub.proxy import read_proxies
from dockerhub.scheduler import BudgetScheduler
from tests.clock import START, Clock
from tests.scheduling import put, scheduler_of

A, B = "a.example:1", "b.example:1"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(scheduler_module, "time", made)
    monkeypatch.setattr(scheduler_module, "call_later", made.call_later)
    return made


@pytest.fixture
def scheduler(clock: Clock) -> BudgetScheduler:
    """Of two exits that are proven, whose budgets have had their first answers."""
    exits = Exits(read_proxies(f"{A} {B}"), patience_seconds=100)
    made = scheduler_of(clock, [], exits=exits)
    for name in (A, B):
        exits.mark_good(name, START, sent=START)
        for queue in made.queues.values():
            queue.lanes.of(name).heard(None)
    return made


def ways(scheduler: BudgetScheduler) -> list[str]:
    found = []
    while (request := scheduler.next_request()) is not None:
        found.append(f"{request.url.rsplit('/', 1)[1]} by {request.meta[EXIT][0]}")
        assert request.meta["download_slot"] == f"{request.meta[SERVICE]}|{request.meta[EXIT]}"
    return found


def test_exits_take_turns(scheduler: BudgetScheduler) -> None:
    put(scheduler, *"123456")
    assert ways(scheduler) == ["1 by a", "2 by b", "3 by a", "4 by b", "5 by a", "6 by b"]


def test_what_finds_out_about_an_exit_goes_by_that_one(scheduler: BudgetScheduler) -> None:
    put(scheduler, *"12", meta={ONLY_BY: B})
    put(scheduler, "3", meta={AVOID: (A,)})
    assert ways(scheduler) == ["1 by b", "2 by b", "3 by b"]


def test_what_fails_is_asked_by_another_exit(scheduler: BudgetScheduler, clock: Clock) -> None:
    put(scheduler, "1")
    request = scheduler.next_request()
    assert request is not None
    scheduler.done(request)
    request.meta["retry_times"] = 1
    scheduler.enqueue_request(request)
    clock.now += 10
    assert (request.meta[AVOID], ways(scheduler)) == ((A,), ["1 by b"])


def test_the_whole_crawl_has_a_ceiling(scheduler: BudgetScheduler, clock: Clock) -> None:
    scheduler.pace = Pace(60)
    put(scheduler, *"123")
    went = []
    for _ in range(5):
        went += [f"{each} at {clock.now - START:.0f}" for each in ways(scheduler)]
        clock.go_to(min(clock.next_ring, clock.now + 1))
    assert went == ["1 by a at 0", "2 by b at 1", "3 by a at 2"]


def test_two_exits_with_one_address_share_all_budgets(scheduler: BudgetScheduler) -> None:
    scheduler.hear_source(A, "192.0.2.7")
    scheduler.hear_source(B, "somebody")
    queues = scheduler.queues.values()
    assert not any(queue.lanes.of(A) is queue.lanes.of(B) for queue in queues)
    scheduler.hear_source(B, "192.0.2.7")
    assert all(queue.lanes.of(A) is queue.lanes.of(B) for queue in queues)


def test_a_dead_exit_is_waited_for_and_given_up_once(clock: Clock) -> None:
    given_up: list[float] = []
    exits = Exits(read_proxies(A), patience_seconds=30)
    scheduler = scheduler_of(clock, [], exits=exits)
    scheduler._give_up = lambda: given_up.append(clock.now - START)
    put(scheduler, "1")
    while clock.now < START + 100:
        request = scheduler.next_request()
        if request is not None:
            scheduler.give_back(request)
            exits.mark_dead(A, clock.now, sent=clock.now)
            scheduler.enqueue_request(request)
            scheduler.next_request()
        assert clock.next_ring > clock.now, "somebody wakes the engine"
        clock.go_to(min(clock.next_ring, clock.now + 1))
    assert given_up == [pytest.approx(30, abs=1)]
    assert scheduler.has_pending_requests()


def test_what_was_handed_to_a_session_is_counted_after_it_is_over(clock: Clock) -> None:
    names = iter("xyz")
    exits = Exits(
        read_proxies("http://u-{session}@g:1"), session_requests=2, new_session=lambda: next(names)
    )
    scheduler = scheduler_of(clock, [], exits=exits)
    exits.mark_good("g:1.1", START, sent=START)
    scheduler.queues["hub"].lanes.of("g:1.1").heard(None)  # type: ignore[index]
    put(scheduler, *"123")
    first, second, third = (scheduler.next_request() for _ in range(3))
    assert [each and each.meta[EXIT] for each in (first, second, third)] == [
        *("g:1.1", "g:1.1"),
        "g:1.2",
    ]
    for each in (first, second, third):
        budget: Any = scheduler.taken_from(each)  # type: ignore[arg-type]
        budget.answered(None)
        scheduler.done(each)  # type: ignore[arg-type]
    assert all(queue.lanes.in_flight == 0 for queue in scheduler.queues.values())
    assert exits.names == ["g:1.2"]
    assert not exits.is_known("g:1.1")


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_with_an_account_pulls_are_the_accounts(is_signed_in: bool) -> None:
    settings = {
        "DOCKERHUB_HUB_URL": "https://hub.example",
        "DOCKERHUB_REGISTRY_URL": "https://registry.example",
        "DOCKERHUB_AUTH_URL": "https://auth.example",
        "DOCKERHUB_PROXIES": f"{A},{B}",
        "DOCKERHUB_PROXY_SESSION_REQUESTS": "80",
        "DOCKERHUB_PROXY_PATIENCE": "600",
        "ROTATING_PROXY_BACKOFF_BASE": 5,
        "ROTATING_PROXY_BACKOFF_CAP": 300,
    }
    crawler = get_crawler(settings_dict=settings)
    crawler.stats.set_value(SIGNED_IN, int(is_signed_in))
    scheduler = BudgetScheduler.from_crawler(crawler)
    assert scheduler.exits.names == [A, B]
    pulls, hub = (scheduler.queues[name].lanes for name in ("pulls", "hub"))  # type: ignore[index]
    assert isinstance(pulls.of(A), PullBudget)
    assert (pulls.of(A) is pulls.of(B)) is is_signed_in
    assert hub.of(A) is not hub.of(B)
