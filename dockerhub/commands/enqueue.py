"""`scrapy enqueue`: cuts a crawl into jobs that many workers share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict

from dockerhub.errors import ArgumentError, DockerhubError
from dockerhub.image_commands import refuse, say
from dockerhub.jobs.first_jobs import first_jobs
from dockerhub.jobs.following import lacking_jobs
from dockerhub.outcome import MISUSED
from dockerhub.settings_check import check_settings
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse

    from dockerhub.jobs.job import CrawlJob
    from dockerhub.jobs.queue import Put


class Command(ScrapyCommand):
    """Exit status: 0 enqueued or waiting already, 1 no queue can be reached, 2 wrong arguments."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Cut a crawl into jobs for scrapy worker, such as: scrapy enqueue org -a org=bitnami"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the spider."""
        super().add_options(parser)
        about = "set spider argument (may be repeated)"
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=about
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options."""
        super().process_options(args, opts)
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("Invalid -a value, use -a NAME=VALUE", print_help=False) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything that can be checked, then enqueue."""
        settings: Any = self.settings
        if len(args) != 1:
            found = " ".join(args) or "nothing"
            raise UsageError(f"expected one spider, such as: org -a org=bitnami; got {found}")
        try:
            check_settings(settings)
            jobs = self._jobs(args[0], opts.spargs, settings["DOCKERHUB_DATABASE_URL"])
            put = asyncio.run(_put(settings["DOCKERHUB_DATABASE_URL"], jobs))
        except ArgumentError as error:
            self.exitcode = MISUSED
            refuse(self, "enqueue", error)
        except DockerhubError as error:
            refuse(self, "enqueue", error)
        else:
            _print(put)

    def _jobs(self, spider: str, given: dict[str, str], url: str) -> list[CrawlJob]:
        # Scrapy imports every command at each start; the queue's library is needed here alone.
        from dockerhub.jobs.schema import make_queue  # noqa: PLC0415

        loader = get_spider_loader(self.settings)  # type: ignore[arg-type]
        if spider not in loader.list():
            raise ArgumentError("spider", f"one of {', '.join(sorted(loader.list()))}", spider)
        spider_class: Any = loader.load(spider)
        jobs = first_jobs(spider, given, spider_class.check_arguments(given))
        make_queue(url)
        # A spider that is pointed at nothing takes what the database lacks.
        return jobs or lacking_jobs({"strict": "1", **given}, url)


async def _put(url: str, jobs: list[CrawlJob]) -> Put:
    from dockerhub.jobs.queue import Queue  # noqa: PLC0415

    async with Queue(url) as queue:
        return await queue.put(jobs)


def _print(put: Put) -> None:
    for job, number in zip(put.jobs, put.numbers, strict=True):
        print(f"job {number}: {job.spider} {job.subject}")
    if put.left_out:
        say("enqueue", f"{counted(put.left_out, 'subject')} left out, what waits already")
    elif not put.jobs:
        say("enqueue", "nothing is lacking")
