"""Walks of lists of repositories: a namespace's, and the hits of a search."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy import Request

from dockerhub.errors import shown
from dockerhub.items import RepositoryPage, WalkKey
from dockerhub.meta import KNOWN
from dockerhub.moments import MICROSECONDS, now, read_http_date
from dockerhub.payloads.repositories import read_repository_page
from dockerhub.payloads.search import read_search_page
from dockerhub.redact import plain
from dockerhub.spiders.refusals import tolerant
from dockerhub.urls import is_trusted_next
from dockerhub.walks.orderings import REPOSITORY_ORDERINGS, SEARCH_ORDERINGS
from dockerhub.walks.walk import Walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from dockerhub.items import Item, RepositoryRow, WalkStep
    from dockerhub.payloads.wire import Listing
    from dockerhub.spiders.base import HubSpider

logger = logging.getLogger(__name__)

NAMESPACE = "repositories"
SEARCH = "search"

# After the visits: the next page is asked for when the repositories of this one run out.
_PRIORITY = 0


class ListWalks:
    """The part of a spider that walks lists of repositories.

    They are walked from the top in every crawl: they say what has changed.
    """

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    async def begin(self, kind: str, subject: str) -> Request:
        """Return the request with which the walk of a namespace or a search begins."""
        spider = self.spider
        orderings = SEARCH_ORDERINGS if kind == SEARCH else REPOSITORY_ORDERINGS
        walk = Walk(
            WalkKey(kind, subject, orderings[0], "", spider.signed_in),
            started=now(),
            page_size=spider.page_size,
            orderings=orderings,
        )
        if kind == NAMESPACE:
            witness = await spider.thread.run(spider.reader.any_repository, subject)
            walk.had_rows = witness is not None
        return self.request(walk)

    def request(self, walk: Walk) -> Request:
        """Return the request for the page that *walk* asks next."""
        spider, subject = self.spider, walk.key.subject
        if walk.key.kind == SEARCH:
            url = spider.urls.search(subject, walk.page, walk.page_size)
        else:
            url = spider.urls.namespace_list(subject, walk.page, walk.page_size, walk.ordering)
        return Request(
            url,
            self.repository_page,
            errback=spider.refusals.take,
            priority=_PRIORITY,
            # Of a namespace that nobody knows, a 404 is the plain truth.
            meta={KNOWN: walk.key.kind == SEARCH or walk.had_rows or walk.page > 1},
            cb_kwargs={"walk": walk},
        )

    @tolerant
    async def repository_page(
        self, response: Response, *, walk: Walk
    ) -> AsyncIterator[Item | Request]:
        """Take one page of a namespace's repositories or of a search's hits."""
        spider, is_search = self.spider, walk.key.kind == SEARCH
        listing = (read_search_page if is_search else read_repository_page)(response.body)
        if not is_search:
            listing = of_namespace(listing, walk.key.subject)
        spider.refusals.note_rows(response, listing)
        if spider.witnesses.is_needed(walk, listing):
            yield await spider.witnesses.request(walk, listing.count)
            return
        seen, names = now(), [str(row.repository) for row in listing.rows]
        step = walk.take(
            names,
            wanted=names,
            refused=len(listing.refusals),
            count=listing.count,
            has_next=self.has_next(response, listing, walk),
            has_newcomers=_has_newcomers(response, listing, walk),
            now=seen,
        )
        yield RepositoryPage(seen=seen, rows=listing.rows, is_search=is_search, walk=step)
        if step.next_page is not None:
            yield self.request(walk)
        async for output in spider.visits(listing.rows) if not is_search else self._hits(listing):
            yield output
        if step.next_page is None:
            self.note_nothing(step)
            for request in spider.list_ended(walk):
                yield request

    async def _hits(self, listing: Listing[RepositoryRow]) -> AsyncIterator[Item | Request]:
        spider = self.spider
        for row in listing.rows:
            if spider.wants_hit(row.repository) and spider.meet(row.repository):
                async for request in spider.visit_hit(row.repository):
                    yield request

    def has_next(self, response: Response, listing: Listing[Any], walk: Walk) -> bool:
        """Tell whether a list goes on, as its `next` says, if that goes forward on our host."""
        if listing.next is None:
            return False
        if is_trusted_next(listing.next, self.spider.urls.origin, walk.page):
            return True
        walk.is_cut = True
        self.spider.count("next_refused")
        logger.warning("%s: its next link leads elsewhere, not followed", plain(response.url))
        return False

    def note_nothing(self, step: WalkStep) -> None:
        """Say that a list has no rows, if it has none."""
        if step.row_count:
            return
        if step.key.kind == SEARCH:
            logger.info("search %s: Docker Hub has no hits", plain(step.key.subject))
        else:
            self.spider.fail(nothing_in(step.key.subject, "an empty list"))


def _has_newcomers(response: Response, listing: Listing[RepositoryRow], walk: Walk) -> bool:
    """Tell whether a row came into being since the list said its first page.

    New repositories land at the end, where they make up in the count for one that went: only so
    is it seen that rows may have slipped past.
    """
    if walk.began_at is None:
        date = read_http_date((response.headers.get(b"Date") or b"").decode("latin-1"))
        said = now() if date is None else int(date) * MICROSECONDS
        # Who came in that very second came before or after: once that is reason to read again.
        walk.began_at = said + MICROSECONDS if walk.is_again else said
        return False
    return any((row.registered or 0) >= walk.began_at for row in listing.rows)


def of_namespace(listing: Listing[RepositoryRow], namespace: str) -> Listing[RepositoryRow]:
    """Return *listing* with the rows of other namespaces refused: they were not asked for."""
    good = tuple(row for row in listing.rows if row.repository.namespace == namespace)
    if len(good) == len(listing.rows):
        return listing
    others = [row.repository for row in listing.rows if row.repository.namespace != namespace]
    words = [f"$.results: expected {namespace}/..., got {shown(name)}" for name in others]
    return listing.with_refused(good, words)


def nothing_in(namespace: str, found: str) -> str:
    """Return the message for a namespace in which nothing is to be seen, with both its readings."""
    return (
        f"spider argument org={namespace}: expected a namespace with repositories, got {found}"
        " (there is no such namespace, or none of its repositories is visible to you)"
    )
