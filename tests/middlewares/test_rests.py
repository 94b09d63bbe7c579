"""Three 429s in a row that do not say how long: the exit rests, and in the end for ever."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import SENT, SERVICE
from dockerhub.middlewares.budgets import BudgetsMiddleware
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import LIST, NOW, answer, asked, good, outcome, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.clock import Clock
    from tests.middlewares.exchanges import Closing

FAILURE = (
    "Docker Hub: expected an answer after long rests, got HTTP 429 that does not say how long;"
    " try later, or from another network"
)
BEGINS = "hub (direct): too many requests, it says; a rest of"


def silence(sent: float = NOW) -> tuple[Request, Any]:
    return asked(sent=sent), answer(429, b"")


def counted(crawler: Crawler) -> dict[str, Any]:
    """Return the statistics of kinds and breakers."""
    stats = crawler.stats.get_stats()
    return {key: stats[key] for key in stats if key.startswith(("dockerhub/no", "dockerhub/br"))}


def test_the_third_silence_in_a_row_is_a_rest(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with caplog.at_level(logging.INFO):
        outcomes(middleware, silence(), silence())
        assert budget.opens_at(NOW) == NOW + 30
        again = outcome(middleware, asked(retry_times=3), answer(429, b""))
    assert budget.opens_at(NOW) == NOW + 300
    assert (again.url, again.meta) == (LIST, {SENT: NOW, "retry_times": 3})
    assert again.dont_filter
    assert caplog.messages == [
        "Docker Hub asks to slow down: waiting 30 s",
        f"{BEGINS} 5 min 0 s",
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert counted(crawler) == {
        "dockerhub/no/slow down": 2,
        "dockerhub/no/abuse": 1,
        "dockerhub/breaker/abuse": 1,
    }


def test_sixteen_silences_under_way_together_are_one_rest(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler, closing: Closing,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with caplog.at_level(logging.WARNING):
        found = outcomes(middleware, *[silence() for _ in range(16)])
    assert [type(each) for each in found] == [Request] * 16
    assert {"retry_times" in each.meta for each in found} == {False}
    assert budget.opens_at(NOW) == NOW + 300
    assert caplog.messages == [f"{BEGINS} 5 min 0 s"]
    assert counted(crawler) == {
        "dockerhub/no/slow down": 2,
        "dockerhub/no/abuse": 14,
        "dockerhub/breaker/abuse": 1,
    }
    assert closing.reasons == []


def test_rests_double_three_times_and_then_the_crawl_ends(
    middleware: AnswersMiddleware, budget: Budget, clock: Clock, crawler: Crawler,
    closing: Closing, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    rests = []
    with caplog.at_level(logging.WARNING):
        outcomes(middleware, silence(), silence())
        for _ in range(3):
            found = outcome(middleware, *silence(clock.now))
            assert isinstance(found, Request)
            rests.append(budget.opens_at(clock.now) - clock.now)
            clock.go_to(budget.opens_at(clock.now))
        last = outcome(middleware, *silence(clock.now))
    assert rests == [300, 600, 900]
    assert (last.kind, last.status, last.detail) == (Kind.ABUSE, 429, "HTTP 429")
    assert closing.reasons == ["rate_limited"]
    assert crawler.stats.get_value(FAILURES) == [FAILURE]
    assert caplog.messages == [
        f"{BEGINS} 5 min 0 s",
        f"{BEGINS} 10 min 0 s",
        f"{BEGINS} 15 min 0 s",
        FAILURE,
    ]
    assert crawler.stats.get_value("dockerhub/breaker/abuse") == 4


def test_all_that_follow_the_last_rest_are_refused(
    middleware: AnswersMiddleware, budget: Budget, clock: Clock, closing: Closing
) -> None:
    outcomes(middleware, silence(), silence())
    for _ in range(3):
        outcome(middleware, *silence(clock.now))
        clock.go_to(budget.opens_at(clock.now))
    last = outcomes(middleware, *[silence(clock.now) for _ in range(3)])
    assert [getattr(each, "kind", None) for each in last] == [Kind.ABUSE] * 3


def test_the_length_of_the_first_rest_is_a_setting(
    middleware_with: Callable[..., AnswersMiddleware], budget: Budget
) -> None:
    middleware = middleware_with(DOCKERHUB_REST_SECONDS="40")
    outcomes(middleware, *[silence() for _ in range(3)])
    assert budget.opens_at(NOW) == NOW + 40


def test_data_after_a_rest_is_told_once_and_ends_the_doubling(
    middleware: AnswersMiddleware, budget: Budget, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes(middleware, *[silence() for _ in range(3)])
    clock.go_to(NOW + 300)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        response = good()
        assert outcome(middleware, asked(sent=clock.now), response) is response
        outcome(middleware, asked(sent=clock.now), good())
    assert caplog.messages == ["hub (direct) answers again"]
    outcomes(middleware, *[silence(clock.now) for _ in range(3)])
    assert budget.opens_at(clock.now) == clock.now + 300


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(answer(404), id="404"),
        pytest.param(answer(429, b"", Retry_After="5"), id="429 that says how long"),
        pytest.param(answer(500, b""), id="500"),
    ],
)
def test_an_answer_without_data_ends_the_row_and_not_the_doubling(
    middleware: AnswersMiddleware, budget: Budget, clock: Clock, caplog: pytest.LogCaptureFixture,
    between: Any,
) -> None:  # fmt: skip
    outcomes(middleware, *[silence() for _ in range(3)])
    clock.go_to(NOW + 300)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        others = [silence(clock.now) for _ in range(3)]
        outcomes(middleware, (asked(sent=clock.now), between), *others[:2])
        assert caplog.messages == []
        outcome(middleware, *others[2])
    assert caplog.messages == [f"{BEGINS} 10 min 0 s"]
    assert budget.opens_at(clock.now) == clock.now + 600


def test_data_that_was_under_way_when_the_rest_began_does_not_end_it(
    middleware: AnswersMiddleware, budget: Budget, crawler: Crawler, clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    late = asked(sent=NOW - 2)
    outcomes(middleware, *[silence() for _ in range(3)])
    clock.go_to(NOW + 1)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        outcomes(middleware, (late, good()), *[silence() for _ in range(3)])
    assert crawler.stats.get_value("dockerhub/breaker/abuse") == 1
    assert caplog.messages == []
    assert budget.opens_at(clock.now) == NOW + 300


def test_an_answer_that_was_under_way_does_not_let_all_go_after_the_rest(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, clock: Clock
) -> None:
    scheduler: Any = crawler.engine.scheduler
    counting = BudgetsMiddleware.from_crawler(crawler)
    assert scheduler.enqueue_request(Request(LIST))
    late = scheduler.next_request()
    counting.process_request(late)
    clock.go_to(NOW + 1)
    outcomes(middleware, *[silence() for _ in range(3)])
    clock.go_to(NOW + 2)
    counting.process_response(late, good())
    assert SERVICE not in late.meta
    clock.go_to(NOW + 301)
    budget.take(clock.now)
    assert budget.opens_at(clock.now) > clock.now


def test_answers_that_were_under_way_are_no_rests_of_their_own(
    middleware_with: Callable[..., AnswersMiddleware], crawler: Crawler, clock: Clock,
    budget: Budget, closing: Closing,
) -> None:  # fmt: skip
    middleware = middleware_with(DOCKERHUB_REST_SECONDS="0.5")
    for _ in range(16):
        # Sent together, answered one after the other.
        assert not isinstance(outcome(middleware, asked(sent=NOW), answer(429, b"")), HubRefusal)
        clock.go_to(clock.now + 0.4)
    assert crawler.stats.get_value("dockerhub/breaker/abuse") == 1
    assert closing.reasons == []
