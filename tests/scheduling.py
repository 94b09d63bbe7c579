"""A scheduler of all services, and what may go from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request

from dockerhub.exits.exits import Exits
from dockerhub.limits.budget import Budget
from dockerhub.limits.lanes import Lanes
from dockerhub.limits.pulls import PullBudget
from dockerhub.meta import NOT_BEFORE
from dockerhub.scheduler import BudgetScheduler
from dockerhub.services import Service, Services

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clock import Clock

HUB, OTHER = "https://hub.example", "https://registry.example"


def scheduler_of(
    clock: Clock,
    woken: list[float],
    *,
    rate: float = 0,
    reserve: int = 0,
    waits: bool = False,
    has_heard: bool = True,
    unstored: Callable[[], int] = int,
    exits: Exits | None = None,
) -> BudgetScheduler:
    """Return a scheduler of all services; every budget has had its first answer, or none."""
    scheduler = BudgetScheduler(
        services=Services(hub=HUB, registry=OTHER, auth="https://auth.example"),
        lanes={
            Service.CDN: Lanes(lambda: Budget(per_minute=0)),
            Service.HUB: Lanes(lambda: Budget(per_minute=rate)),
            Service.REGISTRY: Lanes(lambda: Budget(per_minute=0)),
            Service.PULLS: Lanes(lambda: PullBudget(reserve=reserve, waits=waits)),
        },
        exits=exits or Exits(),
        jitter=float,
        wake=lambda: woken.append(clock.now),
        unstored=unstored,
    )
    for queue in scheduler.queues.values() if has_heard else ():
        queue.budget.heard(None)
    return scheduler


def put(
    scheduler: BudgetScheduler, *paths: str, origin: str = HUB, not_before: float | None = None,
    **said: Any,
) -> None:  # fmt: skip
    for path in paths:
        request = Request(f"{origin}/{path}", **said)
        if not_before is not None:
            request.meta[NOT_BEFORE] = not_before
        assert scheduler.enqueue_request(request)


def taken(scheduler: BudgetScheduler) -> list[str]:
    """Return the paths that may go now, in their order."""
    found = []
    while (request := scheduler.next_request()) is not None:
        found.append(request.url.rsplit("/", 1)[1])
    return found
