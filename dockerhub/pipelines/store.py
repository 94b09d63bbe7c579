"""Writes items to the database in batches, off the reactor's thread."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, DropItem

from dockerhub.arguments import written_arguments
from dockerhub.errors import StoreError
from dockerhub.moments import now
from dockerhub.outcome import PULLS, SIGNED_IN, fail
from dockerhub.redact import plain
from dockerhub.store.off_thread import OffThread
from dockerhub.store.writer import Writer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.items import Item
    from dockerhub.store.tags import Tally

logger = logging.getLogger(__name__)

MOST_ITEMS = 16
# A batch is what came while the one before was written, and a moment longer.
GATHER_SECONDS = 0.01


class StorePipeline:
    """An item leaves this pipeline when its batch is committed, and not before.

    So a response is held until then, and Scrapy takes no more of them than
    SCRAPER_SLOT_MAX_ACTIVE_SIZE: the crawl does not run ahead of the database.
    """

    def __init__(self, crawler: Crawler, *, url: str) -> None:
        self._crawler = crawler
        self._url = url
        self._thread = OffThread("store")
        self._writer: Writer | None = None
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._write: asyncio.Task[None] | None = None
        self._has_failed = False
        self._is_broken = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read where the database is."""
        pipeline = cls(crawler, url=crawler.settings["DOCKERHUB_DATABASE_URL"])
        crawler.signals.connect(pipeline.spider_closed, signals.spider_closed)
        return pipeline

    async def open_spider(self) -> None:
        """Open the database and write that the crawl begins.

        :raises CloseSpider: if the database cannot be used
        """
        spider: Any = self._crawler.spider
        arguments = written_arguments(spider.given_arguments)
        signed_in = bool(self._crawler.stats.get_value(SIGNED_IN))
        try:
            self._writer = await self._thread.run(Writer, self._url)
            await self._thread.run(
                self._writer.begin_crawl, spider.name, arguments, signed_in=signed_in, now=now()
            )
        except StoreError as error:
            self._has_failed = True
            fail(self._crawler.stats, str(error))
            raise CloseSpider("store_failed") from error

    async def process_item(self, item: Item) -> Item:
        """Return the item once it is committed.

        :raises DropItem: if the database failed
        """
        if self._has_failed:
            raise DropItem("the database failed", log_level="DEBUG")
        loop = asyncio.get_running_loop()
        committed = loop.create_future()
        self._waiting.append((item, committed))
        self._plan()
        await committed
        return item

    async def close_spider(self) -> None:
        """Write what is left."""
        while self._waiting or self._write is not None:
            self._flush()
            if self._write is not None:
                await self._write

    async def spider_closed(self, reason: str) -> None:
        """Write how the crawl ended and close the database."""
        if self._writer is not None:
            try:
                await self._thread.run(self._finish, self._writer, reason)
            except StoreError as error:
                fail(self._crawler.stats, str(error))
        self._thread.close()

    def _finish(self, writer: Writer, reason: str) -> None:
        stats = self._crawler.stats
        try:
            writer.finish_crawl(
                now=now(),
                reason=reason,
                request_count=stats.get_value("downloader/request_count", 0),
                pull_count=stats.get_value(PULLS, 0),
                stats=json.dumps(stats.get_stats(), default=str, sort_keys=True),
            )
        finally:
            writer.close()

    def _plan(self) -> None:
        """See to it that what waits is written, once what is being written is."""
        if self._write is not None or not self._waiting:
            return
        if len(self._waiting) >= MOST_ITEMS:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._write is None and self._waiting:
            batch = self._waiting[:MOST_ITEMS]
            del self._waiting[:MOST_ITEMS]
            self._write = asyncio.ensure_future(self._put_batch(batch))

    async def _put_batch(self, batch: list[tuple[Item, asyncio.Future[None]]]) -> None:
        try:
            await self._commit(batch)
        finally:
            self._write = None
            self._plan()

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[None]]]) -> None:
        writer = self._writer
        assert writer is not None  # noqa: S101  (items come only after open_spider)
        try:
            tally = await self._thread.run(self._put, writer, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  (whatever it is, nobody may wait for ever)
            self._stop(error)
            for _, committed in batch:
                committed.set_exception(DropItem("the database failed", log_level="DEBUG"))
            return
        for name, number in tally.items():
            self._crawler.stats.inc_value(f"dockerhub/store/{name}", number)
        for _, committed in batch:
            committed.set_result(None)

    def _put(self, writer: Writer, items: list[Item]) -> Tally:
        """Write a batch unless one before failed: a walk would go on over missing rows."""
        if self._is_broken:
            raise StoreError("database: expected all that came before, a write failed")
        self._is_broken = True
        tally = writer.write(items)
        self._is_broken = False
        return tally

    def _stop(self, error: Exception) -> None:
        """End the crawl: going on would only spend requests on what cannot be kept."""
        if self._has_failed:
            return
        self._has_failed = True
        is_ours = isinstance(error, StoreError)
        why = str(error) if is_ours else f"database: expected to write, {error!r}"
        logger.debug("the batch that failed", exc_info=error)
        fail(self._crawler.stats, plain(why))
        close = self._crawler.engine.close_spider_async(reason="store_failed")
        # Not awaited here: the engine waits for this very item before it closes.
        self._closing = asyncio.ensure_future(close)
