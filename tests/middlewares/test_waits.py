"""429 that says how long, or comes alone: the budget closes, and the request goes back."""

from __future__ import annotations

import logging
import math
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.meta import KNOWN, PROBED, SENT
from tests.middlewares.exchanges import LIST, NOW, REDIS, answer, asked, good, known, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.clock import Clock
    from tests.middlewares.exchanges import Closing

FORMS: list[Any] = [
    pytest.param(lambda _: {"Retry_After": "40"}, 40, id="seconds"),
    pytest.param(lambda now: {"Retry_After": formatdate(now + 40, usegmt=True)}, 40, id="date"),
    pytest.param(lambda now: {"Retry_After": str(math.ceil(now + 40))}, 40, id="epoch"),
    pytest.param(lambda now: {"X_Retry_After": str(math.ceil(now + 40))}, 40, id="X-Retry-After"),
    pytest.param(
        lambda now: {
            "X_RateLimit_Limit": "180",
            "X_RateLimit_Remaining": "0",
            "X_RateLimit_Reset": str(math.ceil(now + 40)),
        },
        40,
        id="reset",
    ),
    pytest.param(lambda _: {"Retry_After": "0"}, 1, id="no wait"),
    pytest.param(lambda _: {"Retry_After": "86400"}, 900, id="a day"),
    pytest.param(lambda _: {"Retry_After": "soon"}, 30, id="unreadable"),
    pytest.param(lambda _: {}, 30, id="silent"),
]


@pytest.mark.parametrize(("headers", "seconds"), FORMS)
def test_429_closes_the_budget_and_uses_no_retry(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler, seconds: float,
    headers: Callable[[float], dict[str, str]], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    request = Request(LIST, meta={"retry_times": 3}, cb_kwargs={"walk": 1}, priority=20)
    with caplog.at_level(logging.INFO):
        again = outcome(middleware, request, answer(429, b"", **headers(NOW)))
    assert budget.opens_at(NOW) == NOW + seconds
    assert isinstance(again, Request)
    assert (again.url, again.priority, again.cb_kwargs) == (LIST, 20, {"walk": 1})
    assert again.meta == {"retry_times": 3}
    assert again.dont_filter
    assert crawler.stats.get_value("dockerhub/no/slow down") == 1
    assert crawler.stats.get_value("retry/count") is None
    assert caplog.messages == [f"Docker Hub asks to slow down: waiting {seconds} s"]


def test_429s_under_way_together_are_one_wait(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with caplog.at_level(logging.INFO):
        for _ in range(16):
            outcome(middleware, asked(), answer(429, b"", Retry_After="0"))
    assert budget.opens_at(NOW) == NOW + 1
    assert caplog.messages == ["Docker Hub asks to slow down: waiting 1 s"]
    assert crawler.stats.get_value("dockerhub/no/slow down") == 16


def test_429_that_says_how_long_is_never_refused(
    middleware: AnswersMiddleware, budget: Budget, closing: Closing, crawler: Crawler
) -> None:
    request: Any = asked()
    for _ in range(50):
        request = outcome(middleware, request, answer(429, b"", Retry_After="1"))
    assert "retry_times" not in request.meta
    assert closing.reasons == []
    assert crawler.stats.get_value("dockerhub/no/slow down") == 50
    assert crawler.stats.get_value("dockerhub/breaker/abuse") is None


def test_429s_in_a_row_of_waits_double_until_an_answer(
    middleware: AnswersMiddleware, budget: Budget, clock: Clock
) -> None:
    waits = []
    for _ in range(4):
        outcome(middleware, asked(), answer(429, b"", Retry_After="0"))
        waits.append(budget.opens_at(clock.now) - clock.now)
        clock.go_to(budget.opens_at(clock.now))
    assert waits == [1, 2, 4, 8]
    budget.went_well()
    outcome(middleware, asked(), answer(429, b"", Retry_After="0"))
    assert budget.opens_at(clock.now) - clock.now == 1


def test_a_server_whose_clock_is_ahead_is_waited_for_as_long_as_it_means(
    middleware: AnswersMiddleware, budget: Budget
) -> None:
    budget.clock.heard(NOW + 500, NOW, NOW)
    header = formatdate(NOW + 500 + 40, usegmt=True)
    outcome(middleware, asked(), answer(429, b"", Retry_After=header))
    assert budget.opens_at(NOW) - NOW == pytest.approx(40, abs=1)


def test_a_known_repository_stays_known_while_it_waits(
    middleware: AnswersMiddleware, budget: Budget
) -> None:
    again = outcome(middleware, known(), answer(429, b"", Retry_After="1"))
    assert again.meta == {KNOWN: True, SENT: NOW}
    assert PROBED in outcome(middleware, again, answer(404)).meta


def test_a_429_now_and_then_that_does_not_say_how_long_is_a_wait(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler, closing: Closing
) -> None:
    for _ in range(5):
        outcome(middleware, asked(), answer(429, b""))
        outcome(middleware, asked(), answer(429, b""))
        outcome(middleware, asked(REDIS), good(REDIS))
    assert crawler.stats.get_value("dockerhub/no/slow down") == 10
    assert crawler.stats.get_value("dockerhub/no/abuse") is None
    assert closing.reasons == []
