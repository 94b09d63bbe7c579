"""Pulls down to the reserve and no further; everything else goes on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.outcome import FAILURES, NEXT_WINDOW, PULLS
from tests.middlewares.exchanges import LIST, NOW
from tests.middlewares.registry import SPENT, Registry, blob, manifest, names, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clock import Clock
    from tests.middlewares.chain import Chain

KEPT = "pulls: expected more than the 20 left to others (DOCKERHUB_PULL_RESERVE), got 20 of 30;"
AT_RESERVE = PullLimit(100, 20, 3600)


@pytest.fixture
def spent_chain(chain: Chain) -> Chain:
    """As many pulls are left as we leave to others."""
    budget: Any = chain.scheduler.queues["pulls"].budget
    budget.heard(AT_RESERVE, NOW)
    return chain


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def told_apart(found: list[Any]) -> tuple[list[Any], list[HubRefusal]]:
    """Return answers and refusals."""
    refusals = [each for each in found if isinstance(each, HubRefusal)]
    return [each for each in found if each not in refusals], refusals


def pulls(count: int, begin: int = 0) -> list[Request]:
    return [manifest(n=number) for number in range(begin, begin + count)]


def test_the_reserve_is_never_touched(
    chain_with: Callable[..., Chain], registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.limit = 30
    chain = chain_with(heard="hub registry cdn")
    with caplog.at_level(logging.INFO):
        good, refused = told_apart(run(chain, registry, *pulls(40)))
    assert (len(good), len(refused), registry.pulled) == (10, 30, 10)
    assert {(each.kind, each.status) for each in refused} == {(Kind.PULLS_SPENT, None)}
    assert {each.detail.partition("; ")[0] + ";" for each in refused} == {KEPT}
    assert chain.crawler.stats.get_value(PULLS) == 10
    assert NOW + 3600 < chain.crawler.stats.get_value(NEXT_WINDOW) < NOW + 3610
    assert chain.in_flight == {}
    # Nothing failed: the rest is for the next run.
    assert (chain.closed, chain.crawler.stats.get_value(FAILURES)) == ([], None)
    assert chain.crawler.stats.get_value("retry/count") is None
    assert caplog.messages == []


def test_at_the_reserve_pulls_are_refused_without_being_sent(
    spent_chain: Chain, registry: Registry
) -> None:
    good, refused = told_apart(run(spent_chain, registry, *pulls(16)))
    assert (good, len(refused), registry.asked) == ([], 16, [])
    words = KEPT.replace("of 30;", "of 100; again in 1 h 0 min")
    assert {str(each) for each in refused} == {words}
    assert spent_chain.in_flight == {}
    assert spent_chain.crawler.stats.get_value("dockerhub/requests/pulls") is None


def test_what_costs_no_pull_goes_on(spent_chain: Chain, registry: Registry) -> None:
    free = [manifest(n=3, method="HEAD"), blob(n=4), names(n=5), Request(LIST)]
    good, refused = told_apart(run(spent_chain, registry, *free, manifest()))
    assert (len(good), len(refused)) == (4, 1)
    assert {each.kind for each in registry.asked} == {
        *("hub", "base", "token", "head", "blob", "cdn", "names")
    }


def test_who_wants_to_wait_gets_all_of_them(
    chain_with: Callable[..., Chain], registry: Registry, clock: Clock
) -> None:
    registry.limit = 30
    chain = chain_with(heard="hub registry cdn", DOCKERHUB_PULL_WAIT="true")

    async def scenario() -> None:
        chain.put(*pulls(15))
        good: list[Any] = []
        while registry.pulled < 10:
            good += await chain.go(registry)
        assert await chain.go(registry) == []
        assert (chain.in_flight, chain.scheduler.waiting_count) == ({}, 5)
        opens = chain.scheduler.queues["pulls"].opens_at(clock.now)
        assert 3590 < opens - clock.now < 3610
        # Everything else goes on meanwhile.
        chain.put(Request(LIST), names(), blob())
        assert len(await chain.go(registry)) == 2
        clock.now = opens
        registry.pulled = 0
        good += await chain.run(registry)
        assert len(good) == 15 + 1

    asyncio.run(scenario())
    assert chain.crawler.stats.get_value("dockerhub/no/pulls spent") is None


CODES = [
    pytest.param(SPENT, id="as recorded"),
    pytest.param(SPENT.replace(b"TOOMANYREQUESTS", b"toomanyrequests"), id="in lower case"),
]


@pytest.mark.parametrize("body", CODES)
@pytest.mark.parametrize("headers", [{}, {"Retry_After": "60"}], ids=["silent", "with seconds"])
def test_a_429_that_says_so_ends_the_pulls_at_once(
    chain: Chain, registry: Registry, body: bytes, headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    registry.always("manifest", said(429, body, **headers))
    with caplog.at_level(logging.INFO):
        first = run(chain, registry, manifest())
        then = run(chain, registry, *pulls(16, 1), names(), Request(LIST))
    good, refused = told_apart(first + then)
    assert (len(good), len(refused), registry.count("manifest")) == (2, 17, 1)
    assert {each.kind for each in refused} == {Kind.PULLS_SPENT}
    assert (first[0].status, first[0].detail) == (429, f"HTTP 429 {body.decode()}")
    assert {each.detail for each in told_apart(then)[1]} == {
        "pulls: expected some, the registry says that none is left; again in 1 h 0 min"
    }
    assert chain.crawler.stats.get_value(PULLS) is None
    assert chain.crawler.stats.get_value("dockerhub/no/pulls spent") == 1
    assert (caplog.messages, chain.in_flight, chain.closed) == ([], {}, [])


def test_when_there_are_pulls_again_is_known_from_the_first_429(
    chain: Chain, registry: Registry
) -> None:
    registry.always("manifest", said(429, SPENT))
    [error] = run(chain, registry, manifest())
    assert error.kind is Kind.PULLS_SPENT
    # The summary tells it; 0 would be the year 1970.
    assert chain.crawler.stats.get_value(NEXT_WINDOW, 0) > NOW + 3600


def test_sixteen_under_way_are_told_the_same(chain: Chain, registry: Registry) -> None:
    registry.always("manifest", said(429, SPENT))
    good, refused = told_apart(run(chain, registry, *pulls(16)))
    assert (len(good), len(refused), registry.count("manifest")) == (0, 16, 16)
    assert chain.in_flight == {}


def test_who_wants_to_wait_asks_one_at_a_time_after_a_429(
    chain_with: Callable[..., Chain], registry: Registry, clock: Clock
) -> None:
    registry.always("manifest", said(429, SPENT))
    chain = chain_with(DOCKERHUB_PULL_WAIT="1")

    async def scenario() -> None:
        chain.put(*pulls(16))
        assert await chain.go(registry) == []
        assert await chain.go(registry) == []
        assert registry.count("manifest") == 16
        assert chain.scheduler.waiting_count == 16
        for number in (1, 2):
            opens = chain.scheduler.queues["pulls"].opens_at(clock.now)
            assert opens - clock.now > 3600
            clock.now = opens
            # The token of an hour ago is over: it is fetched first.
            assert await chain.go(registry) == []
            assert await chain.go(registry) == []
            assert registry.count("manifest") == 16 + number
        registry.always("manifest", None)
        assert len(await chain.run(registry)) == 16

    asyncio.run(scenario())
    assert chain.crawler.stats.get_value("retry/count") is None


@pytest.mark.parametrize("body", [b"", b"<html>no</html>"], ids=["nothing", "a page"])
def test_a_pull_that_brings_nothing_is_repeated_once(
    chain: Chain, registry: Registry, body: bytes
) -> None:
    registry.always("manifest", said(200, body))
    [error] = run(chain, registry, manifest())
    assert (error.kind, error.status) == (Kind.BROKEN, 200)
    assert (registry.count("manifest"), chain.crawler.stats.get_value(PULLS)) == (2, 2)
    # An error of the server was no pull, and is asked for again as often as any other.
    registry.always("manifest", said(500))
    run(chain, registry, manifest())
    assert registry.count("manifest") == 2 + 5


@pytest.mark.parametrize("status", [404, 500, 503])
def test_only_a_manifest_that_came_is_counted_as_a_pull(
    chain: Chain, registry: Registry, status: int
) -> None:
    registry.say("manifest", said(status))
    run(chain, registry, *pulls(3))
    assert chain.crawler.stats.get_value(PULLS) == (2 if status == 404 else 3)


@pytest.mark.parametrize("waits", ["true", "false"], ids=["who waits", "who does not"])
@pytest.mark.parametrize(
    "first", [manifest(), manifest(method="HEAD")], ids=["at once", "after a HEAD"]
)
def test_a_limit_that_is_no_more_than_the_reserve_is_hopeless(
    chain_with: Callable[..., Chain], registry: Registry, waits: str, first: Request
) -> None:
    registry.limit = 10
    chain = chain_with(heard="hub registry cdn", DOCKERHUB_PULL_WAIT=waits)
    run(chain, registry, first.copy())
    [error] = run(chain, registry, manifest())
    assert error.detail == (
        "pulls: expected more than the 20 left to others (DOCKERHUB_PULL_RESERVE),"
        " got a limit of 10 in 1 h 0 min"
    )
    assert (registry.count("head"), registry.count("manifest")) == (1, 0)
