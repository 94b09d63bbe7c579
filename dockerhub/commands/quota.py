"""`scrapy quota`: what Docker Hub's services still let us do. It costs no pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from dockerhub.commands.few_requests import ALL_SECONDS, ask, only_ask
from dockerhub.commands.quota_spider import (
    AWAY,
    HUB,
    PULLS,
    SERVICES,
    TOKENS,
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
        only_ask(self.settings, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ask, then print."""
        if args:
            raise UsageError(f"expected no arguments, got {' '.join(args)}")
        settings: Any = self.settings
        try:
            check_settings(settings)
        except ArgumentError as error:
            say("quota", str(error))
            self.exitcode = MISUSED
            return
        asked = ask(self, QuotaSpider)
        if asked is None:
            self.exitcode = STOPPED
            return
        spider, stats = asked
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
        is_late = stats.get_value("finish_reason") != "finished"
        late = [f"expected all answers within {ALL_SECONDS} s"] if is_late else []
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
