"""All middlewares together: what sixteen requests at once come to, and that no place is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import KNOWN, SENT, SERVICE
from tests.middlewares.chain import Chain, built_chain, in_turn
from tests.middlewares.exchanges import (
    ALPINE,
    HTML,
    HUB,
    NOW,
    REDIS,
    TAGS,
    answer,
    good,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.http import Response

    from tests.clock import Clock


@pytest.fixture
def chain(crawler: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chain:
    """The middlewares of the settings, without an account; the Hub has answered once."""
    for name in ("DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    built = built_chain(crawler, clock, DOCKERHUB_HUB_URL=HUB, DOCKERHUB_HUB_RATE=0)
    built.budget.heard(None)
    return built


def requests(count: int, *, url: str = REDIS, known: bool = False) -> list[Request]:
    """Return requests for as many repositories, each of which knows its number."""
    return [
        Request(
            url.replace("redis", f"redis{number}"), meta={KNOWN: known}, cb_kwargs={"n": number}
        )
        for number in range(count)
    ]


def kinds(found: list[Any]) -> list[Kind]:
    return [each.kind for each in found]


ANSWERS = [
    pytest.param(good(), id="data"),
    pytest.param(answer(200, b""), id="200 empty"),
    pytest.param(answer(200, HTML), id="200 HTML"),
    pytest.param(answer(401), id="401"),
    pytest.param(answer(403), id="403 JSON"),
    pytest.param(answer(403, HTML), id="403 HTML"),
    pytest.param(answer(404), id="404"),
    pytest.param(answer(410), id="410"),
    pytest.param(answer(429, b"", Retry_After="5"), id="429"),
    pytest.param(answer(429, b""), id="429 bare"),
    pytest.param(answer(500, b""), id="500"),
    pytest.param(answer(503, b"", Retry_After="5"), id="503"),
    pytest.param(OSError("reset"), id="no answer"),
]


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("known", [False, True], ids=["unknown", "known"])
def test_sixteen_answers_alike_leave_no_place_taken(
    chain: Chain, said: Response | Exception, known: bool
) -> None:
    async def scenario() -> None:
        sixteen = requests(16, known=known)
        chain.put(*sixteen)
        found = await chain.go(lambda _: said)
        assert len(chain.sent) == 16
        assert chain.budget.in_flight == 0
        assert len(found) + len(chain.scheduler.queues["hub"]) == 16
        assert all(SERVICE not in request.meta for request in sixteen)
        # A second time: refused without being sent, repeated, probed.
        chain.clock.now += 1000
        await chain.go(lambda _: said)
        assert chain.budget.in_flight == 0

    asyncio.run(scenario())


def test_requests_to_a_struck_endpoint_are_spared_and_hold_no_place(chain: Chain) -> None:
    async def scenario() -> None:
        chain.put(*requests(1, url=TAGS))
        [first] = await chain.go(lambda _: answer(410))
        chain.put(*requests(16, url=TAGS))
        found = await chain.go(lambda _: good())
        assert kinds([first, *found]) == [Kind.REMOVED] * 17
        assert {each.status for each in found} == {None}

    asyncio.run(scenario())
    assert len(chain.sent) == 1
    assert chain.budget.in_flight == 0
    assert chain.crawler.stats.get_value("dockerhub/requests/hub") == 1


def test_of_sixteen_without_data_those_that_would_go_again_are_spared(chain: Chain) -> None:
    async def scenario() -> list[Any]:
        chain.put(*requests(16))
        return await chain.run(lambda _: answer(200, b"{}"))

    assert kinds(asyncio.run(scenario())) == [Kind.REMOVED] * 16
    assert len(chain.sent) == 16
    assert chain.closed == []
    assert chain.budget.in_flight == 0


def test_after_a_rest_one_request_finds_out_for_all(chain: Chain) -> None:
    async def scenario() -> None:
        chain.put(*requests(16))
        await chain.go(lambda _: answer(429, b""))
        rests_until = chain.budget.opens_at(chain.clock.now)
        assert rests_until == NOW + 0.1 + 300
        chain.clock.now = rests_until
        assert await chain.go(lambda _: answer(429, b"")) == []
        assert len(chain.sent) == 17
        chain.clock.now = chain.budget.opens_at(chain.clock.now)
        assert chain.clock.now == rests_until + 0.1 + 600
        [first] = await chain.go(lambda _: good())
        assert first.status == 200
        assert len(await chain.go(lambda _: good())) == 15

    asyncio.run(scenario())
    assert (len(chain.sent), chain.closed, chain.budget.in_flight) == (33, [], 0)


def test_silence_without_end_ends_the_crawl(chain: Chain) -> None:
    async def scenario() -> list[Any]:
        chain.put(*requests(16))
        found: list[Any] = []
        for _ in range(1 + 3):
            assert found == []
            chain.clock.now = max(chain.clock.now, chain.budget.opens_at(chain.clock.now))
            found = await chain.go(lambda _: answer(429, b""))
        return found

    assert kinds(asyncio.run(scenario())) == [Kind.ABUSE]
    # Sixteen, and one after each rest.
    assert len(chain.sent) == 16 + 3
    assert chain.closed == ["rate_limited"]
    assert chain.budget.in_flight == 0


def test_a_deleted_repository_costs_one_request_more(chain: Chain) -> None:
    async def scenario() -> list[Any]:
        chain.put(*requests(1, known=True))
        return await chain.run(lambda asked: good() if asked.url == ALPINE else answer(404))

    [refusal] = asyncio.run(scenario())
    assert (refusal.kind, refusal.status) == (Kind.NOT_THERE, 404)
    assert chain.sent == [REDIS.replace("redis", "redis0"), ALPINE]
    assert (chain.closed, chain.budget.in_flight) == ([], 0)


def test_sixteen_404s_of_a_block_are_believed_of_none(chain: Chain) -> None:
    async def scenario() -> list[Any]:
        chain.put(*requests(16, known=True))
        return await chain.run(lambda _: answer(404))

    assert kinds(asyncio.run(scenario())) == [Kind.BLOCKED] * 16
    assert chain.sent.count(ALPINE) == 16
    assert (chain.closed, chain.budget.in_flight) == (["blocked"], 0)


def test_a_block_that_begins_among_requests_under_way_is_believed_of_none(chain: Chain) -> None:
    async def scenario() -> list[Any]:
        chain.put(*requests(8, known=True))
        # The first four were let through, the next four were not.
        let_through = await chain.go(in_turn(*[good()] * 4, answer(404)))
        return let_through[4:] + await chain.run(lambda _: answer(404))

    assert kinds(asyncio.run(scenario())) == [Kind.BLOCKED] * 4
    # The one that was let through last was asked for too.
    assert chain.sent[8:] == [ALPINE] * 4 + [REDIS.replace("redis", "redis3")] * 4
    assert (chain.closed, chain.budget.in_flight) == (["blocked"], 0)


def test_where_only_the_official_image_is_refused_the_404s_are_believed(chain: Chain) -> None:
    seen = REDIS.replace("redis", "redis0")

    async def scenario() -> list[Any]:
        chain.put(*requests(1))
        await chain.go(lambda _: good())
        chain.put(*requests(9, known=True)[1:])
        return await chain.run(lambda asked: good() if asked.url == seen else answer(404))

    assert kinds(asyncio.run(scenario())) == [Kind.NOT_THERE] * 8
    assert (chain.sent.count(ALPINE), chain.sent.count(seen)) == (8, 1 + 8)
    assert (chain.closed, chain.budget.in_flight) == ([], 0)


def test_a_probe_that_is_broken_is_repeated_with_pauses_of_its_own(chain: Chain) -> None:
    async def scenario() -> tuple[list[Any], float]:
        chain.put(*requests(1, known=True))
        await chain.go(lambda _: answer(404))
        begun = chain.clock.now
        return await chain.run(lambda _: answer(500, b"")), chain.clock.now - begun

    found, lasted = asyncio.run(scenario())
    assert kinds(found) == [Kind.BLOCKED]
    assert chain.sent.count(ALPINE) == 5
    # Four pauses: 2, 4, 8 and 16 s, or half of them.
    assert 15 <= lasted <= 31
    assert (chain.closed, chain.budget.in_flight) == (["blocked"], 0)


def test_each_attempt_is_handed_out_sent_and_counted_once(chain: Chain) -> None:
    says = in_turn(
        answer(500, b""), OSError("reset"), answer(429, b"", Retry_After="7"), answer(503), good()
    )

    async def scenario() -> list[Any]:
        chain.put(*requests(1))
        return await chain.run(says)

    [response] = asyncio.run(scenario())
    assert not isinstance(response, HubRefusal)
    assert len(chain.sent) == chain.crawler.stats.get_value("dockerhub/requests/hub") == 5
    assert response.request.meta[SENT] < chain.clock.now
    assert response.request.meta["retry_times"] == 3
    assert chain.budget.in_flight == 0
