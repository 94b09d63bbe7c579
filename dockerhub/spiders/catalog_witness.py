"""Doubts searches that show nothing one after another, before that is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from dockerhub.kinds import CRAWL_WIDE, Kind
from dockerhub.meta import KNOWN
from dockerhub.payloads.search import read_search_page
from dockerhub.redact import plain
from dockerhub.spiders.refusals import tolerant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item
    from dockerhub.spiders.catalog_search import Ask, CatalogSearch

# Answers without hits in a row after which a search is asked for that had some: of the rare
# prefixes at the end of a discovery nearly all have none.
_MOST_IN_A_ROW = 20
_PRIORITY = 30
_WITNESS = "(witness)"
"""stands for its request among the prefixes that are being searched for; none looks so"""


class SearchWitness:
    """The part of the discovery that asks again for a prefix that had hits.

    Whom Docker Hub has blocked it shows searches without hits for about a day
    (TheConnMan/docker-hub-rss#26): believed, all of the rest would look empty.
    """

    def __init__(self, search: CatalogSearch) -> None:
        self._search = search
        self._good: str | None = None
        """a prefix that had hits"""
        self._doubted: list[Ask] = []
        self._is_asking = False

    @property
    def has_seen(self) -> bool:
        """Whether any search had hits."""
        return self._good is not None

    @property
    def is_due(self) -> bool:
        """Whether it is to be asked for before what had no hits is believed."""
        return bool(self._doubted) and not self._is_asking

    def seen(self, prefix: str) -> None:
        """Hear that a search had hits: those before it that had none had none."""
        self._good = prefix
        self._doubted.clear()

    async def doubt(self, ask: Ask) -> Request | None:
        """Hear that a search had no hits; return a request that tells whether to believe it."""
        self._doubted.append(ask)
        return await self.ask() if len(self._doubted) >= _MOST_IN_A_ROW else None

    async def ask(self) -> Request | None:
        """Return the request that tells whether the last empty answers are to be believed."""
        spider = self._search.spider
        if not self.is_due:
            return None
        good = self._good or await spider.thread.run(spider.catalog.good_prefix)
        if good is None:
            return None
        self._is_asking = True
        spider.hold(_WITNESS)
        return Request(
            spider.urls.search(good, 1, spider.page_size),
            self.witness,
            errback=spider.refusals.take,
            priority=_PRIORITY,
            meta={KNOWN: True},
            dont_filter=True,
            cb_kwargs={"ask": good},
        )

    def put_back(self) -> Iterator[Item]:
        """Yield what lets all wait again whose answers are not believed."""
        doubted, self._doubted = self._doubted, []
        for each in doubted:
            yield self._search.put_back(each)

    @tolerant
    async def witness(self, response: Response, *, ask: str) -> AsyncIterator[Item | Request]:
        """Take the hits of a prefix that had some; none: nothing of late is to be believed."""
        self.over()
        if read_search_page(response.body).rows:
            self.seen(ask)
            return
        why = f"search for {plain(ask)}: expected hits as before, got none"
        self._search.blocked(f"{why} (Docker Hub hides them from this address, or has no search)")
        for item in self.put_back():
            yield item

    async def refused(self, ask: str, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Hear that it cannot be told: what is in doubt waits for the next run."""
        self.over()
        if error.kind in CRAWL_WIDE or error.kind is Kind.REMOVED:
            self._search.is_off = True
            self._search.spider.search_stopped(ask, error)
        for item in self.put_back():
            yield item

    def over(self) -> None:
        """Hear that it is over: answered, or not asked for after all."""
        self._is_asking = False
        self._search.spider.release(_WITNESS)

    @property
    def spider(self) -> object:
        """The spider, for what repeats requests."""
        return self._search.spider
