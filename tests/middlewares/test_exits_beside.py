"""What one exit, service or request does beside others by the same proxies."""

from __future__ import annotations

import asyncio
import base64
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import DownloadConnectionRefusedError

from dockerhub.errors import CredentialsError, HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, DOUBTED_URL, ONLY_BY, PROBED, PROBES, REDIRECTED
from dockerhub.middlewares import exit_wait
from dockerhub.middlewares.exit_wait import download_by_exits
from tests.middlewares.exchanges import ALPINE, HTML, HUB, REDIS, answer, good
from tests.middlewares.registry import AUTH, REGISTRY
from tests.middlewares.test_exits import GUARD, PASSWORD, A, B, C, Proxies, exit_of, lists, made

if TYPE_CHECKING:
    from scrapy.http import Response

    from tests.clock import Clock
    from tests.middlewares.test_exits import Made

__all__ = ["made"]
ORIGINS = {"DOCKERHUB_REGISTRY_URL": REGISTRY, "DOCKERHUB_AUTH_URL": AUTH}
REGISTRY_LIST = f"{REGISTRY}/v2/a/b/tags/list"
ALL = f"{A},{B},{C}"


def test_a_probe_that_goes_by_another_exit_is_not_believed(made: Made) -> None:
    chain = made(ALL)
    doubted = HubRefusal(Kind.NOT_THERE, 404, "no")
    meta = {PROBED: doubted, PROBES: [], DOUBTED_URL: REDIS, ONLY_BY: "gone.example:1"}
    chain.put(Request(ALPINE, meta=meta))
    proxies = Proxies()
    [found] = asyncio.run(chain.run(proxies))
    assert (found.status, found.url) == (200, REDIS)
    assert [url for _, url in proxies.asked] == [REDIS]


def bare(made: Made, proxies: str, guarded: str, times: int = 5) -> list[str]:
    """Return by which exits a sign-in goes, after the Hub API has stopped one of them."""
    chain = made(proxies)
    says = Proxies()

    def guard(request: Request) -> Response | Exception:
        name = exit_of(request) if request.meta["proxy"] else "direct"
        says.asked.append((name, request.url))
        return GUARD if name == guarded else good(request.url)

    for _ in range(8):
        chain.put(*lists(6))
        asyncio.run(chain.run(guard))
    assert 3 <= says.counts[guarded] <= 6
    says.asked.clear()
    chain._says = guard
    for _ in range(times):
        request = Request(f"{HUB}/v2/auth/token", meta={BARE: True})
        asyncio.run(chain._download_alone(request))
    return [name for name, _ in says.asked]


@pytest.mark.parametrize("guarded", [A, "direct"])
def test_a_sign_in_leaves_out_what_the_hub_api_has_stopped(made: Made, guarded: str) -> None:
    asked = bare(made, f"{A},{B},direct", guarded)
    assert len(asked) == 5
    assert guarded not in asked


def test_a_service_that_no_proxy_reaches_does_not_stop_the_others(made: Made) -> None:
    chain = made(ALL, DOCKERHUB_REGISTRY_RATE="0", **ORIGINS)
    served: list[float] = []

    def says(request: Request) -> Response | Exception:
        if request.url.startswith(REGISTRY):
            return TunnelError("Could not open CONNECT tunnel [{'status': 500, 'reason': b'no'}]")
        served.append(chain.clock.now)
        return good(request.url)

    chain.put(*lists(6))
    asyncio.run(chain.run(says))
    served.clear()
    chain.put(*(Request(f"{REGISTRY_LIST}?n={n}") for n in range(6)), *lists(300))
    found = asyncio.run(chain.run(says, most=3000))

    assert [each.kind for each in found if isinstance(each, HubRefusal)] == [Kind.BROKEN] * 6
    assert len(served) == 300
    assert max(later - earlier for earlier, later in pairwise(served)) < 1


