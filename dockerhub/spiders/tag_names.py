"""Complete names of a repository's tags, from the registry, and details of those Hub cut off."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request

from dockerhub.errors import PayloadError, shown
from dockerhub.items import Absence, TagNames, TagPage, WalkEnd, WalkKey, WalkStep
from dockerhub.kinds import Kind, StopReason
from dockerhub.known import KnownSet
from dockerhub.meta import KNOWN, REPOSITORY
from dockerhub.moments import now
from dockerhub.payloads.tag_names import is_signature_tag, next_names, read_tag_names
from dockerhub.payloads.tags import read_tag
from dockerhub.spiders.refusals import tolerant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item
    from dockerhub.names import RepositoryName
    from dockerhub.spiders.base import HubSpider
    from dockerhub.walks.walk import Walk

logger = logging.getLogger(__name__)

NAMES, DETAILS = "names", "details"

_PRIORITY = 15
_DETAIL_PRIORITY = 12


class Names(NamedTuple):
    """How far the list of a repository's tag names was read."""

    repository: RepositoryName
    started: int
    since: int
    """what was not seen since then, in microseconds, and is not in this list is gone"""
    least: int
    """names that must come at least: so many were seen a moment ago"""
    last: str = ""
    pages: int = 0
    row_count: int = 0
    refused_count: int = 0


class Detail(NamedTuple):
    """One tag that Hub is asked for by its name."""

    repository: RepositoryName
    tag: str


