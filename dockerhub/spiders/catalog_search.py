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
from dockerhub.walks.patience import Patience
from dockerhub.walks.prefixes import (
    SPLIT_ALWAYS,
    begins_so,
    find_of,
    is_ceiling,
    is_cut_short,
    longer_prefixes,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item, RepositoryRow
    from dockerhub.names import RepositoryName
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
# Ten times as many pages as any search was seen to show.
_MOST_PAGES = 1000


@dataclass
class Ask:
    """A prefix that is being searched for."""

    waiting: WaitingPrefix
    page: int
    row_count: int
    """hits that came"""
    said_count: int | None
    patience: Patience
    sample: list[RepositoryRow] = field(default_factory=list)
    names: set[RepositoryName] = field(default_factory=set)
    """of the hits that came"""

    @property
    def prefix(self) -> str:
        """What is searched for."""
        return self.waiting.prefix

    def take(self, listing: Listing[RepositoryRow]) -> None:
        """Take the page that was asked for."""
        self.row_count += len(listing.rows) + len(listing.refusals)
        self.said_count = self.said_count if listing.count is None else listing.count
        self.sample += listing.rows[: _MOST_SAMPLED - len(self.sample)]
        self.page += 1
        before = len(self.names)
        self.names.update(row.repository for row in listing.rows)
        self.patience.took(has_news=len(self.names) > before or bool(listing.refusals))

    @property
    def is_endless(self) -> bool:
        """Whether its list says once too often that it goes on."""
        why = self.patience.why_over(self.page - 1, self.said_count, minds_stale=True)
        return why is not None or self.page > _MOST_PAGES


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
        self._cut_at: set[int] = set()

    def begin(self, waiting: WaitingPrefix) -> Request:
        """Return the request with which the search for a prefix begins, or goes on."""
        patience = Patience(self.spider.page_size)
        page, row_count = waiting.next_page, waiting.row_count
        return self.request(Ask(waiting, page, row_count, waiting.said_count, patience))

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
        ask.take(listing)
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
        if ask.is_endless or is_ceiling(said or 0):
            return False
        return reach is None or (ask.row_count < reach and (said is None or said <= reach))

    async def _ended(self, ask: Ask, rows: tuple[RepositoryRow, ...]) -> CatalogPage:
        """Return the last page of a prefix, with the longer ones if it has more than may be seen.

        Those of one sign always are: of stop words the count is far too low.
        """
        said, seen = ask.said_count or 0, ask.row_count
        is_short = said - seen > said * _MOST_SHORT
        reach = self._meet_reach(ask) if is_short and self.reach is None else None
        is_cut = is_short or self._is_cut(ask)
        if not seen or not (is_cut or len(ask.prefix) <= SPLIT_ALWAYS):
            return self._page(ask, "done", rows, reach=reach)
        if await self._is_plateau(ask):
            return self._page(ask, "plateau", rows, reach=reach)
        alphabet = self.spider.targets.alphabet
        children = longer_prefixes(ask.prefix, max(said, seen), ask.sample, alphabet)
        return self._page(ask, "split", rows, reach=reach, children=children)

    def _is_cut(self, ask: Ask) -> bool:
        """Tell whether a prefix has more hits than may be seen, though its list seems whole."""
        said, seen, reach = ask.said_count, ask.row_count, self.reach
        if said is None or seen > said:
            # Of stop words the count is far too low.
            return seen >= (reach or self.spider.page_size)
        return is_ceiling(said) or (reach is not None and said > reach)

    def _meet_reach(self, ask: Ask) -> int | None:
        """Return how many hits may be seen, once two lists were cut off at the same place.

        One may end early because its count is wrong, or an answer was: believed, it would have all
        that has more hits split for ever.
        """
        if ask.row_count in self._cut_at:
            self.reach = ask.row_count
            logger.info("search shows %d hits at most, as for %s", self.reach, plain(ask.prefix))
        if ask.row_count:
            self._cut_at.add(ask.row_count)
        return self.reach

    async def _is_plateau(self, ask: Ask) -> bool:
        """Tell whether longer prefixes would bring the same hits again.

        A search that does not see the last sign brings what it brought without that. If it does so
        for two signs, it takes no notice of any. Without counts, or where they stop at a ceiling,
        the hits tell.
        """
        if len(ask.prefix) >= _LONGEST:
            return True
        said = ask.said_count
        if said != ask.waiting.parent_count:
            return False
        if is_cut_short(ask.prefix):
            return True
        if said is None or is_ceiling(said):
            return not begins_so(ask.prefix, ask.sample)
        if ask.waiting.parent in self._echoed:
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
        self.spider.telling.made += 1
        finds = tuple(find_of(row, ask.prefix) for row in rows)
        since = self.spider.made_at
        return CatalogPage(seen=now(), rows=tuple(rows), finds=finds, since=since, step=step)
