"""`scrapy plan`: what a crawl would cost, before it starts."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from dockerhub.answer_command import AnswerCommand
from dockerhub.arguments import read_scope
from dockerhub.commands.plan_spider import PlanSpider
from dockerhub.commands.quota_spider import Listener, OneWay
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.moments import now
from dockerhub.outcome import FAILED, FAILURES, STOPPED
from dockerhub.reports.plan import plan
from dockerhub.reports.plan_aim import Heard, read_aim
from dockerhub.reports.plan_facts import Facts
from dockerhub.reports.plan_figures import HUB, PULLS, REGISTRY, PlanOptions
from dockerhub.reports.plan_time import Budget
from dockerhub.store.database import database_path
from dockerhub.store.questions import Questions
from dockerhub.store.reader import Reader
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse

    from dockerhub.limits.told import Told
    from dockerhub.reports.plan_aim import Aim

_ANSWER_SECONDS, _ALL_SECONDS = 20, 60  # s; who plans does not want to wait
# A handful of requests is no crawl: nothing is paced, and no proxy's rest is waited for.
_HANDFUL = {
    "DOCKERHUB_HUB_RATE": 0,
    "DOCKERHUB_TOTAL_RATE": 0,
    "ROTATING_PROXY_BACKOFF_BASE": 0.1,
    "ROTATING_PROXY_BACKOFF_CAP": 1,
}


class Command(AnswerCommand):
    """Exit status: 0 done, 1 what was asked is not to be had, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "plan"
    ABOUT = "Show what a crawl would cost: requests, pulls, minutes (asks three times at most)"
    EXAMPLE = "scrapy plan org -a org=bitnami -a depth=layers"
    WORDS = (1, 1)
    WORDS_WANTED = "one spider, such as: org -a org=bitnami"
    requires_crawler_process = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] <spider>"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what a crawl is told."""
        super().add_options(parser)
        add = parser.add_argument
        about = "argument of the spider, as `scrapy crawl` has it (may be repeated)"
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=about)
        add("--offline", action="store_true", help="ask nobody: from the database alone")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options, and leave out all that a crawl does besides asking."""
        super().process_options(args, opts)
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("-a: expected NAME=VALUE", print_help=False) from None
        settings: Any = self.settings
        changes: dict[str, Any] = {
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

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Ask for what decides most, then reckon."""
        aim = self._aim(args[0], opts.spargs)
        rate = self.settings.getfloat("DOCKERHUB_HUB_RATE")  # type: ignore[union-attr]
        with ExitStack() as opened:
            questions = reader = None
            if database_path(url).exists():
                questions = opened.enter_context(Questions(url, "plan_reading"))
                reader = opened.enter_context(closing(Reader(url)))
            facts = Facts(questions, reader)
            spider = None if opts.offline else self._ask(aim, facts)
            if not opts.offline and spider is None:
                return
            heard = spider.heard if spider is not None else self._unheard(facts)
            found = plan(aim, heard, facts, self._options(spider, rate))
            notes = [*self._said(heard, spider), *found.notes]
            self.put(found._replace(notes=notes), opts)

    def _aim(self, name: str, given: dict[str, str]) -> Aim:
        """:raises ArgumentError: as a crawl does"""
        process: Any = self.crawler_process
        names = sorted(process.spider_loader.list())
        if name not in names:
            raise ArgumentError("spider", f"one of {', '.join(names)}", name)
        spider = process.spider_loader.load(name)
        targets = spider.check_arguments(given)
        return read_aim(name, read_scope(spider.completed(given)), targets)

    def _ask(self, aim: Aim, facts: Facts) -> PlanSpider | None:
        process, settings = self.crawler_process, self.settings
        assert process is not None and settings is not None  # noqa: S101, PT018  (set by Scrapy)
        settings.setdict(_HANDFUL, priority="cmdline")
        crawler = process.create_crawler(PlanSpider)
        process.crawl(crawler, aim=aim, facts=facts)
        process.start()
        spider, stats = crawler.spider, crawler.stats
        if not isinstance(spider, PlanSpider) or stats.get_value("finish_reason") == "shutdown":
            self.exitcode = STOPPED
            return None
        failures = list(dict.fromkeys([*stats.get_value(FAILURES, []), *spider.failures]))
        for line in failures:
            say(self.NAME, line)
        self.exitcode = FAILED if failures else 0
        if failures:
            say(self.NAME, "what the database alone says is told by --offline")
        return None if failures else spider

    def _unheard(self, facts: Facts) -> Heard:
        said = facts.was_signed_in()
        return Heard(bool(os.environ.get("DOCKERHUB_USERNAME")) if said is None else said)

    def _options(self, spider: PlanSpider | None, rate: float) -> PlanOptions:
        settings: Any = self.settings
        hub, pulls = (spider.hub, spider.pulls) if spider is not None else (None, None)
        reserve = settings.getint("DOCKERHUB_PULL_RESERVE")
        return PlanOptions(
            now=now(),
            full_days=settings.getfloat("DOCKERHUB_FULL_WALK_DAYS"),
            layers_from=settings["DOCKERHUB_LAYERS_FROM"].lower(),
            most_details=settings.getint("DOCKERHUB_TAG_DETAILS"),
            exits=spider.exit_count if spider is not None else 1,
            budgets={
                HUB: _budget(hub, rate),
                REGISTRY: _budget(None, settings.getfloat("DOCKERHUB_REGISTRY_RATE")),
                PULLS: _budget(pulls, 0, reserve),
            },
        )

    def _said(self, heard: Heard, spider: PlanSpider | None) -> list[str]:
        who = "signed in" if heard.signed_in else "anonymous"
        if spider is None:
            return [f"nobody was asked; as {who}"]
        return [f"{counted(heard.request_count, 'request')} made for this plan; {who}"]


def _budget(told: Told | None, rate: float, reserve: int = 0) -> Budget:
    if told is None or told.limit is None:
        return Budget(rate or None)
    left = None if told.left is None else max(0, told.left - reserve)
    return Budget(
        rate or None,
        max(1, told.limit - reserve),
        left,
        told.resets_seconds,
        told.window_seconds or 60,
    )
