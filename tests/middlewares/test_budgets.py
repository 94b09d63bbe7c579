from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import Response

from dockerhub.meta import BARE, SENT, SERVICE
from dockerhub.middlewares.budgets import BudgetsMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget

URL = "http://127.0.0.1:9/v2/x"


@pytest.fixture
def middleware(crawler: Crawler) -> BudgetsMiddleware:
    return BudgetsMiddleware.from_crawler(crawler)


@pytest.fixture
def budget(crawler: Crawler) -> Budget:
    scheduler: Any = crawler.engine.scheduler
    return scheduler.queues["hub"].budget


@pytest.fixture
def sent(crawler: Crawler, middleware: BudgetsMiddleware) -> Request:
    """A request that was handed out and went."""
    scheduler: Any = crawler.engine.scheduler
    assert scheduler.enqueue_request(Request(URL))
    request = scheduler.next_request()
    middleware.process_request(request)
    return request


def limits(remaining: int, reset: float) -> dict[str, str]:
    numbers = {"Limit": 180, "Remaining": remaining, "Reset": round(reset)}
    return {f"X-RateLimit-{word}": str(number) for word, number in numbers.items()}


def test_a_request_that_goes_is_counted(sent: Request, budget: Budget, crawler: Crawler) -> None:
    assert time.time() - sent.meta[SENT] < 1
    assert budget.in_flight == 1
    assert crawler.stats.get_value("dockerhub/requests/hub") == 1


def test_an_answer_shows_the_limit(
    sent: Request, budget: Budget, middleware: BudgetsMiddleware
) -> None:
    reset = time.time() + 40
    response = Response(URL, headers=limits(170, reset))
    assert middleware.process_response(sent, response) is response
    left, limit, resets_at = budget.left() or (0, 0, 0)
    assert (left, limit, budget.in_flight) == (170, 180, 0)
    assert resets_at == pytest.approx(reset + 1, abs=1)


@pytest.mark.parametrize("status", [200, 404, 429, 500])
def test_every_answer_counts(
    sent: Request, budget: Budget, middleware: BudgetsMiddleware, status: int
) -> None:
    middleware.process_response(sent, Response(URL, status))
    assert (budget.in_flight, budget.left()) == (0, None)
    # Its answer is counted; if it is repeated it is handed out anew.
    assert SERVICE not in sent.meta


def test_an_answer_counts_once(
    sent: Request, budget: Budget, middleware: BudgetsMiddleware
) -> None:
    for _ in range(2):
        middleware.process_response(sent, Response(URL))
        middleware.process_exception(sent, OSError())
    assert budget.in_flight == 0


def test_a_failure_counts(sent: Request, budget: Budget, middleware: BudgetsMiddleware) -> None:
    budget.heard(None)
    middleware.process_exception(sent, OSError("connection reset"))
    assert budget.in_flight == 0
    assert SERVICE not in sent.meta


def test_the_clock_of_the_server_is_learnt(
    sent: Request, budget: Budget, middleware: BudgetsMiddleware
) -> None:
    date = formatdate(time.time() + 100, usegmt=True)
    middleware.process_response(sent, Response(URL, headers={"Date": date}))
    assert budget.clock.offset() == pytest.approx(100, abs=2)


def test_a_sign_in_is_in_no_budget(
    crawler: Crawler, budget: Budget, middleware: BudgetsMiddleware
) -> None:
    request = Request(URL, meta={BARE: True})
    middleware.process_request(request)
    response = Response(URL, headers=limits(3, time.time() + 40))
    assert middleware.process_response(request, response) is response
    middleware.process_exception(request, OSError())
    assert (budget.in_flight, budget.left()) == (0, None)
    assert crawler.stats.get_value("dockerhub/requests/hub") is None
