"""Asks each service once by each exit, for `scrapy quota`: without a pull, and without waiting."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.errors import HubRefusal, ProxyError
from dockerhub.kinds import Kind
from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import plain_headers
from dockerhub.limits.told import Told, hub_told, pulls_told, tokens_told
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import BARE, EXIT, ONLY_BY, REPOSITORY
from dockerhub.names import RepositoryName
from dockerhub.outcome import FAILURES, SIGNED_IN
from dockerhub.services import RegistryUrls, Services
from dockerhub.urls import HubUrls, unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

HUB, PULLS, TOKENS = SERVICES = ("Hub API", "pulls", "token service")
AWAY = "cannot be reached"
# s, in which a proxy has to show that it is one; there may be two such trials.
_TRIAL_SECONDS = 10
_EVERY_STATUS = {"handle_httpstatus_all": True}
# What Docker keeps to be asked how many pulls are left, and a repository that is there for ever.
_PREVIEW = RepositoryName("ratelimitpreview", "test")
_OFFICIAL = RepositoryName("library", "alpine")


class QuotaSpider(Spider):
    """Asks the registry, which sends it to the token service, and then the Hub API, by each exit.

    Proxies are asked for what needs no token first: what lets nothing through is not waited for.
    """

    name = "quota"
    asks_hub = False  # or a sign-in that fails would end it before the registry is asked
    services: Services

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.exits = [DIRECT]
        self.told: dict[tuple[str, str], Told] = {}
        """by service and exit"""
        self.shut: dict[str, str] = {}
        """exits that let nothing through, and why"""
        self.same: dict[str, str] = {}
        """exits that are another one to Docker"""
        self.failures: list[str] = []
        self._token_request: Request | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read where the services are."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.services = Services.of_settings(crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask by HEAD, which costs no pull."""
        self.exits = self._scheduler.exits.names
        url = RegistryUrls(self.services.registry).manifest(_PREVIEW, "latest")
        for trial in asyncio.as_completed([self.is_open(name) for name in self.exits]):
            name, is_open = await trial
            if is_open:
                yield Request(
                    url,
                    self.pulls,
                    "HEAD",
                    {"Accept": ", ".join(ACCEPTED)},
                    meta={REPOSITORY: str(_PREVIEW), ONLY_BY: name, **_EVERY_STATUS},
                    errback=self.no_pulls,
                    dont_filter=True,
                )

    async def is_open(self, name: str) -> tuple[str, bool]:
        """Return *name* and whether the registry can be asked by it; ask the Hub API on the way."""
        exits = self._scheduler.exits
        if exits.address(name) is None:
            return name, True
        base = RegistryUrls(self.services.registry).base()
        refusal = await self._ask(Request(base), name)
        # To one that refuses our password it is not told again.
        if exits.opens_at(name, time.time()) < NEVER:
            no_hub = await self._ask(self._hub_request(name), name)
            if no_hub is not None and refusal is None:
                self.lose(HUB, name, no_hub)
            elif no_hub is None and refusal is not None:
                self.lose(PULLS, name, refusal)
                return name, False
        if refusal is not None:
            self.shut[name] = _reason(refusal)
        return name, refusal is None

    async def pulls(self, response: Response) -> AsyncIterator[Request]:
        """Take what the registry says, then ask the token service and the Hub API."""
        name = response.meta[ONLY_BY]
        headers = plain_headers(response.headers.items())
        self.hear(PULLS, name, pulls_told(response.status, headers))
        if self._token_request is not None and (TOKENS, name) not in self.told:
            refusal = await self._ask(self._token_request, name)
            if refusal is not None:
                self.lose(TOKENS, name, refusal)
        for request in self._ask_hub(name):
            yield request

    def no_pulls(self, failure: Failure) -> Iterator[Request]:
        """Note why there is no answer; credentials that are refused are not tried elsewhere."""
        name = _exit_of(failure)
        self.lose(PULLS, name, failure.value)
        if not self.crawler.stats.get_value(FAILURES):
            yield from self._ask_hub(name)

    def hub(self, response: Response) -> None:
        """Take nothing: the answer was heard on its way."""

    def no_hub(self, failure: Failure) -> None:
        """Note why there is no answer."""
        self.lose(HUB, _exit_of(failure), failure.value)

    def hear(self, service: str, name: str, told: Told) -> None:
        """Keep what a service said by an exit."""
        self.told[service, name] = told
        if told.problem is not None:
            by = "" if name == DIRECT else f" by {name}"
            self.failures.append(f"{service}{by}: expected its limit, got {told.problem}")

    def lose(self, service: str, name: str, error: BaseException | None) -> None:
        """Keep why a service said nothing."""
        origin = {
            HUB: self.services.hub,
            PULLS: self.services.registry,
            TOKENS: self.services.auth,
        }[service]
        is_away = isinstance(error, (CannotResolveHostError, DownloadConnectionRefusedError))
        by = "" if name == DIRECT else f" by {name}"
        words = f"{service}{by}: expected its limit, got {error!r}"
        words = unreachable(origin) if is_away else words
        problem = AWAY if is_away else "no answer"
        if isinstance(error, HubRefusal):
            is_away = error.kind is Kind.UNREACHABLE and error.detail == unreachable(origin)
            words, problem = error.detail, AWAY if is_away else "no token"
        if isinstance(error, ProxyError):
            words, problem = f"{service}: {error}", _reason(error)
        self.told[service, name] = Told(problem=problem)
        self.failures.append(words)

    def listen(self, request: Request, response: Response) -> None:
        """Take what is heard of an answer on its way: who asked for it need not be the spider.

        What the Hub API says to nobody in particular counts only where we are nobody.
        """
        name = request.meta.get(EXIT, DIRECT)
        headers = plain_headers(response.headers.items())
        source = headers.get("docker-ratelimit-source") or headers.get("x-ratelimit-ip") or ""
        same = self._scheduler.exits.hear_source(name, source)
        if same is not None:
            self.same[name] = same
        if request.url.startswith(f"{self.services.auth}/"):
            self.told[TOKENS, name] = tokens_told(response.status, headers, time.time())
            if response.status == 200:
                self._token_request = request
        elif request.callback == self.hub and not (self._has_account and BARE in request.meta):
            self.hear(HUB, name, hub_told(response.status, headers, time.time()))

    def _ask_hub(self, name: str) -> Iterator[Request]:
        """Yield the request for the Hub API, unless it is known what becomes of it."""
        if (HUB, name) not in self.told:
            yield self._hub_request(name)

    def _hub_request(self, name: str) -> Request:
        url = HubUrls(self.services.hub).repository(_OFFICIAL)
        meta = {ONLY_BY: name, **_EVERY_STATUS}
        return Request(url, self.hub, meta=meta, errback=self.no_hub, dont_filter=True)

    async def _ask(self, request: Request, name: str) -> Exception | None:
        """Ask by one exit, past the scheduler, and return what went wrong."""
        notes = {BARE: True, EXIT: name, ONLY_BY: name, "download_slot": f"quota|{name}"}
        notes["download_timeout"] = _TRIAL_SECONDS
        engine: Any = self.crawler.engine
        try:
            await engine.download_async(request.replace(meta=notes, dont_filter=True))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
            return error
        return None

    @property
    def _has_account(self) -> bool:
        return bool(self.crawler.stats.get_value(SIGNED_IN))

    @property
    def _scheduler(self) -> Any:
        engine: Any = self.crawler.engine
        return engine.scheduler


