"""How many pulls are left is asked before the first one, by what costs none."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.limits.budget import NEVER
from dockerhub.media_types import ACCEPTED
from tests.middlewares.exchanges import LIST
from tests.middlewares.registry import (
    PREVIEW,
    REDIS,
    REGISTRY,
    Registry,
    blob,
    json_of,
    manifest,
    names,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from dockerhub.limits.pulls import PullBudget
    from tests.middlewares.chain import Chain

LIMIT = {"RateLimit_Limit": "100;w=3600", "RateLimit_Remaining": "64;w=3600"}


@pytest.fixture
def chain(chain_with: Callable[..., Chain]) -> Chain:
    """Nobody has said yet how many pulls are left."""
    return chain_with(heard="hub registry cdn")


@pytest.fixture
def pulls(chain: Chain) -> PullBudget:
    budget: Any = chain.scheduler.queues["pulls"].budget
    return budget


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def sixteen() -> list[Request]:
    return [manifest(n=number) for number in range(16)]


def test_before_the_first_pull_a_head_asks_how_many_are_left(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    registry.limit = 100
    found = run(chain, registry, *sixteen())
    assert [each.status for each in found] == [200] * 16
    assert [each.kind for each in registry.asked] == [
        *("base", "token", "head"),
        *["manifest"] * 16,
    ]
    [head] = registry.of("head")
    # One of those that are to be pulled, with its token.
    assert head.authorization == "Bearer t1"
    assert head.accept == ", ".join(ACCEPTED)
    assert head.url in {each.url for each in registry.of("manifest")}
    assert pulls.left() is not None
    assert pulls.left()[:2] == (100 - 16 - 20, 100)  # type: ignore[index]


def test_pulls_are_held_meanwhile_and_nothing_else_is(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        fetch: Any = chain.crawler.engine.download_async  # type: ignore[union-attr]

        async def slow(request: Request) -> Any:
            if request.method == "HEAD":
                await gate.wait()
            return await fetch(request)

        chain.crawler.engine.download_async = slow  # type: ignore[union-attr, method-assign]
        chain.put(*sixteen())
        for _ in range(3):
            assert await chain.go(registry) == []
        assert pulls.opens_at(chain.clock.now) == NEVER
        chain.put(names(), blob(), manifest(n=99, method="HEAD"), Request(LIST))
        found = await chain.go(registry)
        assert sorted(each.request.cb_kwargs.get("n", -1) for each in found) == [-1, 0, 99]
        assert registry.count("manifest") == 0
        assert (chain.in_flight, pulls.in_flight) == ({}, 0)
        chain.woken.clear()
        gate.set()
        found = await chain.go(registry)
        assert len(chain.woken) == 1
        found += await chain.run(registry)
        # The blob that was elsewhere is among them.
        assert len(found) == 17

    asyncio.run(scenario())
    assert registry.count("manifest") == 16


def test_it_is_asked_once_in_a_crawl(chain: Chain, registry: Registry) -> None:
    for number in range(4):
        run(chain, registry, manifest(n=number))
    assert (registry.count("head"), registry.count("manifest")) == (2, 4)
    # The second is that of the preview: the first told no limit.
    assert {each.url for each in registry.of("head")} == {
        manifest().url,
        f"{REGISTRY}/v2/{PREVIEW}/manifests/latest",
    }


def test_a_head_that_told_it_before_is_enough(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    registry.limit = 100
    run(chain, registry, manifest(method="HEAD"))
    assert pulls.left()[:2] == (80, 100)  # type: ignore[index]
    run(chain, registry, manifest())
    assert registry.count("head") == 1


def test_where_no_limit_is_told_the_preview_is_asked(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    """Some repositories are free for all: that says nothing of the others."""
    registry.say("head", said(200), said(200, b"", **LIMIT))
    run(chain, registry, manifest())
    assert registry.scopes == [[str(REDIS)], [PREVIEW]]
    first, preview = registry.of("head")
    assert preview.url == f"{REGISTRY}/v2/{PREVIEW}/manifests/latest"
    assert (first.authorization, preview.authorization) == ("Bearer t1", "Bearer t2")
    assert pulls.left()[:2] == (64 - 20, 100)  # type: ignore[index]


def test_an_open_registry_has_no_preview(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    registry.is_open = True
    found = run(chain, registry, *sixteen())
    assert len(found) == 16
    assert (registry.count("head"), registry.count("token")) == (1, 0)
    assert (pulls.has_heard, pulls.left()) == (True, None)


def test_where_nobody_tells_a_limit_there_is_none(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    async def scenario() -> None:
        chain.put(*sixteen())
        await chain.go(registry)
        await chain.go(registry)
        # All of them together, no longer one by one.
        assert len(await chain.go(registry)) == 16

    asyncio.run(scenario())
    assert (pulls.has_heard, pulls.left()) == (True, None)


FAILURES: list[Any] = [
    pytest.param(said(500), id="500"),
    pytest.param(said(503), id="503"),
    pytest.param(said(429), id="429"),
    pytest.param(said(401), id="401"),
    pytest.param(said(403, b"<html>"), id="a guard's page"),
    pytest.param(OSError("reset"), id="no answer"),
]


@pytest.mark.parametrize("answer", FAILURES)
def test_pulls_go_on_though_nobody_could_tell(
    chain: Chain, registry: Registry, answer: Response | Exception
) -> None:
    registry.always("head", answer)
    found = run(chain, registry, *sixteen())
    assert [each.status for each in found] == [200] * 16
    assert registry.count("head") <= 2
    assert chain.in_flight == {}
    assert chain.crawler.stats.get_value("dockerhub/requests/pulls") == 16


@pytest.mark.parametrize("answer", FAILURES)
def test_that_there_is_no_limit_is_not_believed_of_an_error(
    chain: Chain, registry: Registry, pulls: PullBudget, answer: Response | Exception
) -> None:
    """One at a time finds out; sixteen together would eat of what is left to others."""
    registry.always("head", answer)

    async def scenario() -> None:
        chain.put(*sixteen())
        for _ in range(3):
            await chain.go(registry)
        assert registry.count("manifest") == 1
        assert len(await chain.go(registry)) == 15

    asyncio.run(scenario())


def test_a_preview_without_a_token_holds_nobody(
    chain: Chain, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.say("token", None, *[said(503)] * 3)  # type: ignore[arg-type]
    with caplog.at_level(logging.INFO):
        found = run(chain, registry, *sixteen())
    assert [each.status for each in found] == [200] * 16
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("status", "headers"), [(404, LIMIT), (401, LIMIT), (500, LIMIT), (429, LIMIT)]
)
def test_a_limit_is_believed_whatever_comes_with_it(
    chain: Chain, registry: Registry, pulls: PullBudget, status: int, headers: dict[str, str]
) -> None:
    registry.say("head", said(status, b"", **headers))
    run(chain, registry, manifest())
    assert registry.count("head") == 1
    assert pulls.left()[1] == 100  # type: ignore[index]


def test_what_a_token_claims_counts_until_a_header_tells(
    chain: Chain, registry: Registry, pulls: PullBudget
) -> None:
    # {"access":[{"type":"repository","name":"bitnami/redis","actions":["pull"],
    #   "parameters":{"pull_limit":"100","pull_limit_interval":"21600"}}]}
    claims = (
        "eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImJpdG5hbWkvcmVkaXMiLCJhY3Rpb25zIjpb"
        "InB1bGwiXSwicGFyYW1ldGVycyI6eyJwdWxsX2xpbWl0IjoiMTAwIiwicHVsbF9saW1pdF9pbnRlcnZhbCI6IjIx"
        "NjAwIn19XX0"
    )

    async def scenario() -> None:
        registry.say("token", json_of({"token": f"e30.{claims}.c2ln"}))
        chain.put(names())
        await chain.go(registry)
        assert pulls.left() == (80, 100, NEVER)
        assert not pulls.has_heard

    asyncio.run(scenario())
