"""What the sign-in does with single requests and answers, without a Hub."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from dockerhub.limits.budget import NEVER
from dockerhub.limits.openings import ONLY_DIRECT
from dockerhub.meta import BARE, TOKEN
from dockerhub.middlewares import sign_in
from dockerhub.middlewares.sign_in import SignInMiddleware
from tests.middlewares.door import Door
from tests.middlewares.exchanges import HUB, LIST

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget


@pytest.fixture
def door(crawler: Crawler) -> Door:
    crawler.engine.download_async = Door()  # type: ignore[union-attr, method-assign, assignment]
    return crawler.engine.download_async  # type: ignore[union-attr, return-value]


@pytest.fixture
def budget(crawler: Crawler) -> Budget:
    scheduler: Any = crawler.engine.scheduler
    scheduler.wake = lambda: None
    scheduler.queues["hub"].budget.heard(None)
    return scheduler.queues["hub"].budget


def hub_opens_at(crawler: Crawler) -> float:
    """Return when something for the Hub API may go that waits for nothing else."""
    scheduler: Any = crawler.engine.scheduler
    return float(scheduler.queues["hub"].lanes.opens_at(time.time(), ONLY_DIRECT))


@pytest.fixture
def middleware(
    crawler: Crawler, door: Door, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> SignInMiddleware:
    monkeypatch.setenv("DOCKERHUB_USERNAME", "ada")
    monkeypatch.setenv("DOCKERHUB_PASSWORD", "secret")
    monkeypatch.setattr(sign_in, "backoff_seconds", lambda *_: 0.0)
    return SignInMiddleware.from_crawler(crawler)


def handed_out(crawler: Crawler) -> Request:
    scheduler: Any = crawler.engine.scheduler
    assert scheduler.enqueue_request(Request(LIST))
    request: Request = scheduler.next_request()
    return request


def test_a_request_for_the_hub_gets_the_token(middleware: SignInMiddleware, door: Door) -> None:
    asyncio.run(middleware.spider_opened())
    request = Request(LIST)
    assert middleware.process_request(request) is None
    assert request.headers["Authorization"] == b"Bearer token-1"
    sent = door.asked[0]
    assert (sent.url, sent.method, sent.meta) == (f"{HUB}/v2/auth/token", "POST", {BARE: True})
    assert json.loads(sent.body) == {"identifier": "ada", "secret": "secret"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99/v2/x",
        "https://127.0.0.1:9/v2/x",
        "http://127.0.0.1:9@evil.example/v2/x",
    ],
)
def test_no_other_origin_gets_the_token(middleware: SignInMiddleware, url: str) -> None:
    asyncio.run(middleware.spider_opened())
    request = Request(url)
    assert middleware.process_request(request) is None
    assert "Authorization" not in request.headers
    assert TOKEN not in request.meta


def test_a_spider_that_has_no_question_for_the_hub_signs_in_when_it_has_one(
    middleware: SignInMiddleware, crawler: Crawler, door: Door
) -> None:
    crawler.spider.asks_hub = False  # type: ignore[union-attr, attr-defined]
    asyncio.run(middleware.spider_opened())
    assert door.asked == []

    async def scenario() -> None:
        again = middleware.process_request(Request(LIST))
        await middleware._renewal  # type: ignore[misc]
        assert middleware.process_request(again) is None  # type: ignore[arg-type]

    asyncio.run(scenario())
    assert len(door.asked) == 1


def test_a_sign_in_goes_without_a_token(middleware: SignInMiddleware) -> None:
    asyncio.run(middleware.spider_opened())
    request = Request(LIST, meta={BARE: True})
    assert middleware.process_request(request) is None
    assert "Authorization" not in request.headers


def test_without_a_token_a_request_goes_back_and_is_in_no_budget(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, budget: Budget
) -> None:
    async def scenario() -> None:
        first, second = handed_out(crawler), handed_out(crawler)
        assert budget.in_flight == 2
        again = [middleware.process_request(request) for request in (first, second)]
        assert [request.url for request in again if request] == [LIST, LIST]
        assert budget.in_flight == 0
        assert hub_opens_at(crawler) == NEVER
        await middleware._renewal  # type: ignore[misc]
        assert hub_opens_at(crawler) < NEVER
        assert middleware.process_request(again[0]) is None  # type: ignore[arg-type]

    asyncio.run(scenario())
    assert len(door.asked) == 1


def test_many_refused_answers_make_one_sign_in(
    middleware: SignInMiddleware, crawler: Crawler, door: Door, budget: Budget
) -> None:
    async def scenario() -> None:
        await middleware.spider_opened()
        requests = [Request(LIST, cb_kwargs={"walk": number}) for number in range(16)]
        for request in requests:
            middleware.process_request(request)
        refused = Response(LIST, 401)
        again: list[Any] = [middleware.process_response(each, refused) for each in requests[:8]]
        assert hub_opens_at(crawler) == NEVER
        await middleware._renewal  # type: ignore[misc]
        # These went with the old token and come back when the new one is there already.
        again += [middleware.process_response(each, refused) for each in requests[8:]]
        assert [each.cb_kwargs["walk"] for each in again] == list(range(16))
        assert [middleware.process_request(each) for each in again] == [None] * 16
        assert {each.headers["Authorization"] for each in again} == {b"Bearer token-2"}
        # Refused with a fresh token too: that is what the next middleware has to judge.
        assert middleware.process_response(again[0], refused) is refused

    asyncio.run(scenario())
    assert len(door.asked) == 2
    assert hub_opens_at(crawler) < NEVER


def test_without_credentials_it_is_disabled(
    crawler: Crawler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOCKERHUB_USERNAME", raising=False)
    monkeypatch.delenv("DOCKERHUB_PASSWORD", raising=False)
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NotConfigured):
        SignInMiddleware.from_crawler(crawler)
    assert crawler.stats.get_value("dockerhub/signed_in") is None
