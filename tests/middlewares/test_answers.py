from __future__ import annotations

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
from dockerhub.meta import BARE, NOT_BEFORE, TOKEN
from dockerhub.middlewares.answers import AnswersMiddleware

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
    pytest.param(lambda _: {"Retry_After": "0"}, 0, id="no wait"),
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


@pytest.mark.parametrize(("status", "body", "kind"), BROKEN)
def test_what_is_broken_is_asked_for_again_and_refused_in_the_end(
    middleware: AnswersMiddleware, crawler: Crawler, status: int, body: bytes, kind: Kind
) -> None:
    request: Any = Request(URL, cb_kwargs={"walk": 1})
    waits = []
    for _ in range(4):
        now = time.time()
        request = middleware.process_response(request, answer(status, body))
        waits.append(request.meta.pop(NOT_BEFORE) - now)
        assert request.cb_kwargs == {"walk": 1}
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


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
def test_the_answer_to_a_bare_request_goes_to_who_asked(
    middleware: AnswersMiddleware, crawler: Crawler, status: int
) -> None:
    response = answer(status, HTML)
    request = Request(URL, meta={BARE: True})
    assert middleware.process_response(request, response) is response
    assert middleware.process_exception(request, OSError()) is None
    assert crawler.stats.get_stats() == {}


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
        assert request.meta.pop(NOT_BEFORE) > time.time()
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
