"""Feeds every answer of a service back to the budget that its request was handed out from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.endpoints import Kept, endpoint_of
from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.headers import plain_headers, read_date, read_hub_limit
from dockerhub.limits.pull_headers import read_pull_limit
from dockerhub.meta import EXIT, SENT, SERVICE
from dockerhub.outcome import PULLS
from dockerhub.services import Service

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from dockerhub.limits.pulls import PullBudget

_TELLING = frozenset({Service.HUB, Service.REGISTRY, Service.PULLS})


class BudgetsMiddleware:
    """Sees whatever a service says, before anybody else decides about it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler, which has the budgets, is there when the first request is."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Note when a request goes."""
        request.meta[SENT] = time.time()
        if SERVICE in request.meta:
            self._crawler.stats.inc_value(f"dockerhub/requests/{request.meta[SERVICE]}")
        else:
            # What no queue has held has its place under the ceiling of the whole crawl as well.
            self._scheduler.pace.take(request.meta[SENT])

    def process_response(self, request: Request, response: Response) -> Response:
        """Count the answer and learn the limit and the server's clock from it."""
        headers = plain_headers(response.headers.items())
        self._hear_source(request, headers)
        budget = self._scheduler.taken_from(request)
        self._hear_of_pulls(request, headers)
        if budget is None:
            return response
        date, now = read_date(headers), time.time()
        if date is not None:
            budget.clock.heard(date, request.meta.get(SENT, now), now)
        # An attempt is counted once: a request that is repeated is handed out anew.
        service = request.meta[SERVICE]
        if service == Service.PULLS:
            if response.status == 200:
                self._crawler.stats.inc_value(PULLS)
            is_data = response.status in (200, 404)
            budget.answered(read_pull_limit(headers), now, is_data=is_data)
            _give_up(budget)
        else:
            budget.answered(read_hub_limit(headers))
        if response.status != 429:
            budget.went_well(sent=request.meta.get(SENT, now))
        self._scheduler.done(request)
        return response

    def _hear_of_pulls(self, request: Request, headers: dict[str, str]) -> None:
        """Learn the pull limit from what costs no pull: a HEAD of a manifest tells it too."""
        if request.method == "HEAD" and endpoint_of(request.url).kept is Kept.MANIFEST:
            limit = read_pull_limit(headers)
            if limit is not None:
                pulls = self._scheduler.queues[Service.PULLS].lanes.of(
                    request.meta.get(EXIT, DIRECT)
                )
                pulls.heard(limit, time.time())
                _give_up(pulls)

    def _hear_source(self, request: Request, headers: dict[str, str]) -> None:
        """Learn from which address Docker sees this exit; others may say what they like."""
        if self._scheduler.service_of(request) not in _TELLING:
            return
        source = headers.get("docker-ratelimit-source") or headers.get("x-ratelimit-ip")
        if source and EXIT in request.meta:
            self._scheduler.hear_source(request.meta[EXIT], source)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a request that got no answer."""
        budget = self._scheduler.taken_from(request)
        if budget is not None:
            service = request.meta[SERVICE]
            # Who could not be connected to has counted nothing.
            is_away = isinstance(
                exception, (CannotResolveHostError, DownloadConnectionRefusedError)
            )
            (budget.give_back if is_away else budget.failed)()
            self._scheduler.done(request)
            if service == Service.PULLS and not is_away:
                # It may have been charged; better one too many in the summary.
                self._crawler.stats.inc_value(PULLS)

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler


def _give_up(pulls: PullBudget) -> None:
    """Wait for no window where none will ever hold more than the reserve."""
    if pulls.is_hopeless:
        pulls.waits = False
