"""Requests by proxies: applied, heard, and never taken for Docker's word."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from dockerhub.errors import HubRefusal, ProxyError
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, KNOWN
from tests.middlewares.chain import built_chain
from tests.middlewares.exchanges import ALPINE, HTML, HUB, REDIS, answer, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from tests.clock import Clock
    from tests.middlewares.chain import Chain

    Made = Callable[..., Chain]

A, B, C = "a.example:1", "b.example:1", "c.example:1"
PASSWORD = "s3cret"
PROXIES = f"http://ada:{PASSWORD}@{A},{B},{C}"
GUARD = answer(403, HTML)
LIMITS = {"X_RateLimit_Limit": "180", "X_RateLimit_Reset": "1800000060"}


@pytest.fixture
def made(crawler: Crawler, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Make the chain of middlewares with proxies; places in time are without jitter."""

    def chain(proxies: str = PROXIES, **ours: Any) -> Chain:
        built = built_chain(
            crawler,
            clock,
            **{
                "DOCKERHUB_HUB_URL": HUB,
                "DOCKERHUB_HUB_RATE": "0",
                "DOCKERHUB_PROXIES": proxies,
                **ours,
            },
        )
        monkeypatch.setattr(built.scheduler, "_jitter", float)
        return built

    return chain


def lists(count: int) -> list[Request]:
    return [Request(f"{HUB}/v2/namespaces/x/repositories?page={n}") for n in range(count)]


def exit_of(request: Request) -> str:
    return str(request.meta["proxy"]).removeprefix("http://")


class Proxies:
    """Answers by what each proxy is told to say; what it is not told passes."""

    def __init__(self, **says: Any) -> None:
        self.says = {f"{name}.example:1": said for name, said in says.items()}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: Request) -> Response | Exception:
        name = exit_of(request)
        self.asked.append((name, request.url))
        said = self.says.get(name)
        return good(request.url) if said is None else said

    @property
    def counts(self) -> Counter[str]:
        return Counter(name for name, _ in self.asked)


def test_requests_go_by_all_exits_and_credentials_come_back_with_none(made: Made) -> None:
    chain = made()
    seen: list[tuple[str, bytes | None, str]] = []

    def says(request: Request) -> Response:
        header = request.headers.get(b"Proxy-Authorization")
        seen.append((exit_of(request), header, request.meta["download_slot"]))
        return good(request.url)

    requests = lists(30)
    chain.put(*requests)
    asyncio.run(chain.run(says))

    assert {name for name, _, _ in seen} == {A, B, C}
    pair = base64.b64encode(f"ada:{PASSWORD}".encode())
    assert {header for name, header, _ in seen if name == A} == {b"Basic " + pair}
    assert {header for name, header, _ in seen if name != A} == {None}
    assert {slot for _, _, slot in seen} == {f"hub|{name}" for name in (A, B, C)}
    for request in requests:
        assert b"Proxy-Authorization" not in request.headers
        assert PASSWORD not in repr(request.meta)


def test_each_exit_is_asked_one_thing_at_first_and_then_no_more_than_it_has_left(
    made: Made,
) -> None:
    chain = made()
    chain.put(*lists(60))
    left = dict.fromkeys((A, B, C), 11)

    def says(request: Request) -> Response:
        left[exit_of(request)] -= 1
        remaining = str(left[exit_of(request)])
        return answer(200, b'{"results":[]}', X_RateLimit_Remaining=remaining, **LIMITS)

    async def scenario() -> None:
        await chain.go(says)
        assert left == dict.fromkeys((A, B, C), 10)
        await chain.go(says)
        # None has more than its share of all that may be under way.
        assert left == dict.fromkeys((A, B, C), 4)
        await chain.go(says)
        await chain.go(says)
        assert left == dict.fromkeys((A, B, C), 0)
        assert len(chain.sent) == 33

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(answer(403, HTML, Server="tinyproxy/1.11.1"), "forbids", id="forbids"),
        pytest.param(answer(500, HTML, Server="tinyproxy/1.11.1"), "cannot pass on", id="fails"),
        pytest.param(DownloadConnectionRefusedError("no"), "cannot be connected", id="away"),
    ],
)
def test_what_a_proxy_says_itself_is_no_word_of_dockers(
    made: Made, said: Any, words: str, caplog: pytest.LogCaptureFixture, crawler: Crawler
) -> None:
    chain, proxies = made(), Proxies(a=said)
    chain.put(*lists(40))
    found = asyncio.run(chain.run(proxies))

    assert [each.status for each in found] == [200] * 40
    assert proxies.counts[A] == 1
    [line] = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert line.startswith(f"proxy {A}: ")
    assert words in line
    stats = chain.crawler.stats.get_stats()
    assert not [name for name in stats if name.startswith("dockerhub/no/")]
    assert chain.in_flight == {}
    assert PASSWORD not in caplog.text


