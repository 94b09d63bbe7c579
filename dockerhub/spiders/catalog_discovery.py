"""How a discovery goes: what is asked next, what came of it, and when it is over."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from dockerhub.arguments import Depth
from dockerhub.items import CatalogPage, CatalogPlan, NamespaceEnd, RepositoryDetail
from dockerhub.kinds import CRAWL_WIDE
from dockerhub.moments import DAY, now
from dockerhub.names import OFFICIAL_NAMESPACE
from dockerhub.outcome import TOLD, note_incomplete
from dockerhub.proxy import given_proxies
from dockerhub.redact import plain
from dockerhub.spiders.base import HubSpider
from dockerhub.spiders.catalog_bound import CatalogBound
from dockerhub.spiders.catalog_lists import CatalogLists
from dockerhub.spiders.catalog_search import Ask, CatalogSearch
from dockerhub.spiders.catalog_telling import CatalogTelling
from dockerhub.spiders.list_walks import NAMESPACE
from dockerhub.store.catalog_reader import CatalogReader
from dockerhub.walks.named_bases import named_repositories
from dockerhub.walks.yields import Source, Yields

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item
    from dockerhub.names import RepositoryName
    from dockerhub.walks.walk import Walk

logger = logging.getLogger(__name__)

# Prefixes and namespaces that are asked about at once; of each, one page after another.
_AT_ONCE = 8
# What a prefix with which a discovery begins may have: more than any that follows.
_MANY = 1_000_000_000


class Discovery(HubSpider):
    """Asks for what the database says is left, a few prefixes and namespaces at once.

    What is left, and what that brought, stands in the database: a crawl that was killed goes on.
    """

    catalog: CatalogReader
    yields: Yields
    identities: int

    def __init__(self, *args: Any, **given: str) -> None:
        super().__init__(*args, **given)
        self.lists = CatalogLists(self)
        self.search = CatalogSearch(self)
        self.telling = CatalogTelling(self)
        self.bound = CatalogBound(self)
        self.why = "nothing is left to ask"
        """why it ends"""
        self._is_stopped = False
        self._is_broken = False
        self._in_flight: set[tuple[Source, str]] = set()
        self._just_ended: set[tuple[Source, str]] = set()
        self._freed = asyncio.Event()
        self._refused: set[str] = set()
        self._bases: set[RepositoryName] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the settings that decide when it ends."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.catalog = CatalogReader(settings["DOCKERHUB_DATABASE_URL"])
        window = settings.getint("DOCKERHUB_CATALOG_WINDOW")
        spider.yields = Yields(window, settings.getfloat("DOCKERHUB_CATALOG_MIN_YIELD"))
        proxies = given_proxies(settings["DOCKERHUB_PROXIES"], settings["DOCKERHUB_PROXY_FILE"])
        is_sticky = any(proxy is not None and proxy.is_sticky for proxy in proxies)
        spider.identities = 2 if is_sticky else max(1, len(proxies))
        connect = crawler.signals.connect
        connect(spider.heard, signals.item_scraped)
        connect(spider.bound.scheduled, signals.request_scheduled)
        connect(spider.dropped, signals.item_dropped)
        for signal in (signals.item_error, signals.spider_error):
            connect(spider.broken, signal)
        return spider

    async def begin(self) -> AsyncIterator[Any]:
        """Begin, or go on with what the database says is left, until it is over."""
        if self.identities > 1:
            self.fail(
                "spider catalog: expected one exit (none or one proxy, without {session}), got"
                " several: a discovery shows itself as one visitor"
            )
            return
        plan = await self._plan()
        stored = self.stored.of(plan)
        yield plan
        await stored
        self.search.reach = await self.thread.run(self.catalog.last_reach, signed_in=self.signed_in)
        while (request := await self._next()) is not None:
            yield request
        await self._all_over()
        if self.bound.is_spent:
            for item in self.search.witness.put_back():
                yield item
        elif (request := await self.search.witness.ask()) is not None:
            yield request
        await self._all_over()
        async for request in self._named_bases():
            yield request
        has_searched = self.yields.of[Source.SEARCH].requests > 0
        if has_searched and not (self.search.witness.has_seen or self.bound.is_spent):
            for item in await self._without_hits():
                yield item
        await self._all_over()
        await self._tell_end()

    async def _all_over(self) -> None:
        """Wait until nothing is being asked for, and all that came is stored."""
        while self._in_flight or not (self.telling.has_heard_all or self._is_broken):
            self._freed.clear()
            await self._freed.wait()

    async def _plan(self) -> CatalogPlan:
        targets, moment = self.targets, self.made_at
        renewed = moment - int(self.full_days * DAY)
        if self.scope.fresh:
            renewed = self.continues_since or moment
        roots, namespaces = [targets.prefix], []
        if not targets.prefix:
            roots = list(targets.alphabet)
            self._bases = await self.thread.run(self._lacking_bases)
            names = sorted({base.namespace for base in self._bases} - {OFFICIAL_NAMESPACE})
            namespaces = [(OFFICIAL_NAMESPACE, "official"), *((name, "lineage") for name in names)]
        return CatalogPlan(
            seen=now(),
            prefixes=tuple((root, _MANY) for root in roots),
            namespaces=tuple(namespaces),
            under=targets.prefix,
            renew_before=renewed,
        )

    def _lacking_bases(self) -> set[RepositoryName]:
        """Return the base images that what is stored speaks of and that are not stored."""
        named = named_repositories(self.catalog.base_names(), self.catalog.dockerfiles())
        return {name for name in named if not self.catalog.is_stored(name)}

    async def _next(self) -> Request | None:
        """Return the request with which the next prefix or namespace begins, None at the end."""
        while not self._is_stopped:
            self._freed.clear()
            if len(self._in_flight) < _AT_ONCE:
                request = await self._take()
                if request is not None:
                    return request
                if not self._in_flight and not self._freed.is_set():
                    break
            if not self._is_stopped:
                await self._freed.wait()
        if not self._is_stopped and any(map(self.yields.is_over, Source)):
            self.why = self._brings_little
        return None

    @property
    def _brings_little(self) -> str:
        least = self.yields.least
        return f"the last requests brought fewer than {least:g} new repositories each"

    async def _take(self) -> Request | None:
        first = self.yields.choose()
        if first is None:
            self._stop(self._brings_little)
            return None
        for source in sorted(Source, key=lambda source: source is not first):
            if not self.yields.is_over(source):
                request = await self._take_of(source)
                if request is not None:
                    return request
        return None

    async def _take_of(self, source: Source) -> Request | None:
        """Return the first request about what waits of *source*, None if nothing does."""
        under, most = self.targets.prefix, len(self._in_flight) + 1
        self._just_ended.clear()
        if source is Source.LISTS:
            for name in await self.thread.run(self.catalog.next_namespaces, under, most):
                if self._takes(source, name):
                    return await self.lists.begin(NAMESPACE, name)
        elif not self.search.is_off:
            for waiting in await self.thread.run(self.catalog.next_prefixes, under, most):
                if self._takes(source, waiting.prefix):
                    return self.search.begin(waiting)
        return None

    def _takes(self, source: Source, subject: str) -> bool:
        """Note that *subject* is being asked about, unless it is already, or was until now.

        What has ended while the database was read may still have been read as waiting.
        """
        key = (source, subject)
        if key in self._in_flight or key in self._just_ended:
            return False
        self._in_flight.add(key)
        return True

    def left_out(self, request: Request, why: str) -> None:
        """Hear that *request* is not made: what it belongs to is left to the next run."""
        self._stop(why)
        ask, walk = request.cb_kwargs.get("ask"), request.cb_kwargs.get("walk")
        if isinstance(ask, Ask):
            self._free(Source.SEARCH, ask.prefix)
        elif ask is not None:
            self.search.witness.over()
        elif walk is not None and walk.key.kind == NAMESPACE:
            self._free(Source.LISTS, walk.key.subject)

    async def close_reader(self) -> None:
        """Close what reads the database, in the thread that opened it."""
        await self.thread.run(self.catalog.close)
        await super().close_reader()

    def heard(self, item: Item) -> None:
        """Hear that something is stored: what it brought, and whether its subject has ended."""
        self.telling.heard(item)
        if isinstance(item, CatalogPage) and item.step is not None and item.step.state != "open":
            self._free(Source.SEARCH, item.step.prefix)
        elif isinstance(item, NamespaceEnd):
            self._free(Source.LISTS, item.namespace)
        if self.telling.has_heard_all:
            self._freed.set()

    def dropped(self, item: Item) -> None:
        """Hear that something was not stored: a repository's own page may have been before."""
        if not isinstance(item, RepositoryDetail):
            self.broken()

    def broken(self) -> None:
        """Hear that something was not stored: nothing may be built on it."""
        self._stop("something could not be stored")
        self._is_broken = True
        self._in_flight.clear()
        self._freed.set()

    def hold(self, subject: str) -> None:
        """Do not end before a search is over that is none for a prefix."""
        self._in_flight.add((Source.SEARCH, subject))

    def release(self, subject: str) -> None:
        """Hear that it is over."""
        self._free(Source.SEARCH, subject)

    def _free(self, source: Source, subject: str) -> None:
        self._in_flight.discard((source, subject))
        self._just_ended.add((source, subject))
        self._freed.set()

    def _stop(self, why: str) -> None:
        if not self._is_stopped:
            self.why = why
        self._is_stopped = True

    def search_stopped(self, prefix: str, error: HubRefusal) -> None:
        """Hear that there are no searches any more; what waits is left to the next run."""
        self.fail_for(error, f"search for {plain(prefix)}: expected hits, got {error.detail}")
        if error.kind in CRAWL_WIDE:
            self._stop(f"Docker Hub answers no more ({error.kind})")
        self._free(Source.SEARCH, prefix)

    def list_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Hear that a namespace has no list any more, or that it breaks off."""
        logger.debug("%s: %s", plain(walk.key.subject), plain(error.detail))
        if error.kind in CRAWL_WIDE:
            self._stop(f"Docker Hub answers no more ({error.kind})")
            self._free(Source.LISTS, walk.key.subject)
        self._refused.add(walk.key.subject)

    def list_ended(self, walk: Walk) -> Iterator[Any]:
        """Write that a namespace's list has ended; one that was broken off for all waits on."""
        name = walk.key.subject
        is_refused = name in self._refused
        self._refused.discard(name)
        if not is_refused or (Source.LISTS, name) in self._in_flight:
            yield NamespaceEnd(
                seen=now(), namespace=name, state="refused" if is_refused else "done"
            )

    async def _named_bases(self) -> AsyncIterator[Request]:
        """Yield the visits to base images that the lists of their namespaces did not show."""
        for repository in () if self._is_stopped else sorted(self._bases):
            if not await self.thread.run(self.catalog.is_stored, repository):
                yield self.visit(repository, is_known=False)

    def meet(self, repository: RepositoryName) -> bool:
        """Tell whether *repository* is met for the first time; of millions nothing is kept."""
        return self.scope.depth < Depth.TAGS or super().meet(repository)

    async def _tell_end(self) -> None:
        """Tell what came of it, and what is left."""
        waiting = await self.thread.run(self.catalog.waiting, self.targets.prefix)
        finds = await self.thread.run(self.catalog.finds)
        self.telling.tell(waiting, finds)
        self.crawler.stats.set_value(TOLD, self.telling.lines)
        if any(waiting):
            left = f"{waiting[0]} prefixes and {waiting[1]} namespaces wait: {self.why}"
            note_incomplete(self.crawler.stats, f"catalog: {left}")

    async def _without_hits(self) -> list[Item]:
        """Take it that no search had hits: for one prefix that can be, for all letters not."""
        if self.targets.prefix:
            logger.info("catalog: Docker Hub has no hits for %s", plain(self.targets.prefix))
        elif await self.thread.run(self.catalog.good_prefix) is None:
            self.fail("search: expected hits for some prefix, got none for any")
            return list(self.search.witness.put_back())
        return []
