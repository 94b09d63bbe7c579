"""Finds out how many pulls are left before one is spent on it; that costs none."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Request

from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.headers import plain_headers
from dockerhub.limits.pull_headers import read_pull_limit
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import BARE, EXIT, ONLY_BY, REPOSITORY
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
        is_pull = self._scheduler.service_of(request) is Service.PULLS
        return is_pull and self._scheduler.budget_of(request).must_look(time.time())

    def start(self, request: Request) -> None:
        """Ask, with the token and the manifest of a pull that was given back.

        Not while another is under way: when that is answered, the next one that is handed out asks.
        """
        if self._scheduler.budget_of(request).begin_look(time.time()):
            task = asyncio.ensure_future(self._ask(request))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    def take_claim(self, token: RegistryToken) -> None:
        """Learn what a token says of the limit, for as long as no header does."""
        if token.pull_limit is not None:
            for budget in self._scheduler.queues[Service.PULLS].lanes:
                budget.claimed(*token.pull_limit)

    async def _ask(self, request: Request) -> None:
        # By the exit of the pull; that may turn out to be another's, and to share its budget.
        lanes, name = self._scheduler.lanes_of(request), request.meta.get(EXIT, DIRECT)
        # Its session may be over since the pull was handed out; then nothing of it is kept.
        is_known = self._scheduler.exits.is_known(name)
        if is_known:
            self._scheduler.exits.took(name)
        try:
            authorization = request.headers.get(b"Authorization")
            heard = await self._head(request.url, authorization, name)
            if heard.limit is None and not self._desk.is_open:
                # Some repositories are free for all: that says nothing of the others.
                heard = await self._preview(name)
            if heard.is_told:
                lanes.of(name).heard(heard.limit, time.time(), is_look=True)
        except Exception as error:  # noqa: BLE001  (then the pulls find out)
            logger.debug("pulls left: expected to hear, got %s", plain(repr(error)))
        finally:
            lanes.of(name).end_look(time.time())
            if is_known:
                self._scheduler.exits.done(name)
            self._scheduler.wake()

    async def _preview(self, name: str) -> _Heard:
        token = await self._desk.token([str(PREVIEW)])
        if token is None:
            return _Heard(None, is_told=False)
        self._shelf.put([str(PREVIEW)], token, time.time())
        header = self._shelf.header_for(str(PREVIEW), time.time())
        url = RegistryUrls(self._scheduler.services.registry).manifest(PREVIEW, "latest")
        return await self._head(url, header.encode() if header else None, name)

    async def _head(self, url: str, authorization: bytes | None, name: str) -> _Heard:
        headers = {b"Accept": ", ".join(ACCEPTED).encode()}
        if authorization:
            headers[b"Authorization"] = authorization
        meta = {BARE: True, REPOSITORY: None, EXIT: name, ONLY_BY: name}
        request = Request(url, method="HEAD", headers=headers, meta=meta, dont_filter=True)
        response = await self._crawler.engine.download_async(request)
        limit = read_pull_limit(plain_headers(response.headers.items()))
        return _Heard(limit, is_told=limit is not None or response.status == 200)

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler
