"""Hands out only what may go now: one queue a service, each behind the budgets of its exits.

Only the scheduler can withhold a request. One that waits in a middleware, or in a slow downloader
slot, holds one of CONCURRENT_REQUESTS meanwhile. It chooses the exit when it hands a request out:
until then nobody knows which has most left.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import random
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.asyncio import call_later

from dockerhub.exits.exits import Exits
from dockerhub.ledger import Ledger
from dockerhub.limits.backoff import backoff_seconds
from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.lanes import Lanes
from dockerhub.limits.openings import AWAITED, ONLY_DIRECT, Openings
from dockerhub.limits.pace import Pace
from dockerhub.limits.parked import Parked
from dockerhub.limits.pulls import PullBudget
from dockerhub.limits.service_queue import ANY, Place, ServiceQueue
from dockerhub.meta import (
    AVOID,
    BACKED_OFF,
    EXIT,
    NOT_BEFORE,
    ONLY_BY,
    REDIRECTED,
    REPOSITORY,
    SERVICE,
)
from dockerhub.outcome import SIGNED_IN, fail
from dockerhub.proxy import given_proxies
from dockerhub.redact import shown_url
from dockerhub.services import Service, Services
from dockerhub.words import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Request
    from scrapy.settings import BaseSettings
    from scrapy.utils.asyncio import CallLaterResult

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Requests for the registry that wait, from which on Hub is asked for nothing more."""

MOST_UNSTORED = 16
"""Answers that are not stored yet, from which on nothing more is asked for."""

_REGISTRY = (Service.PULLS, Service.REGISTRY)


class BudgetScheduler(BaseScheduler):
    """Scrapy's scheduler, as far as the engine sees it.

    Requests are kept in memory: what is left to do is worked out from the database at the next
    crawl, so there is nothing to save. A request to a host that no service has is refused.
    """

    def __init__(
        self,
        *,
        services: Services,
        lanes: Mapping[Service, Lanes],
        wake: Callable[[], None],
        exits: Exits,
        per_minute: float = 0,
        jitter: Callable[[], float] = random.random,
        unstored: Callable[[], int] = int,
        give_up: Callable[[], object] = lambda: None,
    ) -> None:
        """*per_minute* requests go at most, by all exits to all services; 0 is no ceiling.

        *unstored* tells how many answers came of which not all is stored yet. *give_up* ends the
        crawl once no exit has been good for too long.
        """
        self.services = services
        self.exits = exits
        self.queues: dict[Service, ServiceQueue[Request]] = {
            service: ServiceQueue(each) for service, each in lanes.items()
        }
        self.pace = Pace(per_minute)
        self._parked: Parked[Request] = Parked()
        self._wake = wake
        self._jitter = jitter
        self._unstored = unstored
        self._give_up = give_up
        self._ending: object = None
        self._has_given_up = self._has_told_loss = False
        self._timer: CallLaterResult | None = None
        self._timer_at = NEVER

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from the settings; the engine is looked up when it has to be woken."""
        settings = crawler.settings
        return cls(
            services=Services.of_settings(settings),
            lanes=_lanes(settings, is_signed_in=bool(crawler.stats.get_value(SIGNED_IN))),
            exits=_exits(settings),
            per_minute=settings.getfloat("DOCKERHUB_TOTAL_RATE"),
            wake=lambda: wake_engine(crawler),
            unstored=lambda: unstored_answers(crawler),
            give_up=lambda: _close_without_exit(crawler),
        )

    def open(self, spider: Spider) -> None:
        """Nothing to open."""

    def close(self, reason: str) -> None:
        """Stop waiting."""
        self._stop_timer()

    @property
    def waiting_count(self) -> int:
        """How many requests wait to be handed out."""
        return len(self._parked) + sum(len(queue) for queue in self.queues.values())

    def has_pending_requests(self) -> bool:
        """Tell whether any request is left, were it one that may not go yet."""
        return self.waiting_count > 0

    def enqueue_request(self, request: Request) -> bool:
        """Keep *request* for its service; False if it goes to no host of ours."""
        service = self.service_of(request)
        if service is None:
            logger.error("refused a request to another host: %s", shown_url(request.url))
            return False
        self._back_off(request)
        if not self._park(request):
            meta = request.meta
            place = Place(
                priority=request.priority,
                not_before=meta.pop(NOT_BEFORE, 0.0),
                only_by=meta.get(ONLY_BY, ANY),
                avoid=meta.get(AVOID, ()),
            )
            self.queues[service].put(request, place)
        return True

    def park(self, repository: str) -> None:
        """Keep back what needs the registry's token for *repository* until `unpark`."""
        self._parked.await_name(repository)

    def unpark(self, repository: str) -> None:
        """Let go what waited for the token of *repository*."""
        for request in self._parked.release(repository):
            self.enqueue_request(request)

    def _park(self, request: Request) -> bool:
        is_redirected = REDIRECTED in request.meta
        return not is_redirected and self._parked.keeps(request.meta.get(REPOSITORY), request)

    def _back_off(self, request: Request) -> None:
        """Let a request that is repeated wait first, once for each repetition."""
        attempt = request.meta.get("retry_times", 0)
        if attempt > request.meta.get(BACKED_OFF, 0):
            request.meta[BACKED_OFF] = attempt
            wait = backoff_seconds(attempt, random.random())  # noqa: S311
            # An answer may have asked for a longer one.
            asked = request.meta.get(NOT_BEFORE, 0.0)
            request.meta[NOT_BEFORE] = max(asked, time.time() + wait)
            if not self.exits.is_single:
                request.meta[AVOID] = (*request.meta.get(AVOID, ()), _exit_of(request))

    def give_back(self, request: Request) -> None:
        """Hear that a request that was handed out is not sent: no answer will count it."""
        budget = self.taken_from(request)
        if budget is not None:
            del request.meta[SERVICE]
            budget.give_back()
            self.exits.gave_back(_exit_of(request))

    def done(self, request: Request) -> None:
        """Hear that a request that was handed out is counted: an answer came, or none will."""
        del request.meta[SERVICE]
        self.exits.done(_exit_of(request))

    def taken_from(self, request: Request) -> Budget | PullBudget | None:
        """Return the budget that a request was handed out from, None once it is counted."""
        queue = self.queues.get(request.meta.get(SERVICE, ""))
        return queue.lanes.of(_exit_of(request)) if queue is not None else None

    def budget_of(self, request: Request) -> Budget | PullBudget:
        """Return the budget of the service that a request went to, by the exit that it took."""
        return self.lanes_of(request).of(_exit_of(request))

    def lanes_of(self, request: Request) -> Lanes:
        """Return the budgets, by all exits, of the service that a request goes to."""
        service = self.service_of(request)
        assert service is not None  # noqa: S101  (what goes to no service is not kept)
        return self.queues[service].lanes

    def is_spent(self, request: Request) -> bool:
        """Tell whether no pull is left by any exit."""
        now = time.time()
        return self.lanes_of(request).is_spent(now, self._open_exits(now))

    def next_request(self) -> Request | None:
        """Return the next request that may go now, or None; then the engine is woken in time."""
        if self._unstored() >= MOST_UNSTORED:
            return None  # the engine asks again as soon as one of them is stored
        now = time.time()
        exits = self._open_exits(now)
        if self.pace.opens_at(now) <= now:
            for service, queue in self._unheld(now, exits).items():
                request = self._take(service, queue, now, exits)
                if request is not None:
                    return request
        self._wait(now, exits)
        return None

    def _take(
        self,
        service: Service,
        queue: ServiceQueue[Request],
        now: float,
        exits: Openings,
    ) -> Request | None:
        while (found := queue.take(now, exits)) is not None:
            request, name = found
            if self._park(request):
                continue
            jitter = self._jitter()
            queue.lanes.take(name, now, jitter)
            self.pace.take(now, jitter)
            self.exits.took(name)
            request.meta.update({SERVICE: service, EXIT: name})
            request.meta["download_slot"] = f"{service}|{name}"
            return request
        return None

    def _open_exits(self, now: float) -> Openings:
        """Return when each exit may be used."""
        if self.exits.is_single:
            return ONLY_DIRECT
        self._renew_sessions()
        return self.exits.open_at(now)

    def _renew_sessions(self) -> None:
        """Put new sessions in the place of those that are over, or have nothing left somewhere."""
        for name in self.exits.names:
            queues = self.queues.values()
            is_spent = any(queue.lanes.is_empty(name) for queue in queues if len(queue))
            if self.exits.is_over(name, is_spent=is_spent):
                self.exits.renew(name)
                for queue, gone in itertools.product(queues, self.exits.gone):
                    queue.lanes.forget(gone)

    def hear_source(self, name: str, source: str) -> None:
        """Hear from which address a service sees the exit *name*: two of one are one exit."""
        same = self.exits.hear_source(name, source)
        if same is None:
            return
        is_news = [queue.lanes.merge(same, name) for queue in self.queues.values()]
        if any(is_news):
            logger.info("exits %s and %s are one to Docker: they share a budget", same, name)

    def _wait(self, now: float, exits: Openings) -> None:
        """Have the engine woken when the next request may go, if time alone can tell."""
        waiting = [queue for queue in self.queues.values() if len(queue)]
        if not waiting or self._has_given_up:
            return
        gives_up_at = self._gives_up_at(waiting, now)
        is_idle = not any(queue.lanes.in_flight for queue in self.queues.values())
        if now >= gives_up_at and is_idle:
            self._has_given_up = True
            # Kept, or the loop may forget it before it is done.
            self._ending = self._give_up()
            return
        opens = min(queue.opens_at(now, exits) for queue in waiting)
        # What is under way may lead to more: its answers make the engine ask again.
        latest = gives_up_at if is_idle else NEVER
        self._wake_at(min(max(opens, self.pace.opens_at(now)), latest), now)

    def _gives_up_at(self, waiting: list[ServiceQueue[Request]], now: float) -> float:
        """Return when to wait no longer for an exit that lets any of what waits through."""
        if self.exits.is_single:
            return NEVER
        exits = self.exits.open_at(now)
        found = [queue.lanes.gives_up_at(now, exits) for queue in waiting]
        if min(found) < NEVER and not self._has_told_loss:
            self._has_told_loss = True
            patience = duration(self.exits.patience_seconds)
            logger.warning("no proxy lets us through: tried again for at most %s"
                           " (DOCKERHUB_PROXY_PATIENCE)", patience)  # fmt: skip
        return max(found)

    def _unheld(self, now: float, exits: Openings) -> Mapping[Service, ServiceQueue[Request]]:
        """Return the queues that may hand out: not Hub's, while the registry has enough to do.

        A page of tags makes hundreds of requests for the registry, which would fill the memory.
        One that can do nothing now holds nobody back.
        """
        busy = [self.queues[name] for name in _REGISTRY if name in self.queues]
        if len(self._parked) + sum(map(len, busy)) <= MOST_WAITING:
            return self.queues
        if not len(self._parked) and not any(queue.is_moving(now, exits) for queue in busy):
            return self.queues
        return {name: queue for name, queue in self.queues.items() if name != Service.HUB}

    def service_of(self, request: Request) -> Service | None:
        """Return the service that *request* goes to, None for a host that is none of ours."""
        return self.services.of(
            request.url, request.method, is_redirected=REDIRECTED in request.meta
        )

    def wake(self) -> None:
        """Make the engine look for requests: a budget was opened from outside."""
        self._wake()

    def _wake_at(self, moment: float, now: float) -> None:
        if moment >= AWAITED or (self._timer is not None and self._timer_at <= moment):
            return
        self._stop_timer()
        self._timer_at = moment
        self._timer = call_later(max(0.0, moment - now), self._ring)

    def _ring(self) -> None:
        self._timer, self._timer_at = None, NEVER
        self._wake()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, NEVER


