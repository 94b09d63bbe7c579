"""Endpoints that are removed: struck at once by a 410, or by three answers without data."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.endpoints import old_form
from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, SERVICE
from tests.middlewares.exchanges import (
    LIST,
    NGINX,
    REDIS,
    TAGS,
    URLS,
    answer,
    asked,
    good,
    known,
    outcome,
    outcomes,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

REMOVED = "Docker Hub has removed"
OLD_TAGS = old_form(TAGS) or ""
EMPTY = pytest.param(answer(200, b""), id="empty")
LACKING = pytest.param(answer(200, b'{"message":"gone"}'), id="without results")


def handed_out(crawler: Crawler, url: str) -> Request:
    """Return a request that is counted as under way."""
    scheduler: Any = crawler.engine.scheduler
    assert scheduler.enqueue_request(Request(url))
    request: Request = scheduler.next_request()
    assert request.meta[SERVICE] == "hub"
    return request


def test_a_410_strikes_its_endpoint_and_is_told_once(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    gone = answer(410, b"gone")
    with caplog.at_level(logging.INFO):
        found = outcomes(middleware, *[(asked(TAGS), gone) for _ in range(16)])
    assert [(each.kind, each.status, each.detail) for each in found] == [
        (Kind.REMOVED, 410, "HTTP 410 gone")
    ] * 16
    assert caplog.messages == [f"{REMOVED} lists of tags: not asked for any more"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert crawler.stats.get_value("dockerhub/no/removed endpoint") == 16
    assert crawler.stats.get_value("dockerhub/breaker/removed endpoint") == 1
    assert closing.reasons == []


@pytest.mark.parametrize("without", [EMPTY, LACKING])
def test_the_third_answer_without_data_strikes_its_endpoint(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, without: Response,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with caplog.at_level(logging.INFO):
        found = outcomes(middleware, *[(asked(LIST), without) for _ in range(16)])
    assert [each.meta["retry_times"] for each in found[:2]] == [1, 1]
    assert {(each.kind, each.status) for each in found[2:]} == {(Kind.REMOVED, 200)}
    assert caplog.messages == [f"{REMOVED} lists of repositories: not asked for any more"]
    assert crawler.stats.get_value("dockerhub/no/broken") == 2
    assert crawler.stats.get_value("dockerhub/no/removed endpoint") == 14
    assert crawler.stats.get_value("dockerhub/breaker/removed endpoint") == 1
    assert closing.reasons == []


def test_data_of_the_endpoint_between_strikes_nothing(
    middleware: AnswersMiddleware, crawler: Crawler
) -> None:
    for _ in range(5):
        outcomes(middleware, *[(asked(), answer(200, b"{}"))] * 2, (asked(), good()))
    assert crawler.stats.get_value("dockerhub/breaker/removed endpoint") is None
    assert middleware.process_request(asked()) is None


def test_one_request_alone_strikes_its_endpoint_at_its_third_try(
    middleware: AnswersMiddleware,
) -> None:
    request: Any = asked(TAGS)
    for _ in range(2):
        request = outcome(middleware, request, answer(200, b""))
    refusal = outcome(middleware, request, answer(200, b""))
    assert (refusal.kind, refusal.detail) == (Kind.REMOVED, "HTTP 200")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (LIST, "lists of repositories"),
        (REDIS, "repositories"),
        (TAGS, "lists of tags"),
        (f"{REDIS}/tags/7.2", "single tags"),
        (URLS.search("redis", 1, 100), "search"),
        (OLD_TAGS, "lists of tags in the old form of paths"),
    ],
)
def test_a_struck_endpoint_is_not_asked_and_holds_no_budget(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, url: str, what: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    requests = [handed_out(crawler, url) for _ in range(16)]
    assert budget.in_flight == 16
    outcome(middleware, asked(url), answer(410))
    caplog.clear()
    before = dict(crawler.stats.get_stats())
    for request in requests:
        with pytest.raises(HubRefusal) as caught:
            middleware.process_request(request)
        error = caught.value
        assert (error.kind, error.status, error.detail) == (Kind.REMOVED, None, f"{REMOVED} {what}")
        # What is raised passes here too.
        assert middleware.process_exception(request, error) is None
        assert SERVICE not in request.meta
    assert budget.in_flight == 0
    # No answer came, and it is no news.
    assert (crawler.stats.get_stats(), caplog.messages) == (before, [])


def test_other_endpoints_are_asked_as_before(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget
) -> None:
    outcome(middleware, asked(TAGS), answer(410))
    for url in (OLD_TAGS, REDIS, LIST, f"{REDIS}/tags/7.2", URLS.search("redis", 1, 100)):
        assert middleware.process_request(handed_out(crawler, url)) is None
    assert budget.in_flight == 5


def test_the_old_form_is_struck_on_its_own(
    middleware: AnswersMiddleware, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes(middleware, (asked(TAGS), answer(410)), (asked(OLD_TAGS), answer(410)))
    assert caplog.messages == [
        f"{REMOVED} lists of tags: not asked for any more",
        f"{REMOVED} lists of tags in the old form of paths: not asked for any more",
    ]


def test_a_sign_in_is_asked_for_whatever_was_removed(middleware: AnswersMiddleware) -> None:
    outcomes(middleware, *[(asked(url), answer(410)) for url in (LIST, REDIS, TAGS)])
    for url in (URLS.token(), URLS.login()):
        assert middleware.process_request(Request(url, meta={BARE: True})) is None


def test_what_is_known_to_be_there_is_refused_like_any_other(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    found = outcomes(middleware, *[(known(url), answer(410)) for url in (REDIS, NGINX)])
    assert [each.kind for each in found] == [Kind.REMOVED] * 2
    assert closing.reasons == []


def test_data_that_comes_after_all_does_not_bring_an_endpoint_back(
    middleware: AnswersMiddleware,
) -> None:
    response = good(TAGS)
    outcome(middleware, asked(TAGS), answer(410))
    assert outcome(middleware, asked(TAGS), response) is response
    with pytest.raises(HubRefusal):
        middleware.process_request(asked(TAGS))
