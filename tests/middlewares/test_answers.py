from __future__ import annotations

import asyncio
import logging
import math
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError
from scrapy.http import Response

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, TOKEN
from dockerhub.middlewares.answers import AnswersMiddleware
from dockerhub.outcome import FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget

URL = "http://127.0.0.1:9/v2/x?page=2&token=s3cret"
JSON = b'{"message":"no"}'
HTML = b"<html>no</html>"


@pytest.fixture
def middleware(crawler: Crawler) -> AnswersMiddleware:
    return AnswersMiddleware.from_crawler(crawler)


@pytest.fixture
def budget(crawler: Crawler) -> Budget:
    scheduler: Any = crawler.engine.scheduler
    scheduler.queues["hub"].budget.heard(None)
    return scheduler.queues["hub"].budget


def answer(status: int, body: bytes = JSON, **headers: str) -> Response:
    named: dict[Any, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, status, headers=named, body=body)


@pytest.mark.parametrize("body", [b"{}", b"[]", b' \n{"a":1}'])
def test_what_may_be_read_goes_on(middleware: AnswersMiddleware, body: bytes) -> None:
    response = answer(200, body)
    assert middleware.process_response(Request(URL), response) is response


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
    middleware: AnswersMiddleware,
    budget: Budget,
    crawler: Crawler,
    headers: Callable[[float], dict[str, str]],
    seconds: float,
) -> None:
    request = Request(URL, meta={"retry_times": 3}, cb_kwargs={"walk": 1}, priority=20)
    now = time.time()
    again = middleware.process_response(request, answer(429, b"", **headers(now)))
    assert budget.opens_at(now) - now == pytest.approx(seconds, abs=1.5)
    assert isinstance(again, Request)
    assert (again.url, again.priority, again.cb_kwargs) == (URL, 20, {"walk": 1})
    assert again.meta == {"retry_times": 3}
    assert again.dont_filter
    assert crawler.stats.get_value("dockerhub/no/slow down") == 1


def test_429s_under_way_together_are_one_wait(
    middleware: AnswersMiddleware, budget: Budget, caplog: pytest.LogCaptureFixture
) -> None:
    now = time.time()
    with caplog.at_level(logging.INFO):
        for _ in range(16):
            middleware.process_response(Request(URL), answer(429, b"", Retry_After="0"))
    assert budget.opens_at(now) - now == pytest.approx(1, abs=0.5)
    assert caplog.messages == ["Docker Hub asks to slow down: waiting 1 s"]


def test_429_is_never_refused(middleware: AnswersMiddleware, budget: Budget) -> None:
    request: Any = Request(URL)
    for _ in range(50):
        request = middleware.process_response(request, answer(429, b"", Retry_After="1"))
    assert "retry_times" not in request.meta


def test_a_server_whose_clock_is_ahead_is_waited_for_as_long_as_it_means(
    middleware: AnswersMiddleware, budget: Budget
) -> None:
    now = time.time()
    budget.clock.heard(math.floor(now + 500), now, now)
    header = formatdate(now + 500 + 40, usegmt=True)
    middleware.process_response(Request(URL), answer(429, b"", Retry_After=header))
    assert budget.opens_at(now) - now == pytest.approx(40, abs=2.5)


BROKEN = [
    pytest.param(500, b"", Kind.BROKEN, id="500"),
    pytest.param(503, HTML, Kind.BROKEN, id="503"),
    pytest.param(599, b"", Kind.BROKEN, id="599"),
    pytest.param(408, b"", Kind.BROKEN, id="408"),
    pytest.param(200, b"", Kind.BROKEN, id="empty"),
    pytest.param(200, HTML, Kind.BROKEN, id="a page for people"),
    pytest.param(403, HTML, Kind.BOT_GUARD, id="bot guard"),
]


def backed_off(crawler: Crawler, request: Request) -> float:
    """Return for how many seconds the scheduler keeps *request*, and take it from there."""
    scheduler: Any = crawler.engine.scheduler
    now = time.time()
    assert scheduler.enqueue_request(request)
    not_before, _, kept = scheduler.queues["hub"]._later.pop()
    assert kept is request
    return not_before - now


@pytest.mark.parametrize(("status", "body", "kind"), BROKEN)
def test_what_is_broken_is_asked_for_again_and_refused_in_the_end(
    middleware: AnswersMiddleware, crawler: Crawler, status: int, body: bytes, kind: Kind
) -> None:
    request: Any = Request(URL, cb_kwargs={"walk": 1})
    waits = []
    for _ in range(4):
        request = middleware.process_response(request, answer(status, body))
        waits.append(backed_off(crawler, request))
        assert request.cb_kwargs == {"walk": 1}
        # Others are answered meanwhile: no guard that refuses all.
        middleware.process_response(Request(URL), answer(200))
    for wait, longest in zip(waits, (2, 4, 8, 16), strict=True):
        assert longest / 2 <= wait <= longest + 0.5
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(request, answer(status, body))
    error = caught.value
    shown = "http://127.0.0.1:9/v2/x?page=2&token=***"
    assert (error.kind, error.status) == (kind, status)
    assert str(error) == error.detail == f"HTTP {status} from {shown}"
    assert crawler.stats.get_value(f"dockerhub/no/{kind}") == 5


