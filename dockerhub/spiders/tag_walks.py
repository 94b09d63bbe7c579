"""Walks of a repository's tags: which are needed, and what is done with each page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from dockerhub.errors import PayloadError
from dockerhub.items import Absence, TagPage, WalkEnd, WalkKey
from dockerhub.meta import KNOWN
from dockerhub.moments import now
from dockerhub.names import RepositoryName
from dockerhub.payloads.tags import read_tag, read_tag_page
from dockerhub.spiders.refusals import tolerant
from dockerhub.walks.orderings import NAMED, NEWEST_FIRST, TAG_ORDERINGS
from dockerhub.walks.planning import TagPlan, plan_tags
from dockerhub.walks.walk import Walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item, RepositoryRow, TagRow
    from dockerhub.known import KnownRepository, KnownTag, OpenWalk
    from dockerhub.spiders.base import HubSpider


# A walk that was begun goes on before another begins: few are open at a time, so that a kill costs
# little and few requests are held in memory.
_FIRST_PRIORITY, _FOLLOWING_PRIORITY = 10, 20


class TagWalks:
    """The part of a spider that walks tags."""

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    async def begin(
        self, row: RepositoryRow, known: KnownRepository | None, *, is_old: bool = False
    ) -> AsyncIterator[Item | Request]:
        """Yield the request with which the walk of a repository's tags begins, if it is needed.

        *is_old* tells that *row* was read by a crawl before this one.
        """
        spider = self.spider
        plan = plan_tags(
            row,
            known,
            fresh=spider.scope.fresh and not spider.was_walked(known),
            now=now(),
            full_days=spider.full_days,
        )
        if plan is TagPlan.SKIP:
            spider.count(f"repositories/{'empty' if row.is_never_pushed else 'unchanged'}")
            async for output in spider.tags_settled(row.repository):
                yield output
            return
        walk = self._new_walk(row, is_full=plan is not TagPlan.NEWEST)
        walk.had_rows = known is not None and known.has_tags and not spider.scope.tag_patterns
        if known is not None and known.settled is not None:
            walk.settled_until = known.settled.finished
        if plan is TagPlan.RESUME and known is not None and known.open is not None:
            has_news = is_old or None in {row.last_updated, known.open.subject_updated}
            has_news |= row.last_updated != known.open.subject_updated
            await self._resume(walk, known.open, has_news=has_news)
        yield self.request(walk)

    def request(self, walk: Walk) -> Request:
        """Return the request for the page, or the named tag, that *walk* asks next."""
        spider, repository = self.spider, _subject(walk)
        is_named = walk.is_named
        if is_named:
            url = spider.urls.tag(repository, self._name(walk))
        else:
            url = spider.urls.tag_list(
                repository,
                walk.page,
                walk.page_size,
                containing=spider.scope.tag_filter,
                ordering=walk.ordering,
            )
        return Request(
            url,
            self.named_tag if is_named else self.tag_page,
            errback=spider.refusals.take,
            priority=_FIRST_PRIORITY if walk.is_at_its_start else _FOLLOWING_PRIORITY,
            # The repository was shown a moment ago, and who names a tag takes it to be there.
            meta={KNOWN: True},
            cb_kwargs={"walk": walk},
        )

    @tolerant
    async def tag_page(self, response: Response, *, walk: Walk) -> AsyncIterator[Item | Request]:
        """Take one page of a repository's tags."""
        spider, repository = self.spider, _subject(walk)
        listing = read_tag_page(response.body)
        spider.refusals.note_rows(response, listing)
        if spider.witnesses.is_needed(walk, listing):
            yield await spider.witnesses.request(walk, listing.count)
            return
        wanted = [row for row in listing.rows if spider.scope.wants_tag(row.name)][: walk.room]
        seen = now()
        known = await self._stored_alike(repository, wanted, walk)
        step = walk.take(
            [row.name for row in listing.rows],
            wanted=[row.name for row in wanted],
            refused=len(listing.refusals),
            count=listing.count,
            has_next=spider.lists.has_next(response, listing, walk),
            is_known=known is not None and is_as_settled(walk, known),
            pushed=_pushed(listing.rows),
            now=seen,
        )
        yield TagPage(seen=seen, repository=repository, rows=tuple(wanted), walk=step)
        if step.next_page is not None:
            yield self.request(walk)
        async for output in spider.contents.of_rows(repository, wanted):
            yield output
        if step.next_page is None:
            async for output in spider.tags_ended(walk, step):
                yield output

    @tolerant
    async def named_tag(self, response: Response, *, walk: Walk) -> AsyncIterator[Item | Request]:
        """Take a single tag."""
        row = read_tag(response.body)
        if row.name != self._name(walk):
            raise PayloadError(f"$.name: expected {self._name(walk)}, got another tag")
        async for output in self.after_named(walk, [row]):
            yield output

    async def after_named(self, walk: Walk, rows: list[TagRow]) -> AsyncIterator[Item | Request]:
        """Yield what a named tag says, or that it is not there, and ask for the next one."""
        names, repository = self.spider.scope.tag_names, _subject(walk)
        name = self._name(walk)
        has_next = walk.page < len(names)
        wanted = [row.name for row in rows]
        step = walk.take([name], wanted=wanted, refused=0, count=None, has_next=has_next)
        if rows:
            yield TagPage(seen=now(), repository=repository, rows=tuple(rows), walk=step)
        else:
            yield Absence(seen=now(), repository=repository, tag=name, walk=step)
        if step.next_page is not None:
            yield self.request(walk)
        async for output in self.spider.contents.of_rows(repository, rows):
            yield output

    async def after_failed(self, walk: Walk, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Note that a named tag could not be read, and ask for the next one."""
        has_next = walk.page < len(self.spider.scope.tag_names)
        is_first = walk.trouble is None
        walk.trouble = walk.trouble or error.detail
        step = walk.take([], wanted=[], refused=1, count=None, has_next=has_next)
        yield WalkEnd(seen=now(), walk=step)
        if is_first:
            self.spider.tags_refused(walk, error)
        if step.next_page is not None:
            yield self.request(walk)

    def _name(self, walk: Walk) -> str:
        return self.spider.scope.tag_names[walk.page - 1]

    def _new_walk(self, row: RepositoryRow, *, is_full: bool) -> Walk:
        scope, is_named = self.spider.scope, bool(self.spider.scope.tag_names)
        return Walk(
            WalkKey(
                "tags",
                str(row.repository),
                NAMED if is_named else NEWEST_FIRST,
                scope.walk_arguments,
                self.spider.signed_in,
            ),
            started=now(),
            page_size=self._page_size(),
            is_full=is_full or is_named,
            subject_updated=row.last_updated,
            max_rows=None if is_named else scope.max_tags,
            orderings=() if is_named else TAG_ORDERINGS,
        )

    async def _resume(self, walk: Walk, left: OpenWalk, *, has_news: bool) -> None:
        spider = self.spider
        if walk.is_named:
            return
        # Rows that a pattern left out were seen but not stored: such a walk starts at the top.
        jump = None if spider.scope.tag_patterns else left.next_page
        seen = await spider.thread.run(spider.reader.seen_tags, _subject(walk), left.started)
        walk.resume(left._replace(next_page=jump), seen, has_news=has_news)

    def _page_size(self) -> int:
        """Return the rows a page: no more than are wanted, if all that come are."""
        most, scope = self.spider.page_size, self.spider.scope
        return min(most, scope.max_tags or most) if not scope.tag_patterns else most

    async def _stored_alike(
        self, repository: RepositoryName, rows: list[TagRow], walk: Walk
    ) -> KnownTag | None:
        """Return the last of *rows* as the database has it, None if it is not the same there."""
        if not rows or walk.is_full:
            return None
        last, spider = rows[-1], self.spider
        known = await spider.thread.run(spider.reader.known_tag, repository, last.name)
        if known is None or (known.last_updated, known.digest) != (last.last_updated, last.digest):
            return None
        return known


def is_as_settled(walk: Walk, known: KnownTag) -> bool:
    """Tell whether *known* was not seen since the last settled walk of the same list.

    Another crawl may have stored newer rows meanwhile, of only some tags: they prove nothing about
    the rows behind them.
    """
    return walk.settled_until is not None and known.last_seen <= walk.settled_until


def _pushed(rows: tuple[TagRow, ...]) -> tuple[int | None, int | None]:
    """Return when the first and the last of *rows* were pushed."""
    return (rows[0].last_updated, rows[-1].last_updated) if rows else (None, None)


def _subject(walk: Walk) -> RepositoryName:
    return RepositoryName.of(walk.key.subject)
