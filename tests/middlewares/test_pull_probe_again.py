"""Whether spent pulls are there again is asked by what costs none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.middlewares.registry import Registry, manifest, names, said
from tests.middlewares.test_pull_probe import FAILURES, run, sixteen

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from tests.middlewares.chain import Chain


@pytest.fixture
def waiting(chain_with: Callable[..., Chain], registry: Registry) -> Chain:
    """All pulls of the window are spent but the reserve, and we wait for the next one."""
    registry.limit = 30
    chain = chain_with(heard="hub registry cdn", DOCKERHUB_PULL_WAIT="true")
    assert len(run(chain, registry, *[manifest(n=number) for number in range(10)])) == 10
    registry.asked.clear()
    return chain


def opening(chain: Chain) -> float:
    """Go to where it is worth to ask again, and return how many seconds that is."""
    opens = chain.scheduler.queues["pulls"].budget.opens_at(chain.clock.now)
    passed, chain.clock.now = opens - chain.clock.now, opens
    return passed


async def until_asked(chain: Chain, registry: Registry, heads: int) -> list[Any]:
    """Let go what may go now: tokens first, which are over by then."""
    found: list[Any] = []
    for _ in range(4):
        if registry.count("head") < heads:
            found += await chain.go(registry)
    return found


def test_whether_a_window_is_over_is_asked_by_head(waiting: Chain, registry: Registry) -> None:
    async def scenario() -> None:
        waiting.put(*sixteen())
        assert await waiting.go(registry) == []
        assert 3590 < opening(waiting) < 3610
        registry.pulled = 0
        assert await until_asked(waiting, registry, 1) == []
        assert (registry.count("head"), registry.count("manifest")) == (1, 0)
        registry.limit = 100
        assert len(await waiting.run(registry)) == 16

    asyncio.run(scenario())
    assert (registry.count("head"), registry.count("manifest")) == (1, 16)


def test_while_nothing_is_there_it_asks_seldom_and_pulls_nothing(
    waiting: Chain, registry: Registry
) -> None:
    """Others were there first, and leave no more than we leave to them."""

    async def scenario() -> None:
        waiting.put(*sixteen())
        registry.pulled = 15
        opening(waiting)
        for number in range(1, 20):
            assert await until_asked(waiting, registry, number) == []
            assert registry.count("head") == number
            # Nothing more, however often it is looked for something to do.
            assert await waiting.go(registry) == []
            assert 440 < opening(waiting) <= 451
        assert (registry.count("manifest"), registry.pulled) == (0, 15)
        registry.pulled = 9
        assert await until_asked(waiting, registry, 20) == []
        assert len(await waiting.go(registry)) == 1

    asyncio.run(scenario())
    assert registry.pulled == 10


def test_it_asks_only_when_no_pull_is_under_way(waiting: Chain, registry: Registry) -> None:
    budget: Any = waiting.scheduler.queues["pulls"].budget

    async def scenario() -> None:
        opening(waiting)
        waiting.put(names())
        for _ in range(3):
            await waiting.go(registry)
        waiting.put(manifest(n=20))
        handed_out = waiting.scheduler.next_request()
        assert handed_out is not None
        budget.take(waiting.clock.now)  # as if another had been at the same time
        gate = asyncio.Event()
        gate.set()
        await waiting._download(handed_out, registry, gate)
        assert (registry.count("head"), registry.count("manifest")) == (0, 0)
        assert (budget.in_flight, waiting.scheduler.waiting_count) == (1, 1)
        budget.failed()
        opening(waiting)
        await until_asked(waiting, registry, 1)
        assert (registry.count("head"), registry.count("manifest")) == (1, 0)

    asyncio.run(scenario())


def test_who_does_not_wait_pulls_again_when_a_head_says_so(
    chain_with: Callable[..., Chain], registry: Registry
) -> None:
    registry.limit = 30
    chain = chain_with(heard="hub registry cdn")
    run(chain, registry, *[manifest(n=number) for number in range(12)])
    assert (registry.count("head"), registry.pulled) == (1, 10)
    chain.clock.now += 3700
    for heads, then in ((2, 12), (3, 0)):
        registry.pulled = then
        found = run(chain, registry, *[manifest(n=number) for number in range(5)])
        assert [each.status for each in found] == [None if then else 200] * 5
        assert registry.count("head") == heads
        chain.clock.now += 450
    assert registry.pulled == 5


@pytest.mark.parametrize("answer", [*FAILURES, pytest.param(said(200), id="no limit")])
def test_where_no_head_tells_it_one_pull_finds_out(
    waiting: Chain, registry: Registry, answer: Response | Exception
) -> None:
    registry.always("head", answer)

    async def scenario() -> None:
        waiting.put(*sixteen())
        opening(waiting)
        registry.pulled = 12
        for _ in range(6):
            await waiting.go(registry)
        # It was too early: one pull was spent, and a failing HEAD is not repeated at once.
        assert (registry.count("manifest"), registry.pulled) == (1, 13)
        heads = registry.count("head")
        assert 1 <= heads <= 2
        assert opening(waiting) > 440
        registry.pulled, registry.limit = 0, 100
        assert len(await waiting.run(registry)) == 15
        # Eight in the whole window that passed, each of two requests.
        assert registry.count("head") <= heads + 2 * 9

    asyncio.run(scenario())
