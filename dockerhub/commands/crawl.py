"""`scrapy crawl`: Scrapy's own, with arguments checked first and an exit status that tells."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from dockerhub.errors import ArgumentError, StoreError
from dockerhub.outcome import FAILED, MISUSED, STOPPED, UNKNOWN, exit_status
from dockerhub.redact import plain
from dockerhub.settings_check import check_feeds, check_settings
from dockerhub.store.database import open_database
from dockerhub.store.place import database_place

if TYPE_CHECKING:
    import argparse

logger = logging.getLogger(__name__)

_COLLECT_AFTER = (50_000, 20, 100)  # objects, rounds, rounds; Python's are 700, 10, 10


class Command(BaseRunSpiderCommand):
    """Exit status: 0 done, 1 failed, 2 wrong arguments, 3 incomplete under strict=1, 130 Ctrl-C."""

    requires_project = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Run a spider, such as: scrapy crawl org -a org=bitnami"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options; on a terminal the live line takes over the log."""
        _check_log_options(opts)
        super().process_options(args, opts)
        settings: Any = self.settings
        is_plain = settings.get("LOG_FILE") or not settings.getbool("LOG_ENABLED")
        asked = settings.getpriority("LOG_LEVEL") or 0
        self._misuse = _check_log_level(settings)
        is_asked = asked > SETTINGS_PRIORITIES["project"] and self._misuse is None
        self._is_quiet = not (is_asked or settings["LOG_FILE"])
        if not (is_asked or opts.logfile):
            # The banner is logged before `run`, where the rest of Scrapy is quietened.
            banner = logging.getLogger("scrapy.utils.log")
            banner.addFilter(lambda record: record.levelno >= logging.WARNING)
        if sys.stderr is not None and sys.stderr.isatty() and not is_plain:
            settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything that can be checked, then crawl."""
        if len(args) != 1:
            found = " ".join(args) or "nothing"
            raise UsageError(f"expected one spider, such as: org -a org=bitnami; got {found}")
        process, settings = self.crawler_process, self.settings
        assert process is not None and settings is not None  # noqa: S101, PT018  (set by Scrapy)
        if args[0] not in process.spider_loader.list():
            names = ", ".join(sorted(process.spider_loader.list()))
            self._refuse(f"spider: expected one of {names}, got {args[0]!r}", MISUSED)
            return
        spider_class: Any = process.spider_loader.load(args[0])
        try:
            if self._misuse is not None:
                raise self._misuse
            check_settings(settings)
            targets = spider_class.check_arguments(opts.spargs)
            check_feeds(settings)
            open_database(settings["DOCKERHUB_DATABASE_URL"]).close()
            self._claim(args[0], targets)
        except ArgumentError as error:
            self._refuse(str(error), MISUSED)
        except StoreError as error:
            self._refuse(str(error), FAILED)
        else:
            self._crawl(args[0], opts)

    def _claim(self, name: str, targets: object) -> None:
        """Make sure that no other process crawls the same into the same database.

        :raises StoreError: if one does
        """
        settings: Any = self.settings
        place = database_place(settings["DOCKERHUB_DATABASE_URL"])
        # Kept as long as this object lives, which is as long as the crawl.
        self._claimed, subject = place.claims(), f"{name} {targets!r}"
        if not self._claimed.take(subject):
            process = self._claimed.holder(subject)
            another = f"another one (process {process})" if process else "another one"
            raise StoreError(
                f"{name}: expected to be the only crawl of this into {place.name}, {another} is"
                " under way; let it end, or stop it"
            )

    def _crawl(self, name: str, opts: argparse.Namespace) -> None:
        process: Any = self.crawler_process
        if self._is_quiet:
            # Scrapy's own lines about itself are for who asks for them with -L or a log file.
            logging.getLogger("scrapy").setLevel(logging.WARNING)
            # But what Ctrl-C does, and that a second one forces it, has to be said.
            signals = logging.getLogger("scrapy.crawler")
            signals.setLevel(logging.INFO)
            signals.addFilter(lambda record: record.getMessage().startswith("Received "))
        # A feed that cannot be closed is one line of Scrapy's, without what led to it.
        feeds = logging.getLogger("scrapy.extensions.feedexport")
        feeds.addFilter(_without_traceback)
        # Its advice on a body that was cut is to store it.
        logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)
        # A page makes some thousand rows that live until they are committed: the collector finds
        # nothing in them and took a sixth of the time (tests/benchmarks/compare.py).
        gc.set_threshold(*_COLLECT_AFTER)
        crawler = self._create_crawler(name)
        process.crawl(crawler, **opts.spargs)
        process.start()
        if process.bootstrap_failed:
            self.exitcode = FAILED
            return
        reason = crawler.stats.get_value("finish_reason", UNKNOWN)
        spider: Any = crawler.spider
        strict = spider is not None and spider.scope.strict
        self.exitcode = exit_status(crawler.stats, reason, strict=strict)
        if self.exitcode == STOPPED and reason == UNKNOWN:
            self._say("stopped; run it again to go on")

    def _refuse(self, message: str, status: int) -> None:
        self._say(message)
        self.exitcode = status

    def _say(self, message: str) -> None:
        """Say it on standard error, and where there is a log file there too: Scrapyd shows that."""
        line, settings = f"scrapy crawl: {plain(message, 2000)}", self.settings
        if settings is not None and settings["LOG_FILE"]:
            logger.error("%s", line)
        # Who started us may be gone, as Scrapyd is that left us behind.
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)


def _check_log_options(opts: argparse.Namespace) -> None:
    """Refuse what Scrapy would find out later, with a traceback.

    :raises UsageError: naming option, expectation and finding
    """
    levels = logging.getLevelNamesMapping()
    opts.loglevel = opts.loglevel and opts.loglevel.upper()
    if opts.loglevel and opts.loglevel not in levels:
        names = ", ".join(sorted(levels, key=lambda name: levels[name], reverse=True))
        raise UsageError(f"-L: expected one of {names}, got {opts.loglevel}", print_help=False)
    for option, path in (("--logfile", opts.logfile), ("--pidfile", opts.pidfile)):
        try:
            if path:
                Path(path).open("ab").close()
        except OSError as error:
            why = f"expected a file that can be written ({error.strerror}), got {path}"
            raise UsageError(f"{option}: {why}", print_help=False) from None


def _check_log_level(settings: Any) -> ArgumentError | None:
    """Return what is wrong with the setting, of which a log is needed to tell; then it is INFO."""
    level, levels = str(settings["LOG_LEVEL"]).upper(), logging.getLevelNamesMapping()
    is_known = level in levels
    settings.set("LOG_LEVEL", level if is_known else "INFO", priority="cmdline")
    if is_known:
        return None
    return ArgumentError("setting LOG_LEVEL", f"one of {', '.join(levels)}", level)


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
