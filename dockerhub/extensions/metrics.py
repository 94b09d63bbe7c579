"""Writes what a crawl does as a Prometheus text file, while it runs and when it ends."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from prometheus_client import CollectorRegistry, write_to_textfile
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from dockerhub.arguments import written_arguments
from dockerhub.errors import StoreError
from dockerhub.extensions.metric_families import Budget, Facts, Families
from dockerhub.items import (
    Absence,
    Attestation,
    Config,
    Manifest,
    RepositoryDetail,
    RepositoryPage,
    TagDigest,
    TagImages,
    TagNames,
    TagPage,
)
from dockerhub.limits.budget import NEVER
from dockerhub.moments import MICROSECONDS
from dockerhub.redact import plain
from dockerhub.store.off_thread import OffThread
from dockerhub.store.reader import Reader

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

    from dockerhub.items import Item

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 15.0  # as often as Prometheus asks by default
_MOST_SUBJECT = 100
_KINDS: dict[type, str] = {
    RepositoryPage: "repository",
    RepositoryDetail: "description",
    TagPage: "tag",
    TagDigest: "tag_digest",
    TagNames: "tag_name",
    TagImages: "image",
    Manifest: "manifest",
    Config: "config",
    Attestation: "attestation",
    Absence: "gone",
}


class MetricsExtension:
    """One file a crawl in the folder DOCKERHUB_METRICS_DIR, for node_exporter's textfile collector.

    A crawl of the same subject writes the same file again, so that there are never more files than
    there are crawls that somebody runs. Each is written whole under another name first.
    Source: https://github.com/prometheus/node_exporter#textfile-collector (read 2026-11-22)
    """

    def __init__(self, crawler: Crawler, *, folder: Path, url: str) -> None:
        self._crawler = crawler
        self._folder = folder
        self._reader = Reader(url)
        self._thread = OffThread("metrics")
        self._started = time.time()
        self._rows: Counter[str] = Counter()
        self._has_complained = False
        self._writing: asyncio.Future[None] | None = None
        self._tick: Any = None
        self._last: Facts | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect the signals.

        :raises NotConfigured: if nobody wants metrics
        """
        folder = crawler.settings["DOCKERHUB_METRICS_DIR"]
        if not folder:
            # Without a word: with one, Scrapy warns of it in every crawl.
            raise NotConfigured
        url = crawler.settings["DOCKERHUB_DATABASE_URL"]
        extension = cls(crawler, folder=Path(folder), url=url)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.engine_stopped, signals.engine_stopped)
        return extension

    def spider_opened(self) -> None:
        """Begin to write."""
        self._tick = create_looping_call(self._write_soon)
        self._tick.start(_EVERY_SECONDS)

    def item_scraped(self, item: Item) -> None:
        """Count the rows that were stored."""
        kind = _KINDS.get(type(item))
        if kind is not None:
            self._rows[kind] += len(getattr(item, "rows", "1"))

    def spider_closed(self) -> None:
        """Take down what it came to, while the scheduler still knows the budgets."""
        if self._tick.running:
            self._tick.stop()
        self._last = self._facts(ended=time.time())

    async def engine_stopped(self) -> None:
        """Write what it came to, once the database knows it too."""
        if self._writing is not None:
            await self._writing
        if self._last is not None:
            await self._thread.run(self._write, self._last)
        await self._thread.run(self._reader.close)
        self._thread.close()

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = self._thread.run(self._write, self._facts())

    def _facts(self, ended: float | None = None) -> Facts:
        """Return how things stand, as something that does not change while it is written."""
        spider: Any = self._crawler.spider
        subject = " ".join(f"{name}={value}" for name, value in spider.given_arguments.items())
        return Facts(
            spider=spider.name,
            subject=plain(subject, _MOST_SUBJECT),
            stats=dict(self._crawler.stats.get_stats()),
            rows=dict(self._rows),
            budgets=list(self._budgets()),
            started=self._started,
            ended=ended,
        )

    def _budgets(self) -> Iterator[Budget]:
        scheduler: Any = self._crawler.engine.scheduler
        if scheduler is None:
            return
        for service, queue in scheduler.queues.items():
            for name in scheduler.exits.names:
                left = queue.lanes.of(name).left()
                if left is not None:
                    resets_at = left[2] if 0 < left[2] < NEVER else None
                    label = scheduler.exits.label(name)
                    yield Budget(str(service), label, left[0], left[1], resets_at)

    def _write(self, facts: Facts) -> None:
        """Write the file; that nobody can read metrics is no reason for a crawl to end."""
        registry = CollectorRegistry()
        registry.register(Families(facts, self._oldest()))
        try:
            write_to_textfile(str(self._folder / self._name(facts.spider)), registry)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                why = error.strerror
                logger.warning("metrics: expected to write into %s, %s", self._folder, why)

    def _oldest(self) -> float | None:
        """Return when the oldest walk that is not finished began."""
        try:
            oldest = self._reader.oldest_unfinished()
        except StoreError as error:
            logger.debug("%s", error)
            return None
        return None if oldest is None else oldest / MICROSECONDS

    def _name(self, spider: str) -> str:
        given: Any = self._crawler.spider
        subject = written_arguments(given.given_arguments).encode()
        mark = hashlib.blake2b(subject, digest_size=6).hexdigest()
        return f"dockerhub-{spider}-{mark}.prom"
