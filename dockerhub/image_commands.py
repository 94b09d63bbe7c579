"""What the commands about images share: their options, and how they fetch what is missing.

Knows no Scrapy: it is handed the command, with its settings and the process that runs crawls.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dockerhub.errors import DockerhubError
from dockerhub.options import database_url
from dockerhub.outcome import DONE, FAILED, STOPPED, UNKNOWN, exit_status
from dockerhub.redact import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

Found = TypeVar("Found")

_SPIDER = "manifests"
_MOST_ROUNDS = 10  # crawls of one command: two images, a platform of each, a base image


class Wanted(NamedTuple):
    """A crawl that brings something."""

    arguments: Mapping[str, str]
    is_needed: bool = True
    """whether there is no result without it"""


def add_image_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that these commands have in common."""
    add = parser.add_argument
    add("--platform", metavar="OS/ARCH", help="a platform, such as linux/arm64")
    add("--json", action="store_true", help="print JSON, for programs")
    add("--fetch", action="store_true", help="get what is missing from the registry first")
    add("--database", metavar="FILE_OR_URL", help="the database (-s DOCKERHUB_DATABASE_URL)")


def apply_image_options(settings: Any, options: argparse.Namespace) -> None:
    """Put the options into the settings of a command, and quieten its log."""
    if options.database is not None:
        url = database_url(options.database)
        settings.set("DOCKERHUB_DATABASE_URL", url, priority="cmdline")
    if options.loglevel or options.logfile or options.nolog:
        return
    # Nothing of Scrapy's own; with a crawl, what it has to warn of.
    settings.set("LOG_ENABLED", options.fetch, priority="cmdline")
    settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
    if sys.stderr is not None and sys.stderr.isatty():
        # Then the crawl's live line takes over the log.
        settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")


def answer(command: Any, report: Callable[[], Found], first: Sequence[Mapping[str, str]]) -> Found:
    """Return what *report* finds, once what *first* and the report itself ask for is fetched.

    *first* are arguments of the spider `manifests`: none where nothing is to be fetched.

    :raises DockerhubError: as *report* does
    """

    def missing() -> Wanted | None:
        try:
            lacking: Any = report()
        except DockerhubError as error:
            lacking = error
        arguments = getattr(lacking, "fetch", None)
        # What a result would be the better for need not be there.
        is_needed = isinstance(lacking, DockerhubError)
        return None if arguments is None else Wanted(arguments, is_needed=is_needed)

    if first:
        command.exitcode = _fetch(command.crawler_process, [Wanted(one) for one in first], missing)
    return report()


def refuse(command: Any, name: str, error: DockerhubError) -> None:
    """Say in one line why a command has no result."""
    say(name, str(error))
    command.exitcode = command.exitcode or FAILED


def say(name: str, message: str) -> None:
    """Say something that is no result."""
    if sys.stderr is not None:
        sys.stderr.write(f"scrapy {name}: {plain(message, 2000)}\n")


def _fetch(process: Any, first: list[Wanted], missing: Callable[[], Wanted | None]) -> int:
    """Crawl what is wanted, one after the other, and return the worst exit status.

    What was fetched once is not fetched again.
    """
    crawls: list[tuple[Any, Wanted]] = []
    handlers = list(logging.root.handlers)

    def go_on(_: object = None) -> None:
        if process.bootstrap_failed:
            return
        is_over = bool(crawls) and _status(crawls[-1][0]) == STOPPED
        wanted = first.pop(0) if first else missing()
        known = [each.arguments for _, each in crawls]
        if is_over or wanted is None or wanted.arguments in known or len(known) >= _MOST_ROUNDS:
            return
        # The live line of the crawl before has put its own there: each log line would come twice.
        logging.root.handlers[:] = handlers
        crawls.append((process.create_crawler(_SPIDER), wanted))
        process.crawl(crawls[-1][0], **wanted.arguments).add_done_callback(go_on)

    go_on()
    process.start()
    if process.bootstrap_failed:
        return FAILED
    statuses = [(_status(crawler), wanted) for crawler, wanted in crawls]
    counted = [status for status, wanted in statuses if wanted.is_needed or status == STOPPED]
    return max(counted, default=DONE)


def _status(crawler: Any) -> int:
    reason = crawler.stats.get_value("finish_reason", UNKNOWN)
    return exit_status(crawler.stats, reason, strict=False)
