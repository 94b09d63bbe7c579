"""A registry that shuts us out: it is asked for nothing more, and the Hub is asked on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.budget import NEVER
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import ALPINE, LIST, NGINX, known
from tests.middlewares.registry import Registry, blob, manifest, names, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clock import Clock
    from tests.middlewares.chain import Chain

GUARD = said(403, b"<html>no</html>")
SILENCE = said(429, b"")
SHUT = "the registry is not asked any more"
NO_ROBOTS = (
    "the registry: expected answers of its API, got HTTP 403 pages of its guard against robots,"
    " 3 in a row; try later, or from another network"
)
NO_END = (
    "the registry: expected an answer after long rests, got HTTP 429 that does not say how long;"
    " try later, or from another network"
)


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


@pytest.fixture
def with_token(chain: Chain, registry: Registry) -> Chain:
    """A chain that has its token for the repository."""
    run(chain, registry, names())
    return chain


def test_the_registry_s_guard_does_not_end_the_crawl(
    with_token: Chain, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.always("names", GUARD)
    with caplog.at_level(logging.INFO):
        found = run(with_token, registry, *[names(n=number) for number in range(16)])
    assert {each.kind for each in found} == {Kind.BOT_GUARD}
    # Sixteen were under way; those that would have gone again are spared.
    assert registry.count("names") == 1 + 16
    assert with_token.closed == []
    assert with_token.crawler.stats.get_value(FAILURES) == [NO_ROBOTS]
    assert caplog.messages == [NO_ROBOTS]
    assert with_token.crawler.stats.get_value("dockerhub/breaker/bot guard") == 1
    refused = run(with_token, registry, names(), blob(), manifest(method="HEAD"))
    assert {(each.kind, each.status, each.detail) for each in refused} == {
        (Kind.BOT_GUARD, None, SHUT)
    }
    assert registry.count("names") == 1 + 16
    [good] = run(with_token, registry, Request(LIST))
    assert (good.status, with_token.in_flight) == (200, {})


def test_what_shuts_the_pulls_shuts_nothing_else(with_token: Chain, registry: Registry) -> None:
    registry.always("manifest", GUARD)
    found = run(with_token, registry, *[manifest(n=number) for number in range(4)])
    assert {each.kind for each in found} == {Kind.BOT_GUARD}
    good = run(with_token, registry, names(), blob(), manifest(method="HEAD"))
    assert [each.status for each in good] == [200] * 3
    [refused] = run(with_token, registry, manifest(n=5))
    assert (refused.detail, registry.count("manifest")) == (SHUT, 4)


def test_a_silent_registry_rests_alone(
    with_token: Chain, registry: Registry, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    registry.always("names", SILENCE)

    async def scenario() -> None:
        with_token.put(*[names(n=number) for number in range(4)])
        with caplog.at_level(logging.INFO):
            assert await with_token.go(registry) == []
        opens = with_token.scheduler.queues["registry"].opens_at(clock.now)
        assert opens - clock.now == 300
        with_token.put(Request(LIST), manifest())
        assert len(await with_token.go(registry)) == 2
        registry.always("names", None)
        clock.now = opens
        assert len(await with_token.run(registry)) == 4

    asyncio.run(scenario())
    assert caplog.messages == [
        "the registry asks to slow down: waiting 30 s",
        "registry (direct): too many requests, it says; a rest of 5 min 0 s",
    ]


def test_a_silence_without_end_shuts_the_registry_and_says_so(
    with_token: Chain, registry: Registry, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    registry.always("names", SILENCE)

    async def scenario() -> list[Any]:
        with_token.put(*[names(n=number) for number in range(4)])
        found: list[Any] = []
        for _ in range(1 + 3):
            opens = with_token.scheduler.queues["registry"].opens_at(clock.now)
            clock.now = max(clock.now, opens) if opens != NEVER else clock.now
            found += await with_token.go(registry)
        return found + await with_token.run(registry)

    with caplog.at_level(logging.ERROR):
        found = asyncio.run(scenario())
    assert {(each.kind, isinstance(each, HubRefusal)) for each in found} == {(Kind.ABUSE, True)}
    assert len(found) == 4
    assert with_token.closed == []
    assert with_token.crawler.stats.get_value(FAILURES) == [NO_END]
    assert caplog.messages == [NO_END]
    [good] = run(with_token, registry, Request(LIST))
    assert good.status == 200


def test_a_registry_that_asks_to_slow_down_is_waited_for(
    with_token: Chain, registry: Registry, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    registry.say("names", said(429, b"", Retry_After="40"))

    async def scenario() -> None:
        with_token.put(names())
        with caplog.at_level(logging.INFO):
            assert await with_token.go(registry) == []
        assert with_token.scheduler.queues["registry"].opens_at(clock.now) - clock.now == 40
        assert with_token.scheduler.queues["hub"].budget.opens_at(clock.now) == clock.now
        assert len(await with_token.run(registry)) == 1

    asyncio.run(scenario())
    assert caplog.messages == ["the registry asks to slow down: waiting 40 s"]


@pytest.mark.parametrize("make", [manifest, blob, names], ids=["manifest", "blob", "names"])
def test_a_404_of_the_registry_is_believed(
    with_token: Chain, registry: Registry, make: Callable[[], Request]
) -> None:
    for kind in ("manifest", "blob", "names"):
        registry.always(kind, said(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'))
    [error] = run(with_token, registry, make())
    assert (error.kind, error.status) == (Kind.NOT_THERE, 404)
    assert error.detail == 'HTTP 404 {"errors":[{"code":"MANIFEST_UNKNOWN"}]}'
    assert (registry.count("hub"), with_token.closed) == (0, [])


def test_a_404_of_the_hub_is_not_doubted_by_what_the_registry_says(
    with_token: Chain, registry: Registry
) -> None:
    run(with_token, registry, manifest(), blob(), names())
    asked = len(registry.asked)
    registry.always("hub", said(404))
    [error] = run(with_token, registry, known(NGINX))
    assert error.kind is Kind.BLOCKED
    assert [each.url for each in registry.asked[asked:]] == [NGINX, ALPINE]


def test_a_registry_that_is_broken_is_asked_again_and_then_left(
    with_token: Chain, registry: Registry
) -> None:
    registry.always("names", said(502, b"<html>"))
    [error] = run(with_token, registry, names())
    assert (error.kind, error.status) == (Kind.BROKEN, 502)
    assert error.detail == f"HTTP 502 from {names().url}"
    assert registry.count("names") == 1 + 5
    assert with_token.closed == []


def test_a_registry_that_goes_away_is_asked_again_and_then_left(
    with_token: Chain, registry: Registry
) -> None:
    registry.always("names", DownloadConnectionRefusedError("no"))
    [error] = run(with_token, registry, names())
    assert error.kind is Kind.UNREACHABLE
    assert registry.count("names") == 1 + 5


def test_no_word_of_the_registry_shows_a_token(with_token: Chain, registry: Registry) -> None:
    registry.say("names", said(400, b'{"sent":"t1"}'))
    [error] = run(with_token, registry, names())
    assert error.detail == 'HTTP 400 {"sent":"***"}'
