"""All downloader middlewares in their order, between the scheduler and services that obey."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.middleware import DownloaderMiddlewareManager
from scrapy.utils.test import get_crawler

from dockerhub import settings
from dockerhub.errors import HubRefusal
from dockerhub.limits.budget import NEVER
from dockerhub.scheduler import BudgetScheduler
from tests.middlewares.exchanges import Closing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from tests.clock import Clock

    # What is said to a request: a response, or what keeps it from coming.
    Says = Callable[[Request], Response | Exception]

_ROUNDS = 50  # of the loop, in which what the middlewares do by themselves comes to an end


def built_chain(crawler: Crawler, clock: Clock, **ours: Any) -> Chain:
    """Return the middlewares of the settings over the engine of *crawler*, with *ours* beside."""
    given = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    # pytest has a reactor already, and it is none of the matter here.
    del given["TWISTED_REACTOR"]
    made = get_crawler(settings_dict=given | ours)
    engine: Any = crawler.engine
    engine.scheduler = BudgetScheduler.from_crawler(made)
    engine.close_spider_async = Closing()
    made.engine = engine
    made.spider = made._create_spider("test")
    return Chain(made, clock)


class Chain:
    """Hands out, sends and takes back, as the engine does; spiders see what comes out."""

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self.crawler = crawler
        self.clock = clock
        self.scheduler: BudgetScheduler = crawler.engine.scheduler  # type: ignore[union-attr, assignment]
        self.budget: Budget = self.scheduler.queues["hub"].budget
        self.manager = DownloaderMiddlewareManager.from_crawler(crawler)
        self.sent: list[str] = []
        self.woken: list[float] = []
        self.scheduler.wake = lambda: self.woken.append(clock.now)  # type: ignore[method-assign]
        self._says: Says | None = None
        engine: Any = crawler.engine
        engine.download_async = self._download_alone

    @property
    def closed(self) -> list[str]:
        """Why the crawl was ended, if it was."""
        engine: Any = self.crawler.engine
        reasons: list[str] = engine.close_spider_async.reasons
        return reasons

    @property
    def in_flight(self) -> dict[str, int]:
        """How many requests hold a place in each budget."""
        queues = self.scheduler.queues.items()
        return {str(name): queue.budget.in_flight for name, queue in queues
                if queue.budget.in_flight}  # fmt: skip

    def put(self, *requests: Request) -> None:
        for request in requests:
            assert self.scheduler.enqueue_request(request)

    async def go(self, says: Says, *, lasts: float = 0.1) -> list[Any]:
        """Let all go that may go now, together; return what comes out, and queue what goes again.

        They are under way at the same time, for *lasts* seconds, and answered in their order.
        """
        gate = asyncio.Event()
        self._says = says
        handed_out = list(iter(self.scheduler.next_request, None))
        tasks = [asyncio.ensure_future(self._download(each, says, gate)) for each in handed_out]
        await asyncio.sleep(0.001)
        self.clock.now += lasts
        gate.set()
        results = await asyncio.gather(*tasks)
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)
        return [each for each in results if not isinstance(each, Request)]

    async def run(self, says: Says, *, most: int = 100) -> list[Any]:
        """Go on, over all waits, until nothing is left to do."""
        found: list[Any] = []
        for _ in range(most):
            found += await self.go(says)
            if not self.scheduler.has_pending_requests():
                return found
            exits = self.scheduler.exits.open_at(self.clock.now)
            opens = min(q.opens_at(self.clock.now, exits) for q in self.scheduler.queues.values())
            if opens != NEVER:
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
            result = await self.manager.download_async(download, request)
        except HubRefusal as refusal:
            return refusal
        if isinstance(result, Request):
            self.put(result)
        return result

    async def _download_alone(self, request: Request) -> Response:
        """Send what a middleware asks for by itself, past the scheduler."""

        async def download(request: Request) -> Response:
            await asyncio.sleep(0)
            assert self._says is not None
            said = self._says(request)
            if isinstance(said, Exception):
                raise said
            return said.replace(url=request.url, request=request)

        # As the engine: what is to go again goes at once.
        result: Response | Request = request
        while isinstance(result, Request):
            result = await self.manager.download_async(download, result)
        return result


def in_turn(*answers: Response | Exception) -> Says:
    """Return a Hub that gives *answers* one after the other, and the last for ever."""
    left: Iterable[Response | Exception] = iter(answers)
    return lambda _: next(left, answers[-1])  # type: ignore[call-overload, no-any-return]
