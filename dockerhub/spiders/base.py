"""What all spiders share: arguments, what the database knows, and visits to repositories."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals

from dockerhub.arguments import Depth, read_scope, refuse_unknown
from dockerhub.errors import PayloadError, shown
from dockerhub.kinds import Kind
from dockerhub.moments import now
from dockerhub.outcome import SIGNED_IN, fail, note_incomplete
from dockerhub.payloads.repositories import read_repository
from dockerhub.spiders.list_walks import NAMESPACE, ListWalks, nothing_in
from dockerhub.spiders.refusals import Refusals, tolerant
from dockerhub.spiders.tag_walks import TagWalks
from dockerhub.store.off_thread import OffThread
from dockerhub.store.reader import Reader
from dockerhub.urls import Form, HubUrls, read_origin
from dockerhub.walks.planning import needs_detail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item, RepositoryRow
    from dockerhub.known import KnownRepository
    from dockerhub.names import RepositoryName
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

    urls: HubUrls
    full_days: float
    reader: Reader
    thread: OffThread

    def __init__(self, *_: Any, **given: str) -> None:
        super().__init__()
        self.given_arguments = {key: given[key] for key in given if not key.startswith("_")}
        self.targets = self.check_arguments(given)
        self.scope = read_scope(self.completed(given))
        self.form = Form.NAMESPACES
        self.lists = ListWalks(self)
        self.tags = TagWalks(self)
        self.refusals = Refusals(self)
        self._met: set[RepositoryName] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the settings that decide what to ask."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        place = "setting DOCKERHUB_HUB_URL"
        spider.urls = HubUrls(read_origin(place, settings["DOCKERHUB_HUB_URL"]))
        spider.full_days = settings.getfloat("DOCKERHUB_FULL_WALK_DAYS")
        spider.reader = Reader(settings["DOCKERHUB_DATABASE_URL"])
        spider.thread = OffThread("reader")
        crawler.signals.connect(spider.close_reader, signals.spider_closed)
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

    def count(self, name: str, number: int = 1) -> None:
        """Count something in the crawl's statistics."""
        self.crawler.stats.inc_value(f"dockerhub/{name}", number)

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

    def visit(self, repository: RepositoryName, *, with_tags: bool = True) -> Request:
        """Return the request for a repository's own page, and its tags afterwards if asked."""
        return Request(
            self.urls.repository(self.form, repository),
            self.repository_detail,
            errback=self.refusals.take,
            priority=VISIT_PRIORITY,
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
        note_incomplete(self.crawler.stats, f"{repository}: {error.kind}, {error.detail}")

    def wants_hit(self, repository: RepositoryName) -> bool:
        """Tell whether a hit or a named repository is to be visited on its own."""
        return self.scope.depth >= Depth.TAGS

    def list_ended(self, walk: Walk) -> Iterator[Request]:
        """Hear that a list has ended, and yield what becomes due then."""
        yield from ()

    def tags_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Hear that a repository's tags could not be read; the walk tells what is missing."""

    def list_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Fail for a list that is not there or breaks off; a cap is no failure."""
        if error.kind is Kind.NOT_THERE and walk.key.kind == NAMESPACE:
            self.fail(nothing_in(walk.key.subject, "HTTP 404"))
        elif error.kind not in (Kind.PAGING_CAP, Kind.UNREACHABLE):
            self.fail(f"{walk.key.kind} of {walk.key.subject}: expected a list, got {error.detail}")
