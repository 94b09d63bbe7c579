"""Hands out only what may go now: one queue a service, each behind its budget.

Only the scheduler can withhold a request. One that waits in a middleware, or in a slow downloader
slot, holds one of CONCURRENT_REQUESTS meanwhile.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import random
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.asyncio import call_later

from dockerhub.limits.backoff import backoff_seconds
from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.pulls import PullBudget
from dockerhub.meta import BACKED_OFF, NOT_BEFORE, REDIRECTED, REPOSITORY, SERVICE
from dockerhub.redact import shown_url
from dockerhub.services import Service, Services

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

_REGISTRY = (Service.PULLS, Service.REGISTRY)

MOST_UNSTORED = 16
"""Answers that are not stored yet, from which on nothing more is asked for."""


class ServiceQueue:
    """The requests for one service, by priority and then in the order in which they came."""

    def __init__(self, budget: Budget | PullBudget) -> None:
        self.budget = budget
        self._ready: list[tuple[int, int, Request]] = []
        self._later: list[tuple[float, int, Request]] = []
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._ready) + len(self._later)

    def put(self, request: Request) -> None:
        """Keep *request* until it may go."""
        not_before = request.meta.pop(NOT_BEFORE, None)
        number = next(self._numbers)
        if not_before is None:
            heapq.heappush(self._ready, (-request.priority, number, request))
        else:
            heapq.heappush(self._later, (not_before, number, request))

    def take(self, now: float) -> Request | None:
        """Return the first request that may go at *now*; the budget is not told."""
        if self.opens_at(now) > now:
            return None
        return heapq.heappop(self._ready)[2]

    def is_moving(self, now: float) -> bool:
        """Tell whether requests go, or will in a moment: an answer is awaited, or a hold's end."""
        opens = self.opens_at(now)
        return bool(self) and (opens <= now + 1 or opens == NEVER)

    def opens_at(self, now: float) -> float:
        """Return when the next request may go; `NEVER` if only an answer can tell."""
        while self._later and self._later[0][0] <= now:
            _, number, request = heapq.heappop(self._later)
            heapq.heappush(self._ready, (-request.priority, number, request))
        due = now if self._ready else self._later[0][0] if self._later else NEVER
        return max(due, self.budget.opens_at(now)) if due < NEVER else NEVER


class BudgetScheduler(BaseScheduler):
    """Scrapy's scheduler, as far as the engine sees it.

    Requests are kept in memory: what is left to do is worked out from the database at the next
    crawl, so there is nothing to save. A request to a host that no service has is refused.
    """

    def __init__(
        self,
        *,
        services: Services,
        budgets: Mapping[Service, Budget | PullBudget],
        wake: Callable[[], None],
        unstored: Callable[[], int] = int,
    ) -> None:
        """*unstored* tells how many answers came of which not all is stored yet."""
        self.services = services
        self.queues = {service: ServiceQueue(budget) for service, budget in budgets.items()}
        self._awaited: set[str] = set()
        self._parked: dict[str, list[Request]] = {}
        self._wake = wake
        self._unstored = unstored
        self._timer: CallLaterResult | None = None
        self._timer_at = NEVER

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from the settings; the engine is looked up when it has to be woken."""
        return cls(
            services=Services.of_settings(crawler.settings),
            budgets=_budgets(crawler.settings),
            wake=lambda: wake_engine(crawler),
            unstored=lambda: unstored_answers(crawler),
        )

    def open(self, spider: Spider) -> None:
        """Nothing to open."""

    def close(self, reason: str) -> None:
        """Stop waiting."""
        self._stop_timer()

    @property
    def waiting_count(self) -> int:
        """How many requests wait to be handed out."""
        return self._parked_count + sum(len(queue) for queue in self.queues.values())

    @property
    def _parked_count(self) -> int:
        return sum(len(requests) for requests in self._parked.values())

    def has_pending_requests(self) -> bool:
        """Tell whether any request is left, were it one that may not go yet."""
        return bool(self._parked) or any(len(queue) for queue in self.queues.values())

    def enqueue_request(self, request: Request) -> bool:
        """Keep *request* for its service; False if it goes to no host of ours."""
        service = self.service_of(request)
        if service is None:
            logger.error("refused a request to another host: %s", shown_url(request.url))
            return False
        self._back_off(request)
        if not self._park(request):
            self.queues[service].put(request)
        return True

    def park(self, repository: str) -> None:
        """Keep back what needs the registry's token for *repository* until `unpark`."""
        self._awaited.add(repository)

    def unpark(self, repository: str) -> None:
        """Let go what waited for the token of *repository*."""
        self._awaited.discard(repository)
        for request in self._parked.pop(repository, ()):
            self.enqueue_request(request)

    def _park(self, request: Request) -> bool:
        repository = request.meta.get(REPOSITORY)
        if repository not in self._awaited or REDIRECTED in request.meta:
            return False
        self._parked.setdefault(str(repository), []).append(request)
        return True

    def _back_off(self, request: Request) -> None:
        """Let a request that is repeated wait first, once for each repetition."""
        attempt = request.meta.get("retry_times", 0)
        if attempt > request.meta.get(BACKED_OFF, 0):
            request.meta[BACKED_OFF] = attempt
            wait = backoff_seconds(attempt, random.random())  # noqa: S311
            # An answer may have asked for a longer one.
            asked = request.meta.get(NOT_BEFORE, 0.0)
            request.meta[NOT_BEFORE] = max(asked, time.time() + wait)

    def give_back(self, request: Request) -> None:
        """Hear that a request that was handed out is not sent: no answer will count it."""
        queue = self.queues.get(request.meta.pop(SERVICE, ""))
        if queue is not None:
            queue.budget.give_back()

    def next_request(self) -> Request | None:
        """Return the next request that may go now, or None; then the engine is woken in time."""
        if self._unstored() >= MOST_UNSTORED:
            return None  # the engine asks again as soon as one of them is stored
        now = time.time()
        queues = self._unheld(now)
        for service, queue in queues.items():
            while (request := queue.take(now)) is not None:
                if self._park(request):
                    continue
                queue.budget.take(now)
                request.meta[SERVICE] = service
                request.meta["download_slot"] = f"{service}|{DIRECT}"
                return request
        self._wake_at(min(queue.opens_at(now) for queue in queues.values()), now)
        return None

    def _unheld(self, now: float) -> Mapping[Service, ServiceQueue]:
        """Return the queues that may hand out: not Hub's, while the registry has enough to do.

        A page of tags makes hundreds of requests for the registry, which would fill the memory.
        One that can do nothing now holds nobody back.
        """
        busy = [self.queues[name] for name in _REGISTRY if name in self.queues]
        waiting = self._parked_count + sum(map(len, busy))
        is_moving = bool(self._parked) or any(queue.is_moving(now) for queue in busy)
        if waiting <= MOST_WAITING or not is_moving:
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
        if moment == NEVER or (self._timer is not None and self._timer_at <= moment):
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


def _budgets(settings: BaseSettings) -> dict[Service, Budget | PullBudget]:
    return {
        Service.CDN: Budget(per_minute=0),
        Service.HUB: Budget(per_minute=settings.getfloat("DOCKERHUB_HUB_RATE")),
        Service.REGISTRY: Budget(per_minute=settings.getfloat("DOCKERHUB_REGISTRY_RATE")),
        Service.PULLS: PullBudget(
            reserve=settings.getint("DOCKERHUB_PULL_RESERVE"),
            waits=settings.getbool("DOCKERHUB_PULL_WAIT"),
        ),
    }


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
