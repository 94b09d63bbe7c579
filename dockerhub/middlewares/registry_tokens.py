"""Gives each request for the registry the token of its repository."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import NotConfigured

from dockerhub.auth.challenge import read_challenge
from dockerhub.auth.registry_token import TokenShelf, TokenWishes
from dockerhub.errors import CredentialsError, HubRefusal
from dockerhub.kinds import Kind
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import plain_headers
from dockerhub.meta import BARE, REDIRECTED, RENEWED, REPOSITORY, SENT, TOKEN
from dockerhub.middlewares.account import account_of
from dockerhub.middlewares.pull_probe import PullProbe
from dockerhub.middlewares.token_desk import TokenDesk
from dockerhub.outcome import fail
from dockerhub.redact import plain
from dockerhub.services import Services

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from dockerhub.auth.challenge import Challenge

logger = logging.getLogger(__name__)

_MOST_SCOPES = 8  # in one token; more would make a header that some servers refuse
_MOST_RENEWALS = 3  # of a request whose token was over by the time that it arrived
_FRESH_SECONDS = 10.0
# What could not be had is asked for again after so long: a night's crawl outlasts an outage.
_REST_SECONDS = 60.0
_MOST_IN_VAIN = 3  # batches in a row for which no token was to be had


class RegistryTokensMiddleware:
    """Adds tokens by the challenge protocol: one a repository and lifetime, several in one request.

    While a token is fetched, what needs it is kept back by the scheduler; nothing waits here.
    Source: https://distribution.github.io/distribution/spec/auth/token/ (read 2026-11-22)
    """

    def __init__(self, crawler: Crawler, *, services: Services, desk: TokenDesk) -> None:
        self._crawler = crawler
        self._services = services
        self._desk = desk
        self._shelf = TokenShelf()
        self._wishes = TokenWishes()
        self._probe = PullProbe(crawler, desk=desk, shelf=self._shelf)
        self._fetching: asyncio.Task[None] | None = None
        self._failed: dict[str, tuple[HubRefusal, float]] = {}
        self._told: set[str] = set()
        self._in_vain = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Look for credentials; without any the registry is asked anonymously."""
        try:
            account = account_of(crawler)
        except CredentialsError as error:
            # The sign-in says so, and ends the crawl.
            raise NotConfigured from error
        services = Services.of_settings(crawler.settings)
        return cls(crawler, services=services, desk=TokenDesk(crawler, services, account))

    def process_request(self, request: Request) -> Request | None:
        """Add the token, or keep the request back until there is one.

        :raises HubRefusal: if none is to be had
        """
        repository = request.meta.get(REPOSITORY)
        if repository is None or not self._is_for_registry(request):
            return None
        refusal = self._refusal(repository)
        if refusal is not None:
            self._scheduler.give_back(request)
            raise refusal
        if not self._desk.is_open and not self._add_token(request, repository):
            return self._keep_back(request, repository)
        if self._probe.is_needed(request):
            self._scheduler.give_back(request)
            self._probe.start(request)
            return request.replace(dont_filter=True)
        return None

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Renew a token that is no longer taken, and send the request back to the queue."""
        repository: str = request.meta.get(REPOSITORY) or ""
        is_ours = bool(repository) and self._is_for_registry(request)
        if response.status != 401 or not is_ours or request.meta.get(BARE):
            return response
        said = plain_headers(response.headers.items()).get("www-authenticate", "")
        if not self._is_over(request, repository, read_challenge(said)):
            return response
        self._desk.learn(said)
        used = request.meta.get(TOKEN)
        if used is not None and used == self._shelf.generation(repository):
            self._shelf.drop(repository)
        self._crawler.stats.inc_value(f"dockerhub/no/{Kind.TOKEN_OVER}")
        again: Request = request.replace(dont_filter=True)
        again.meta[RENEWED] = request.meta.get(RENEWED, 0) + 1
        return again

    def _is_over(self, request: Request, repository: str, challenge: Challenge | None) -> bool:
        """Tell whether another token may help a request that was refused."""
        tries = request.meta.get(RENEWED, 0)
        if challenge is None or tries >= _MOST_RENEWALS:
            return False
        if challenge.error != "insufficient_scope" or TOKEN not in request.meta:
            return True
        # It was given without this repository: a newer one would be too, unless it is old.
        age = self._shelf.age(repository, request.meta.get(SENT, time.time()))
        return tries == 0 and (age is None or age > _FRESH_SECONDS)

    def _is_for_registry(self, request: Request) -> bool:
        is_at_registry = request.url.startswith(self._services.registry + "/")
        return is_at_registry and REDIRECTED not in request.meta

    def _add_token(self, request: Request, repository: str) -> bool:
        now = time.time()
        header = self._shelf.header_for(repository, now)
        if header is None:
            return False
        if self._shelf.is_due(repository, now):
            self._want(repository)
        request.headers[b"Authorization"] = header
        request.meta[TOKEN] = self._shelf.generation(repository)
        return True

    def _keep_back(self, request: Request, repository: str) -> Request:
        self._scheduler.give_back(request)
        self._scheduler.park(repository)
        self._want(repository)
        kept: Request = request.replace(dont_filter=True)
        return kept

    def _want(self, repository: str) -> None:
        self._wishes.want(repository)
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.ensure_future(self._fetch())

    async def _fetch(self) -> None:
        """Fetch what is wanted, batch after batch: what is wanted meanwhile shares the next one."""
        await asyncio.sleep(0)
        while batch := self._wishes.next_batch(_MOST_SCOPES):
            try:
                await self._fetch_batch(batch)
            finally:
                self._wishes.done(batch)
                for repository in batch:
                    self._scheduler.unpark(repository)
                self._scheduler.wake()

    async def _fetch_batch(self, batch: list[str]) -> None:
        try:
            token = await self._desk.token(batch)
        except CredentialsError as error:
            self._fail(batch, str(error))
        except Exception as error:  # noqa: BLE001  (or what waits would wait for ever)
            self._fail(batch, plain(f"registry token: {error!r}"))
        else:
            self._in_vain = 0
            if token is not None:
                self._crawler.stats.inc_value("dockerhub/registry_tokens")
                self._shelf.put(batch, token, time.time())
                self._probe.take_claim(token)

    def _fail(self, batch: list[str], why: str) -> None:
        self._in_vain += 1
        if self._desk.is_refused:
            fail(self._crawler.stats, why)
        elif why not in self._told:
            self._told.add(why)
            logger.warning("%s", why)
        now = time.time()
        until = NEVER if self._desk.is_refused else now + _REST_SECONDS
        for repository in batch:
            # One that is to be had now may still be good for a while.
            if self._shelf.header_for(repository, now) is None:
                self._failed[repository] = HubRefusal(self._desk.why, None, why), until
        if self._in_vain >= _MOST_IN_VAIN or self._desk.is_refused:
            self._in_vain = 0
            self._desk.close(why, until)

    def _refusal(self, repository: str) -> HubRefusal | None:
        """Return why there was no token for a repository a moment ago, None if there may be."""
        refusal, until = self._failed.get(repository, (None, NEVER))
        if refusal is not None and time.time() >= until:
            del self._failed[repository]
            return None
        return refusal

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler
