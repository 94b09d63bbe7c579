"""`scrapy quota`: what Docker Hub's services still let us do. It costs no pull."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, UsageError

from dockerhub.errors import ArgumentError, HubRefusal
from dockerhub.image_commands import say
from dockerhub.kinds import Kind
from dockerhub.limits.headers import plain_headers
from dockerhub.limits.told import Told, hub_told, pulls_told, tokens_told
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import BARE, REPOSITORY
from dockerhub.names import RepositoryName
from dockerhub.outcome import FAILED, FAILURES, SIGNED_IN, STOPPED
from dockerhub.reports.printing import put_json, put_table
from dockerhub.reports.quota import Quota, quota_json, quota_table
from dockerhub.services import RegistryUrls, Services
from dockerhub.settings_check import check_settings
from dockerhub.urls import HubUrls, unreachable

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

_HUB, _PULLS, _TOKENS = "Hub API", "pulls", "token service"
_AWAY = "cannot be reached"
_EVERY_STATUS = {"handle_httpstatus_all": True}
# s; whoever asks how much is left does not want to wait until there is more.
_ANSWER_SECONDS, _ALL_SECONDS = 20, 60
# What Docker keeps to be asked how many pulls are left, and a repository that is there for ever.
_PREVIEW = RepositoryName("ratelimitpreview", "test")
_OFFICIAL = RepositoryName("library", "alpine")


class QuotaSpider(Spider):
    """Asks the registry, which sends it to the token service, and then the Hub API, once each."""

    name = "quota"
    asks_hub = False  # or a sign-in that fails would end it before the registry is asked
    services: Services

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.told = dict.fromkeys((_HUB, _PULLS, _TOKENS), Told(problem="not asked"))
        self.failures: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read where the services are."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.services = Services.of_settings(crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask by HEAD, which costs no pull."""
        url = RegistryUrls(self.services.registry).manifest(_PREVIEW, "latest")
        yield Request(
            url,
            self.pulls,
            "HEAD",
            {"Accept": ", ".join(ACCEPTED)},
            meta={REPOSITORY: str(_PREVIEW), **_EVERY_STATUS},
            errback=self.no_pulls,
        )

    def pulls(self, response: Response) -> Iterator[Request]:
        """Take what the registry says, then ask the Hub API."""
        headers = plain_headers(response.headers.items())
        self.hear(_PULLS, pulls_told(response.status, headers))
        yield from self.ask_hub()

    def no_pulls(self, failure: Failure) -> Iterator[Request]:
        """Note why there is no answer; credentials that are refused are not tried elsewhere."""
        self.lose(_PULLS, self.services.registry, failure.value)
        if not self.crawler.stats.get_value(FAILURES):
            yield from self.ask_hub()

    def ask_hub(self) -> Iterator[Request]:
        """Yield the request for the Hub API."""
        url = HubUrls(self.services.hub).repository(_OFFICIAL)
        yield Request(url, self.hub, meta=_EVERY_STATUS, errback=self.no_hub)

    def hub(self, response: Response) -> None:
        """Take what the Hub API says."""
        headers = plain_headers(response.headers.items())
        self.hear(_HUB, hub_told(response.status, headers, time.time()))

    def no_hub(self, failure: Failure) -> None:
        """Note why there is no answer."""
        self.lose(_HUB, self.services.hub, failure.value)

    def quotas(self, reserve: int, *, why_no_hub: str | None) -> Iterator[Quota]:
        """Yield what each service lets us do; *why_no_hub* says why there was no sign-in there."""
        if why_no_hub is not None:
            self.told[_HUB] = Told(problem=why_no_hub)
        for service, told in self.told.items():
            yield Quota(service, *told, reserve if service == _PULLS else 0)

    def hear(self, service: str, told: Told) -> None:
        """Keep what a service said."""
        self.told[service] = told
        if told.problem is not None:
            self.failures.append(f"{service}: expected its limit, got {told.problem}")

    def lose(self, service: str, origin: str, error: BaseException | None) -> None:
        """Keep why a service said nothing."""
        is_away = isinstance(error, (CannotResolveHostError, DownloadConnectionRefusedError))
        words = unreachable(origin) if is_away else f"{service}: expected its limit, got {error!r}"
        if isinstance(error, HubRefusal):
            is_away = error.kind is Kind.UNREACHABLE and error.detail == unreachable(origin)
            words = error.detail
        other = "no token" if isinstance(error, HubRefusal) else "no answer"
        self.told[service] = Told(problem=_AWAY if is_away else other)
        self.failures.append(words)