class Listener:
    """Lets every answer through to the spider, as it is, and tells it of those on their way."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The spider is there when the first answer is."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer from being judged: nothing is waited for, nothing asked again."""
        self._spider.listen(request, response)
        request.meta[BARE] = True
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep a failure from being repeated."""
        if request.url.startswith(f"{self._spider.services.auth}/"):
            self._spider.told[TOKENS, request.meta.get(EXIT, DIRECT)] = Told(problem=AWAY)
        request.meta[BARE] = True

    @property
    def _spider(self) -> Any:
        return self._crawler.spider


class OneWay:
    """Keeps a request to the exit that it finds out about, whatever becomes of that."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler is there when the first request is."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Take it out of the queue's hands, which would send it again, by another exit at last.

        :raises ProxyError: if it was given to another one already
        """
        engine: Any = self._crawler.engine
        engine.scheduler.give_back(request)
        name = request.meta.get(ONLY_BY)
        if name is not None and request.meta[EXIT] != name:
            raise ProxyError(name, "is not used any more")


def _exit_of(failure: Failure) -> str:
    request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
    name: str = request.meta[ONLY_BY]
    return name


def _reason(error: Exception) -> str:
    """Return what a proxy did, in words that follow its name."""
    return error.reason if isinstance(error, ProxyError) else "brings no answer"
