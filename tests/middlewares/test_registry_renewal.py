"""Tokens that the registry does not take: renewed for all at once, so often, and no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.kinds import Kind
from dockerhub.middlewares.registry_tokens import RegistryTokensMiddleware
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import LIST
from tests.middlewares.registry import (
    NGINX,
    REALM,
    REDIS,
    Registry,
    blob,
    manifest,
    names,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clock import Clock
    from tests.middlewares.chain import Chain

NO_ACCESS = f'{REALM},error="insufficient_scope"'


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def test_a_token_that_ends_in_mid_crawl_is_renewed_once_for_all(
    chain: Chain, registry: Registry
) -> None:
    run(chain, registry, manifest())
    registry.revoke()
    found = run(chain, registry, *[manifest(n=number) for number in range(16)])
    assert [each.status for each in found] == [200] * 16
    assert [each.request.cb_kwargs["n"] for each in found] == list(range(16))
    assert registry.count("token") == 2
    # What was refused was asked for again, once.
    assert registry.count("manifest") == 1 + 16 + 16
    assert registry.of("manifest")[-1].authorization == "Bearer t2"
    assert chain.in_flight == {}
    # It is no failure of the registry.
    assert chain.crawler.stats.get_value("retry/count") is None
    assert chain.crawler.stats.get_value("dockerhub/no/forbidden") is None


def test_answers_that_come_late_need_no_newer_token(chain: Chain, registry: Registry) -> None:
    run(chain, registry, manifest())
    tokens = next(
        each for each in chain.manager.middlewares if isinstance(each, RegistryTokensMiddleware)
    )
    late = manifest(n=2)
    assert tokens.process_request(late) is None
    registry.revoke()
    run(chain, registry, manifest(n=1))
    assert registry.count("token") == 2
    # It went with the first token, and is refused when the second is there already.
    again = tokens.process_response(late, refusal(f'{REALM},error="invalid_token"'))
    assert isinstance(again, Request)
    [found] = run(chain, registry, again)
    assert (found.status, registry.count("token")) == (200, 2)


def test_only_the_token_of_that_repository_is_dropped(chain: Chain, registry: Registry) -> None:
    async def scenario() -> None:
        chain.put(manifest(REDIS))
        await chain.run(registry)
        chain.put(manifest(NGINX))
        await chain.run(registry)
        registry.say("manifest", refusal(f'{REALM},error="invalid_token"'))
        chain.put(manifest(REDIS))
        await chain.run(registry)
        chain.put(manifest(NGINX))
        await chain.run(registry)

    asyncio.run(scenario())
    assert registry.scopes == [[str(REDIS)], [str(NGINX)], [str(REDIS)]]
    assert registry.of("manifest")[-1].authorization == "Bearer t2"


@pytest.mark.parametrize("make", [manifest, blob, names], ids=["manifest", "blob", "names"])
def test_tokens_that_are_never_taken_are_renewed_three_times(
    chain: Chain, registry: Registry, make: Callable[[], Request]
) -> None:
    kind = make.__name__.removesuffix("s") if make is not names else "names"
    registry.always(kind, refusal(f'{REALM},error="invalid_token"'))
    [error] = run(chain, registry, make())
    assert (error.kind, error.status) == (Kind.FORBIDDEN, 401)
    assert error.detail == 'HTTP 401 {"errors":[{"code":"UNAUTHORIZED"}]}'
    assert (registry.count("token"), registry.count(kind)) == (4, 4)
    assert chain.crawler.stats.get_value("dockerhub/no/forbidden") == 1
    assert chain.in_flight == {}


def test_what_a_fresh_token_does_not_grant_is_not_there(chain: Chain, registry: Registry) -> None:
    registry.hidden = {str(REDIS)}
    found = run(chain, registry, manifest(REDIS), manifest(NGINX), names(REDIS))
    by_status = sorted(found, key=lambda each: each.status)
    assert [each.status for each in by_status] == [200, 401, 401]
    assert {each.kind for each in by_status[1:]} == {Kind.NOT_THERE}
    # One request for a token, each was asked for once: this "no" is final.
    assert registry.count("token") == 1
    assert (registry.count("manifest"), registry.count("names")) == (2, 1)
    assert chain.crawler.stats.get_value("dockerhub/no/not there") == 2
    assert chain.crawler.stats.get_value(FAILURES) is None


def test_what_an_old_token_does_not_grant_is_asked_for_with_a_new_one(
    chain: Chain, registry: Registry, clock: Clock
) -> None:
    run(chain, registry, manifest())
    clock.now += 60
    registry.say("manifest", refusal(NO_ACCESS))
    [found] = run(chain, registry, manifest(n=1))
    assert found.status == 200
    assert registry.count("token") == 2


def test_what_a_new_one_does_not_grant_either_is_not_there(
    chain: Chain, registry: Registry, clock: Clock
) -> None:
    run(chain, registry, manifest())
    clock.now += 60
    registry.always("manifest", refusal(NO_ACCESS))
    [error] = run(chain, registry, manifest(n=1))
    assert (error.kind, error.status) == (Kind.NOT_THERE, 401)
    assert (registry.count("token"), registry.count("manifest")) == (2, 1 + 2)


@pytest.mark.parametrize(
    "challenge",
    [
        pytest.param(None, id="none"),
        pytest.param('Basic realm="x"', id="another scheme"),
        pytest.param("Bearer", id="without a realm"),
    ],
)
def test_a_401_that_asks_for_no_token_is_not_repeated(
    chain: Chain, registry: Registry, challenge: str | None
) -> None:
    registry.say("manifest", refusal(challenge))
    [error] = run(chain, registry, manifest())
    assert (error.kind, error.status) == (Kind.FORBIDDEN, 401)
    assert (registry.count("token"), registry.count("manifest")) == (1, 1)


@pytest.mark.parametrize("make", [manifest, names, blob], ids=["manifest", "names", "blob"])
@pytest.mark.parametrize("challenge", [None, NO_ACCESS], ids=["forbidden", "not there"])
def test_what_the_registry_refuses_is_no_matter_of_the_hub_s_token(
    chain_with: Callable[..., Chain],
    registry: Registry,
    make: Callable[[], Request],
    challenge: str | None,
) -> None:
    chain = chain_with(account=True)
    run(chain, registry, Request(LIST))
    assert registry.count("sign_in") == 1
    for kind in ("manifest", "names", "blob"):
        registry.always(kind, refusal(challenge))
    [error] = run(chain, registry, make())
    assert error.kind is (Kind.FORBIDDEN if challenge is None else Kind.NOT_THERE)
    assert registry.count("sign_in") == 1
    assert registry.of("hub")[-1].authorization == "Bearer hub-token"


def test_an_account_s_tokens_go_where_they_belong(
    chain_with: Callable[..., Chain], registry: Registry
) -> None:
    chain = chain_with(account=True)
    run(chain, registry, Request(LIST), manifest(), blob(), names())
    sent = {each.kind: each.authorization for each in registry.asked}
    assert sent.pop("token", "").startswith("Basic ")
    assert sent == {
        "base": None,
        "sign_in": None,
        "hub": "Bearer hub-token",
        "manifest": "Bearer t1",
        "blob": "Bearer t1",
        "names": "Bearer t1",
        "cdn": None,
    }
