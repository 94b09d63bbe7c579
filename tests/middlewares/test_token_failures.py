"""Tokens that are not to be had: who is told, how often it is tried, and what goes on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import LIST
from tests.middlewares.registry import (
    AUTH,
    REDIS,
    REGISTRY,
    Registry,
    manifest,
    repositories,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from tests.clock import Clock
    from tests.middlewares.chain import Chain

DOWN = f"registry token: expected an answer from {AUTH}, got HTTP 503"
AWAY = f"{AUTH}: expected an answer, it cannot be reached"
WRONG = f"registry token as ada: expected one from {AUTH}, got HTTP 401"
ELSEWHERE = (
    f'realm of the registry\'s challenge: expected a URL at {AUTH}, got "https://evil.example/"'
)


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def refusals(found: list[Any]) -> set[tuple[Kind, int | None, str]]:
    return {(each.kind, each.status, each.detail) for each in found if isinstance(each, HubRefusal)}


def test_a_token_service_that_is_down_fails_what_needed_it_alone(
    chain: Chain, registry: Registry
) -> None:
    registry.always("token", said(503))
    found = run(chain, registry, *[manifest(n=number) for number in range(16)], Request(LIST))
    assert len(found) == 17
    assert [each.url for each in found if not isinstance(each, HubRefusal)] == [LIST]
    assert refusals(found) == {(Kind.BROKEN, None, DOWN)}
    assert (registry.count("token"), registry.count("manifest")) == (3, 0)
    assert (chain.in_flight, chain.closed) == ({}, [])
    assert chain.crawler.stats.get_value(FAILURES) is None


def test_what_is_asked_of_such_a_repository_later_is_refused_at_once(
    chain: Chain, registry: Registry
) -> None:
    budget: Any = chain.scheduler.queues["pulls"].budget
    budget.heard(PullLimit(100, 70, 3600), chain.clock.now)
    registry.say("token", *[said(503)] * 3)
    run(chain, registry, manifest())
    # Other repositories are asked for: it may have come back.
    found = run(chain, registry, manifest(n=1), manifest(repositories(1)[0]))
    assert refusals(found) == {(Kind.BROKEN, None, DOWN)}
    assert [each.status for each in found] in ([None, 200], [200, None])
    assert registry.scopes == [[str(REDIS)]] * 3 + [[str(repositories(1)[0])]]
    assert chain.in_flight == {}
    # What was never sent is not counted as lost.
    assert budget.left()[0] == 50


def test_a_token_service_that_stays_down_is_not_hammered(
    chain: Chain, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.always("token", said(503))
    with caplog.at_level(logging.INFO):
        found = run(chain, registry, *map(manifest, repositories(100)))
    assert len(found) == 100
    assert refusals(found) == {(Kind.BROKEN, None, DOWN)}
    # Three batches in vain, of three tries each.
    assert registry.count("token") == 9
    assert caplog.messages.count(DOWN) == 1
    assert (chain.in_flight, chain.closed) == ({}, [])


def test_one_batch_that_gets_its_token_begins_the_count_anew(
    chain: Chain, registry: Registry
) -> None:
    for number, repository in enumerate(repositories(9)):
        registry.say("token", *([said(503)] * 3 if number % 3 < 2 else []))
        run(chain, registry, manifest(repository))
    assert registry.count("token") == 3 * (3 + 3 + 1)
    assert registry.count("manifest") == 3


def test_a_registry_that_is_away_is_told_as_what_it_is(chain: Chain, registry: Registry) -> None:
    registry.always("base", ConnectionError("no route"))
    [error] = run(chain, registry, manifest())
    assert error.detail == (
        f"registry: expected an answer from {REGISTRY}, got ConnectionError: no route"
    )
    assert registry.count("token") == 0


def test_a_realm_elsewhere_is_told_once_and_asked_never(
    chain_with: Callable[..., Chain], registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.challenge = 'Bearer realm="https://evil.example/",service="x"'
    chain = chain_with(account=True)
    with caplog.at_level(logging.INFO):
        found = run(chain, registry, *map(manifest, repositories(40)))
    assert refusals(found) == {(Kind.BROKEN, None, ELSEWHERE)}
    assert {each.kind for each in registry.asked} == {"base"}
    assert (registry.count("base"), caplog.messages) == (1, [ELSEWHERE])


def test_wrong_credentials_are_not_tried_twice(
    chain_with: Callable[..., Chain], registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.always("token", said(401))
    chain = chain_with(account=True)
    with caplog.at_level(logging.INFO):
        found = run(chain, registry, *map(manifest, repositories(40)))
    assert refusals(found) == {(Kind.BROKEN, None, WRONG)}
    assert (registry.count("token"), registry.count("manifest")) == (1, 0)
    assert chain.crawler.stats.get_value(FAILURES) == [WRONG]
    assert caplog.messages == [WRONG]
    assert chain.in_flight == {}


RENEWALS = [
    pytest.param(said(503), id="down"),
    pytest.param(said(401), id="401"),
    pytest.param(OSError("reset"), id="no answer"),
]


@pytest.mark.parametrize("answer", RENEWALS)
def test_a_token_that_is_good_still_is_used_while_no_newer_is_to_be_had(
    chain: Chain, registry: Registry, clock: Clock, answer: Response | Exception
) -> None:
    run(chain, registry, manifest())
    registry.always("token", answer)
    clock.now += 250
    found = run(chain, registry, *[manifest(n=number) for number in range(1, 9)])
    assert [each.status for each in found] == [200] * 8
    clock.now += 60
    [error] = run(chain, registry, manifest(n=9))
    assert error.kind is Kind.BROKEN


def test_renewals_in_vain_end(
    chain: Chain, registry: Registry, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    run(chain, registry, manifest())
    registry.always("token", said(503))
    clock.now += 245
    with caplog.at_level(logging.INFO):
        for number in range(30):
            run(chain, registry, manifest(n=number))
    assert registry.count("manifest") == 31
    assert registry.count("token") == 1 + 9
    assert caplog.messages.count(DOWN) == 1


def test_what_goes_wrong_in_our_own_hands_holds_nobody(
    chain: Chain, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a\nb")

    monkeypatch.setattr("dockerhub.middlewares.token_desk.token_url", broken)
    [error] = run(chain, registry, manifest())
    assert error.detail == "registry token: RuntimeError('a\\nb')"
    assert chain.in_flight == {}