def _exit_of(request: Request) -> str:
    return str(request.meta.get(EXIT, DIRECT))


def _lanes(settings: BaseSettings, *, is_signed_in: bool) -> dict[Service, Lanes]:
    """Return the budgets; with an account, it is who is charged for pulls, by whatever exit."""
    ledger = _ledger(settings, is_signed_in=is_signed_in)

    def pulls() -> PullBudget:
        reserve = settings.getint("DOCKERHUB_PULL_RESERVE")
        return PullBudget(reserve=reserve, waits=settings.getbool("DOCKERHUB_PULL_WAIT"))

    hub, registry = (
        settings.getfloat(name) for name in ("DOCKERHUB_HUB_RATE", "DOCKERHUB_REGISTRY_RATE")
    )
    return {
        Service.CDN: Lanes(lambda: Budget(per_minute=0)),
        Service.HUB: Lanes(lambda: Budget(per_minute=hub, ledger=ledger)),
        Service.REGISTRY: Lanes(lambda: Budget(per_minute=registry)),
        Service.PULLS: Lanes(pulls, is_shared=is_signed_in),
    }


def _ledger(settings: BaseSettings, *, is_signed_in: bool) -> Ledger | None:
    """Return what crawls at once share of Hub's limit; with proxies each has its own exits."""
    if settings["DOCKERHUB_PROXIES"] or settings["DOCKERHUB_PROXY_FILE"]:
        return None
    url = str(settings["DOCKERHUB_DATABASE_URL"])
    database = url.removeprefix("sqlite:///")
    beside = "" if database == url else f"{database}-budgets"
    path = settings["DOCKERHUB_LEDGER"] or beside
    if not path:
        return None
    account = os.environ.get("DOCKERHUB_USERNAME", "") if is_signed_in else ""
    return Ledger(Path(path), f"{settings['DOCKERHUB_HUB_URL']} {is_signed_in} {account}")


