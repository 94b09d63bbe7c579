"""Finds out how many pulls are left before one is spent on it; that costs none."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Request

from dockerhub.limits.headers import plain_headers
from dockerhub.limits.pull_headers import read_pull_limit
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import BARE, REPOSITORY
from dockerhub.names import RepositoryName
from dockerhub.redact import plain
from dockerhub.services import RegistryUrls, Service

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.auth.registry_token import RegistryToken, TokenShelf
    from dockerhub.limits.pull_headers import PullLimit
    from dockerhub.middlewares.token_desk import TokenDesk

logger = logging.getLogger(__name__)

PREVIEW = RepositoryName("ratelimitpreview", "test")
"""What Docker keeps to be asked how many pulls are left.

Source: https://docs.docker.com/docker-hub/usage/pulls/ (read 2026-11-22)
"""


class _Heard(NamedTuple):
    """What one answer told."""

    limit: PullLimit | None
    is_told: bool
    """whether it can be believed: an error without a limit may come from somebody between"""


class PullProbe:
    """Asks by HEAD before the first pull, and whether spent ones are there again.

    Pulls wait meanwhile: none is under way when it asks, so that the answer is newer than theirs.
    """

    def __init__(self, crawler: Crawler, *, desk: TokenDesk, shelf: TokenShelf) -> None:
        self._crawler = crawler
        self._desk = desk
        self._shelf = shelf
        self._asking: set[asyncio.Task[None]] = set()

    def is_needed(self, request: Request) -> bool:
        """Tell whether *request* is a pull that has to wait for what a HEAD tells."""
        scheduler: Any = self._crawler.engine.scheduler
        is_pull = scheduler.service_of(request) is Service.PULLS
        return is_pull and self._budget.must_look(time.time())

    def start(self, request: Request) -> None:
        """Ask, with the token and the manifest of a pull that was given back.

        Not while another is under way: when that is answered, the next one that is handed out asks.
        """
        budget = self._budget
        if budget.begin_look(time.time()):
            task = asyncio.ensure_future(self._ask(request, budget))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    def take_claim(self, token: RegistryToken) -> None:
        """Learn what a token says of the limit, for as long as no header does."""
        if token.pull_limit is not None:
            self._budget.claimed(*token.pull_limit)

    async def _ask(self, request: Request, budget: Any) -> None:
        try:
            heard = await self._head(request.url, request.headers.get(b"Authorization"))
            if heard.limit is None and not self._desk.is_open:
                # Some repositories are free for all: that says nothing of the others.
                heard = await self._preview()
            if heard.is_told:
                budget.heard(heard.limit, time.time(), is_look=True)
        except Exception as error:  # noqa: BLE001  (then the pulls find out)
            logger.debug("pulls left: expected to hear, got %s", plain(repr(error)))
        finally:
            scheduler: Any = self._crawler.engine.scheduler
            budget.end_look(time.time())
            scheduler.wake()

    async def _preview(self) -> _Heard:
        token = await self._desk.token([str(PREVIEW)])
        if token is None:
            return _Heard(None, is_told=False)
        self._shelf.put([str(PREVIEW)], token, time.time())
        header = self._shelf.header_for(str(PREVIEW), time.time())
        scheduler: Any = self._crawler.engine.scheduler
        url = RegistryUrls(scheduler.services.registry).manifest(PREVIEW, "latest")
        return await self._head(url, header.encode() if header else None)

    async def _head(self, url: str, authorization: bytes | None) -> _Heard:
        headers = {b"Accept": ", ".join(ACCEPTED).encode()}
        if authorization:
            headers[b"Authorization"] = authorization
        meta = {BARE: True, REPOSITORY: None}
        request = Request(url, method="HEAD", headers=headers, meta=meta, dont_filter=True)
        response = await self._crawler.engine.download_async(request)
        limit = read_pull_limit(plain_headers(response.headers.items()))
        return _Heard(limit, is_told=limit is not None or response.status == 200)

    @property
    def _budget(self) -> Any:
        scheduler: Any = self._crawler.engine.scheduler
        return scheduler.queues[Service.PULLS].budget
