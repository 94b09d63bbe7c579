"""Reads every answer of the services: what is a "no" is acted on by its kind, the rest goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.headers import plain_headers, seconds_to_wait
from dockerhub.limits.no import COURSES, Answer, Course, kind_of_no
from dockerhub.meta import BARE, TOKEN
from dockerhub.outcome import fail
from dockerhub.redact import plain, shown_url

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

logger = logging.getLogger(__name__)

_MOST_GUARDS = 3
_UNWANTED = (
    "Docker Hub: expected answers of its API, got HTTP 403 pages of its guard against robots,"
    f" {_MOST_GUARDS} in a row; try later, or from another network"
)

# What a 429 costs that does not say how long to wait.
_SILENT_WAIT_SECONDS = 30.0


class AnswersMiddleware:
    """Waits, renews, retries or refuses, as the table of `limits.no` says for the kind."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._guards_in_a_row = 0
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler, which has the budgets, is there when the first answer is."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response if it may be read, the request if it has to go again.

        :raises HubRefusal: if it is a "no" for good
        """
        headers = plain_headers(response.headers.items())
        answer = Answer(response.status, headers, response.body)
        kind = kind_of_no(answer, signed_in=TOKEN in request.meta)
        if kind is None or request.meta.get(BARE):
            self._guards_in_a_row = 0
            return response
        self._crawler.stats.inc_value(f"dockerhub/no/{kind}")
        self._guard(kind)
        course = COURSES[kind]
        if course is Course.WAIT:
            # It goes back as it was: waiting uses up no retry.
            self._close_budget(request, headers)
            return request.replace(dont_filter=True)
        if course is Course.RETRY:
            return self._retry(request, kind, response.status, f"HTTP {response.status}")
        # A token was renewed already (sign_in.py): what is refused still is not ours to see.
        kind = Kind.FORBIDDEN if course is Course.RENEW else kind
        detail = plain(_said(request, response)[:400].decode("utf-8", "replace"), 120)
        raise HubRefusal(kind, response.status, f"HTTP {response.status} {detail}")

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the request if it has to go again after it got no answer.

        :raises HubRefusal: if it was tried often enough
        """
        if isinstance(exception, HubRefusal) or request.meta.get(BARE):
            return None
        is_away = isinstance(exception, (CannotResolveHostError, DownloadConnectionRefusedError))
        kind = Kind.UNREACHABLE if is_away else Kind.BROKEN
        self._crawler.stats.inc_value(f"dockerhub/no/{kind}")
        return self._retry(request, kind, None, _words(exception))

    def _guard(self, kind: Kind) -> None:
        """End the crawl where a guard against robots answers, again and again: no disguise."""
        self._guards_in_a_row = self._guards_in_a_row + 1 if kind is Kind.BOT_GUARD else 0
        if self._guards_in_a_row < _MOST_GUARDS or self._closing is not None:
            return
        fail(self._crawler.stats, _UNWANTED)
        close = self._crawler.engine.close_spider_async(reason="bot_guard")
        self._closing = asyncio.ensure_future(close)

    def _retry(self, request: Request, kind: Kind, status: int | None, why: str) -> Request:
        spider: Any = self._crawler.spider
        # A host that cannot be reached at the very start is a matter for the user, at once.
        has_answered = self._crawler.stats.get_value("response_received_count", 0) > 0
        tries = 0 if kind is Kind.UNREACHABLE and not has_answered else None
        following = get_retry_request(
            request, spider=spider, reason=why, max_retry_times=tries, give_up_log_level="DEBUG"
        )
        if following is None:
            raise HubRefusal(kind, status, f"{why} from {shown_url(request.url)}")
        return following

    def _close_budget(self, request: Request, headers: dict[str, str]) -> None:
        scheduler: Any = self._crawler.engine.scheduler
        budget = scheduler.queues[scheduler.service_of(request.url)].budget
        now = time.time()
        asked = seconds_to_wait(headers, now + budget.clock.offset())
        wait = budget.slow_down(_SILENT_WAIT_SECONDS if asked is None else asked, now)
        if wait is not None:
            # Those under way are told the same: once is enough in the log.
            logger.info("Docker Hub asks to slow down: waiting %.0f s", wait)


def _said(request: Request, response: Response) -> bytes:
    """Return what an answer says, without the token, should it repeat the request."""
    token = (request.headers.get(b"Authorization") or b"").rpartition(b" ")[2]
    return response.body.replace(token, b"***") if token else response.body


def _words(exception: Exception) -> str:
    return plain(f"{type(exception).__name__}: {exception}", 160)
