"""What goes on, what is refused for good, and what the spider is told of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, TOKEN
from tests.middlewares.exchanges import (
    ERROR,
    HTML,
    LIST,
    PAGE,
    REDIS,
    TAGS,
    answer,
    asked,
    known,
    outcome,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

OTHER = "http://127.0.0.1:9/v2/x?page=2&token=s3cret"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (LIST, PAGE),
        (TAGS, b' \n{"results": []}'),
        (REDIS, b'{"name":"redis"}'),
        (OTHER, b"{}"),
        (OTHER, b"[]"),
        (OTHER, b' \n{"a":1}'),
    ],
)
def test_what_may_be_read_goes_on(
    middleware: AnswersMiddleware, crawler: Crawler, url: str, body: bytes
) -> None:
    response = answer(200, body)
    assert outcome(middleware, Request(url), response) is response
    assert crawler.stats.get_stats() == {"dockerhub/answers/hub/direct/data": 1}


CAP = b'{"message":"pagination offset too large"}'
FOR_GOOD = [
    pytest.param(404, ERROR, Kind.NOT_THERE, id="404"),
    pytest.param(404, HTML, Kind.NOT_THERE, id="404 as a page"),
    pytest.param(403, ERROR, Kind.FORBIDDEN, id="403"),
    pytest.param(403, CAP, Kind.PAGING_CAP, id="paging cap"),
    pytest.param(401, ERROR, Kind.FORBIDDEN, id="401"),
    pytest.param(410, b"", Kind.REMOVED, id="410"),
    pytest.param(400, ERROR, Kind.REFUSED, id="400"),
    pytest.param(302, b"", Kind.REFUSED, id="redirect"),
]


@pytest.mark.parametrize(("status", "body", "kind"), FOR_GOOD)
def test_a_no_for_good_is_raised_at_once(
    middleware: AnswersMiddleware,
    crawler: Crawler,
    closing: Closing,
    status: int,
    body: bytes,
    kind: Kind,
) -> None:
    error = outcome(middleware, asked(), answer(status, body))
    assert isinstance(error, HubRefusal)
    assert (error.kind, error.status) == (kind, status)
    assert error.detail == f"HTTP {status} {body.decode()}".rstrip()
    assert crawler.stats.get_value(f"dockerhub/no/{kind}") == 1
    assert closing.reasons == []


@pytest.mark.parametrize(("status", "body", "kind"), FOR_GOOD)
def test_a_no_for_good_stays_one_however_often_it_comes(
    middleware: AnswersMiddleware,
    crawler: Crawler,
    closing: Closing,
    status: int,
    body: bytes,
    kind: Kind,
) -> None:
    found = [outcome(middleware, asked(), answer(status, body)) for _ in range(16)]
    assert {error.kind for error in found} == {kind}
    assert crawler.stats.get_value(f"dockerhub/no/{kind}") == 16
    assert closing.reasons == []


def test_401_after_a_new_token_is_forbidden(middleware: AnswersMiddleware) -> None:
    error = outcome(middleware, asked(**{TOKEN: 2}), answer(401))
    assert error.kind is Kind.FORBIDDEN


def test_what_the_service_said_is_one_printable_line(middleware: AnswersMiddleware) -> None:
    said = b'{"message":"\x1b[31mred\n\xe2\x80\xae' + b"x" * 500
    error = outcome(middleware, asked(), answer(404, said))
    assert error.detail.isprintable()
    assert len(error.detail) <= 140


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_token_that_is_repeated_is_not_shown(middleware: AnswersMiddleware, status: int) -> None:
    token = "eyJ" + "x" * 600
    request = Request(LIST, headers={"Authorization": f"Bearer {token}"})
    said = f'{{"you sent":"Bearer {token}"}}'.encode()
    error = outcome(middleware, request, answer(status, said))
    assert error.detail == f'HTTP {status} {{"you sent":"Bearer ***"}}'


def test_a_token_is_not_shown_by_a_404_that_is_doubted_first(
    middleware: AnswersMiddleware,
) -> None:
    token = "eyJ" + "x" * 600
    request = known()
    request.headers["Authorization"] = f"Bearer {token}"
    probe = outcome(middleware, request, answer(404, token.encode()))
    error = outcome(middleware, probe, answer(200, b'{"name":"alpine"}'))
    assert error.detail == "HTTP 404 ***"


@pytest.mark.parametrize("status", [200, 401, 403, 404, 410, 429, 500])
def test_the_answer_to_a_bare_request_goes_to_who_asked(
    middleware: AnswersMiddleware, crawler: Crawler, budget: Budget, status: int
) -> None:
    request = Request(LIST, meta={BARE: True})
    for _ in range(4):
        response = answer(status, HTML)
        assert outcome(middleware, request, response) is response
        assert outcome(middleware, request, OSError()) is None
    assert crawler.stats.get_stats() == {}


def test_a_refusal_is_not_read_again(middleware: AnswersMiddleware, crawler: Crawler) -> None:
    refusal = HubRefusal(Kind.NOT_THERE, 404, "HTTP 404")
    assert outcome(middleware, Request(LIST), refusal) is None
    assert crawler.stats.get_stats() == {}


@pytest.mark.parametrize("request_of", [asked, known], ids=["asked", "known"])
def test_a_body_beyond_all_sizes_is_refused_at_once(
    middleware_with: Callable[..., AnswersMiddleware], crawler: Crawler, closing: Closing,
    request_of: Callable[[str], Request],
) -> None:  # fmt: skip
    middleware = middleware_with(DOWNLOAD_MAXSIZE=16_777_216)
    crawler.stats.inc_value("response_received_count")
    url = f"{LIST}&token=s3cret"
    error = outcome(middleware, request_of(url), DownloadCancelledError(f"too large: {url}"))
    assert (error.kind, error.status) == (Kind.BROKEN, None)
    assert error.detail == "a body of more than 16777216 bytes"
    assert crawler.stats.get_value("dockerhub/no/broken") == 1
    assert crawler.stats.get_value("retry/count") is None
    assert closing.reasons == []


def test_refusals_are_told_to_the_spider_and_not_to_the_log(
    middleware: AnswersMiddleware, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        said: list[Response] = [answer(404), answer(403), answer(400), answer(401)]
        for response in said:
            outcome(middleware, asked(), response)
    assert caplog.messages == []
