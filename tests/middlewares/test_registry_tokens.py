"""Tokens of the registry: one a repository, several in a request, and none where none is wanted."""

from __future__ import annotations

import asyncio
from itertools import chain as chain_of
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.meta import REPOSITORY, TOKEN
from dockerhub.names import RepositoryName
from tests.middlewares.exchanges import LIST
from tests.middlewares.registry import (
    NGINX,
    REDIS,
    REGISTRY,
    Registry,
    blob,
    manifest,
    names,
    repositories,
    said,
)

if TYPE_CHECKING:
    from tests.clock import Clock
    from tests.middlewares.chain import Chain


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def statuses(found: list[Any]) -> list[int]:
    return [each.status for each in found]


def test_a_token_is_fetched_once_for_all_that_wait(chain: Chain, registry: Registry) -> None:
    asked = [manifest(n=number) for number in range(32)]
    found = run(chain, registry, *asked)
    assert statuses(found) == [200] * 32
    assert [each.request.cb_kwargs["n"] for each in found] == list(range(32))
    assert [each.kind for each in registry.asked] == ["base", "token", *["manifest"] * 32]
    assert {each.authorization for each in registry.of("manifest")} == {"Bearer t1"}
    assert chain.in_flight == {}
    assert chain.crawler.stats.get_value("dockerhub/registry_tokens") == 1
    # A request that was kept back was not sent, nor counted.
    assert chain.crawler.stats.get_value("dockerhub/requests/pulls") == 32


def test_what_needs_a_token_holds_no_place_while_it_is_fetched(
    chain: Chain, registry: Registry
) -> None:
    async def scenario() -> None:
        chain.put(*[manifest(n=number) for number in range(32)], Request(LIST))
        found = await chain.go(registry)
        assert [each.url for each in found] == [LIST]
        assert chain.in_flight == {}
        assert chain.scheduler.waiting_count == 32
        assert len(await chain.go(registry)) == 32

    asyncio.run(scenario())


def test_what_comes_while_a_token_is_fetched_waits_for_the_same(
    chain: Chain, registry: Registry
) -> None:
    async def scenario() -> list[Any]:
        gate = asyncio.Event()
        fetch: Any = chain.crawler.engine.download_async  # type: ignore[union-attr]

        async def slow(request: Request) -> Any:
            await gate.wait()
            return await fetch(request)

        chain.crawler.engine.download_async = slow  # type: ignore[union-attr, method-assign]
        chain.put(manifest())
        assert await chain.go(registry) == []
        chain.put(*[manifest(n=number) for number in range(1, 20)], manifest(NGINX))
        assert await chain.go(registry) == []
        assert (registry.asked, chain.woken) == ([], [])
        # Kept back they are, and not handed out again and again.
        assert chain.scheduler.next_request() is None
        gate.set()
        found = await chain.run(registry)
        assert len(chain.woken) == 2
        return found

    assert statuses(asyncio.run(scenario())) == [200] * 21
    assert registry.scopes == [[str(REDIS)], [str(NGINX)]]


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1]), (8, [8]), (9, [8, 1]), (20, [8, 8, 4]), (32, [8] * 4)]
)
def test_repositories_share_requests_for_tokens(
    chain: Chain, registry: Registry, count: int, sizes: list[int]
) -> None:
    found = run(chain, registry, *map(manifest, repositories(count)))
    assert statuses(found) == [200] * count
    assert [len(scopes) for scopes in registry.scopes] == sizes
    assert list(chain_of(*registry.scopes)) == [str(name) for name in repositories(count)]
    assert registry.count("base") == 1
    assert len({each.authorization for each in registry.of("manifest")}) == len(sizes)


def test_one_token_serves_all_that_is_asked_of_a_repository(
    chain: Chain, registry: Registry
) -> None:
    head = manifest(n=3, method="HEAD")
    found = run(chain, registry, names(), manifest(n=2), head, blob(n=4))
    assert len(found) == 4
    assert registry.count("token") == 1
    kinds = ("names", "manifest", "head", "blob")
    assert [registry.of(kind)[0].authorization for kind in kinds] == ["Bearer t1"] * 4