class Listener:
    """Lets every answer through to the spider, as it is, and hears those of the token service."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The spider is there when the first answer is."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer from being judged: nothing is waited for, nothing asked again."""
        spider: Any = self._crawler.spider
        if request.url.startswith(f"{spider.services.auth}/"):
            headers = plain_headers(response.headers.items())
            spider.told[_TOKENS] = tokens_told(response.status, headers, time.time())
        request.meta[BARE] = True
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep a failure from being repeated."""
        spider: Any = self._crawler.spider
        if request.url.startswith(f"{spider.services.auth}/"):
            spider.told[_TOKENS] = Told(problem=_AWAY)
        request.meta[BARE] = True


class Command(ScrapyCommand):
    """Exit status: 0 done, 1 a service is not to be had, 2 wrong arguments, 130 Ctrl-C."""

    requires_project = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[--json]"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Show the limits of Docker Hub, and what is left of each (costs no pull)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how to print."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options, and leave out all that a crawl does besides asking."""
        super().process_options(args, opts)
        settings: Any = self.settings
        changes: dict[str, Any] = {
            # Inside of what decides about answers, outside of what adds tokens.
            "DOWNLOADER_MIDDLEWARES": settings.getdict("DOWNLOADER_MIDDLEWARES") | {Listener: 565},
            "ITEM_PIPELINES": {},
            "EXTENSIONS": dict.fromkeys(settings.getdict("EXTENSIONS")),
            "DOWNLOAD_TIMEOUT": _ANSWER_SECONDS,
            "CLOSESPIDER_TIMEOUT": _ALL_SECONDS,
        }
        settings.setdict(changes, priority="project")
        if not (opts.loglevel or opts.logfile):
            settings.set("LOG_ENABLED", False, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ask, then print."""
        if args:
            raise UsageError(f"expected no arguments, got {' '.join(args)}")
        process, settings = self.crawler_process, self.settings
        assert process is not None and settings is not None  # noqa: S101, PT018  (set by Scrapy)
        try:
            check_settings(settings)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None
        crawler = process.create_crawler(QuotaSpider)
        process.crawl(crawler)
        process.start()
        stats, spider = crawler.stats, crawler.spider
        reason = stats.get_value("finish_reason", "shutdown")
        if not isinstance(spider, QuotaSpider) or reason == "shutdown":
            self.exitcode = STOPPED
            return
        refused = stats.get_value(FAILURES, [])
        away = unreachable(spider.services.hub)
        reserve = settings.getint("DOCKERHUB_PULL_RESERVE")
        quotas = list(spider.quotas(reserve, why_no_hub=_AWAY if away in refused else None))
        is_known = any(not quota.problem for quota in quotas if quota.service != _TOKENS)
        # Of credentials that are refused there is nothing else to say.
        if is_known or not set(refused) - {away}:
            _show(quotas, signed_in=bool(stats.get_value(SIGNED_IN)), as_json=opts.json)
        late = [f"expected all answers within {_ALL_SECONDS} s"] if reason != "finished" else []
        failures = [*spider.failures, *refused] or late
        for line in dict.fromkeys(failures):
            say("quota", line)
        self.exitcode = FAILED if failures else 0


def _show(quotas: list[Quota], *, signed_in: bool, as_json: bool) -> None:
    if as_json:
        put_json(quota_json(quotas, signed_in=signed_in))
        return
    put_table(quota_table(quotas, signed_in=signed_in))
    for quota in quotas:
        if quota.reserve and quota.left is not None:
            kept = f"the last {quota.reserve} {quota.service} of a window are left to others"
            say("quota", f"{kept} (DOCKERHUB_PULL_RESERVE)")
