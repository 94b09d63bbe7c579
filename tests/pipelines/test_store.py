from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.utils.test import get_crawler

from dockerhub.errors import StoreError
from dockerhub.outcome import FAILURES
from dockerhub.pipelines.store import GATHER_SECONDS, MOST_ITEMS, StorePipeline
from dockerhub.store.writer import Writer
from tests.store.made import NOW, Look, page, row, step, tag, tags

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from dockerhub.items import Item

ENDED = "SELECT spider, arguments, signed_in, finish_reason, request_count FROM crawl"


class Crawl:
    """A crawl as far as the pipeline sees it; *closed* holds why the engine was told to close."""

    def __init__(self, url: str) -> None:
        self.crawler = get_crawler(settings_dict={"DOCKERHUB_DATABASE_URL": url})
        spider: Any = SimpleNamespace(name="org", given_arguments={"org": "bitnami"})
        engine: Any = SimpleNamespace(close_spider_async=self._close)
        self.crawler.spider, self.crawler.engine = spider, engine
        self.pipeline = StorePipeline.from_crawler(self.crawler)
        self.look = Look(url)
        self.closed: list[str] = []
        self.batches: list[int] = []

    async def _close(self, *, reason: str) -> None:
        self.closed.append(reason)

    def run(self, scenario: Callable[[StorePipeline], Awaitable[None]]) -> None:
        """Open the pipeline, play *scenario*, close it; nothing of it may hang."""

        async def whole() -> None:
            await self.pipeline.open_spider()
            await scenario(self.pipeline)
            await self.pipeline.close_spider()
            await self.pipeline.spider_closed("finished")

        asyncio.run(asyncio.wait_for(whole(), 10))

    @property
    def failures(self) -> list[str]:
        return self.crawler.stats.get_value(FAILURES, [])  # type: ignore[no-any-return]


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    made = Crawl(f"sqlite:///{tmp_path / 'hub.db'}")
    write = Writer.write

    def counted(writer: Writer, items: list[Item]) -> Any:
        made.batches.append(len(items))
        return write(writer, items)

    monkeypatch.setattr(Writer, "write", counted)
    return made


def numbered(number: int) -> Item:
    return tags(NOW, tag(f"{number}"))


async def process(pipeline: StorePipeline, items: list[Item]) -> list[object]:
    """Process *items* at once, as Scrapy does, and return what became of each."""
    return await asyncio.gather(*map(pipeline.process_item, items), return_exceptions=True)


def test_a_crawl_has_its_row(crawl: Crawl) -> None:
    crawl.crawler.stats.set_value("dockerhub/signed_in", 1)
    crawl.crawler.stats.set_value("downloader/request_count", 7)

    async def scenario(_: StorePipeline) -> None:
        assert crawl.look.one(ENDED) == ("org", '{"org": "bitnami"}', 1, None, None)

    crawl.run(scenario)
    assert crawl.look.one(ENDED) == ("org", '{"org": "bitnami"}', 1, "finished", 7)
    assert (crawl.failures, crawl.closed) == ([], [])


@pytest.mark.parametrize(
    ("count", "batches"),
    [(1, [1]), (16, [16]), (17, [16, 1]), (40, [16, 16, 8])],
)
def test_a_batch_holds_at_most_sixteen_items(crawl: Crawl, count: int, batches: list[int]) -> None:
    items = [numbered(number) for number in range(count)]

    async def scenario(pipeline: StorePipeline) -> None:
        assert await process(pipeline, items) == items

    crawl.run(scenario)
    assert crawl.batches == batches
    assert crawl.look.one("SELECT COUNT(*) FROM tag") == (count,)
    assert crawl.crawler.stats.get_value("dockerhub/store/tags_new") == count


