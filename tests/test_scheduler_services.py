"""What each service has of its own in the scheduler, and what waits for a token."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from dockerhub import scheduler as scheduler_module
from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.limits.pulls import PullBudget
from dockerhub.meta import BACKED_OFF, NOT_BEFORE, REDIRECTED, REPOSITORY, SERVICE
from dockerhub.scheduler import MOST_WAITING, BudgetScheduler
from dockerhub.services import Service
from tests.clock import START, Clock
from tests.scheduling import HUB, OTHER, put, scheduler_of, taken

MANIFEST = "v2/bitnami/redis/manifests/"
REDIS, NGINX = {REPOSITORY: "bitnami/redis"}, {REPOSITORY: "bitnami/nginx"}


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


def in_flight(scheduler: BudgetScheduler) -> dict[Service, int]:
    queues = scheduler.queues.items()
    return {service: queue.budget.in_flight for service, queue in queues if queue.budget.in_flight}


@pytest.mark.parametrize(
    ("request_for", "service"),
    [
        pytest.param(Request(f"{HUB}/v2/x"), "hub", id="hub"),
        pytest.param(Request(f"{OTHER}/v2/a/b/tags/list"), "registry", id="names of tags"),
        pytest.param(Request(f"{OTHER}/{MANIFEST}1", method="HEAD"), "registry", id="HEAD"),
        pytest.param(Request(f"{OTHER}/{MANIFEST}1"), "pulls", id="pull"),
        pytest.param(Request(f"{OTHER}/v2/a/b/blobs/1"), "registry", id="blob"),
        pytest.param(
            Request("https://cdn.example/x", meta={REDIRECTED: "x"}), "cdn", id="redirected blob"
        ),
    ],
)
def test_each_service_has_its_queue_its_budget_and_its_slot(
    scheduler: BudgetScheduler, request_for: Request, service: str
) -> None:
    for name in scheduler.queues:
        if name != service:
            scheduler.queues[name].budget.hold()
    assert scheduler.enqueue_request(request_for)
    assert scheduler.next_request() is request_for
    assert request_for.meta[SERVICE] == service
    assert request_for.meta["download_slot"] == f"{service}|direct"
    assert in_flight(scheduler) == {service: 1}
    scheduler.give_back(request_for)
    assert in_flight(scheduler) == {}


def test_a_redirect_to_plain_http_goes_to_no_service(scheduler: BudgetScheduler) -> None:
    assert not scheduler.enqueue_request(
        Request("http://cdn.example/x", meta={REDIRECTED: "https://registry.example/x"})
    )
    assert not scheduler.has_pending_requests()


def test_pulls_that_are_spent_hold_nothing_else(clock: Clock, woken: list[float]) -> None:
    scheduler = scheduler_of(clock, woken, reserve=20, waits=True)
    scheduler.queues["pulls"].budget.heard(PullLimit(100, 20, 3600), START)
    put(scheduler, f"{MANIFEST}pull", origin=OTHER, priority=99)
    put(scheduler, f"{MANIFEST}head", origin=OTHER, method="HEAD")
    put(scheduler, "page")
    assert taken(scheduler) == ["page", "head"]
    assert scheduler.has_pending_requests()
    assert clock.next_ring == START + 3600 / 8  # a HEAD finds out; nothing of ours tells when
    clock.go_to(clock.next_ring)
    assert (woken, taken(scheduler)) == ([clock.now], ["pull"])


def test_who_does_not_wait_is_handed_the_pulls_to_refuse_them(
    clock: Clock, woken: list[float]
) -> None:
    scheduler = scheduler_of(clock, woken, reserve=20)
    scheduler.queues["pulls"].budget.heard(PullLimit(100, 20, 3600), START)
    put(scheduler, *[f"{MANIFEST}{name}" for name in "abc"], origin=OTHER)
    assert taken(scheduler) == ["a", "b", "c"]


def test_what_waits_for_a_token_is_kept_back(scheduler: BudgetScheduler) -> None:
    scheduler.park("bitnami/redis")
    put(scheduler, f"{MANIFEST}a", f"{MANIFEST}b", origin=OTHER, meta=REDIS)
    put(scheduler, f"{MANIFEST}c", origin=OTHER, meta=NGINX)
    put(scheduler, "page")
    assert taken(scheduler) == ["page", "c"]
    assert (scheduler.has_pending_requests(), scheduler.waiting_count) == (True, 2)
    scheduler.unpark("bitnami/redis")
    assert scheduler.waiting_count == 2
    assert taken(scheduler) == ["a", "b"]
    assert (scheduler.has_pending_requests(), scheduler.waiting_count) == (False, 0)


def test_what_was_queued_before_is_kept_back_too_and_in_no_budget(
    scheduler: BudgetScheduler,
) -> None:
    put(scheduler, *[f"{MANIFEST}{name}" for name in "abc"], origin=OTHER, meta=REDIS)
    put(scheduler, "v2/bitnami/redis/tags/list", origin=OTHER, meta=REDIS)
    put(scheduler, f"{MANIFEST}d", origin=OTHER, meta=NGINX)
    scheduler.park("bitnami/redis")
    assert taken(scheduler) == ["d"]
    assert (in_flight(scheduler), scheduler.waiting_count) == ({"pulls": 1}, 4)
    scheduler.unpark("bitnami/redis")
    assert taken(scheduler) == ["list", "a", "b", "c"]


def test_priorities_are_kept_while_it_waits(scheduler: BudgetScheduler) -> None:
    scheduler.park("bitnami/redis")
    put(scheduler, f"{MANIFEST}low", origin=OTHER, meta=REDIS)
    put(scheduler, f"{MANIFEST}high", origin=OTHER, meta=REDIS, priority=9)
    scheduler.unpark("bitnami/redis")
    assert taken(scheduler) == ["high", "low"]


def test_a_pause_is_not_cut_short_by_a_token(scheduler: BudgetScheduler, clock: Clock) -> None:
    scheduler.park("bitnami/redis")
    put(scheduler, f"{MANIFEST}a", origin=OTHER, meta=REDIS, not_before=START + 9)
    scheduler.unpark("bitnami/redis")
    assert (taken(scheduler), clock.next_ring) == ([], START + 9)
    clock.go_to(START + 9)
    assert taken(scheduler) == ["a"]


def test_a_repetition_that_waits_for_a_token_has_one_pause(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    scheduler.park("bitnami/redis")
    request = Request(f"{OTHER}/{MANIFEST}a", meta={**REDIS, "retry_times": 1})
    assert scheduler.enqueue_request(request)
    pause = request.meta[NOT_BEFORE]
    assert START + 1 <= pause <= START + 2
    clock.go_to(pause - 0.1)
    scheduler.unpark("bitnami/redis")
    assert taken(scheduler) == []
    assert (clock.next_ring, request.meta[BACKED_OFF]) == (pause, 1)


def test_a_blob_that_is_elsewhere_waits_for_no_token(scheduler: BudgetScheduler) -> None:
    scheduler.park("bitnami/redis")
    put(scheduler, "blob", origin="https://cdn.example", meta={**REDIS, REDIRECTED: "x"})
    assert taken(scheduler) == ["blob"]


def test_letting_go_what_is_not_kept_back_does_nothing(scheduler: BudgetScheduler) -> None:
    scheduler.unpark("bitnami/redis")
    put(scheduler, f"{MANIFEST}a", origin=OTHER, meta=REDIS)
    assert taken(scheduler) == ["a"]


def test_all_that_waits_is_counted(scheduler: BudgetScheduler) -> None:
    put(scheduler, "a", "b")
    put(scheduler, f"{MANIFEST}a", origin=OTHER)
    put(scheduler, "later", not_before=START + 9)
    scheduler.park("bitnami/redis")
    put(scheduler, f"{MANIFEST}b", origin=OTHER, meta=REDIS)
    assert scheduler.waiting_count == 5
    taken(scheduler)
    assert scheduler.waiting_count == 2


def test_a_budget_that_hears_nothing_sets_no_timer(
    scheduler: BudgetScheduler, clock: Clock
) -> None:
    scheduler.park("bitnami/redis")
    put(scheduler, f"{MANIFEST}a", origin=OTHER, meta=REDIS)
    assert (taken(scheduler), clock.next_ring) == ([], NEVER)


SETTINGS = {
    "DOCKERHUB_HUB_URL": "http://127.0.0.1:8080/",
    "DOCKERHUB_REGISTRY_URL": "http://127.0.0.1:5000",
    "DOCKERHUB_AUTH_URL": "http://127.0.0.1:5001",
    "DOCKERHUB_HUB_RATE": "60",
    "DOCKERHUB_REGISTRY_RATE": "600",
    "DOCKERHUB_PULL_RESERVE": "7",
    "DOCKERHUB_PULL_WAIT": "true",
}


def test_it_is_built_from_the_settings() -> None:
    scheduler = BudgetScheduler.from_crawler(get_crawler(settings_dict=SETTINGS))
    assert scheduler.service_of(Request("http://127.0.0.1:8080/v2/x")) is Service.HUB
    assert scheduler.service_of(Request("http://127.0.0.1:5000/v2/")) is Service.REGISTRY
    assert scheduler.service_of(Request("http://127.0.0.1:5001/token")) is None
    assert list(scheduler.queues) == list(Service)
    for service, spacing in (("hub", 1), ("registry", 0.1), ("cdn", 0)):
        budget: Any = scheduler.queues[service].budget
        assert isinstance(budget, Budget)
        budget.take(START)
        budget.answered(None)
        assert budget.opens_at(START) == pytest.approx(START + spacing)


@pytest.mark.parametrize(("text", "waits"), [("true", True), ("false", False), ("0", False)])
def test_the_budget_of_pulls_is_built_from_the_settings(text: str, waits: bool) -> None:
    settings = SETTINGS | {"DOCKERHUB_PULL_WAIT": text}
    scheduler = BudgetScheduler.from_crawler(get_crawler(settings_dict=settings))
    budget = scheduler.queues["pulls"].budget
    assert isinstance(budget, PullBudget)
    assert budget.waits is waits
    budget.heard(PullLimit(100, 8, 3600), START)
    assert not budget.is_spent(START)
    budget.heard(PullLimit(100, 7, 3600), START)
    assert budget.is_spent(START)


def test_hub_is_asked_for_nothing_more_while_the_registry_has_enough_to_do(
    clock: Clock, woken: list[float]
) -> None:
    scheduler = scheduler_of(clock, woken, rate=0)
    put(scheduler, "page")
    put(scheduler, *[f"v2/a/b/blobs/{n}" for n in range(MOST_WAITING + 2)], origin=OTHER)

    first = [scheduler.next_request() for _ in range(2)]
    assert [request and request.meta[SERVICE] for request in first] == ["registry", "registry"]
    # Enough of them are gone.
    third = scheduler.next_request()
    assert third is not None
    assert third.meta[SERVICE] == "hub"


def test_a_registry_that_can_do_nothing_holds_nobody_back(clock: Clock, woken: list[float]) -> None:
    scheduler = scheduler_of(clock, woken, rate=0)
    scheduler.queues[Service.REGISTRY].budget.close_until(clock.now + 600)
    put(scheduler, "page")
    put(scheduler, *[f"v2/a/b/blobs/{n}" for n in range(MOST_WAITING + 2)], origin=OTHER)
    assert taken(scheduler) == ["page"]


def test_what_waits_for_a_token_or_a_probe_is_enough_to_do(
    clock: Clock, woken: list[float]
) -> None:
    scheduler = scheduler_of(clock, woken, rate=0)
    put(scheduler, "page")
    scheduler.park("bitnami/redis")
    many = [f"{MANIFEST}{n}" for n in range(MOST_WAITING + 1)]
    put(scheduler, *many, origin=OTHER, meta=REDIS)
    assert taken(scheduler) == []
    scheduler.queues[Service.PULLS].budget.hold()
    scheduler.unpark("bitnami/redis")
    assert taken(scheduler) == []
    scheduler.queues[Service.PULLS].budget.release()
    assert len(taken(scheduler)) == MOST_WAITING + 2


def test_an_address_that_was_given_for_a_while_goes_first(scheduler: BudgetScheduler) -> None:
    put(scheduler, f"{MANIFEST}a", origin=OTHER, priority=99)
    put(scheduler, "v2/a/b/blobs/b", origin=OTHER)
    put(scheduler, "blob", origin="https://cdn.example", meta={REDIRECTED: "x"})
    assert taken(scheduler) == ["blob", "b", "a"]
