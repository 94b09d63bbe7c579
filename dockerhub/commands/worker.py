"""`scrapy worker`: runs the jobs of the queue, each crawl in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.log import configure_logging

from dockerhub.errors import ArgumentError, DockerhubError
from dockerhub.image_commands import refuse
from dockerhub.jobs.conduct import Conduct
from dockerhub.options import if_given, read_count
from dockerhub.outcome import MISUSED
from dockerhub.settings_check import check_settings

if TYPE_CHECKING:
    import argparse

_OURS = "DOCKERHUB_"
_MOST_CRAWLS = 64
_LONGEST_GRACE = 86_400
# What is about the worker's own log and not about its crawls.
_OWN = ("LOG_",)


class Command(ScrapyCommand):
    """Exit status: 0 told to end or nothing left, 1 no queue can be reached, 2 wrong arguments."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Run the jobs of scrapy enqueue, such as: scrapy worker --concurrency 4"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how many at once, and when it ends."""
        super().add_options(parser)
        add = parser.add_argument
        add("--concurrency", metavar="N", help="crawls at once (default 1)")
        add("--grace", metavar="SECONDS", help="how long they may go on after SIGTERM (default 60)")
        add("--until-empty", action="store_true", help="end once nothing waits or runs")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything that can be checked, then work."""
        # Scrapy imports every command at each start; the queue's library is needed here alone.
        from dockerhub.jobs.schema import make_queue  # noqa: PLC0415
        from dockerhub.jobs.worker import Worker  # noqa: PLC0415

        settings: Any = self.settings
        if args:
            raise UsageError(f"expected no arguments, got {' '.join(args)}")
        try:
            check_settings(settings)
            with tempfile.TemporaryDirectory(prefix="dockerhub-worker-") as folder:
                conduct = _conduct(settings, opts, Path(folder))
                make_queue(settings["DOCKERHUB_DATABASE_URL"])
                _begin_log(settings)
                asyncio.run(Worker(settings["DOCKERHUB_DATABASE_URL"], conduct).run())
        except ArgumentError as error:
            self.exitcode = MISUSED
            refuse(self, "worker", error)
        except DockerhubError as error:
            refuse(self, "worker", error)


def _conduct(settings: Any, opts: argparse.Namespace, folder: Path) -> Conduct:
    concurrency = if_given(read_count, "--concurrency", opts.concurrency, _MOST_CRAWLS)
    grace = if_given(read_count, "--grace", opts.grace, _LONGEST_GRACE)
    ours = {name: str(settings[name]) for name in settings if name.startswith(_OURS)}
    # The crawls of one machine share what Hub lets its address do.
    ledger = ours["DOCKERHUB_LEDGER"] or str(folder / "budgets")
    return Conduct(
        concurrency=concurrency or 1,
        grace=60.0 if grace is None else float(grace),
        silence=settings.getfloat("DOCKERHUB_WORKER_SILENCE"),
        tries=settings.getint("DOCKERHUB_JOB_TRIES"),
        backoff=settings.getfloat("DOCKERHUB_JOB_BACKOFF"),
        full_days=settings.getfloat("DOCKERHUB_FULL_WALK_DAYS"),
        until_empty=opts.until_empty,
        environment={**os.environ, **ours, "DOCKERHUB_LEDGER": ledger},
        options=tuple(_asked(settings)),
    )


def _asked(settings: Any) -> list[str]:
    """Return the settings of Scrapy's that were asked for, as options of its crawls."""
    least = SETTINGS_PRIORITIES["cmdline"]
    return [
        word
        for name in settings
        if (settings.getpriority(name) or 0) >= least and not name.startswith((_OURS, *_OWN))
        for word in ("-s", f"{name}={settings[name]}")
    ]


def _begin_log(settings: Any) -> None:
    configure_logging(settings)
    # Its loop says which selector it has.
    logging.getLogger("asyncio").setLevel(logging.WARNING)
