"""What all spiders share: arguments, what the database knows, and visits to repositories."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider

from dockerhub.arguments import Depth, read_scope, refuse_unknown, written_arguments
from dockerhub.errors import PayloadError, StoreClosed, StoreError, shown
from dockerhub.kinds import CRAWL_WIDE, Kind, StopReason
from dockerhub.meta import KNOWN
from dockerhub.moments import now
from dockerhub.names import RepositoryName
from dockerhub.outcome import SIGNED_IN, fail
from dockerhub.payloads.repositories import read_repository
from dockerhub.services import RegistryUrls
from dockerhub.spiders.blob_reading import BlobReading
from dockerhub.spiders.contents import REGISTRY, Contents
from dockerhub.spiders.list_walks import NAMESPACE, ListWalks, nothing_in
from dockerhub.spiders.manifest_reading import ManifestReading
from dockerhub.spiders.refusals import Refusals, tolerant
from dockerhub.spiders.stored_items import StoredItems
from dockerhub.spiders.tag_heads import TagHeads
from dockerhub.spiders.tag_names import NamesReading
from dockerhub.spiders.tag_walks import TagWalks
from dockerhub.spiders.witnesses import Witnesses
from dockerhub.store.off_thread import OffThread
from dockerhub.store.reader import Reader
from dockerhub.urls import HubUrls, read_origin
from dockerhub.walks.planning import needs_detail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item, RepositoryRow, WalkStep
    from dockerhub.known import KnownRepository
    from dockerhub.walks.walk import Walk

logger = logging.getLogger(__name__)

FULL_PAGE = 100
# Anonymous lists are cut by the offset of a page's first row: 99 a page bring twice 99 rows where
# 100 a page bring 100 (goharbor/harbor#23819 for the cap).
ANONYMOUS_PAGE = 99

VISIT_PRIORITY = 10


class HubSpider(Spider):
    """Base of the spiders. Its parts know how to walk lists and tags and what a refusal means."""

    ARGUMENTS: ClassVar[Mapping[str, str]] = {}
    """The spider's own arguments with their meanings."""

    asks_hub: ClassVar[bool] = True
    """Whether Docker Hub's own API is asked, and not the registry alone."""

    urls: HubUrls
    registry: RegistryUrls
    contents: Contents
    names: NamesReading
    stored: StoredItems
    full_days: float
    reader: Reader
    thread: OffThread

    def __init__(self, *_: Any, **given: str) -> None:
        super().__init__()
        self.given_arguments = {key: given[key] for key in given if not key.startswith("_")}
        self.targets = self.check_arguments(given)
        self.scope = read_scope(self.completed(given))
        self.made_at = now()
        self.continues_since: int | None = None
        self.lists = ListWalks(self)
        self.tags = TagWalks(self)
        self.refusals = Refusals(self)
        self.witnesses = Witnesses(self)
        self.manifests = ManifestReading(self)
        self.blobs = BlobReading(self)
        self.heads = TagHeads(self)
        self._met: set[RepositoryName] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the settings that decide what to ask."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        place = "setting DOCKERHUB_HUB_URL"
        spider.urls = HubUrls(read_origin(place, settings["DOCKERHUB_HUB_URL"]))
        place = "setting DOCKERHUB_REGISTRY_URL"
        spider.registry = RegistryUrls(read_origin(place, settings["DOCKERHUB_REGISTRY_URL"]))
        source = settings["DOCKERHUB_LAYERS_FROM"].lower() if cls.asks_hub else REGISTRY
        spider.contents = Contents(spider, source)
        spider.names = NamesReading(spider, settings.getint("DOCKERHUB_TAG_DETAILS"))
        spider.full_days = settings.getfloat("DOCKERHUB_FULL_WALK_DAYS")
        spider.stored = StoredItems(crawler.signals)
        spider.reader = Reader(settings["DOCKERHUB_DATABASE_URL"])
        spider.thread = OffThread("reader")
        crawler.signals.connect(spider.close_reader, signals.spider_closed)
        crawler.signals.connect(spider.contents.take_stored, signals.item_scraped)
        return spider

    @classmethod
    def check_arguments(cls, given: Mapping[str, str]) -> Any:
        """Return what *given* asks for; pure, so that it can be called before a crawler exists.

        :raises ArgumentError: naming argument, expectation and finding
        """
        refuse_unknown(cls.name, given, cls.ARGUMENTS)
        read_scope(cls.completed(given))
        return cls.read_targets(given)

    @classmethod
    def completed(cls, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return *given* with what some arguments say of others."""
        return given

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> Any:
        """Return what the spider's own arguments say.

        :raises ArgumentError: naming argument, expectation and finding
        """
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        """Find out what an unfinished crawl has done already, then begin."""
        try:
            self.continues_since = await self.thread.run(
                self.reader.unfinished_since,
                self.name,
                written_arguments(self.given_arguments),
                signed_in=self.signed_in,
                now=self.made_at,
            )
            async for output in self.begin():
                yield output
        except StoreClosed:
            logger.debug("stopped before it had begun")
        except StoreError as error:
            self.fail(str(error))
            raise CloseSpider("store_failed") from error

    def begin(self) -> AsyncIterator[Any]:
        """Yield the first requests."""
        raise NotImplementedError

    async def close_reader(self) -> None:
        """Close the database's reader in the thread that opened it."""
        await self.thread.run(self.reader.close)
        self.thread.close()

    @property
    def signed_in(self) -> bool:
        """Whether requests go with a token."""
        return bool(self.crawler.stats.get_value(SIGNED_IN))

    @property
    def page_size(self) -> int:
        """Rows a page to ask for."""
        return FULL_PAGE if self.signed_in else ANONYMOUS_PAGE

    def is_hubs(self, request: Request) -> bool:
        """Tell whether *request* goes to Docker Hub's own API."""
        return request.url.startswith(f"{self.urls.origin}/")

    def count(self, name: str, number: int = 1) -> None:
        """Count something in the crawl's statistics."""
        self.crawler.stats.inc_value(f"dockerhub/{name}", number)

    def fail_for(self, error: HubRefusal, message: str) -> None:
        """Note that the crawl failed because of *error*, unless that was told for the crawl."""
        if error.kind not in CRAWL_WIDE:
            self.fail(message)

    def fail(self, message: str) -> None:
        """Note that the crawl did not do what it was asked to."""
        fail(self.crawler.stats, message)

    def meet(self, repository: RepositoryName) -> bool:
        """Tell whether *repository* is met for the first time in this crawl."""
        if repository in self._met:
            return False
        self._met.add(repository)
        self.count("repositories/met")
        return True

    async def visits(self, rows: Iterable[RepositoryRow]) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked of the repositories of a list that are met here first."""
        met = [row for row in rows if self.meet(row.repository)]
        if self.scope.depth < Depth.TAGS:
            return
        known = await self.known(met)
        for row in met:
            if needs_detail(row, known.get(row.repository)):
                yield self.visit(row.repository, with_tags=False)
            async for request in self.tags.begin(row, known.get(row.repository)):
                yield request

    async def visit_named(self, repository: RepositoryName) -> Request:
        """Return the request for a repository of which only the user has told us so far."""
        known = await self.thread.run(self.reader.is_live, repository)
        return self.visit(repository, is_known=known)

    async def visit_hit(self, repository: RepositoryName) -> AsyncIterator[Item | Request]:
        """Yield the request for a hit; if an unfinished crawl has visited it, what is left."""
        row = await self._visited_before(repository)
        if row is None:
            yield self.visit(repository)
            return
        self.count("repositories/visited_before")
        known = await self.known([row])
        async for request in self.tags.begin(row, known.get(repository), is_old=True):
            yield request

    async def _visited_before(self, repository: RepositoryName) -> RepositoryRow | None:
        if self.continues_since is None:
            return None
        return await self.thread.run(self.reader.visited_since, repository, self.continues_since)

    def visit(
        self, repository: RepositoryName, *, with_tags: bool = True, is_known: bool = True
    ) -> Request:
        """Return the request for a repository's own page, and its tags afterwards if asked."""
        return Request(
            self.urls.repository(repository),
            self.repository_detail,
            errback=self.refusals.take,
            priority=VISIT_PRIORITY,
            meta={KNOWN: is_known},
            cb_kwargs={"repository": repository, "with_tags": with_tags},
        )

    @tolerant
    async def repository_detail(
        self, response: Response, *, repository: RepositoryName, with_tags: bool
    ) -> AsyncIterator[Item | Request]:
        """Take a repository's own page."""
        item = read_repository(response.body, now())
        if item.row.repository != repository:
            raise PayloadError(f"$.name: expected {repository}, got {shown(item.row.repository)}")
        yield item
        if with_tags and self.scope.depth >= Depth.TAGS:
            known = await self.known([item.row])
            async for request in self.tags.begin(item.row, known.get(item.row.repository)):
                yield request

    async def tags_ended(self, walk: Walk, step: WalkStep) -> AsyncIterator[Item | Request]:
        """Hear that a walk of tags has ended, and yield what becomes due then."""
        repository = RepositoryName.of(walk.key.subject)
        if step.stop_reason is StopReason.ANONYMOUS_CAP and not walk.key.arguments:
            yield self.names.of_cut(repository, walk, step.row_count)
        async for output in self.contents.of_repository(repository):
            yield output

    async def tags_settled(self, repository: RepositoryName) -> AsyncIterator[Item | Request]:
        """Hear that a repository's tags need no walk, and yield what earlier crawls left."""
        if not self.signed_in and not self.scope.walk_arguments:
            async for output in self.names.details(repository):
                yield output
        async for output in self.contents.of_repository(repository):
            yield output

    def names_refused(self, repository: RepositoryName, error: HubRefusal) -> None:
        """Hear that the registry does not list a repository's tags; the walk tells why."""

    def was_walked(self, known: KnownRepository | None) -> bool:
        """Tell whether an unfinished crawl like this one has walked a repository's tags."""
        since = self.continues_since
        settled = known.settled if known is not None else None
        return since is not None and settled is not None and settled.full_at >= since

    async def known(
        self, rows: Iterable[RepositoryRow]
    ) -> Mapping[RepositoryName, KnownRepository]:
        """Return what the database knows of the repositories of *rows*."""
        return await self.thread.run(
            self.reader.known_repositories,
            [row.repository for row in rows],
            self.scope.walk_arguments,
            signed_in=self.signed_in,
        )

    def walk_request(self, walk: Walk) -> Request:
        """Return the request for the page that *walk* asks next."""
        return (self.tags if walk.key.kind == "tags" else self.lists).request(walk)

    def repository_not_there(self, repository: RepositoryName) -> None:
        """Hear that a repository is not visible. Spiders whose user named it say so."""
        logger.info("%s: Docker Hub answers 404, it is gone or private", repository)

    def visit_refused(self, repository: RepositoryName, error: HubRefusal) -> None:
        """Hear that a repository could not be read. Spiders whose user named it fail."""

    def wants_hit(self, repository: RepositoryName) -> bool:
        """Tell whether a hit or a named repository is to be visited on its own."""
        return self.scope.depth >= Depth.TAGS

    def list_ended(self, walk: Walk) -> Iterator[Request]:
        """Hear that a list has ended, and yield what becomes due then."""
        yield from ()

    def tags_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Hear that a repository's tags could not be read; the walk tells what is missing."""

    def list_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Fail for a list that is not there or breaks off."""
        if error.kind is Kind.NOT_THERE and walk.key.kind == NAMESPACE:
            self.fail(nothing_in(walk.key.subject, "HTTP 404"))
        else:
            what = f"{walk.key.kind} of {walk.key.subject}"
            self.fail_for(error, f"{what}: expected a list, got {error.detail}")
