"""What follows from an answer that holds no data, or data that cannot be read."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider

from dockerhub.endpoints import Kept, endpoint_of, old_form
from dockerhub.errors import HubRefusal, PayloadError, PayloadRefused, StoreError
from dockerhub.items import Absence, WalkEnd, WalkKey
from dockerhub.kinds import CRAWL_WIDE, Kind, StopReason
from dockerhub.meta import BACKED_OFF, REDIRECTED, UNREADABLE
from dockerhub.moments import now
from dockerhub.redact import plain
from dockerhub.walks.walk import Walk
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from dockerhub.items import Item, WalkStep
    from dockerhub.names import RepositoryName
    from dockerhub.payloads.wire import Listing
    from dockerhub.spiders.base import HubSpider

logger = logging.getLogger(__name__)

MOST_DETAIL = 160
"""Signs of a message about an answer: what says which bytes came instead has a digest in it."""


def tolerant(callback: Callable[..., AsyncIterator[Any]]) -> Callable[..., Any]:
    """Make *callback*, of a spider or a part of one, ask again for what it cannot read."""

    @functools.wraps(callback)
    async def wrapper(part: Any, response: Response, **notes: Any) -> AsyncIterator[Any]:
        try:
            async for output in callback(part, response, **notes):
                yield output
        except PayloadError as error:
            spider: HubSpider = getattr(part, "spider", part)
            async for output in spider.refusals.take_unreadable(response, error):
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

    async def take(self, failure: Failure) -> AsyncIterator[Item | Request]:
        """Take an answer that holds no data; the errback of every request."""
        error = failure.value
        request: Request = failure.request  # type: ignore[attr-defined]
        if not isinstance(error, HubRefusal):
            # A body whose compression is broken fails before our middlewares see the answer.
            outputs = self._again(request, None, f"{type(error).__name__}: {error}")
        elif error.kind is Kind.REMOVED and (url := old_form(request.url)):
            yield self._in_the_old_form(request, url)
            return
        else:
            outputs = self._end(request, error)
        async for output in outputs:
            yield output

    async def take_unreadable(
        self, response: Response, error: PayloadError
    ) -> AsyncIterator[Item | Request]:
        """Take an answer that is not what was asked for: ask again a few times, then give up.

        What would be the same again is given up at once.
        """
        request = response.request
        assert request is not None  # noqa: S101  (Scrapy sets it before the callback)
        if isinstance(error, PayloadRefused):
            self.spider.count("no/unreadable")
            refusal = HubRefusal(Kind.REFUSED, response.status, plain(str(error), MOST_DETAIL))
            outputs = self._end(request, refusal)
        else:
            outputs = self._again(request, response.status, str(error))
        async for output in outputs:
            yield output

    async def _again(
        self, request: Request, status: int | None, why: str
    ) -> AsyncIterator[Item | Request]:
        self.spider.count("no/unreadable")
        again = get_retry_request(
            _before_redirect(request),
            spider=self.spider,
            reason="unreadable",
            max_retry_times=_most_retries(request, self.spider.settings.getint("RETRY_TIMES")),
            give_up_log_level="DEBUG",
        )
        if again is not None:
            # Scrapy warns of what it wrote there itself.
            again.meta.pop("download_latency", None)
            again.meta[UNREADABLE] = True
            yield again
            return
        refusal = HubRefusal(Kind.BROKEN, status, plain(why, MOST_DETAIL))
        async for output in self._end(request, refusal):
            yield output

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

    def _end(self, request: Request, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Return what follows from a "no" for good."""
        if error.kind is Kind.UNREACHABLE and self.spider.is_hubs(request):
            self.spider.fail(error.detail)
        if "ask" in request.cb_kwargs:
            # Whose callback it is knows what it means not to have it.
            part: Any = getattr(request.callback, "__self__", None)
            outputs: AsyncIterator[Item | Request] = part.refused(request.cb_kwargs["ask"], error)
            return outputs
        walk: Walk | None = request.cb_kwargs.get("walk")
        if walk is None:
            return self._end_visit(request.cb_kwargs["repository"], error)
        return self._end_step(walk, error)

    def _end_step(self, walk: Walk, error: HubRefusal) -> AsyncIterator[Item | Request]:
        if error.kind is Kind.PAGING_CAP:
            return self._go_on(walk, walk.take_cap(now()))
        if error.kind is Kind.REFUSED and not walk.is_first_ordering:
            return self._go_on(walk, walk.skip_ordering(now()))
        if error.kind is Kind.NOT_THERE and walk.key.kind == "tags":
            return self._end_of_tags(walk)
        if error.kind is Kind.NOT_THERE and walk.page > 1:
            return self._go_on(walk, walk.take_end(now()))
        if walk.is_named and error.kind not in CRAWL_WIDE:
            return self.spider.tags.after_failed(walk, error)
        return self.break_off(walk, error)

    async def break_off(self, walk: Walk, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """End a walk that cannot go on now, or ever."""
        reason = _reason(error)
        # What was settled by a "no" is not asked again; what broke is, by the next crawl.
        can_go_on = reason is not StopReason.FORBIDDEN and walk.key.kind == "tags"
        yield WalkEnd(seen=now(), walk=walk.stop(reason, error.detail, can_go_on=can_go_on))
        if walk.key.kind == "tags":
            self.spider.tags_refused(walk, error)
        else:
            self.spider.list_refused(walk, error)
            for output in self.spider.list_ended(walk):
                yield output

    async def _end_visit(
        self, repository: RepositoryName, error: HubRefusal
    ) -> AsyncIterator[Item]:
        if error.kind is Kind.NOT_THERE:
            self.spider.repository_not_there(repository)
            yield Absence(seen=now(), repository=repository)
        else:
            key = WalkKey("repository", str(repository), "", "", self.spider.signed_in)
            walk = Walk(key, started=now(), page_size=1)
            yield WalkEnd(seen=now(), walk=walk.stop(_reason(error), error.detail))
            self.spider.visit_refused(repository, error)

    async def _end_of_tags(self, walk: Walk) -> AsyncIterator[Item | Request]:
        """Take a 404 in a walk of tags: a tag, the repository, or what came after the last page."""
        if walk.is_named:
            async for output in self.spider.tags.after_named(walk, []):
                yield output
        elif walk.page > 1:
            async for output in self._go_on(walk, walk.take_end(now())):
                yield output
        elif not walk.had_rows and walk.subject_updated is None:
            # Nothing was ever pushed to it, and it was shown a moment ago: it has no tags.
            async for output in self._go_on(walk, walk.take_end(now())):
                yield output
        else:
            # The repository was shown a moment ago, with a push: a 404 is not to be believed.
            step = walk.stop(StopReason.ERROR, "HTTP 404 for its tags", can_go_on=True)
            yield WalkEnd(seen=now(), walk=step)

    async def _go_on(self, walk: Walk, step: WalkStep) -> AsyncIterator[Item | Request]:
        """Go on after an answer that says only that this page is not to be had."""
        yield WalkEnd(seen=now(), walk=step)
        if step.next_page is not None:
            yield self.spider.walk_request(walk)
        elif walk.key.kind == "tags":
            async for output in self.spider.tags_ended(walk, step):
                yield output
        else:
            for request in self.spider.list_ended(walk):
                yield request


def _before_redirect(request: Request) -> Request:
    """Return *request* as it was before the registry sent it elsewhere: that address is old."""
    if REDIRECTED not in request.meta:
        return request
    before: Request = request.replace(url=request.meta[REDIRECTED])
    del before.meta[REDIRECTED]
    return before


def _most_retries(request: Request, most: int) -> int:
    """Return how often what cannot be read is asked for again; each manifest is a pull."""
    if request.method != "GET" or endpoint_of(request.url).kept is not Kept.MANIFEST:
        return most
    # Once more, however often it got no answer before.
    once = 0 if request.meta.get(UNREADABLE) else request.meta.get("retry_times", 0) + 1
    return min(once, most)


def _reason(error: HubRefusal) -> StopReason:
    return {
        Kind.FORBIDDEN: StopReason.FORBIDDEN,
        Kind.BOT_GUARD: StopReason.BLOCKED,
        Kind.BLOCKED: StopReason.BLOCKED,
        Kind.ABUSE: StopReason.RATE_LIMITED,
    }.get(error.kind, StopReason.ERROR)