def _exits(settings: BaseSettings) -> Exits:
    return Exits(
        given_proxies(settings["DOCKERHUB_PROXIES"], settings["DOCKERHUB_PROXY_FILE"]),
        session_requests=settings.getint("DOCKERHUB_PROXY_SESSION_REQUESTS"),
        patience_seconds=settings.getfloat("DOCKERHUB_PROXY_PATIENCE"),
        backoff_base=settings.getfloat("ROTATING_PROXY_BACKOFF_BASE"),
        backoff_cap=settings.getfloat("ROTATING_PROXY_BACKOFF_CAP"),
        new_session=lambda: secrets.token_hex(4),
        jitter=random.random,
    )


def _close_without_exit(crawler: Crawler) -> asyncio.Future[None]:
    """End a crawl that has no exit left; what it has not done is left to the next one."""
    words = "proxies: expected one that lets us through, got none; the next crawl goes on"
    fail(crawler.stats, words)
    return asyncio.ensure_future(crawler.engine.close_spider_async(reason="no_exit"))


def wake_engine(crawler: Crawler) -> None:
    """Make the engine ask for requests now instead of at its five-second heartbeat.

    The one private thing of Scrapy's that we touch; there is no public way.
    """
    slot: Any = crawler.engine._slot  # noqa: SLF001
    if slot is not None:
        slot.nextcall.schedule()


def unstored_answers(crawler: Crawler) -> int:
    """Return how many answers wait for their callbacks, or for the database."""
    slot = crawler.engine.scraper.slot if crawler.engine is not None else None
    return 0 if slot is None else len(slot.queue) + len(slot.active)
