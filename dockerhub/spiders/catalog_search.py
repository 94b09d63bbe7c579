"""Searches for prefixes: reads the hits that may be seen, and splits where there are more."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy import Request

from dockerhub.items import CatalogPage, PrefixStep
from dockerhub.kinds import CRAWL_WIDE, Kind
from dockerhub.meta import KNOWN
from dockerhub.moments import now
from dockerhub.outcome import note_incomplete
from dockerhub.payloads.search import read_search_page
from dockerhub.redact import plain
from dockerhub.spiders.catalog_witness import SearchWitness
from dockerhub.spiders.refusals import tolerant
from dockerhub.urls import is_trusted_next
from dockerhub.walks.prefixes import SPLIT_ALWAYS, find_of, is_cut_short, longer_prefixes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item, RepositoryRow
    from dockerhub.payloads.wire import Listing
    from dockerhub.spiders.catalog_discovery import Discovery
    from dockerhub.store.catalog_reader import WaitingPrefix

logger = logging.getLogger(__name__)

# Counts of hits are not exact: a list that ends with so small a part missing has ended.
_MOST_SHORT = 0.05
# Hits of a prefix that are looked at to tell which signs follow it.
_MOST_SAMPLED = 500
# Where a search takes no notice of signs, prefixes would grow for ever.
_LONGEST = 40


@dataclass
class Ask:
    """A prefix that is being searched for."""

    waiting: WaitingPrefix
    page: int
    row_count: int
    """hits that came"""
    said_count: int | None
    sample: list[RepositoryRow] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """What is searched for."""
        return self.waiting.prefix


class CatalogSearch:
    """The part of the discovery that searches. Pages of one prefix are asked one after another.

    How many hits may be seen is not known before: the first list that goes on longer shows it.
    """

    def __init__(self, spider: Discovery) -> None:
        self.spider = spider
        self.reach: int | None = None
        """hits of a prefix that may be seen; None while that was not met"""
        self.is_off = False
        """whether Docker Hub has no search any more"""
        self.witness = SearchWitness(self)
        self._echoed: set[str | None] = set()

    def begin(self, waiting: WaitingPrefix) -> Request:
        """Return the request with which the search for a prefix begins, or goes on."""
        row_count = waiting.row_count
        return self.request(Ask(waiting, waiting.next_page, row_count, waiting.said_count))

    def request(self, ask: Ask) -> Request:
        """Return the request for the page that *ask* wants next."""
        spider = self.spider
        return Request(
            spider.urls.search(ask.prefix, ask.page, spider.page_size),
            self.hits,
            errback=spider.refusals.take,
            meta={KNOWN: True},
            dont_filter=True,
            cb_kwargs={"ask": ask},
        )

    @tolerant
    async def hits(self, response: Response, *, ask: Ask) -> AsyncIterator[Item | Request]:
        """Take one page of hits."""
        spider = self.spider
        listing = read_search_page(response.body)
        spider.refusals.note_rows(response, listing)
        ask.row_count += len(listing.rows) + len(listing.refusals)
        ask.said_count = ask.said_count if listing.count is None else listing.count
        ask.sample += listing.rows[: _MOST_SAMPLED - len(ask.sample)]
        ask.page += 1
        if ask.row_count:
            self.witness.seen(ask.prefix)
        elif self.is_off:
            yield self.put_back(ask)
            return
        elif (request := await self.witness.doubt(ask)) is not None:
            yield request
        if self._goes_on(listing, ask):
            yield self._page(ask, "open", listing.rows)
            yield self.request(ask)
        else:
            yield await self._ended(ask, listing.rows)

    async def refused(self, ask: Ask, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Take an answer that holds no hits: the rest is not to be had, or nothing is."""
        spider = self.spider
        if error.kind in CRAWL_WIDE or error.kind is Kind.REMOVED:
            self.is_off = True
            spider.search_stopped(ask.prefix, error)
        elif ask.page > 1 and error.kind in {Kind.PAGING_CAP, Kind.NOT_THERE, Kind.FORBIDDEN}:
            # Past the last page a 403 was seen too (termux/proot-distro#709).
            yield await self._ended(ask, ())
        else:
            what = f"search for {plain(ask.prefix)}: expected hits, got {error.detail}"
            note_incomplete(spider.crawler.stats, what)
            yield self._page(ask, "refused", (), detail=error.detail)

    def put_back(self, ask: Ask) -> CatalogPage:
        """Return what makes a prefix wait again, whose answer is not to be believed."""
        ask.page, ask.row_count = 1, 0
        return self._page(ask, "waiting", ())

    def blocked(self, why: str) -> None:
        """Hear that searches show nothing any more: no more of them is asked for."""
        self.is_off = True
        self.spider.fail(why)

    def _goes_on(self, listing: Listing[RepositoryRow], ask: Ask) -> bool:
        """Tell whether another page is worth a request: hits that will be split need none."""
        if listing.next is None or not (listing.rows or listing.refusals):
            return False
        if not is_trusted_next(listing.next, self.spider.urls.origin, ask.page - 1):
            return False
        said, reach = ask.said_count, self.reach
        return reach is None or (ask.row_count < reach and (said is None or said <= reach))

    async def _ended(self, ask: Ask, rows: tuple[RepositoryRow, ...]) -> CatalogPage:
        """Return the last page of a prefix, with the longer ones if it has more than may be seen.

        Those of one sign always are: of stop words the count is far too low.
        """
        said, seen = ask.said_count or 0, ask.row_count
        is_short = said - seen > said * _MOST_SHORT
        reach = None
        if is_short and self.reach is None:
            reach = self.reach = seen
            logger.info("search shows %d of %d hits for %s", seen, said, plain(ask.prefix))
        is_cut = is_short or (self.reach is not None and said > self.reach)
        if not seen or not (is_cut or len(ask.prefix) <= SPLIT_ALWAYS):
            return self._page(ask, "done", rows, reach=reach)
        if await self._is_plateau(ask):
            return self._page(ask, "plateau", rows, reach=reach)
        alphabet = self.spider.targets.alphabet
        children = longer_prefixes(ask.prefix, max(said, seen), ask.sample, alphabet)
        return self._page(ask, "split", rows, reach=reach, children=children)

    async def _is_plateau(self, ask: Ask) -> bool:
        """Tell whether longer prefixes would bring the same hits again.

        A search that does not see the last sign brings what it brought without that. If it does so
        for two signs, it takes no notice of any.
        """
        if len(ask.prefix) >= _LONGEST:
            return True
        if ask.said_count is None or ask.said_count != ask.waiting.parent_count:
            return False
        if is_cut_short(ask.prefix) or ask.waiting.parent in self._echoed:
            return True
        # The next one may be answered before this is stored.
        self._echoed.add(ask.waiting.parent)
        spider = self.spider
        return await spider.thread.run(spider.catalog.has_echo, ask.waiting)

    def _page(
        self,
        ask: Ask,
        state: str,
        rows: tuple[RepositoryRow, ...],
        *,
        reach: int | None = None,
        detail: str | None = None,
        children: tuple[tuple[str, int], ...] = (),
    ) -> CatalogPage:
        step = PrefixStep(
            prefix=ask.prefix,
            state=state,
            said_count=ask.said_count,
            next_page=ask.page,
            signed_in=self.spider.signed_in,
            children=children,
            reach=reach,
            detail=detail,
        )
        finds = tuple(find_of(row, ask.prefix) for row in rows)
        since = self.spider.made_at
        return CatalogPage(seen=now(), rows=tuple(rows), finds=finds, since=since, step=step)
