"""What follows from an answer that holds no data, or data that cannot be read."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider

from dockerhub.endpoints import endpoint_of, old_form
from dockerhub.errors import HubRefusal, PayloadError, StoreError
from dockerhub.items import Absence, WalkEnd, WalkKey
from dockerhub.kinds import CRAWL_WIDE, Kind, StopReason
from dockerhub.meta import BACKED_OFF
from dockerhub.moments import now
from dockerhub.redact import plain
from dockerhub.urls import unreachable
from dockerhub.walks.walk import Walk
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from dockerhub.items import Item, WalkStep
    from dockerhub.names import RepositoryName
    from dockerhub.payloads.wire import Listing
    from dockerhub.spiders.base import HubSpider

logger = logging.getLogger(__name__)


def tolerant(callback: Callable[..., AsyncIterator[Any]]) -> Callable[..., Any]:
    """Make *callback*, of a spider or a part of one, ask again for what it cannot read."""

    @functools.wraps(callback)
    async def wrapper(part: Any, response: Response, **notes: Any) -> AsyncIterator[Any]:
        try:
            async for output in callback(part, response, **notes):
                yield output
        except PayloadError as error:
            spider: HubSpider = getattr(part, "spider", part)
            for output in spider.refusals.take_unreadable(response, error):
                yield output
        except StoreError as error:
            spider = getattr(part, "spider", part)
            spider.fail(str(error))
            raise CloseSpider("store_failed") from error

    return wrapper


class Refusals:
    """The part of a spider that ends what a refusal belongs to, and says why."""

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    def take(self, failure: Failure) -> Iterator[Item | Request]:
        """Take an answer that holds no data; the errback of every request."""
        error = failure.value
        request: Request = failure.request  # type: ignore[attr-defined]
        if not isinstance(error, HubRefusal):
            # A body whose compression is broken fails before our middlewares see the answer.
            yield from self._again(request, None, f"{type(error).__name__}: {error}")
        elif error.kind is Kind.REMOVED and (url := old_form(request.url)):
            yield self._in_the_old_form(request, url)
        else:
            yield from self._end(request, error)

    def take_unreadable(self, response: Response, error: PayloadError) -> Iterator[Item | Request]:
        """Take an answer that is not what was asked for: ask again a few times, then give up."""
        request = response.request
        assert request is not None  # noqa: S101  (Scrapy sets it before the callback)
        yield from self._again(request, response.status, str(error))

    def _again(self, request: Request, status: int | None, why: str) -> Iterator[Item | Request]:
        self.spider.count("no/unreadable")
        again = get_retry_request(
            request, spider=self.spider, reason="unreadable", give_up_log_level="DEBUG"
        )
        if again is not None:
            # Scrapy warns of what it wrote there itself.
            again.meta.pop("download_latency", None)
            yield again
        else:
            yield from self._end(request, HubRefusal(Kind.BROKEN, status, plain(why, 160)))

    def note_rows(self, response: Response, listing: Listing[Any]) -> None:
        """Count and log, once a page, the rows that could not be read."""
        if listing.refusals:
            self.spider.count("rows_refused", len(listing.refusals))
            rows, where = counted(len(listing.refusals), "row"), plain(response.url)
            first = plain(listing.refusals[0])
            logger.warning("%s of %s cannot be read; the first: %s", rows, where, first)

    def _in_the_old_form(self, request: Request, url: str) -> Request:
        kept = endpoint_of(url).kept
        if self.spider.urls.use_old_form(kept):
            logger.info("the old form of paths is used for %s", kept)
        again: Request = request.replace(url=url, dont_filter=True)
        # Another endpoint is another question: it may be asked as often.
        for key in ("retry_times", BACKED_OFF):
            again.meta.pop(key, None)
        return again

    def _end(self, request: Request, error: HubRefusal) -> Iterator[Item | Request]:
        walk: Walk | None = request.cb_kwargs.get("walk")
        if error.kind is Kind.UNREACHABLE:
            logger.debug("%s", error.detail)
            self.spider.fail(unreachable(self.spider.urls.origin))
        if walk is None:
            yield from self._end_visit(request.cb_kwargs["repository"], error)
        elif error.kind is Kind.PAGING_CAP:
            yield from self._go_on(walk, walk.take_cap(now()))
        elif error.kind is Kind.REFUSED and not walk.is_first_ordering:
            yield from self._go_on(walk, walk.skip_ordering(now()))
        elif walk.is_named and error.kind is not Kind.NOT_THERE and error.kind not in CRAWL_WIDE:
            yield from self.spider.tags.after_failed(walk, error)
        elif error.kind is Kind.NOT_THERE and walk.key.kind == "tags":
            yield from self._end_of_tags(walk)
        elif error.kind is Kind.NOT_THERE and walk.page > 1:
            yield from self._go_on(walk, walk.take_end(now()))
        else:
            yield from self.break_off(walk, error)

    def break_off(self, walk: Walk, error: HubRefusal) -> Iterator[Item | Request]:
        """End a walk that cannot go on now, or ever."""
        reason = _reason(error)
        # What was settled by a "no" is not asked again; what broke is, by the next crawl.
        can_go_on = reason is not StopReason.FORBIDDEN and walk.key.kind == "tags"
        yield WalkEnd(seen=now(), walk=walk.stop(reason, error.detail, can_go_on=can_go_on))
        if walk.key.kind == "tags":
            self.spider.tags_refused(walk, error)
        else:
            self.spider.list_refused(walk, error)
            yield from self.spider.list_ended(walk)

    def _end_visit(self, repository: RepositoryName, error: HubRefusal) -> Iterator[Item]:
        if error.kind is Kind.NOT_THERE:
            self.spider.repository_not_there(repository)
            yield Absence(seen=now(), repository=repository)
        else:
            key = WalkKey("repository", str(repository), "", "", self.spider.signed_in)
            walk = Walk(key, started=now(), page_size=1)
            yield WalkEnd(seen=now(), walk=walk.stop(_reason(error), error.detail))
            self.spider.visit_refused(repository, error)

    def _end_of_tags(self, walk: Walk) -> Iterator[Item | Request]:
        """Take a 404 in a walk of tags: a tag, the repository, or what came after the last page."""
        if walk.is_named:
            yield from self.spider.tags.after_named(walk, [])
        elif walk.page > 1:
            yield from self._go_on(walk, walk.take_end(now()))
        elif not walk.had_rows and walk.subject_updated is None:
            # Nothing was ever pushed to it, and it was shown a moment ago: it has no tags.
            yield WalkEnd(seen=now(), walk=walk.take_end(now()))
        else:
            # The repository was shown a moment ago, with a push: a 404 is not to be believed.
            step = walk.stop(StopReason.ERROR, "HTTP 404 for its tags", can_go_on=True)
            yield WalkEnd(seen=now(), walk=step)

    def _go_on(self, walk: Walk, step: WalkStep) -> Iterator[Item | Request]:
        """Go on after an answer that says only that this page is not to be had."""
        yield WalkEnd(seen=now(), walk=step)
        if step.next_page is not None:
            yield self.spider.walk_request(walk)
        elif walk.key.kind != "tags":
            yield from self.spider.list_ended(walk)


def _reason(error: HubRefusal) -> StopReason:
    return {
        Kind.FORBIDDEN: StopReason.FORBIDDEN,
        Kind.BOT_GUARD: StopReason.BLOCKED,
        Kind.BLOCKED: StopReason.BLOCKED,
        Kind.ABUSE: StopReason.RATE_LIMITED,
    }.get(error.kind, StopReason.ERROR)
