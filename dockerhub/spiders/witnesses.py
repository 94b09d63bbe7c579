"""Asks for a row that should be in a list that came empty, before the list is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.items import WalkEnd
from dockerhub.kinds import Kind
from dockerhub.meta import KNOWN
from dockerhub.moments import now
from dockerhub.names import RepositoryName
from dockerhub.spiders.refusals import tolerant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from dockerhub.items import Item
    from dockerhub.payloads.wire import Listing
    from dockerhub.spiders.base import HubSpider
    from dockerhub.walks.walk import Walk

_PRIORITY = 30


class Witnesses:
    """The part of a spider that doubts empty lists.

    At least one removed endpoint of Hub's answers 200 with an empty list, so that its clients stop
    retrying (docker/roadmap#756): believed, it would make everything gone.
    """

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    def is_needed(self, walk: Walk, listing: Listing[Any]) -> bool:
        """Tell whether a page is empty that should not be."""
        is_empty = not listing.rows and not listing.refusals
        return is_empty and walk.page == 1 and walk.had_rows

    async def request(self, walk: Walk, count: int | None) -> Request:
        """Return the request for a row of the list that *walk* follows."""
        spider, subject = self.spider, walk.key.subject
        reader, run = spider.reader, spider.thread.run
        if walk.key.kind == "tags":
            repository = RepositoryName.of(subject)
            tag = await run(reader.any_tag, repository) or ""
            url = spider.urls.tag(repository, tag)
        else:
            name = await run(reader.any_repository, subject)
            assert name is not None  # noqa: S101  (walk.had_rows says so)
            url = spider.urls.repository(name)
        return Request(
            url,
            self.witness,
            errback=self.no_witness,
            priority=_PRIORITY,
            meta={KNOWN: True},
            dont_filter=True,
            cb_kwargs={"walk": walk, "count": count},
        )

    @tolerant
    async def witness(
        self, response: Response, *, walk: Walk, count: int | None
    ) -> AsyncIterator[Item | Request]:
        """Take a row that is there: the list that does not show it is not to be believed."""
        why = "an empty list, but what it showed before is there"
        async for output in self.spider.refusals.break_off(
            walk, HubRefusal(Kind.BROKEN, response.status, why)
        ):
            yield output

    async def no_witness(self, failure: Failure) -> AsyncIterator[Item | Request]:
        """Take the news that the row is not there either: the list is as empty as it says."""
        error = failure.value
        request: Request = failure.request  # type: ignore[attr-defined]
        if not isinstance(error, HubRefusal) or error.kind is not Kind.NOT_THERE:
            async for output in self.spider.refusals.take(failure):
                yield output
            return
        walk: Walk = request.cb_kwargs["walk"]
        count = request.cb_kwargs["count"]
        step = walk.take([], wanted=[], refused=0, count=count, has_next=False, now=now())
        yield WalkEnd(seen=now(), walk=step)
        if step.next_page is not None:
            yield self.spider.walk_request(walk)
        elif walk.key.kind != "tags":
            self.spider.lists.note_nothing(step)
            for following in self.spider.list_ended(walk):
                yield following
