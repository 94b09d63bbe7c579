"""Which answers to a sign-in are tried again, which never, and what is waited between."""

from __future__ import annotations

import asyncio
import json
import logging
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    DownloadConnectionRefusedError,
)

from dockerhub.middlewares import sign_in
from dockerhub.middlewares.sign_in import SignInMiddleware
from dockerhub.outcome import FAILURES
from tests.clock import Clock
from tests.middlewares.door import Door
from tests.middlewares.exchanges import HTML, HUB, NOW, URLS, answer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

BACKOFF = 3.0
PASSWORD = "dckr_pat_hunter2hunter2"


@pytest.fixture
def door(crawler: Crawler) -> Door:
    made = Door()
    crawler.engine.download_async = made  # type: ignore[union-attr, method-assign, assignment]
    return made


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that are waited between sign-ins, which take no time here."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(sign_in, "asyncio", SimpleNamespace(sleep=sleep))
    return found


@pytest.fixture
def middleware(
    crawler: Crawler, door: Door, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> SignInMiddleware:
    monkeypatch.setenv("DOCKERHUB_USERNAME", "ada")
    monkeypatch.setenv("DOCKERHUB_PASSWORD", PASSWORD)
    monkeypatch.setattr(sign_in, "backoff_seconds", lambda *_: BACKOFF)
    monkeypatch.setattr(sign_in, "time", Clock(NOW))
    return SignInMiddleware.from_crawler(crawler)


def failures(middleware: SignInMiddleware, crawler: Crawler) -> list[str]:
    """Return what the user is told of a sign-in that closes the crawl."""
    with pytest.raises(CloseSpider) as caught:
        asyncio.run(middleware.spider_opened())
    assert caught.value.reason == "sign_in_failed"
    told: list[str] = crawler.stats.get_value(FAILURES)
    return told


PASSING = [
    pytest.param(503, id="503"),
    pytest.param(500, id="500"),
    pytest.param(429, id="429"),
    pytest.param(answer(429, b"", Retry_After="5"), id="429 that says how long"),
    pytest.param(answer(408, b""), id="408"),
    pytest.param(answer(403, HTML), id="403 HTML"),
    pytest.param(answer(403, b""), id="403 empty"),
    pytest.param(answer(200, b""), id="200 empty"),
    pytest.param(answer(200, HTML), id="200 HTML"),
    pytest.param(answer(200, b'{"detail":"later"}'), id="200 without a token"),
    pytest.param(answer(200, b'{"access_token":""}'), id="200 with an empty token"),
    pytest.param(answer(200, b'{"access_token":'), id="200 cut off"),
    pytest.param(OSError("reset"), id="no answer"),
    pytest.param(TimeoutError(), id="timeout"),
]


@pytest.mark.parametrize("passing", PASSING)
@pytest.mark.parametrize("times", [1, 4])
def test_what_may_pass_is_tried_again(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float], passing: Any,
    times: int,
) -> None:  # fmt: skip
    door.answers = [passing] * times
    asyncio.run(middleware.spider_opened())
    assert len(door.asked) == times + 1
    assert {request.url for request in door.asked} == {URLS.token()}
    assert len(waits) == times
    assert crawler.stats.get_value("dockerhub/sign_ins") == 1
    assert crawler.stats.get_value(FAILURES) is None


AT_THE_TOKEN = f"sign-in as ada: expected a token from {HUB}/v2/auth/token, got"
AT_THE_LOGIN = f"sign-in as ada: expected a token from {HUB}/v2/users/login, got"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(503, "HTTP 503", id="503"),
        pytest.param(answer(403, HTML), "HTTP 403", id="403 HTML"),
        pytest.param(answer(200, HTML), "HTTP 200", id="200 HTML"),
        pytest.param(answer(200, b""), "HTTP 200", id="200 empty"),
        pytest.param(answer(200, b'{"detail":"later"}'), "HTTP 200 (later)", id="200 no token"),
        pytest.param(
            answer(200, b'{"access_token":""}'), "HTTP 200 without a token", id="200 empty token"
        ),
        pytest.param(answer(429, b""), "HTTP 429", id="429"),
        pytest.param(OSError("reset"), "OSError: reset", id="no answer"),
    ],
)
def test_after_five_times_it_is_given_up(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float], said: Any,
    words: str,
) -> None:  # fmt: skip
    door.answers = [said] * 9
    assert failures(middleware, crawler) == [f"{AT_THE_TOKEN} {words}"]
    assert (len(door.asked), len(waits)) == (5, 4)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param(401, f"{AT_THE_TOKEN} HTTP 401", id="401"),
        pytest.param(answer(401, HTML), f"{AT_THE_TOKEN} HTTP 401", id="401 HTML"),
        pytest.param(
            answer(401, b'{"detail":"Incorrect authentication credentials"}'),
            f"{AT_THE_TOKEN} HTTP 401 (Incorrect authentication credentials)",
            id="401 wrong password",
        ),
        pytest.param(
            answer(401, b'{"detail":"2FA","login_2fa_token":"t"}'),
            f"{AT_THE_TOKEN} HTTP 401 (2FA)",
            id="401 two factors",
        ),
        pytest.param(answer(403), f"{AT_THE_TOKEN} HTTP 403 (no)", id="403 JSON"),
        pytest.param(answer(400), f"{AT_THE_TOKEN} HTTP 400 (no)", id="400"),
        pytest.param(answer(302, b""), f"{AT_THE_TOKEN} HTTP 302", id="redirect"),
        pytest.param(
            DownloadConnectionRefusedError("no"),
            f"{HUB}: expected an answer, it cannot be reached",
            id="refused",
        ),
        pytest.param(
            CannotResolveHostError("no"),
            f"{HUB}: expected an answer, it cannot be reached",
            id="no such host",
        ),
    ],
)
def test_what_is_refused_is_never_tried_again(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float], said: Any,
    message: str,
) -> None:  # fmt: skip
    door.answers = [said]
    assert failures(middleware, crawler) == [message]
    assert (len(door.asked), waits) == (1, [])