def test_wrong_credentials_of_a_proxy_are_not_tried_again(
    made: Made, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chain, proxies = made(), Proxies(a=answer(407, HTML))
    for _ in range(3):
        chain.put(*lists(10))
        asyncio.run(chain.run(proxies))
        clock.now += 1000
    assert proxies.counts[A] == 1
    assert caplog.text.count("not used any more") == 1


def test_a_rest_is_as_long_as_the_proxy_asks(made: Made, clock: Clock) -> None:
    forbids = answer(403, HTML, Server="tinyproxy", Retry_After="120")
    chain, proxies = made(), Proxies(a=forbids)
    chain.put(*lists(9))
    asyncio.run(chain.run(proxies))
    assert chain.scheduler.exits.opens_at(A, clock.now) >= clock.now + 119


def test_a_404_of_dockers_is_no_fault_of_the_exit(made: Made) -> None:
    chain = made()
    chain.put(*lists(12))

    def says(request: Request) -> Response:
        return answer(404) if request.url.endswith("page=3") else good(request.url)

    found = asyncio.run(chain.run(says))
    [refusal] = [each for each in found if isinstance(each, HubRefusal)]
    assert refusal.kind is Kind.NOT_THERE
    assert chain.scheduler.exits.open_at(chain.clock.now) == dict.fromkeys(
        (A, B, C), chain.clock.now
    )


def test_a_429_closes_the_exit_and_no_other(made: Made) -> None:
    chain = made()
    chain.put(*lists(60))
    slowed = answer(429, Retry_After="60")
    proxies = Proxies(a=slowed)
    for _ in range(6):
        asyncio.run(chain.go(proxies))
    assert proxies.counts[A] == 1
    assert proxies.counts[B] > 1
    assert not chain.scheduler.has_pending_requests()


def test_one_that_docker_guards_against_stops_and_the_others_go_on(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    chain, proxies = made(), Proxies(a=GUARD)
    for _ in range(8):
        chain.put(*lists(6))
        asyncio.run(chain.run(proxies))
    # Two may have been under way together.
    assert 3 <= proxies.counts[A] <= 6
    assert chain.closed == []
    assert caplog.text.count("the other exits go on") == 1


def test_when_all_are_guarded_against_the_crawl_ends(made: Made) -> None:
    chain, proxies = made(), Proxies(a=GUARD, b=GUARD, c=GUARD)
    for _ in range(8):
        chain.put(*lists(6))
        asyncio.run(chain.run(proxies))
    assert chain.closed == ["bot_guard"]
    assert all(3 <= proxies.counts[name] <= 6 for name in (A, B, C))


def test_a_blocked_exit_is_found_out_by_itself_and_nothing_is_believed_of_it(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    chain, proxies = made(), Proxies(a=answer(404))
    chain.put(*(Request(f"{REDIS}?{n}", meta={KNOWN: True}) for n in range(40)))
    found = asyncio.run(chain.run(proxies))
    assert [each.status for each in found] == [200] * 40
    # What was asked, and what is there for ever: by the same exit.
    asked = [url for name, url in proxies.asked if name == A]
    assert ALPINE in asked
    assert len(asked) <= 20
    assert caplog.text.count("the other exits go on") == 1
    assert chain.closed == []


def test_an_exit_by_which_docker_fails_in_a_row_rests(made: Made) -> None:
    chain, proxies = made(), Proxies(a=answer(500))
    for _ in range(20):
        chain.put(*lists(6))
        found = asyncio.run(chain.run(proxies))
        assert [each.status for each in found] == [200] * 6
    assert 3 <= proxies.counts[A] <= 8


def test_an_outage_is_no_fault_of_the_exits(made: Made) -> None:
    chain, proxies = made(), Proxies(a=answer(500), b=answer(500), c=answer(500))
    chain.put(*lists(3))
    found = asyncio.run(chain.run(proxies))
    assert [each.kind for each in found] == [Kind.BROKEN] * 3
    opens = chain.scheduler.exits.open_at(chain.clock.now)
    assert max(opens.values()) <= chain.clock.now


def test_what_no_proxy_lets_through_is_given_up_and_the_rest_goes_on(made: Made) -> None:
    chain = made(ROTATING_PROXY_BACKOFF_BASE=1, ROTATING_PROXY_BACKOFF_CAP=2)
    chain.put(*lists(40))

    def says(request: Request) -> Response:
        is_filtered = request.url.endswith("page=7")
        return answer(403, HTML, Server="squid") if is_filtered else good(request.url)

    found = asyncio.run(chain.run(says))
    [refusal] = [each for each in found if isinstance(each, HubRefusal)]
    assert refusal.kind is Kind.BROKEN
    assert "forbids what was asked for, the last of 6 that were tried" in refusal.detail
    assert len(found) == 40
    assert sum(url.endswith("page=7") for url in chain.sent) <= 10


@pytest.mark.parametrize("error", [DownloadTimeoutError("slow"), DownloadFailedError("reset")])
def test_silence_is_doubted_before_it_is_held_against_the_exit(
    made: Made, error: Exception
) -> None:
    chain, proxies = made(), Proxies(a=error)
    for _ in range(20):
        chain.put(*lists(6))
        found = asyncio.run(chain.run(proxies))
        assert [each.status for each in found] == [200] * 6
    assert 3 <= proxies.counts[A] <= 8


def test_when_all_are_dead_they_are_tried_by_backoff_and_given_up(made: Made, clock: Clock) -> None:
    gone = DownloadConnectionRefusedError("no")
    chain, proxies = made(DOCKERHUB_PROXY_PATIENCE="100"), Proxies(a=gone, b=gone, c=gone)
    chain.put(*lists(20))
    began = clock.now

    async def scenario() -> None:
        while not chain.closed and clock.now < began + 1000:
            await chain.go(proxies)
            clock.now += 1

    asyncio.run(scenario())
    assert chain.closed == ["no_exit"]
    assert 100 <= clock.now - began <= 110
    # Doubling rests of 5 s and more: not a storm.
    assert 9 <= len(proxies.asked) <= 25


def test_what_no_queue_holds_goes_by_an_exit_and_by_the_next_if_that_fails(made: Made) -> None:
    chain = made()
    asked: list[str] = []

    async def scenario() -> Any:
        async def download(request: Request) -> Response:
            asked.append(exit_of(request))
            if len(asked) < 3:
                raise DownloadConnectionRefusedError("no")
            return good(request.url)

        request: Any = Request(f"{HUB}/v2/auth/token", meta={BARE: True})
        while isinstance(request, Request):
            request = await chain.manager.download_async(download, request)
        return request

    assert asyncio.run(scenario()).status == 200
    assert sorted(asked) == [A, B, C]


def test_what_no_queue_holds_fails_once_all_have(made: Made) -> None:
    chain = made()

    async def scenario() -> Any:
        async def download(request: Request) -> Response:
            raise DownloadConnectionRefusedError("no")

        request: Any = Request(f"{HUB}/v2/auth/token", meta={BARE: True})
        for _ in range(9):
            request = await chain.manager.download_async(download, request)

    with pytest.raises(ProxyError, match="expected a way through, it cannot be connected to"):
        asyncio.run(scenario())


def test_direct_may_be_one_of_the_exits(made: Made) -> None:
    chain = made(f"direct,{A}")
    seen: set[str | None] = set()

    def says(request: Request) -> Response:
        seen.add(request.meta["proxy"])
        return good(request.url)

    chain.put(*lists(12))
    asyncio.run(chain.run(says))
    assert seen == {None, f"http://{A}"}


def test_a_session_is_renewed_and_the_one_before_forgotten(made: Made) -> None:
    chain = made("http://u-{session}:p@gw.example:1", DOCKERHUB_PROXY_SESSION_REQUESTS="10")
    users: Counter[bytes] = Counter()

    def says(request: Request) -> Response:
        users[request.headers[b"Proxy-Authorization"]] += 1
        return good(request.url)

    for _ in range(4):
        chain.put(*lists(10))
        asyncio.run(chain.run(says))
    assert sorted(users.values()) == [10, 10, 10, 10]
    assert chain.scheduler.exits.names in (["gw.example:1.4"], ["gw.example:1.5"])
    hub: Any = chain.scheduler.queues["hub"].lanes
    assert len(hub._budgets) <= 3
    stats = chain.crawler.stats.get_stats()
    assert stats["dockerhub/exits/gw.example:1/requests"] == 40
    assert not [key for key in stats if "p@" in key]
