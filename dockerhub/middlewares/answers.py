"""Reads every answer of the services: what is a "no" is acted on by its kind, the rest goes on."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
)

from dockerhub.endpoints import endpoint_of, old_form
from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.breaker import DIRECT, Way
from dockerhub.limits.evidence import Evidence
from dockerhub.limits.headers import plain_headers, seconds_of_retry_after, seconds_to_wait
from dockerhub.limits.no import COURSES, Answer, Asked, Course
from dockerhub.limits.service_queue import ANY
from dockerhub.meta import (
    BACKED_OFF,
    BARE,
    DOUBTED_URL,
    EXIT,
    KNOWN,
    NOT_BEFORE,
    ONLY_BY,
    PROBED,
    PROBES,
    REDIRECTED,
    REDIRECTED_BY,
    RENEWED,
    SENT,
    TOKEN,
    UNREADABLE,
)
from dockerhub.middlewares.breakers import Breakers, name_of
from dockerhub.names import RepositoryName
from dockerhub.outcome import NEXT_WINDOW, WHY_SPENT
from dockerhub.redact import plain, shown_url
from dockerhub.services import Service, judged_body
from dockerhub.urls import HubUrls, origin_of, read_origin, unreachable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

logger = logging.getLogger(__name__)

# What a 429 costs that does not say how long to wait.
_SILENT_WAIT_SECONDS = 30.0

# Repositories that are there for ever, to be asked for where nothing else is known to be there.
_OFFICIAL = (RepositoryName("library", "alpine"), RepositoryName("library", "busybox"))
_PROBE_PRIORITY = 100


class AnswersMiddleware:
    """Waits, rests, renews, retries, probes or refuses, as the table of `limits.no` says."""

    def __init__(
        self,
        crawler: Crawler,
        *,
        urls: HubUrls,
        rest_seconds: float,
        most_bytes: int,
    ) -> None:
        self._crawler = crawler
        self._most_bytes = most_bytes
        self._evidence = Evidence([urls.repository(repository) for repository in _OFFICIAL])
        self._breakers = Breakers(crawler, rest_seconds=rest_seconds)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler, which has the budgets, is there when the first answer is."""
        settings = crawler.settings
        hub = read_origin("setting DOCKERHUB_HUB_URL", settings["DOCKERHUB_HUB_URL"])
        return cls(
            crawler,
            urls=HubUrls(hub),
            rest_seconds=settings.getfloat("DOCKERHUB_REST_SECONDS"),
            most_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
        )

    def process_request(self, request: Request) -> Request | None:
        """Spare a request to what is not to be had: a removed endpoint, a shut service, a pull.

        :raises HubRefusal: if it is not
        """
        if request.meta.get(BARE):
            return None
        if REDIRECTED_BY in request.meta:
            way = Way(Service.REGISTRY, request.meta.pop(REDIRECTED_BY))
            self._evidence.take_redirect(request.meta[REDIRECTED], way)
        # What was to find out about one exit that is gone says nothing of it by another.
        is_astray = request.meta.get(ONLY_BY, ANY) not in {ANY, request.meta.get(EXIT, DIRECT)}
        if is_astray or self._breakers.is_open_elsewhere(request):
            self._scheduler.give_back(request)
            return _undoubted(request)
        refusal = self._known_refusal(request)
        if refusal is not None:
            self._scheduler.give_back(request)
            raise refusal
        return None

    def _known_refusal(self, request: Request) -> HubRefusal | None:
        way = self._breakers.way(request)
        if self._evidence.is_removed(request.url):
            words = f"{name_of(way)} has removed {endpoint_of(request.url)}"
            return HubRefusal(Kind.REMOVED, None, words)
        breaker = self._breakers.of(way)
        if breaker.is_shut and breaker.kind is not None:
            return HubRefusal(breaker.kind, None, f"{name_of(way)} is not asked any more")
        if self._is_pull(request) and self._is_spent(request):
            return self._spent(request)
        return None

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response if it may be read, the request if it has to go again.

        :raises HubRefusal: if it is a "no" for good
        """
        self._evidence.hear(request.url)
        if request.meta.get(BARE):
            return response
        headers = plain_headers(response.headers.items())
        body = judged_body(request.meta.get(REDIRECTED, request.url), response.body)
        kind = self._evidence.judge(
            Answer(response.status, headers, body),
            request.url,
            self._breakers.way(request),
            self._asked(request),
        )
        self._breakers.count(request, kind)
        if kind is None:
            return self._take_good(request, response)
        return self._act(kind, request, response, headers)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the request if it has to go again after it got no answer.

        :raises HubRefusal: if it was tried often enough
        """
        if isinstance(exception, HubRefusal) or request.meta.get(BARE):
            return None
        is_away = isinstance(exception, (CannotResolveHostError, DownloadConnectionRefusedError))
        # Where the registry sent us is no service of the user's.
        is_away = is_away and REDIRECTED not in request.meta
        kind = Kind.UNREACHABLE if is_away else Kind.BROKEN
        self._breakers.count(request, kind)
        if isinstance(exception, DownloadCancelledError):
            # It is larger than anything that the service has to say, and would be again.
            most = request.meta.get("download_maxsize", self._most_bytes)
            words = f"a body of more than {most} bytes"
            return self._refuse(request, kind, None, words)
        return self._retry(request, kind, None, _words(request, exception))

    def _asked(self, request: Request) -> Asked:
        return Asked(
            is_known=request.meta.get(KNOWN, False),
            signed_in=TOKEN in request.meta,
            is_head=request.method == "HEAD",
            is_pull=self._is_pull(request),
            is_redirected=REDIRECTED in request.meta,
        )

    def _act(
        self, kind: Kind, request: Request, response: Response, headers: dict[str, str]
    ) -> Request:
        course, status = COURSES[kind], response.status
        if course is Course.RETRY:
            self._wait_as_asked(request, headers)
            empty = " without data" if status == 200 else ""
            return self._retry(request, kind, status, f"HTTP {status}{empty}")
        words = f"HTTP {status} {plain(_said(request, response), 120)}".rstrip()
        if self._goes_back(kind, request, headers):
            # As it was: waiting uses up no retry.
            return request.replace(dont_filter=True)
        if course is Course.PROBE:
            doubted = HubRefusal(Kind.NOT_THERE, status, words)
            return self._probe(request, doubted, self._evidence.probe_urls(request.url))
        if course is Course.STRIKE and self._strike(request):
            doubted = request.meta[PROBED]
            return self._probe(request, doubted, [old_form(request.url) or request.url])
        if course is Course.STOP and self._breakers.stop(kind, request, words):
            return _undoubted(request)
        return self._refuse(request, kind, status, words)

    def _goes_back(self, kind: Kind, request: Request, headers: dict[str, str]) -> bool:
        """Close what a "no" closes for a while, and tell whether the request waits for that."""
        course = COURSES[kind]
        if course is Course.WAIT:
            self._close_budget(request, headers)
            return True
        if course is Course.SPEND:
            return self._spend(request, headers)
        return course is Course.REST and self._breakers.rest(kind, request)

    def _take_good(self, request: Request, response: Response) -> Response:
        """Let data go on, unless it was asked for to find out whether a "no" can be believed."""
        way = self._breakers.way(request)
        if way.service == Service.HUB:
            self._evidence.take_good(request.url)
        if self._breakers.of(way).heal(sent=request.meta.get(SENT, 0.0)):
            logger.info("%s answers again", way)
        doubted: HubRefusal | None = request.meta.get(PROBED)
        if doubted is not None:
            if doubted.kind is Kind.NOT_THERE:  # it was counted as doubted alone
                self._crawler.stats.inc_value(f"dockerhub/no/{doubted.kind}")
            raise doubted
        return response

    def _retry(self, request: Request, kind: Kind, status: int | None, why: str) -> Request:
        spider: Any = self._crawler.spider
        if REDIRECTED in request.meta:
            # Asked again where it was asked first: the address that was given lives for a while.
            url = request.meta[REDIRECTED]
            request = request.replace(url=url, dont_filter=True)
            del request.meta[REDIRECTED]
        # A host that cannot be reached at the very start is a matter for the user, at once.
        has_answered = self._evidence.has_heard(request.url)
        tries = 0 if kind is Kind.UNREACHABLE and not has_answered else None
        is_spent = status == 200 and self._is_pull(request)
        if is_spent:
            # Each such answer was a pull: once more, however often it got none before.
            once = 0 if request.meta.get(UNREADABLE) else request.meta.get("retry_times", 0) + 1
            tries = min(once, self._crawler.settings.getint("RETRY_TIMES"))
        following = get_retry_request(
            request, spider=spider, reason=why, max_retry_times=tries, give_up_log_level="DEBUG"
        )
        if following is not None:
            if is_spent:
                following.meta[UNREADABLE] = True
            return following
        words = f"{why} from {shown_url(request.url)}" if PROBED not in request.meta else why
        if kind is Kind.UNREACHABLE and PROBED not in request.meta:
            logger.debug("%s", words)
            words = unreachable(origin_of(request.url))
        # A good answer that came meanwhile says nothing: it may have been asked for before.
        if status is not None and status >= 500 and request.meta.get(KNOWN):
            doubted = HubRefusal(kind, status, words)
            return self._probe(request, doubted, self._evidence.probe_urls(request.url))
        return self._refuse(request, kind, status, words)

    def _refuse(self, request: Request, kind: Kind, status: int | None, words: str) -> Request:
        """Tell the spider; of a probe ask for something else, and at last say that we are blocked.

        :raises HubRefusal: if nothing is left to ask for
        """
        doubted: HubRefusal | None = request.meta.get(PROBED)
        if doubted is None:
            raise HubRefusal(kind, status, words)
        if request.meta[PROBES] and COURSES[kind] is not Course.STOP:
            return self._probe(request, doubted, request.meta[PROBES])
        self._crawler.stats.inc_value(f"dockerhub/no/{Kind.BLOCKED}")
        detail = f"{doubted.detail}, and {words} from {shown_url(request.url)}"
        if self._breakers.stop(Kind.BLOCKED, request, detail):
            return _undoubted(request)
        raise HubRefusal(Kind.BLOCKED, doubted.status, detail)

    def _probe(self, request: Request, doubted: HubRefusal, urls: list[str]) -> Request:
        """Return a request for something that exists, in the place of the one that was doubted.

        It goes by the same exit: what another one is shown says nothing of this one.
        """
        again: Request = request.replace(url=urls[0], dont_filter=True, priority=_PROBE_PRIORITY)
        for key in (KNOWN, BACKED_OFF, RENEWED, "retry_times"):
            again.meta.pop(key, None)
        again.meta[PROBED], again.meta[PROBES] = doubted, urls[1:]
        again.meta.setdefault(DOUBTED_URL, request.url)
        again.meta[ONLY_BY] = self._breakers.way(request).exit
        return again

    def _strike(self, request: Request) -> bool:
        """Ask that endpoint for nothing more; True for a last probe that has another form."""
        endpoint = self._evidence.remove(request.url)
        if endpoint is not None:
            self._crawler.stats.inc_value(f"dockerhub/breaker/{Kind.REMOVED}")
            who = name_of(self._breakers.way(request))
            logger.warning("%s has removed %s: not asked for any more", who, endpoint)
        old = old_form(request.url) if request.meta.get(PROBES) == [] else None
        return old is not None and not self._evidence.is_removed(old)

    def _close_budget(self, request: Request, headers: dict[str, str]) -> None:
        budget, now = self._budget(request), time.time()
        asked = seconds_to_wait(headers, now + budget.clock.offset())
        # One that says nothing is no worse than three.
        silent = min(_SILENT_WAIT_SECONDS, self._breakers.rest_seconds)
        wait = budget.slow_down(silent if asked is None else asked, now)
        if wait is not None:
            # Those under way are told the same: once is enough in the log.
            way = self._breakers.way(request)
            by = "" if way.exit == DIRECT else f" by {way.exit}"
            logger.info("%s%s asks to slow down: waiting %.0f s", name_of(way), by, wait)

    def _spend(self, request: Request, headers: dict[str, str]) -> bool:
        """Take the news that no pull is left, and tell whether to wait for the next window."""
        budget, now = self._budget(request), time.time()
        budget.spent(now, seconds_to_wait(headers, now + budget.clock.offset()))
        self._crawler.stats.set_value(NEXT_WINDOW, budget.next_window_at(now))
        return budget.waits or not self._scheduler.is_spent(request)

    def _spent(self, request: Request) -> HubRefusal:
        """Return the "no" for a pull that we do not take, and note when there are pulls again."""
        budget, now = self._budget(request), time.time()
        why = budget.why_spent(now) or "pulls: none is left"
        self._crawler.stats.set_value(WHY_SPENT, why)
        if not budget.is_hopeless:
            self._crawler.stats.set_value(NEXT_WINDOW, budget.next_window_at(now))
        return HubRefusal(Kind.PULLS_SPENT, None, why)

    def _is_spent(self, request: Request) -> bool:
        """Tell whether no pull is left, and nobody wants to wait for the next window."""
        budget = self._budget(request)
        return not budget.waits and budget.is_spent(time.time())

    def _is_pull(self, request: Request) -> bool:
        return self._breakers.way(request).service == Service.PULLS

    def _wait_as_asked(self, request: Request, headers: dict[str, str]) -> None:
        """Let a request that got a 503 wait as long as that says, if it does."""
        now = time.time()
        server_now = now + self._budget(request).clock.offset()
        asked = seconds_of_retry_after(headers, server_now)
        if asked is not None:
            request.meta[NOT_BEFORE] = now + asked

    def _budget(self, request: Request) -> Any:
        return self._scheduler.budget_of(request)

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler


def _undoubted(request: Request) -> Request:
    """Return what was asked for before a doubt, to go by another exit."""
    again: Request = request.replace(
        url=request.meta.get(DOUBTED_URL, request.url), dont_filter=True
    )
    if DOUBTED_URL in request.meta:
        again.meta[KNOWN] = True
    for key in (DOUBTED_URL, ONLY_BY, PROBED, PROBES, BACKED_OFF, "retry_times"):
        again.meta.pop(key, None)
    return again


def _said(request: Request, response: Response) -> str:
    """Return how an answer begins, without the token, should it repeat the request."""
    token = (request.headers.get(b"Authorization") or b"").rpartition(b" ")[2]
    body = response.body.replace(token, b"***") if token else response.body
    return body[:400].decode("utf-8", "replace")


def _words(request: Request, exception: Exception) -> str:
    """Return what happened, without the address as it is: somebody may have signed it for us."""
    url = request.url.partition("#")[0]
    said = str(exception).replace(url, shown_url(url))
    return plain(f"{type(exception).__name__}: {said}", 160)
