"""What each answer of the registry does to the budget of pulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError
from scrapy.http import Response

from dockerhub.limits.budget import NEVER
from dockerhub.meta import REDIRECTED, SERVICE
from dockerhub.middlewares.budgets import BudgetsMiddleware
from dockerhub.outcome import PULLS
from tests.middlewares.registry import blob, manifest, names

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.limits.pulls import PullBudget
    from tests.clock import Clock

LEFT = {"RateLimit-Limit": "100;w=3600", "RateLimit-Remaining": "70;w=3600"}
OF_2026 = {"X-RateLimit-Limit": "100; w=3600", "X-RateLimit-Remaining": "70; w=3600"}


@pytest.fixture
def middleware(crawler: Crawler, clock: Clock) -> BudgetsMiddleware:
    return BudgetsMiddleware.from_crawler(crawler)


@pytest.fixture
def pulls(crawler: Crawler) -> PullBudget:
    scheduler: Any = crawler.engine.scheduler
    budget: PullBudget = scheduler.queues["pulls"].budget
    return budget


def sent(crawler: Crawler, middleware: BudgetsMiddleware, request: Request) -> Request:
    """Return *request*, handed out and gone."""
    scheduler: Any = crawler.engine.scheduler
    assert scheduler.enqueue_request(request)
    assert scheduler.next_request() is request
    middleware.process_request(request)
    return request


def answered(
    crawler: Crawler,
    middleware: BudgetsMiddleware,
    request: Request,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> None:
    gone = sent(crawler, middleware, request)
    middleware.process_response(gone, Response(gone.url, status, headers=headers or {}))
    assert SERVICE not in gone.meta


@pytest.mark.parametrize("headers", [LEFT, OF_2026], ids=["documented", "of 2026"])
def test_a_pull_shows_how_many_are_left(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, headers: dict[str, str]
) -> None:
    answered(crawler, middleware, manifest(), headers=headers)
    assert pulls.left()[:2] == (70 - 20, 100)  # type: ignore[index]
    assert (pulls.in_flight, pulls.has_heard) == (0, True)
    assert crawler.stats.get_value(PULLS) == 1
    assert crawler.stats.get_value("dockerhub/requests/pulls") == 1


def test_a_head_shows_it_too_and_is_none(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget
) -> None:
    answered(crawler, middleware, manifest(method="HEAD"), headers=LEFT)
    assert pulls.left()[:2] == (50, 100)  # type: ignore[index]
    assert crawler.stats.get_value(PULLS) is None
    assert crawler.stats.get_value("dockerhub/requests/registry") == 1


def test_what_a_middleware_asks_for_by_itself_shows_it_too(
    middleware: BudgetsMiddleware, pulls: PullBudget
) -> None:
    request = manifest(method="HEAD")
    middleware.process_request(request)
    middleware.process_response(request, Response(request.url, headers=LEFT))
    assert pulls.has_heard


@pytest.mark.parametrize("request_for", [names(), blob()], ids=["names", "blob"])
def test_nothing_else_shows_it(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, request_for: Request
) -> None:
    answered(crawler, middleware, request_for.copy(), headers=LEFT)
    assert (pulls.has_heard, pulls.left()) == (False, None)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_head_that_tells_no_limit_changes_nothing(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, status: int
) -> None:
    answered(crawler, middleware, manifest(method="HEAD"), status)
    assert not pulls.has_heard


@pytest.mark.parametrize(
    ("status", "has_heard"), [(200, True), (404, True), (401, False), (429, False), (500, False)]
)
def test_that_there_is_no_limit_is_believed_of_data_alone(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, status: int, has_heard: bool
) -> None:
    answered(crawler, middleware, manifest(), status)
    assert (pulls.in_flight, pulls.has_heard) == (0, has_heard)
    assert crawler.stats.get_value(PULLS, 0) == (status == 200)


def test_a_pull_without_an_answer_may_have_been_counted(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget
) -> None:
    answered(crawler, middleware, manifest(), headers=LEFT)
    gone = sent(crawler, middleware, manifest(n=1))
    middleware.process_exception(gone, OSError("reset"))
    assert (pulls.left()[0], pulls.in_flight) == (49, 0)  # type: ignore[index]
    assert crawler.stats.get_value(PULLS) == 2


AWAY = [CannotResolveHostError("x"), DownloadConnectionRefusedError("x")]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_who_could_not_be_connected_to_has_counted_nothing(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, error: Exception
) -> None:
    answered(crawler, middleware, manifest(), headers=LEFT)
    gone = sent(crawler, middleware, manifest(n=1))
    middleware.process_exception(gone, error)
    assert (pulls.left()[0], pulls.in_flight) == (50, 0)  # type: ignore[index]


def test_the_first_pull_goes_alone_until_it_tells(
    crawler: Crawler, middleware: BudgetsMiddleware, pulls: PullBudget, clock: Clock
) -> None:
    gone = sent(crawler, middleware, manifest())
    assert pulls.opens_at(clock.now) == NEVER
    middleware.process_response(gone, Response(gone.url, headers=LEFT))
    assert pulls.opens_at(clock.now) == clock.now


def test_a_blob_from_elsewhere_is_in_the_budget_of_the_storage(
    crawler: Crawler, middleware: BudgetsMiddleware
) -> None:
    request = Request("https://cdn.example/x", meta={REDIRECTED: blob().url})
    answered(crawler, middleware, request)
    scheduler: Any = crawler.engine.scheduler
    assert [queue.budget.in_flight for queue in scheduler.queues.values()] == [0] * 4
    assert crawler.stats.get_value("dockerhub/requests/cdn") == 1