def test_an_item_leaves_when_it_is_committed_and_not_before(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    write = Writer.write

    def held(writer: Writer, items: list[Item]) -> Any:
        may_write.wait(5)
        return write(writer, items)

    monkeypatch.setattr(Writer, "write", held)

    async def scenario(pipeline: StorePipeline) -> None:
        task = asyncio.ensure_future(pipeline.process_item(numbered(1)))
        await asyncio.sleep(GATHER_SECONDS + 0.1)
        assert not task.done()
        may_write.set()
        await task
        assert crawl.look("SELECT name FROM tag") == [("1",)]

    crawl.run(scenario)


def test_items_that_come_apart_are_not_kept_waiting(crawl: Crawl) -> None:
    async def scenario(pipeline: StorePipeline) -> None:
        loop = asyncio.get_running_loop()
        for number in range(2):
            began = loop.time()
            await pipeline.process_item(numbered(number))
            assert loop.time() - began < GATHER_SECONDS + 0.5

    crawl.run(scenario)
    assert crawl.batches == [1, 1]


def test_closing_writes_what_waits(crawl: Crawl) -> None:
    tasks: list[asyncio.Task[Item]] = []

    async def scenario(pipeline: StorePipeline) -> None:
        tasks.extend(asyncio.ensure_future(pipeline.process_item(numbered(n))) for n in range(3))
        await asyncio.sleep(0)

    crawl.run(scenario)
    assert crawl.batches == [3]
    assert all(task.done() for task in tasks)


def is_dropped(outcome: object) -> bool:
    return isinstance(outcome, DropItem) and outcome.log_level == "DEBUG"


TOO_LARGE = "database: expected to write, Python int too large to convert to SQLite INTEGER"


def test_the_crawl_stops_with_one_message_when_a_write_fails(crawl: Crawl) -> None:
    bad = page(NOW, row(pull_count=2**63))

    async def scenario(pipeline: StorePipeline) -> None:
        await process(pipeline, [numbered(1)])
        outcomes = await process(pipeline, [numbered(2), bad, numbered(3)])
        assert all(map(is_dropped, outcomes))
        assert all(map(is_dropped, await process(pipeline, [numbered(4), bad])))

    crawl.run(scenario)
    assert (crawl.failures, crawl.closed) == ([TOO_LARGE], ["store_failed"])
    assert crawl.batches == [1, 3]
    assert crawl.look("SELECT name FROM tag") == [("1",)]
    assert crawl.look.one("SELECT finish_reason FROM crawl") == ("finished",)


def test_nothing_is_written_after_a_batch_that_failed(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a walk would be complete whose first page was lost, and old tags gone with it."""
    write = Writer.write

    def locked_at_first(writer: Writer, items: list[Item]) -> Any:
        if not crawl.batches:
            crawl.batches.append(0)
            raise StoreError("database: expected to write, database is locked")
        return write(writer, items)

    monkeypatch.setattr(Writer, "write", locked_at_first)
    items = [numbered(number) for number in range(MOST_ITEMS)]
    last = tags(NOW, tag("last"), walk=step(next_page=None))

    async def scenario(pipeline: StorePipeline) -> None:
        assert all(map(is_dropped, await process(pipeline, [*items, last])))

    crawl.run(scenario)
    assert crawl.failures == ["database: expected to write, database is locked"]
    assert crawl.closed == ["store_failed"]
    assert crawl.look("SELECT * FROM tag") == crawl.look("SELECT * FROM walk") == []


def test_an_error_that_nobody_thought_of_does_not_hang(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Writer, __: list[Item]) -> None:
        raise KeyError("put_tag")

    monkeypatch.setattr(Writer, "write", broken)

    async def scenario(pipeline: StorePipeline) -> None:
        assert all(map(is_dropped, await process(pipeline, [numbered(1), numbered(2)])))

    crawl.run(scenario)
    assert crawl.failures == ["database: expected to write, KeyError('put_tag')"]
    assert crawl.closed == ["store_failed"]


def test_a_database_that_cannot_be_opened_closes_the_crawl(tmp_path: Path) -> None:
    path = tmp_path / "none" / "hub.db"
    crawl = Crawl(f"sqlite:///{path}")

    async def scenario() -> None:
        with pytest.raises(CloseSpider) as caught:
            await crawl.pipeline.open_spider()
        assert caught.value.reason == "store_failed"
        with pytest.raises(DropItem):
            await crawl.pipeline.process_item(numbered(1))
        await crawl.pipeline.close_spider()
        await crawl.pipeline.spider_closed("store_failed")

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert crawl.failures == [
        f"database {path}: expected a folder {path.parent}, it does not exist"
    ]


def test_a_crawl_that_cannot_be_ended_says_so(crawl: Crawl) -> None:
    async def scenario(pipeline: StorePipeline) -> None:
        assert pipeline._writer is not None
        pipeline._writer._connection.execute("PRAGMA query_only = ON")

    crawl.run(scenario)
    assert crawl.failures == ["database: expected to write, attempt to write a readonly database"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("store")]