class NamesReading:
    """The part of a spider that reads names of tags. The registry does not cut them off."""

    def __init__(self, spider: HubSpider, most_details: int) -> None:
        self.spider = spider
        self.most_details = most_details

    def of_cut(self, repository: RepositoryName, walk: Walk, row_count: int) -> Request:
        """Return the request for the names of a repository whose list of tags was cut."""
        return self.request(Names(repository, now(), walk.started, row_count))

    async def of_unlisted(self, repository: RepositoryName) -> Request:
        """Return the request for the names of a repository that Hub has not listed for us."""
        started, spider = now(), self.spider
        known = await spider.thread.run(spider.reader.any_tag, repository)
        # An empty list is not believed where something was there before.
        return self.request(Names(repository, started, started, 0 if known is None else 1))

    def request(self, ask: Names) -> Request:
        """Return the request for the names that follow."""
        return Request(
            self.spider.registry.tag_names(ask.repository, ask.last),
            self.tag_names,
            errback=self.spider.refusals.take,
            priority=_PRIORITY,
            meta={REPOSITORY: str(ask.repository)},
            cb_kwargs={"ask": ask},
        )

    @tolerant
    async def tag_names(self, response: Response, *, ask: Names) -> AsyncIterator[Item | Request]:
        """Take one page of names."""
        names, refusals = read_tag_names(response.body)
        link = (response.headers.get(b"Link") or b"").decode("latin-1")
        origin = self.spider.registry.origin
        last, refusal = next_names(link, origin=origin, repository=ask.repository, after=ask.last)
        if refusal is None and last is not None and last <= ask.last:
            refusal = f"Link: expected names after {shown(ask.last)}, got {shown(last)}"
        if refusal is not None:
            raise PayloadError(refusal)
        read = ask._replace(
            last=last or "",
            pages=ask.pages + 1,
            row_count=ask.row_count + len(names),
            refused_count=ask.refused_count + len(refusals),
        )
        step = self._step(read, is_over=last is None)
        item = TagNames(seen=now(), repository=ask.repository, rows=names, walk=step)
        stored = self.spider.stored.of(item)
        yield item
        if last is not None:
            yield self.request(read)
        if not self.spider.asks_hub:
            async for request in self.heads(ask.repository, names):
                yield request
        elif last is None:
            # What is known by name alone is for the database to tell, once it has all names.
            await stored
            async for output in self.details(ask.repository):
                yield output

    def _step(self, ask: Names, *, is_over: bool) -> WalkStep:
        """Return how far the names were read; fewer than were just seen prove nothing."""
        reason = StopReason.COMPLETE if ask.row_count >= ask.least else StopReason.DRIFTED
        return WalkStep(
            key=WalkKey(NAMES, str(ask.repository), "", "", self.spider.signed_in),
            started=ask.started,
            is_full=True,
            subject_updated=None,
            pages=ask.pages,
            row_count=ask.row_count,
            refused_count=ask.refused_count,
            first_count=None,
            last_count=ask.row_count if is_over else None,
            next_page=None if is_over else ask.pages + 1,
            stop_reason=reason if is_over else None,
            began_again=ask.since,
        )

    async def heads(
        self, repository: RepositoryName, names: Sequence[str], *, are_named: bool = False
    ) -> AsyncIterator[Request]:
        """Yield the requests for the digests of tags, which only the registry tells."""
        spider = self.spider
        wanted = [
            name for name in names if spider.scope.wants_tag(name) and not is_signature_tag(name)
        ]
        listed = await spider.thread.run(spider.reader.contents.listed_among, repository, wanted)
        for name in wanted:
            known = KnownSet(name, None, (), is_stored=False, is_blank=name not in listed)
            yield spider.heads.request(repository, known, is_named=are_named)

    async def details(self, repository: RepositoryName) -> AsyncIterator[Item | Request]:
        """Yield the requests for tags that are known by name alone, as many as a crawl may ask."""
        spider = self.spider
        names, count = await spider.thread.run(
            spider.reader.contents.undetailed, repository, self.most_details
        )
        if count:
            yield WalkEnd(seen=now(), walk=self._details_step(repository, len(names), count))
        for name in names:
            yield self._detail(Detail(repository, name))

    def _details_step(self, repository: RepositoryName, asked: int, count: int) -> WalkStep:
        started = now()
        return WalkStep(
            key=WalkKey(DETAILS, str(repository), "", "", self.spider.signed_in),
            started=started,
            is_full=False,
            subject_updated=None,
            pages=0,
            row_count=asked,
            refused_count=0,
            first_count=count,
            last_count=count,
            next_page=None,
            stop_reason=StopReason.COMPLETE if asked == count else StopReason.BUDGET_SPENT,
        )

    def _detail(self, ask: Detail) -> Request:
        return Request(
            self.spider.urls.tag(ask.repository, ask.tag),
            self.tag,
            errback=self.spider.refusals.take,
            priority=_DETAIL_PRIORITY,
            # The registry has just named it: a 404 is not believed at once.
            meta={KNOWN: True},
            cb_kwargs={"ask": ask},
        )

    @tolerant
    async def tag(self, response: Response, *, ask: Detail) -> AsyncIterator[Item | Request]:
        """Take what Hub says of one tag."""
        row = read_tag(response.body)
        if row.name != ask.tag:
            raise PayloadError(f"$.name: expected {ask.tag}, got another tag")
        yield TagPage(seen=now(), repository=ask.repository, rows=(row,))
        async for output in self.spider.contents.of_rows(ask.repository, [row]):
            yield output

    async def refused(self, ask: Names | Detail, error: HubRefusal) -> AsyncIterator[Item]:
        """Take the news that names, or a tag, are not to be had."""
        if isinstance(ask, Names):
            step = self._step(ask, is_over=True)
            reason = StopReason.ERROR if error.kind is not Kind.NOT_THERE else StopReason.FORBIDDEN
            yield WalkEnd(
                seen=now(),
                walk=step._replace(stop_reason=reason, last_count=None, detail=error.detail),
            )
            self.spider.names_refused(ask.repository, error)
        elif error.kind is Kind.NOT_THERE:
            yield Absence(seen=now(), repository=ask.repository, tag=ask.tag)
        else:
            self.spider.contents.failed(f"{ask.repository}:{ask.tag}", error)