def test_the_token_goes_to_the_registry_alone(chain: Chain, registry: Registry) -> None:
    run(chain, registry, manifest(), blob(), Request(LIST, meta={REPOSITORY: str(REDIS)}))
    tokens = {each.kind for each in registry.asked if each.authorization}
    assert tokens == {"manifest", "blob"}
    assert {each.kind for each in registry.asked} == {
        *("base", "token", "manifest", "blob", "cdn", "hub")
    }


def test_a_request_knows_the_number_of_its_token_and_nothing_more(
    chain: Chain, registry: Registry
) -> None:
    [found] = run(chain, registry, manifest())
    assert found.request.meta[TOKEN] == 1
    assert "t1" not in str(found.request.meta)


def test_a_registry_that_is_open_wants_no_token(chain: Chain, registry: Registry) -> None:
    registry.is_open = True
    found = run(chain, registry, *map(manifest, repositories(12)), names())
    assert statuses(found) == [200] * 13
    assert (registry.count("base"), registry.count("token")) == (1, 0)
    assert {each.authorization for each in registry.asked} == {None}


def test_a_registry_that_begins_to_want_tokens_is_believed(
    chain: Chain, registry: Registry
) -> None:
    registry.is_open = True
    run(chain, registry, manifest())
    registry.is_open = False
    found = run(chain, registry, *[manifest(n=number) for number in range(16)])
    assert statuses(found) == [200] * 16
    # Its answer to the first of them was the challenge.
    assert (registry.count("base"), registry.count("token")) == (1, 1)
    assert registry.count("manifest") == 1 + 16 + 16


def test_a_token_is_renewed_before_it_ends_and_nothing_waits(
    chain: Chain, registry: Registry, clock: Clock
) -> None:
    async def scenario() -> None:
        chain.put(manifest())
        await chain.run(registry)
        clock.now += 239
        chain.put(manifest(n=1))
        assert len(await chain.go(registry)) == 1
        assert registry.count("token") == 1
        clock.now += 2
        chain.put(*[manifest(n=number) for number in range(16)])
        assert len(await chain.go(registry)) == 16
        assert registry.of("manifest")[-1].authorization == "Bearer t1"
        assert registry.count("token") == 2
        chain.put(manifest(n=2))
        assert len(await chain.go(registry)) == 1
        assert registry.of("manifest")[-1].authorization == "Bearer t2"

    asyncio.run(scenario())


def test_a_token_that_is_over_is_waited_for(chain: Chain, registry: Registry, clock: Clock) -> None:
    async def scenario() -> None:
        chain.put(manifest())
        await chain.run(registry)
        clock.now += 299.5  # less than a second is left
        chain.put(*[manifest(n=number) for number in range(16)])
        assert await chain.go(registry) == []
        assert len(await chain.go(registry)) == 16

    asyncio.run(scenario())
    assert registry.count("token") == 2
    assert [each.authorization for each in registry.of("manifest")] == [
        "Bearer t1", *["Bearer t2"] * 16
    ]  # fmt: skip


@pytest.mark.parametrize(("life", "lasts"), [(None, 60), (60, 60), (1, 5), (10**8, 3600)])
@pytest.mark.parametrize(("before", "is_over"), [(1.5, False), (0.5, True)])
def test_a_token_lives_as_long_as_it_says_within_bounds(
    chain: Chain, registry: Registry, clock: Clock,
    life: int | None, lasts: int, before: float, is_over: bool,
) -> None:  # fmt: skip
    registry.life = life

    async def scenario() -> list[Any]:
        began = clock.now
        chain.put(manifest())
        await chain.go(registry)
        clock.now = began + lasts - before
        return await chain.go(lambda _: said(200))

    assert len(asyncio.run(scenario())) == (0 if is_over else 1)


def test_repositories_of_other_names_are_asked_for_as_they_are(
    chain: Chain, registry: Registry
) -> None:
    odd = RepositoryName("Old.Names", "with_under--score")
    [found] = run(chain, registry, manifest(odd))
    assert found.status == 200
    assert registry.scopes == [[str(odd)]]


def test_what_names_no_repository_goes_without_a_token(chain: Chain, registry: Registry) -> None:
    registry.is_open = True
    [found] = run(chain, registry, Request(f"{REGISTRY}/v2/bitnami/redis/tags/list"))
    assert found.status == 200
    assert [each.kind for each in registry.asked] == ["names"]
