"""All downloader middlewares in their order, between the scheduler and a Hub that obeys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.middleware import DownloaderMiddlewareManager

from dockerhub.errors import HubRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.scheduler import BudgetScheduler
    from tests.clock import Clock

    # What the Hub says to a request: a response, or what keeps it from coming.
    Says = Callable[[Request], Response | Exception]


class Chain:
    """Hands out, sends and takes back, as the engine does; spiders see what comes out."""

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self.crawler = crawler
        self.clock = clock
        self.scheduler: BudgetScheduler = crawler.engine.scheduler  # type: ignore[union-attr, assignment]
        self.budget: Budget = self.scheduler.queues["hub"].budget
        self.manager = DownloaderMiddlewareManager.from_crawler(crawler)
        self.sent: list[str] = []

    def put(self, *requests: Request) -> None:
        for request in requests:
            assert self.scheduler.enqueue_request(request)

    async def go(self, says: Says, *, lasts: float = 0.1) -> list[Any]:
        """Let all go that may go now, together; return what comes out, and queue what goes again.

        They are under way at the same time, for *lasts* seconds, and answered in their order.
        """
        gate = asyncio.Event()
        handed_out = list(iter(self.scheduler.next_request, None))
        tasks = [asyncio.ensure_future(self._download(each, says, gate)) for each in handed_out]
        await asyncio.sleep(0.001)
        self.clock.now += lasts
        gate.set()
        results = await asyncio.gather(*tasks)
        self.put(*[each for each in results if isinstance(each, Request)])
        return [each for each in results if not isinstance(each, Request)]

    async def run(self, says: Says, *, most: int = 100) -> list[Any]:
        """Go on, over all waits, until nothing is left to do."""
        found: list[Any] = []
        for _ in range(most):
            found += await self.go(says)
            if not self.scheduler.has_pending_requests():
                return found
            opens = self.scheduler.queues["hub"].opens_at(self.clock.now)
            self.clock.now = max(self.clock.now, opens)
        raise AssertionError(f"still going: {found}")

    async def _download(self, request: Request, says: Says, gate: asyncio.Event) -> Any:
        async def download(request: Request) -> Response:
            self.sent.append(request.url)
            await gate.wait()
            said = says(request)
            if isinstance(said, Exception):
                raise said
            return said.replace(url=request.url, request=request)

        try:
            return await self.manager.download_async(download, request)
        except HubRefusal as refusal:
            return refusal


def in_turn(*answers: Response | Exception) -> Says:
    """Return a Hub that gives *answers* one after the other, and the last for ever."""
    left: Iterable[Response | Exception] = iter(answers)
    return lambda _: next(left, answers[-1])  # type: ignore[call-overload, no-any-return]
