"""Shows a crawl while it runs: one live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler
from rich.text import Text
from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from dockerhub.items import Manifest, RepositoryPage, TagImages, TagPage
from dockerhub.outcome import PROGRESS
from dockerhub.services import Service
from dockerhub.words import counted, duration

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.items import Item

logger = logging.getLogger(__name__)

_LIVE_SECONDS = 0.25
_PLAIN_SECONDS = 30.0


class ProgressExtension:
    """Repositories done of known, tags, requests, budget left and when it resets, time to go."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
        self._expected: dict[tuple[str, str], int] = {}
        self._finished = self._tags = self._images = 0
        self._live: Live | None = None
        self._handler: logging.Handler | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Live where the crawl command left the root log handler to us, for lines not to tear."""
        settings = crawler.settings
        is_ours = not settings.getbool("LOG_INSTALL_ROOT_HANDLER")
        is_live = is_ours and sys.stderr is not None and sys.stderr.isatty()
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        if is_live:
            extension.show()
        return extension

    def show(self) -> None:
        """Take over the terminal: the live line, and the log above it."""
        console = Console(stderr=True)
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._handler = RichHandler(console=console, show_path=False, markup=False)
        self._handler.setLevel(self._crawler.settings["LOG_LEVEL"])
        logging.root.addHandler(self._handler)
        logging.root.setLevel(logging.NOTSET)

    def spider_opened(self) -> None:
        """Begin to tick."""
        if self._live is not None:
            self._live.start()
        self._tick = create_looping_call(self.tick)
        self._tick.start(_LIVE_SECONDS if self._live else _PLAIN_SECONDS, now=False)

    def item_scraped(self, item: Item) -> None:
        """Count what was stored."""
        walk = item.walk
        if isinstance(item, RepositoryPage) and walk is not None:
            self._expected[walk.key.kind, walk.key.subject] = walk.last_count or 0
        if isinstance(item, TagPage):
            self._tags += len(item.rows)
        elif isinstance(item, (TagImages, Manifest)):
            self._images += len(item.rows) if isinstance(item, TagImages) else 1
        if walk is not None and walk.key.kind == "tags" and walk.stop_reason is not None:
            self._finished += 1

    def spider_closed(self) -> None:
        """Leave the terminal as it was found."""
        if self._tick.running:
            self._tick.stop()
        if self._live is not None:
            self._live.stop()

    def tick(self) -> None:
        """Show how far the crawl is."""
        line = self.line()
        if self._live is not None:
            self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)
        else:
            logger.info("%s", line)

    def line(self) -> str:
        """Return the state of the crawl in one line."""
        stats = self._crawler.stats
        met = stats.get_value("dockerhub/repositories/met", 0)
        done = self._finished + sum(
            stats.get_value(f"dockerhub/repositories/{why}", 0) for why in ("unchanged", "empty")
        )
        known = max(met, sum(self._expected.values()))
        requests = stats.get_value("downloader/request_count", 0)
        told = stats.get_value(PROGRESS)
        parts = [
            told or f"{done} of {known} repositories",
            f"{self._tags} tags" if self._tags or not told else "",
            f"{self._images} images" if self._images else "",
            f"{requests} requests",
            self._exits(),
            self._budget(),
            self._to_go(done, known),
        ]
        return " · ".join(part for part in parts if part)

    def _exits(self) -> str:
        """Return how many exits are open, where some are not."""
        scheduler: Any = self._crawler.engine.scheduler
        if scheduler is None:
            return ""
        now, exits = time.time(), scheduler.exits
        names = exits.names
        alive = sum(exits.opens_at(name, now) <= now for name in names)
        return f"{alive} of {counted(len(names), 'exit')}" if alive < len(names) else ""

    def _budget(self) -> str:
        scheduler: Any = self._crawler.engine.scheduler
        left = scheduler.queues[Service.HUB].lanes.left() if scheduler is not None else None
        if left is None:
            return ""
        remaining, limit, resets_at = left
        wait = resets_at - time.time()
        when = f", resets in {wait:.0f} s" if 0 < wait < float("inf") else ""
        return f"{remaining} of {limit} requests left{when}"

    def _to_go(self, done: int, known: int) -> str:
        elapsed = time.monotonic() - self._started
        if not done or done >= known or elapsed < 1:
            return ""
        return f"{duration(elapsed / done * (known - done))} to go"
