"""Rests and stops: which service is asked by which exit, after what it said there."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from dockerhub.kinds import Kind
from dockerhub.limits.breaker import DIRECT, Breaker, Way
from dockerhub.limits.budget import NEVER
from dockerhub.meta import EXIT, SENT
from dockerhub.outcome import ANSWERS, fail
from dockerhub.services import Service
from dockerhub.words import duration

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request

logger = logging.getLogger(__name__)

_NAMES = {
    Service.HUB: "Docker Hub",
    Service.REGISTRY: "the registry",
    Service.PULLS: "the registry",
    Service.CDN: "the registry's storage",
}

# The reason of a crawl that is closed, and what the user is told.
_STOPS = {
    Kind.BOT_GUARD: "bot_guard",
    Kind.ABUSE: "rate_limited",
    Kind.BLOCKED: "blocked",
}
_WHY_STOPPED = {
    Kind.BOT_GUARD: (
        "expected answers of its API, got HTTP 403 pages of its guard against robots,"
        " 3 in a row; {remedy}"
    ),
    Kind.ABUSE: (
        "expected an answer after long rests, got HTTP 429 that does not say how long; {remedy}"
    ),
    Kind.BLOCKED: (
        "expected repositories that exist, got {detail}; this address is blocked, or the"
        " service is down: {remedy}"
    ),
}
_HOSTS = dict.fromkeys((Service.REGISTRY, Service.PULLS), (Service.REGISTRY, Service.PULLS))
_NO_EXIT_LEFT, _OTHERS_GO_ON = "try later, or from another network", "the other exits go on"


class Breakers:
    """One breaker for each service and exit."""

    def __init__(self, crawler: Crawler, *, rest_seconds: float) -> None:
        self._crawler = crawler
        self.rest_seconds = rest_seconds
        self._breakers: dict[Way, Breaker] = {}
        self._stopped: set[Way] = set()
        self._closing: asyncio.Task[None] | None = None

    def of(self, way: Way) -> Breaker:
        """Return the breaker of a service and an exit."""
        if way not in self._breakers:
            self._breakers[way] = Breaker(rest_seconds=self.rest_seconds)
        return self._breakers[way]

    def way(self, request: Request) -> Way:
        """Return the service that *request* goes to, and by which exit."""
        service = self._scheduler.service_of(request)
        return Way(service or "", request.meta.get(EXIT, DIRECT))

    def count(self, request: Request, kind: Kind | None) -> None:
        """Count an answer, or that there was none; *kind* is None for data."""
        way, stats = self.way(request), self._crawler.stats
        label = self._scheduler.exits.label(way.exit)
        stats.inc_value(f"{ANSWERS}/{way.service}/{label}/{kind or 'data'}")
        if kind is not None:
            stats.inc_value(f"dockerhub/no/{kind}")

    def rest(self, kind: Kind, request: Request) -> bool:
        """Let an exit rest, and tell whether the request may go again later, or by another one."""
        way, now = self.way(request), time.time()
        breaker = self.of(way)
        seconds = breaker.trip(kind, now, sent=request.meta.get(SENT, now))
        if breaker.is_shut:
            return self.stop(kind, request, "")
        if seconds is not None:
            self._scheduler.budget_of(request).rest(seconds, now)
            self._crawler.stats.inc_value(f"dockerhub/breaker/{kind}")
            logger.warning("%s: too many requests, it says; a rest of %s", way, duration(seconds))
        return True

    def is_open_elsewhere(self, request: Request) -> bool:
        """Tell whether the exit of *request* is shut for its service, while others are not.

        So it is with probes of an exit that others have shut meanwhile.
        """
        way = self.way(request)
        if way not in self._stopped:
            return False
        lanes, exits, now = self._scheduler.lanes_of(request), self._scheduler.exits, time.time()
        return any(
            not lanes.is_shut(name) and exits.opens_at(name, now) < NEVER for name in exits.names
        )

    def stop(self, kind: Kind, request: Request, detail: str) -> bool:
        """Ask that service by that exit for nothing more, and tell whether others go on.

        There is no disguise. Without Docker Hub's own API the crawl has nothing to go on with: it
        ends.
        """
        way = self.way(request)
        is_news = way not in self._stopped
        self._stopped.add(way)
        self.of(way).trip(kind, time.time())
        # It is a host that stops us: the registry's pulls are asked of the same one.
        for service in _HOSTS.get(Service(way.service), (way.service,)):
            self._scheduler.queues[service].lanes.shut(way.exit)
        if is_news:
            self._crawler.stats.inc_value(f"dockerhub/breaker/{kind}")
        if self.is_open_elsewhere(request):
            if is_news:
                words = _WHY_STOPPED[kind].format(detail=detail, remedy=_OTHERS_GO_ON)
                logger.warning("%s by %s: %s", name_of(way), way.exit, words)
            return True
        if is_news:
            self._stop_service(kind, way, detail)
        return False

    def _stop_service(self, kind: Kind, way: Way, detail: str) -> None:
        if self._closing is not None:
            return
        words = _WHY_STOPPED[kind].format(detail=detail, remedy=_NO_EXIT_LEFT)
        fail(self._crawler.stats, f"{name_of(way)}: {words}")
        if way.service == Service.HUB:
            close = self._crawler.engine.close_spider_async(reason=_STOPS[kind])
            self._closing = asyncio.ensure_future(close)

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler


def name_of(way: Way) -> str:
    """Return what a user calls the service."""
    return _NAMES[Service(way.service)]
