"""`scrapy quota`: what Docker Hub's services still let us do. It costs no pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from dockerhub.commands.quota_spider import (
    AWAY,
    HUB,
    PULLS,
    SERVICES,
    TOKENS,
    Listener,
    OneWay,
    QuotaSpider,
)
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.limits.told import Told
from dockerhub.outcome import FAILED, FAILURES, MISUSED, SIGNED_IN, STOPPED
from dockerhub.reports.printing import put_json, put_table
from dockerhub.reports.quota import Quota, quota_json, quota_table, shut_line
from dockerhub.settings_check import check_settings
from dockerhub.urls import unreachable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

# s; whoever asks how much is left does not want to wait until there is more.
_ANSWER_SECONDS, _ALL_SECONDS = 20, 60
# A handful of requests by each exit is no crawl: nothing is paced, no proxy's rest is waited for,
# and every session is the first one.
_HANDFUL = {
    "DOCKERHUB_TOTAL_RATE": 0,
    "ROTATING_PROXY_BACKOFF_BASE": 0.1,
    "ROTATING_PROXY_BACKOFF_CAP": 1,
    "DOCKERHUB_PROXY_SESSION_REQUESTS": 1000,
}


class Command(ScrapyCommand):
    """Exit status: 0 done, 1 a service is not to be had, 2 wrong arguments, 130 Ctrl-C."""

    requires_project = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[--json]"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Show the limits of Docker Hub, and what is left of each (costs no pull)"

    def long_desc(self) -> str:
        """Return what it does, with an example."""
        return f"{self.short_desc()}. Example: scrapy quota --json"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how to print."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options, and leave out all that a crawl does besides asking."""
        super().process_options(args, opts)
        settings: Any = self.settings
        changes: dict[str, Any] = {
            # One inside of what decides about answers, outside of what adds tokens; the other
            # inside of that, outside of what counts what the queues have handed out.
            "DOWNLOADER_MIDDLEWARES": settings.getdict("DOWNLOADER_MIDDLEWARES")
            | {Listener: 565, OneWay: 945},
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
            say("quota", str(error))
            self.exitcode = MISUSED
            return
        settings.setdict(_HANDFUL, priority="cmdline")
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
        signed_in = bool(stats.get_value(SIGNED_IN))
        if away in refused:  # there was no sign-in
            spider.told.update({(HUB, name): Told(problem=AWAY) for name in spider.exits})
        reserve = settings.getint("DOCKERHUB_PULL_RESERVE")
        quotas = list(_quotas(spider, reserve, signed_in=signed_in))
        is_known = any(not quota.problem for quota in quotas if quota.service != TOKENS)
        # Of credentials that are refused there is nothing else to say.
        if is_known or not set(refused) - {away}:
            _show(quotas, signed_in=signed_in, as_json=opts.json)
        late = [f"expected all answers within {_ALL_SECONDS} s"] if reason != "finished" else []
        failures = [*shut_line(quotas), *spider.failures, *refused] or late
        for line in dict.fromkeys(failures):
            say("quota", line)
        self.exitcode = FAILED if failures else 0


def _quotas(spider: QuotaSpider, reserve: int, *, signed_in: bool) -> Iterator[Quota]:
    """Yield what each service lets us do by each exit."""
    for service in SERVICES:
        for name in spider.exits:
            told = spider.told.get((service, name), Told(problem="not asked"))
            if name in spider.shut:
                told = Told(problem=spider.shut[name])
            yield Quota(
                service,
                *told._replace(is_account=told.is_account and signed_in),
                reserve=reserve if service == PULLS else 0,
                exit=name,
                same_as=spider.same.get(name),
                is_shut=name in spider.shut,
            )


def _show(quotas: list[Quota], *, signed_in: bool, as_json: bool) -> None:
    if as_json:
        put_json(quota_json(quotas, signed_in=signed_in))
        return
    if all(quota.is_shut for quota in quotas):
        return  # which one line says
    put_table(quota_table(quotas, signed_in=signed_in))
    pulls = [quota for quota in quotas if quota.service == PULLS and quota.left is not None]
    if pulls and pulls[0].reserve:
        kept = f"the last {pulls[0].reserve} {PULLS} of a window are left to others"
        say("quota", f"{kept} (DOCKERHUB_PULL_RESERVE)")
    if len(pulls) > 1 and pulls[0].is_account:
        say("quota", "pulls are the account's: more exits make no more of them")
