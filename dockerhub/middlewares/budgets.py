"""Feeds every answer of a service back to the budget that its request was handed out from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.endpoints import Kept, endpoint_of
from dockerhub.limits.headers import plain_headers, read_date, read_hub_limit
from dockerhub.limits.pull_headers import read_pull_limit
from dockerhub.meta import SENT, SERVICE
from dockerhub.outcome import PULLS
from dockerhub.services import Service

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from dockerhub.limits.pulls import PullBudget


class BudgetsMiddleware:
    """Innermost middleware: sees whatever comes back, before anybody else decides about it."""

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

    def process_response(self, request: Request, response: Response) -> Response:
        """Count the answer and learn the limit and the server's clock from it."""
        budget = self._budget(request)
        headers = plain_headers(response.headers.items())
        self._hear_of_pulls(request, headers)
        if budget is None:
            return response
        date, now = read_date(headers), time.time()
        if date is not None:
            budget.clock.heard(date, request.meta.get(SENT, now), now)
        # An attempt is counted once: a request that is repeated is handed out anew.
        service = request.meta.pop(SERVICE)
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
        return response

    def _hear_of_pulls(self, request: Request, headers: dict[str, str]) -> None:
        """Learn the pull limit from what costs no pull: a HEAD of a manifest tells it too."""
        if request.method == "HEAD" and endpoint_of(request.url).kept is Kept.MANIFEST:
            limit = read_pull_limit(headers)
            if limit is not None:
                scheduler: Any = self._crawler.engine.scheduler
                pulls = scheduler.queues[Service.PULLS].budget
                pulls.heard(limit, time.time())
                _give_up(pulls)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a request that got no answer."""
        budget = self._budget(request)
        if budget is not None:
            service = request.meta.pop(SERVICE)
            # Who could not be connected to has counted nothing.
            is_away = isinstance(
                exception, (CannotResolveHostError, DownloadConnectionRefusedError)
            )
            (budget.give_back if is_away else budget.failed)()
            if service == Service.PULLS and not is_away:
                # It may have been charged; better one too many in the summary.
                self._crawler.stats.inc_value(PULLS)

    def _budget(self, request: Request) -> Any:
        scheduler: Any = self._crawler.engine.scheduler
        queue = scheduler.queues.get(request.meta.get(SERVICE))
        return None if queue is None else queue.budget


def _give_up(pulls: PullBudget) -> None:
    """Wait for no window where none will ever hold more than the reserve."""
    if pulls.is_hopeless:
        pulls.waits = False