@pytest.mark.parametrize("passing", PASSING)
def test_a_wrong_password_ends_it_also_after_what_passed(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, passing: Any
) -> None:
    door.answers = [passing, 401]
    assert failures(middleware, crawler) == [f"{AT_THE_TOKEN} HTTP 401"]
    assert len(door.asked) == 2


@pytest.mark.parametrize("second", [404, 405, 410])
@pytest.mark.parametrize("first", [404, 405, 410])
def test_where_the_endpoint_is_gone_the_old_one_is_asked_once(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float],
    caplog: pytest.LogCaptureFixture, first: int, second: int,
) -> None:  # fmt: skip
    door.answers = [first, second]
    with caplog.at_level(logging.DEBUG, logger="dockerhub"):
        told = failures(middleware, crawler)
    assert told == caplog.messages == [f"{AT_THE_LOGIN} HTTP {second}"]
    assert [request.url for request in door.asked] == [URLS.token(), URLS.login()]
    assert waits == []


@pytest.mark.parametrize("status", [404, 405, 410])
def test_the_old_endpoint_serves_as_well(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float], status: int
) -> None:
    door.answers = [status]
    asyncio.run(middleware.spider_opened())
    assert [request.url for request in door.asked] == [URLS.token(), URLS.login()]
    names = [set(json.loads(request.body)) for request in door.asked]
    assert names == [{"identifier", "secret"}, {"username", "password"}]
    assert (waits, crawler.stats.get_value("dockerhub/sign_ins")) == ([], 1)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param({"detail": f"no {PASSWORD}", "secret": PASSWORD}, "", id="in its words"),
        pytest.param({"detail": "no", "secret": PASSWORD}, " (no)", id="beside them"),
        pytest.param(f"secret: {PASSWORD}", "", id="a page"),
    ],
)
@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_password_that_the_server_repeats_is_not_told(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, waits: list[float],
    caplog: pytest.LogCaptureFixture, status: int, said: Any, reason: str,
) -> None:  # fmt: skip
    body = said if isinstance(said, str) else json.dumps(said)
    door.answers = [answer(status, body.encode())] * 5
    with caplog.at_level(logging.DEBUG, logger="dockerhub"):
        told = failures(middleware, crawler)
    assert told == [f"{AT_THE_TOKEN} HTTP {status}{reason}"]
    assert caplog.messages == told
    assert PASSWORD not in caplog.text + repr(crawler.stats.get_stats())


def test_the_old_endpoint_is_tried_again_too(middleware: SignInMiddleware, door: Door) -> None:
    door.answers = [410, 503, answer(403, HTML)]
    asyncio.run(middleware.spider_opened())
    assert [request.url for request in door.asked] == [URLS.token(), *[URLS.login()] * 3]


RESET = {
    "X_RateLimit_Limit": "180",
    "X_RateLimit_Remaining": "0",
    "X_RateLimit_Reset": str(round(NOW) + 40),
}


def answer_to(status: int, **headers: str) -> Response:
    return answer(status, b"", URLS.token(), **headers)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        pytest.param(answer_to(429, Retry_After="40"), 40, id="429 seconds"),
        pytest.param(
            answer_to(429, Retry_After=formatdate(NOW + 40, usegmt=True)), 40, id="429 date"
        ),
        pytest.param(answer_to(429, X_Retry_After=str(round(NOW) + 40)), 40, id="429 epoch"),
        pytest.param(answer_to(429, Retry_After="86400"), 900, id="429 a day"),
        pytest.param(answer_to(429, Retry_After="0"), BACKOFF, id="429 at once"),
        pytest.param(answer_to(429), BACKOFF, id="429 bare"),
        pytest.param(answer_to(503, Retry_After="40"), 40, id="503 seconds"),
        pytest.param(
            answer_to(503, Retry_After=formatdate(NOW + 40, usegmt=True)), 40, id="503 date"
        ),
        pytest.param(answer_to(503, X_Retry_After=str(round(NOW) + 40)), 40, id="503 epoch"),
        pytest.param(answer_to(503, Retry_After="86400"), 900, id="503 a day"),
        pytest.param(answer_to(503, Retry_After="0"), BACKOFF, id="503 at once"),
        pytest.param(answer_to(503, Retry_After="soon"), BACKOFF, id="503 a word"),
        pytest.param(answer_to(503), BACKOFF, id="503 bare"),
        pytest.param(answer_to(429, **RESET), 40, id="429 with a reset"),
        # Of a limit only a 429 speaks.
        pytest.param(answer_to(503, **RESET), BACKOFF, id="503 with a reset"),
        pytest.param(answer_to(500), BACKOFF, id="500"),
        pytest.param(answer_to(403), BACKOFF, id="403"),
        pytest.param(OSError(), BACKOFF, id="no answer"),
    ],
)
def test_between_two_tries_it_waits_as_asked(
    middleware: SignInMiddleware, door: Door, waits: list[float], said: Any, wait: float
) -> None:
    door.answers = [said]
    asyncio.run(middleware.spider_opened())
    assert waits == [wait]


def test_each_answer_asks_anew(
    middleware: SignInMiddleware, door: Door, waits: list[float]
) -> None:
    told = answer_to(503, Retry_After="40")
    door.answers = [told, OSError(), answer_to(503), answer_to(429, Retry_After="7")]
    asyncio.run(middleware.spider_opened())
    assert waits == [40, BACKOFF, BACKOFF, 7]
