"""What is broken: asked for again after a pause, a few times, and then refused."""

from __future__ import annotations

import math
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.kinds import Kind
from dockerhub.meta import NOT_BEFORE
from dockerhub.urls import origin_of, unreachable
from tests.middlewares.exchanges import HTML, LIST, NOW, answer, asked, good, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

URL = f"{LIST}&token=s3cret"
SHOWN = f"{LIST}&token=***"


def backed_off(crawler: Crawler, request: Request) -> float:
    """Return for how many seconds the scheduler keeps *request*, and take it from there."""
    scheduler: Any = crawler.engine.scheduler
    assert scheduler.enqueue_request(request)
    not_before, _, kept, _ = scheduler.queues["hub"]._later.pop()
    assert kept is request
    return not_before - NOW


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        pytest.param(500, b"", "HTTP 500", id="500"),
        pytest.param(503, HTML, "HTTP 503", id="503"),
        pytest.param(599, b"", "HTTP 599", id="599"),
        pytest.param(408, b"", "HTTP 408", id="408"),
        pytest.param(200, b"", "HTTP 200 without data", id="empty"),
        pytest.param(200, b"{}", "HTTP 200 without data", id="without results"),
        pytest.param(200, HTML, "HTTP 200 without data", id="a page for people"),
        pytest.param(403, HTML, "HTTP 403", id="a guard now and then"),
    ],
)
def test_what_is_broken_is_asked_for_again_and_refused_in_the_end(
    middleware: AnswersMiddleware,
    crawler: Crawler,
    closing: Closing,
    status: int,
    body: bytes,
    said: str,
) -> None:
    request: Any = asked(URL)
    waits = []
    for times in range(1, 5):
        request = outcome(middleware, request, answer(status, body))
        waits.append(backed_off(crawler, request))
        assert (request.url, request.cb_kwargs) == (URL, {"walk": 1})
        assert request.meta["retry_times"] == times
        # Others are answered meanwhile: no guard that refuses all, no endpoint that is removed.
        outcome(middleware, asked(), good())
    for wait, longest in zip(waits, (2, 4, 8, 16), strict=True):
        assert longest / 2 <= wait <= longest
    error = outcome(middleware, request, answer(status, body))
    assert (error.kind, error.status) == (Kind.BROKEN, status)
    assert str(error) == error.detail == f"{said} from {SHOWN}"
    assert crawler.stats.get_value("dockerhub/no/broken") == 5
    assert crawler.stats.get_value("retry/count") == 4
    assert closing.reasons == []


@pytest.mark.parametrize(
    "error", [OSError("reset"), TimeoutError(), DownloadConnectionRefusedError("no")], ids=repr
)
def test_no_answer_is_asked_for_again_and_refused_in_the_end(
    middleware: AnswersMiddleware, crawler: Crawler, error: Exception
) -> None:
    middleware._evidence.hear(URL)
    request: Any = asked(URL)
    for times in range(1, 5):
        request = outcome(middleware, request, error)
        assert request.meta["retry_times"] == times
        assert backed_off(crawler, request) > 0
    refusal = outcome(middleware, request, error)
    assert refusal.status is None
    said = f"{type(error).__name__}: {error} from {SHOWN}".replace(":  ", ": ")
    is_away = refusal.kind is Kind.UNREACHABLE
    assert refusal.detail == (unreachable(origin_of(URL)) if is_away else said)
    assert crawler.stats.get_value(f"dockerhub/no/{refusal.kind}") == 5


AWAY = [CannotResolveHostError("x"), DownloadConnectionRefusedError("x")]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_host_that_never_answered_is_refused_at_once(
    middleware: AnswersMiddleware, crawler: Crawler, error: Exception
) -> None:
    refusal = outcome(middleware, asked(), error)
    assert refusal.kind is Kind.UNREACHABLE
    assert refusal.detail == unreachable(origin_of(LIST))
    assert crawler.stats.get_value("dockerhub/no/unreachable") == 1


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_host_that_answered_before_may_come_back(
    middleware: AnswersMiddleware, crawler: Crawler, error: Exception
) -> None:
    request = asked()
    middleware._evidence.hear(request.url)
    assert outcome(middleware, request, error).meta["retry_times"] == 1


