"""Pages of the guard against robots: three in a row end the crawl."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.kinds import Kind
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import HTML, REDIS, TAGS, answer, asked, good, outcomes

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

FAILURE = (
    "Docker Hub: expected answers of its API, got HTTP 403 pages of its guard against"
    " robots, 3 in a row; try later, or from another network"
)


def pages(count: int) -> list[tuple[Request, Response]]:
    return [(asked(), answer(403, HTML)) for _ in range(count)]


def test_a_guard_against_robots_ends_the_crawl_at_its_third_page_in_a_row(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    found = outcomes(middleware, *pages(2))
    assert [each.meta["retry_times"] for each in found] == [1, 1]
    assert (closing.reasons, crawler.stats.get_value(FAILURES)) == ([], None)
    with caplog.at_level(logging.INFO):
        refused = outcomes(middleware, *pages(5))
    assert [(each.kind, each.status, each.detail) for each in refused] == [
        (Kind.BOT_GUARD, 403, "HTTP 403 <html>no</html>")
    ] * 5
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value(FAILURES) == [FAILURE]
    assert caplog.messages == [FAILURE]


def test_sixteen_pages_under_way_together_end_it_once(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing
) -> None:
    found = outcomes(middleware, *pages(16))
    assert sum(isinstance(each, Request) for each in found) == 2
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value("dockerhub/no/broken") == 2
    assert crawler.stats.get_value("dockerhub/no/bot guard") == 14
    assert crawler.stats.get_value("dockerhub/breaker/bot guard") == 1
    assert crawler.stats.get_value(FAILURES) == [FAILURE]


def test_one_request_alone_meets_the_guard_three_times(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    request: Any = asked()
    for _ in range(2):
        [request] = outcomes(middleware, (request, answer(403, HTML)))
    [refusal] = outcomes(middleware, (request, answer(403, HTML)))
    assert refusal.kind is Kind.BOT_GUARD
    assert closing.reasons == ["bot_guard"]


BETWEEN = [
    pytest.param(asked(), good(), id="data"),
    pytest.param(asked(REDIS), good(REDIS), id="data of another endpoint"),
    pytest.param(asked(), answer(500, b""), id="broken"),
    pytest.param(asked(), answer(429, b""), id="slow down"),
    pytest.param(asked(), answer(404), id="not there"),
    pytest.param(asked(), answer(403), id="forbidden"),
]


@pytest.mark.parametrize(("request_between", "between"), BETWEEN)
def test_a_guard_now_and_then_ends_nothing(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, closing: Closing,
    request_between: Request, between: Response,
) -> None:  # fmt: skip
    for _ in range(5):
        outcomes(middleware, *pages(2), (request_between, between))
    assert (closing.reasons, crawler.stats.get_value(FAILURES)) == ([], None)
    assert crawler.stats.get_value("dockerhub/no/bot guard") is None


@pytest.mark.parametrize("error", [OSError("reset"), TimeoutError()], ids=repr)
def test_no_answer_between_does_not_end_the_row(
    middleware: AnswersMiddleware, closing: Closing, error: Exception
) -> None:
    outcomes(middleware, *pages(2), (asked(), error), *pages(1))
    assert closing.reasons == ["bot_guard"]


def test_pages_of_all_endpoints_are_one_row(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    outcomes(middleware, *[(asked(url), answer(403, HTML)) for url in (TAGS, REDIS, TAGS)])
    assert closing.reasons == ["bot_guard"]


def test_what_comes_after_the_end_is_not_told_as_another(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, budget: Budget,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    outcomes(middleware, *pages(3))
    caplog.clear()
    with caplog.at_level(logging.INFO):
        outcomes(middleware, (asked(), good()), *pages(3), (asked(), good()))
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value("dockerhub/breaker/bot guard") == 1
    # Shut for the rest of the crawl: data that was under way does not open it.
    assert caplog.messages == []


def test_the_end_during_a_rest_is_not_followed_by_news_of_answers(
    middleware: AnswersMiddleware, closing: Closing, budget: Budget,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    silences = [(asked(), answer(429, b"")) for _ in range(3)]
    outcomes(middleware, *silences, *pages(3))
    assert closing.reasons == ["bot_guard"]
    caplog.clear()
    with caplog.at_level(logging.INFO):
        outcomes(middleware, (asked(), good()))
    assert caplog.messages == []
