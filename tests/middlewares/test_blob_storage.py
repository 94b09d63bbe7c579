"""Blobs on their way through all middlewares: where secrets go, and what happens to failures."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError

from dockerhub import settings
from dockerhub.errors import HubRefusal
from dockerhub.extensions.log_formatter import SafeLogFormatter
from dockerhub.kinds import Kind
from dockerhub.meta import REDIRECTED, SERVICE
from tests.middlewares.exchanges import LIST
from tests.middlewares.registry import (
    AUTH,
    CDN,
    CONFIG,
    REGISTRY,
    SECRET,
    Registry,
    blob,
    manifest,
    names,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from tests.middlewares.chain import Chain


def run(chain: Chain, registry: Registry, *requests: Request) -> list[Any]:
    chain.put(*requests)
    return asyncio.run(chain.run(registry))


def blobs(count: int) -> list[Request]:
    return [blob(n=number) for number in range(count)]


@pytest.mark.parametrize("account", [False, True], ids=["anonymous", "signed in"])
def test_a_blob_comes_from_the_storage_without_our_token(
    chain_with: Callable[..., Chain], registry: Registry, account: bool
) -> None:
    chain = chain_with(account=account)
    found = run(chain, registry, *blobs(16), Request(LIST))
    assert sorted(each.body for each in found if REDIRECTED in each.request.meta) == [CONFIG] * 16
    assert {each.authorization for each in registry.of("cdn")} == {None}
    assert {each.authorization for each in registry.of("blob")} == {"Bearer t1"}
    assert chain.in_flight == {}
    stats = chain.crawler.stats
    assert stats.get_value("dockerhub/requests/registry") == 16
    assert stats.get_value("dockerhub/requests/cdn") == 16


def test_the_spider_gets_what_it_asked_for(chain: Chain, registry: Registry) -> None:
    [found] = run(chain, registry, blob(n=7))
    assert found.request.cb_kwargs == {"n": 7}
    assert found.request.meta[REDIRECTED] == blob(n=7).url
    assert SERVICE not in found.request.meta


def test_a_blob_may_come_from_the_registry_itself(chain: Chain, registry: Registry) -> None:
    registry.say("blob", said(200, CONFIG))
    [found] = run(chain, registry, blob())
    assert (found.body, registry.count("cdn")) == (CONFIG, 0)


@pytest.mark.parametrize("target", [f"{REGISTRY}/v2/other", f"{AUTH}/token"])
def test_no_token_goes_with_a_redirect_to_one_of_ours_either(
    chain_with: Callable[..., Chain], registry: Registry, target: str
) -> None:
    chain = chain_with(account=True)
    registry.say("blob", said(307, Location=target))
    run(chain, registry, blob())
    [asked] = [each for each in registry.asked if each.url == target]
    assert asked.authorization is None
    # What is said there is no word on our token.
    assert registry.count("token") == (1 if target.startswith(REGISTRY) else 2)


def test_tokens_are_taken_off_after_they_were_put_on() -> None:
    order = [name.rsplit(".", 1)[1] for name, _ in sorted(
        settings.DOWNLOADER_MIDDLEWARES.items(), key=lambda item: item[1]
    )]  # fmt: skip
    assert order == [
        *("AnswersMiddleware", "SignInMiddleware", "RegistryTokensMiddleware"),
        *("BlobsMiddleware", "IdentityMiddleware", "BudgetsMiddleware", "ExitsMiddleware"),
    ]


FAILURES = [
    pytest.param(said(403, b"<Error>expired</Error>"), "HTTP 403", id="an address that is over"),
    pytest.param(said(404, b""), "HTTP 404", id="404"),
    pytest.param(said(429, b""), "HTTP 429", id="429"),
    pytest.param(said(500, b""), "HTTP 500", id="500"),
    pytest.param(said(200, b""), "HTTP 200 without data", id="nothing"),
    pytest.param(OSError("reset"), "OSError: reset", id="no answer"),
]


@pytest.mark.parametrize(("answer", "why"), FAILURES)
def test_what_fails_at_the_storage_is_asked_for_at_the_registry_again(
    chain: Chain, registry: Registry, answer: Response | Exception, why: str
) -> None:
    registry.say("cdn", answer)
    [found] = run(chain, registry, blob())
    assert found.body == CONFIG
    assert [each.kind for each in registry.asked] == ["base", "token", "blob", "cdn", "blob", "cdn"]
    first, second = (each.url for each in registry.of("cdn"))
    assert first != second  # an address of its own
    assert chain.crawler.stats.get_value("retry/count") == 1
    assert chain.crawler.stats.get_value("dockerhub/no/broken") == 1
    assert (chain.in_flight, chain.closed) == ({}, [])


@pytest.mark.parametrize(("answer", "why"), FAILURES)
def test_what_fails_again_and_again_is_refused_by_its_own_address(
    chain: Chain, registry: Registry, answer: Response | Exception, why: str
) -> None:
    registry.always("cdn", answer)
    [error] = run(chain, registry, blob())
    assert error.kind is Kind.BROKEN
    assert error.detail == f"{why} from {blob().url}"
    assert (registry.count("blob"), registry.count("cdn")) == (5, 5)
    assert (chain.in_flight, chain.closed) == ({}, [])


def test_failures_of_the_storage_shut_nothing(chain: Chain, registry: Registry) -> None:
    registry.always("cdn", said(403, b"<html>"))
    found = run(chain, registry, *blobs(16))
    assert {each.kind for each in found} == {Kind.BROKEN}
    registry.always("cdn", None)
    assert len(run(chain, registry, *blobs(16), names(), manifest(), Request(LIST))) == 19
    assert chain.closed == []


REDIRECTED_ONES = [
    pytest.param(manifest(), "manifest", "manifests", id="manifest"),
    pytest.param(manifest(method="HEAD"), "head", "manifests", id="HEAD"),
    pytest.param(names(), "names", "names of tags", id="names of tags"),
    pytest.param(Request(LIST), "hub", "lists of repositories", id="hub"),
]


@pytest.mark.parametrize(("request_for", "kind", "what"), REDIRECTED_ONES)
def test_no_other_redirect_is_followed(
    chain: Chain, registry: Registry, request_for: Request, kind: str, what: str
) -> None:
    registry.always(kind, said(307, Location=f"{CDN}/x"))
    [error] = run(chain, registry, request_for.copy())
    assert (error.kind, error.status) == (Kind.REFUSED, 307)
    assert error.detail == (
        f'{what}: expected an answer from the one that was asked, got a redirect to "{CDN}"'
    )
    assert (registry.count("cdn"), registry.count(kind)) == (0, 1)
    assert chain.in_flight == {}


def test_a_second_redirect_is_not_followed(chain: Chain, registry: Registry) -> None:
    registry.always("cdn", said(302, Location=f"{CDN}/other"))
    [error] = run(chain, registry, blob())
    assert error.detail == (
        f'redirect of a blob: expected its bytes after one redirect, got a redirect to "{CDN}"'
    )
    assert (registry.count("blob"), registry.count("cdn")) == (1, 1)


def late(request_url: str) -> DownloadTimeoutError:
    """Return what Scrapy raises when an answer takes too long: it names the address."""
    return DownloadTimeoutError(f"Getting {request_url} took longer than 60 seconds.")


def test_a_signed_address_is_in_no_log_and_in_no_words(
    chain: Chain, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    def says(request: Request) -> Response | Exception:
        answer = registry(request)
        is_late = request.url.startswith(CDN) and registry.count("cdn") % 2
        return late(request.url) if is_late else answer

    formatter = SafeLogFormatter()

    async def scenario() -> list[Any]:
        chain.put(*blobs(4))
        found = await chain.run(says)
        registry.always("cdn", said(500))
        chain.put(*blobs(4))
        return found + await chain.run(says)

    with caplog.at_level(logging.DEBUG):
        found = asyncio.run(scenario())
    good = [each for each in found if not isinstance(each, HubRefusal)]
    words = [each.detail for each in found if isinstance(each, HubRefusal)]
    assert len(good) == len(words) == 4
    spider = chain.crawler.spider
    lines = [formatter.crawled(each.request, each, spider) for each in good]  # type: ignore[arg-type]
    lines += [formatter.scraped({}, each, spider) for each in good]  # type: ignore[arg-type]
    told = [line["msg"] % line["args"] for line in lines] + words + caplog.messages
    assert any("Retrying" in line for line in told)
    assert any("DownloadTimeoutError" in line for line in told)
    assert [line for line in told if SECRET in line] == []
    stats = chain.crawler.stats.get_stats()
    assert SECRET not in str(stats)