FORMS: list[Any] = [
    pytest.param(lambda _: {"Retry_After": "40"}, 40, id="seconds"),
    pytest.param(lambda _: {"Retry_After": "39.5"}, 39.5, id="fraction"),
    pytest.param(lambda now: {"Retry_After": formatdate(now + 40, usegmt=True)}, 40, id="date"),
    pytest.param(lambda now: {"Retry_After": str(math.ceil(now + 40))}, 40, id="epoch"),
    pytest.param(lambda _: {"Retry_After": "86400"}, 900, id="a day"),
    pytest.param(lambda now: {"X_Retry_After": str(math.ceil(now + 40))}, 40, id="X-Retry-After"),
    pytest.param(
        lambda _: {"Retry_After": "soon", "X_Retry_After": "40"}, 40, id="a word, and X-Retry-After"
    ),
]
NO_WAIT: list[Any] = [
    pytest.param(lambda _: {"Retry_After": "0"}, id="0"),
    pytest.param(lambda _: {"Retry_After": "-5"}, id="below 0"),
    pytest.param(lambda _: {"Retry_After": "soon"}, id="a word"),
    pytest.param(lambda _: {"Retry_After": ""}, id="empty"),
    pytest.param(lambda now: {"Retry_After": formatdate(now - 9, usegmt=True)}, id="date over"),
    pytest.param(lambda now: {"Retry_After": str(math.ceil(now - 9))}, id="epoch over"),
    pytest.param(lambda _: {}, id="not said"),
]


@pytest.mark.parametrize(("headers", "seconds"), FORMS)
def test_a_503_waits_as_long_as_it_asks(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, seconds: float,
    headers: Callable[[float], dict[str, str]],
) -> None:  # fmt: skip
    again = outcome(middleware, asked(), answer(503, b"", **headers(NOW)))
    assert again.meta["retry_times"] == 1
    assert backed_off(crawler, again) == seconds
    # It alone waits: others may be answered.
    assert budget.opens_at(NOW) == NOW


@pytest.mark.parametrize("headers", NO_WAIT)
def test_a_503_that_asks_for_no_wait_is_repeated_like_any_other(
    middleware: AnswersMiddleware, crawler: Crawler, headers: Callable[[float], dict[str, str]]
) -> None:
    again = outcome(middleware, asked(), answer(503, b"", **headers(NOW)))
    assert 1 <= backed_off(crawler, again) <= 2


def test_a_503_that_cannot_be_read_does_not_wait_for_the_limits_reset(
    middleware: AnswersMiddleware, crawler: Crawler
) -> None:
    limit = {"X_RateLimit_Limit": "180", "X_RateLimit_Remaining": "179"}
    reset = {"X_RateLimit_Reset": str(round(NOW) + 40)}
    response = answer(503, b"", Retry_After="soon", **limit, **reset)
    assert backed_off(crawler, outcome(middleware, asked(), response)) <= 2


def test_a_503_is_waited_for_by_the_servers_clock(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget
) -> None:
    budget.clock.heard(NOW + 500, NOW, NOW)
    header = formatdate(NOW + 540, usegmt=True)
    again = outcome(middleware, asked(), answer(503, b"", Retry_After=header))
    assert backed_off(crawler, again) == pytest.approx(40, abs=1)


def test_a_long_backoff_is_not_shortened_by_what_is_asked(
    middleware: AnswersMiddleware, crawler: Crawler
) -> None:
    request = asked(retry_times=3, dockerhub_backed_off=3)
    again = outcome(middleware, request, answer(503, b"", Retry_After="1"))
    assert 8 <= backed_off(crawler, again) <= 16


def test_each_503_asks_anew(middleware: AnswersMiddleware, crawler: Crawler) -> None:
    again = outcome(middleware, asked(), answer(503, b"", Retry_After="600"))
    assert backed_off(crawler, again) == 600
    assert NOT_BEFORE not in again.meta
    again = outcome(middleware, again, answer(503, b""))
    assert 2 <= backed_off(crawler, again) <= 4


@pytest.mark.parametrize("status", [500, 502, 403])
def test_any_broken_answer_may_ask_for_a_wait(
    middleware: AnswersMiddleware, crawler: Crawler, status: int
) -> None:
    again = outcome(middleware, asked(), answer(status, HTML, Retry_After="40"))
    assert backed_off(crawler, again) == 40