def test_who_is_redirected_to_does_not_tell_which_exits_are_one(made: Made) -> None:
    chain = made(ALL, **ORIGINS)
    blob = f"{REGISTRY}/v2/a/b/blobs/sha256:{'0' * 64}"
    chain.put(*(Request(f"https://cdn.example/{n}", meta={REDIRECTED: blob}) for n in range(6)))
    said = answer(200, b"{}", Docker_Ratelimit_Source="192.0.2.1")
    asyncio.run(chain.run(lambda _: said))
    hub = chain.scheduler.queues["hub"].lanes  # type: ignore[index]
    assert hub.of(A) is not hub.of(B)
    chain.put(*lists(6))
    asyncio.run(chain.run(lambda _: said.replace(body=b'{"results":[]}')))
    assert hub.of(A) is hub.of(B) is hub.of(C)


def test_credentials_that_a_proxy_repeats_are_taken_out_of_its_page(made: Made) -> None:
    chain = made(f"http://ada:{PASSWORD}@{A}")
    pair = base64.b64encode(f"ada:{PASSWORD}".encode())
    page = answer(400, b'{"message":"not ' + pair + b'"}')
    chain.put(*lists(1))
    [refusal] = asyncio.run(chain.run(lambda _: page))
    assert "not ***" in refusal.detail
    assert pair.decode() not in refusal.detail


def test_a_service_that_an_exit_forbids_is_asked_there_later_and_later(made: Made) -> None:
    chain = made(f"{A},{B}", DOCKERHUB_REGISTRY_RATE="0", **ORIGINS)
    tried: list[float] = []
    start = chain.clock.now

    def says(request: Request) -> Response | Exception:
        if request.url.startswith(REGISTRY) and exit_of(request) == A:
            tried.append(round(chain.clock.now - start))
            return answer(403, HTML, Server="squid")
        return good(request.url)

    chain.put(*lists(4))
    asyncio.run(chain.run(says))
    for n in range(400):
        chain.put(Request(f"{REGISTRY_LIST}?n={n}"), *lists(1))
        asyncio.run(chain.run(says))
        chain.clock.now += 0.4
    assert 3 <= len(tried) <= 7
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps[-1] > 2 * gaps[0]


@pytest.fixture
def slept(made: Made, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[float]:
    """For how long it was waited for exits."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(exit_wait, "time", clock)
    monkeypatch.setattr(exit_wait, "asyncio", SimpleNamespace(sleep=sleep))
    return pauses


def test_what_no_queue_holds_waits_for_exits_that_come_back(
    made: Made, slept: list[float], clock: Clock
) -> None:
    chain = made(ALL)
    until = clock.now + 45

    def says(request: Request) -> Response | Exception:
        is_away = clock.now < until
        return DownloadConnectionRefusedError("no") if is_away else good(request.url)

    chain._says = says
    request = Request(f"{HUB}/v2/auth/token", meta={BARE: True})
    response = asyncio.run(download_by_exits(chain.crawler, request))
    assert response.status == 200
    assert 45 <= sum(slept) <= 90
    assert all(pause > 0 for pause in slept)


def test_and_no_longer_than_patience_lasts(made: Made, slept: list[float], clock: Clock) -> None:
    chain = made(ALL, DOCKERHUB_PROXY_PATIENCE="60")
    chain._says = lambda _: DownloadConnectionRefusedError("no")
    request = Request(f"{HUB}/v2/auth/token", meta={BARE: True})
    with pytest.raises(CredentialsError, match="it cannot be connected to"):
        asyncio.run(download_by_exits(chain.crawler, request))
    assert 55 <= sum(slept) <= 65


def test_patience_may_be_none(made: Made) -> None:
    chain: Any = made(A, DOCKERHUB_PROXY_PATIENCE="0")
    chain.put(*lists(9))
    found = asyncio.run(chain.run(Proxies()))
    assert [each.status for each in found] == [200] * 9
    assert chain.closed == []
