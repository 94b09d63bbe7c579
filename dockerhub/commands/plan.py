"""`scrapy plan`: what a crawl would cost, before it starts."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from dockerhub.answer_command import AnswerCommand
from dockerhub.arguments import read_scope
from dockerhub.catalog_targets import CatalogTargets
from dockerhub.commands.few_requests import ask, only_ask
from dockerhub.commands.plan_spider import PlanSpider
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.moments import now
from dockerhub.outcome import FAILED, FAILURES, STOPPED
from dockerhub.reports.coverage_plan import plan_catalog
from dockerhub.reports.plan import plan
from dockerhub.reports.plan_aim import Heard, read_aim
from dockerhub.reports.plan_facts import Facts
from dockerhub.reports.plan_figures import HUB, PULLS, REGISTRY, PlanOptions
from dockerhub.reports.plan_time import Budget
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.store.reader import Reader
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse

    from dockerhub.limits.told import Told
    from dockerhub.reports.plan_aim import Aim


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
        only_ask(self.settings, opts)

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Ask for what decides most, then reckon."""
        spider = self._spider(args[0])
        targets = spider.check_arguments(opts.spargs)
        if isinstance(targets, CatalogTargets):
            self._put_catalog(targets, opts, url)
            return
        aim = read_aim(args[0], read_scope(spider.completed(opts.spargs)), targets)
        rate = self.settings.getfloat("DOCKERHUB_HUB_RATE")  # type: ignore[union-attr]
        with ExitStack() as opened:
            questions = reader = None
            if database_place(url).exists():
                questions = opened.enter_context(Questions(url, "plan_reading"))
                reader = opened.enter_context(closing(Reader(url)))
            facts = Facts(questions, reader)
            asked = None if opts.offline else self._ask(aim, facts)
            if not opts.offline and asked is None:
                return
            heard = asked.heard if asked is not None else self._unheard(facts)
            found = plan(aim, heard, facts, self._options(asked, rate))
            notes = [*self._said(heard, asked), *found.notes]
            self.put(found._replace(notes=notes), opts)

    def _put_catalog(self, targets: CatalogTargets, opts: argparse.Namespace, url: str) -> None:
        """Say what little can be told of a discovery; for that nobody is asked."""
        settings: Any = self.settings
        budget = _budget(None, settings.getfloat("DOCKERHUB_HUB_RATE"))
        least = settings.getfloat("DOCKERHUB_CATALOG_MIN_YIELD")
        with ExitStack() as opened:
            questions = None
            if database_place(url).exists():
                questions = opened.enter_context(Questions(url, "catalog_reading"))
            self.put(plan_catalog(targets, questions, budget, least), opts)

    def _spider(self, name: str) -> Any:
        """:raises ArgumentError: as a crawl does"""
        process: Any = self.crawler_process
        names = sorted(process.spider_loader.list())
        if name not in names:
            raise ArgumentError("spider", f"one of {', '.join(names)}", name)
        return process.spider_loader.load(name)

    def _ask(self, aim: Aim, facts: Facts) -> PlanSpider | None:
        asked = ask(self, PlanSpider, aim=aim, facts=facts)
        if asked is None:
            self.exitcode = STOPPED
            return None
        spider, stats = asked
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