CAP = b'{"message":"pagination offset too large"}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(404, JSON, Kind.NOT_THERE, id="404"),
        pytest.param(404, HTML, Kind.NOT_THERE, id="404 as a page"),
        pytest.param(403, JSON, Kind.FORBIDDEN, id="403"),
        pytest.param(403, CAP, Kind.PAGING_CAP, id="paging cap"),
        pytest.param(401, JSON, Kind.FORBIDDEN, id="401"),
        pytest.param(410, b"", Kind.REMOVED, id="410"),
        pytest.param(400, JSON, Kind.REFUSED, id="400"),
        pytest.param(302, b"", Kind.REFUSED, id="redirect"),
    ],
)
def test_a_no_for_good_is_raised_at_once(
    middleware: AnswersMiddleware, crawler: Crawler, status: int, body: bytes, kind: Kind
) -> None:
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(Request(URL), answer(status, body))
    error = caught.value
    assert (error.kind, error.status) == (kind, status)
    assert error.detail == f"HTTP {status} {body.decode()}"
    assert crawler.stats.get_value(f"dockerhub/no/{kind}") == 1


def test_401_after_a_new_token_is_forbidden(middleware: AnswersMiddleware) -> None:
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(Request(URL, meta={TOKEN: 2}), answer(401))
    assert caught.value.kind is Kind.FORBIDDEN


def test_what_the_service_said_is_one_printable_line(middleware: AnswersMiddleware) -> None:
    said = b'{"message":"\x1b[31mred\n\xe2\x80\xae' + b"x" * 500
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(Request(URL), answer(404, said))
    assert caught.value.detail.isprintable()
    assert len(caught.value.detail) <= 140


def test_a_token_that_is_repeated_is_not_shown(middleware: AnswersMiddleware) -> None:
    token = "eyJ" + "x" * 600
    request = Request(URL, headers={"Authorization": f"Bearer {token}"})
    said = f'{{"you sent":"Bearer {token}"}}'.encode()
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(request, answer(400, said))
    assert caught.value.detail == 'HTTP 400 {"you sent":"Bearer ***"}'


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
def test_the_answer_to_a_bare_request_goes_to_who_asked(
    middleware: AnswersMiddleware, crawler: Crawler, status: int
) -> None:
    response = answer(status, HTML)
    request = Request(URL, meta={BARE: True})
    assert middleware.process_response(request, response) is response
    assert middleware.process_exception(request, OSError()) is None
    assert crawler.stats.get_stats() == {}


class Closing:
    """Stands for the engine's end of a crawl: notes why it was asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self.reasons: list[str] = []
        crawler.engine.close_spider_async = self  # type: ignore[union-attr, method-assign, assignment]

    async def __call__(self, *, reason: str) -> None:
        self.reasons.append(reason)


def guarded(middleware: AnswersMiddleware, *answers: Response) -> None:
    """Let *answers* come one after the other, each to a new request."""

    async def scenario() -> None:
        for response in answers:
            middleware.process_response(Request(URL), response)
        await asyncio.sleep(0)

    asyncio.run(scenario())


def test_a_guard_against_robots_ends_the_crawl_at_its_third_page_in_a_row(
    middleware: AnswersMiddleware, crawler: Crawler
) -> None:
    closing = Closing(crawler)
    guarded(middleware, *[answer(403, HTML)] * 2)
    assert (closing.reasons, crawler.stats.get_value(FAILURES)) == ([], None)
    guarded(middleware, *[answer(403, HTML)] * 5)
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value(FAILURES) == [
        (
            "Docker Hub: expected answers of its API, got HTTP 403 pages of its guard against"
            " robots, 3 in a row; try later, or from another network"
        )
    ]


@pytest.mark.parametrize(
    "between", [answer(200), answer(500, b""), answer(429, b"")], ids=["data", "broken", "slow"]
)
def test_a_guard_now_and_then_ends_nothing(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, between: Response
) -> None:
    closing = Closing(crawler)
    guarded(middleware, *[answer(403, HTML), answer(403, HTML), between] * 5)
    assert (closing.reasons, crawler.stats.get_value(FAILURES)) == ([], None)


@pytest.mark.parametrize(
    "error", [OSError("reset"), TimeoutError(), DownloadConnectionRefusedError("no")], ids=repr
)
def test_no_answer_is_asked_for_again_and_refused_in_the_end(
    middleware: AnswersMiddleware, crawler: Crawler, error: Exception
) -> None:
    crawler.stats.inc_value("response_received_count")
    request: Any = Request(URL)
    for times in range(1, 5):
        request = middleware.process_exception(request, error)
        assert request.meta["retry_times"] == times
        assert backed_off(crawler, request) > 0
    with pytest.raises(HubRefusal) as caught:
        middleware.process_exception(request, error)
    assert caught.value.status is None
    assert caught.value.detail.startswith(f"{type(error).__name__}: ")
    assert "s3cret" not in caught.value.detail


@pytest.mark.parametrize(
    "error", [CannotResolveHostError("x"), DownloadConnectionRefusedError("x")], ids=repr
)
def test_a_host_that_never_answered_is_refused_at_once(
    middleware: AnswersMiddleware, error: Exception
) -> None:
    with pytest.raises(HubRefusal) as caught:
        middleware.process_exception(Request(URL), error)
    assert caught.value.kind is Kind.UNREACHABLE


def test_a_refusal_is_not_read_again(middleware: AnswersMiddleware) -> None:
    refusal = HubRefusal(Kind.NOT_THERE, 404, "HTTP 404")
    assert middleware.process_exception(Request(URL), refusal) is None
