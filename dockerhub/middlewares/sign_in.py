"""Signs in to the Hub API: before the crawl starts, and again before a token ends."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    DownloadConnectionRefusedError,
    NotConfigured,
)

from dockerhub.auth.hub_token import HubToken, read_token, reason_given
from dockerhub.errors import CredentialsError, in_words
from dockerhub.kinds import Kind
from dockerhub.limits.backoff import backoff_seconds
from dockerhub.limits.headers import plain_headers, seconds_of_retry_after, seconds_to_wait
from dockerhub.limits.no import Answer, Asked, kind_of_no
from dockerhub.meta import BARE, RENEWED, TOKEN
from dockerhub.middlewares.account import account_of
from dockerhub.middlewares.exit_wait import download_by_exits
from dockerhub.outcome import SIGNED_IN, fail
from dockerhub.redact import plain
from dockerhub.services import Service
from dockerhub.urls import HubUrls, read_origin, unreachable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.auth.credentials import Credentials

_TRIES = 5
_MOST_IN_VAIN = 3  # renewals in a row that did not help the request they were made for
_GONE = frozenset({404, 405, 410})
_PASSING = frozenset({Kind.BROKEN, Kind.SLOW_DOWN})


class SignInMiddleware:
    """Adds the bearer token to requests for the Hub API, and to no others.

    One sign-in serves all: while it is under way the Hub's budget is held, so nothing waits here.
    Disabled where there are no credentials: then the crawl is anonymous.
    """

    def __init__(self, crawler: Crawler, *, urls: HubUrls, credentials: Credentials) -> None:
        self._crawler = crawler
        self._urls = urls
        self._credentials = credentials
        self._endpoint = urls.token()
        self._token = HubToken()
        self._renewal: asyncio.Task[None] | None = None
        self._in_vain = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Look for credentials; without any the crawl is anonymous."""
        try:
            credentials = account_of(crawler)
        except CredentialsError as error:
            _stop_at_the_start(crawler, str(error))
            raise NotConfigured from error
        if credentials is None:
            raise NotConfigured
        hub = read_origin("setting DOCKERHUB_HUB_URL", crawler.settings["DOCKERHUB_HUB_URL"])
        middleware = cls(crawler, urls=HubUrls(hub), credentials=credentials)
        crawler.signals.connect(middleware.spider_opened, signals.spider_opened)
        crawler.stats.set_value(SIGNED_IN, 1)
        return middleware

    async def spider_opened(self) -> None:
        """Sign in before the first request.

        :raises CloseSpider: if that is refused
        """
        if not getattr(self._crawler.spider, "asks_hub", True):
            return
        try:
            await self._sign_in()
        except CredentialsError as error:
            fail(self._crawler.stats, str(error))
            raise CloseSpider("sign_in_failed") from error

    def process_request(self, request: Request) -> Request | None:
        """Add the token, or send the request back to the queue while there is none."""
        if not self._is_hubs(request):
            return None
        now = time.time()
        if self._token.is_due(now):
            self._renew(must_wait=self._token.is_over(now))
        if self._token.is_over(now):
            # No answer will count it.
            scheduler: Any = self._crawler.engine.scheduler
            scheduler.give_back(request)
            return request.replace(dont_filter=True)
        request.headers[b"Authorization"] = self._token.header()
        request.meta[TOKEN] = self._token.generation
        return None

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Renew a token that is no longer taken, and send the request back to the queue."""
        if TOKEN not in request.meta or not self._is_hubs(request):
            return response
        renewed = request.meta.get(RENEWED)
        if response.status != 401:
            self._in_vain = 0 if renewed is not None else self._in_vain
            return response
        answer = Answer(response.status, {}, b"")
        is_fresh = renewed is not None and request.meta[TOKEN] > renewed
        asked = Asked(signed_in=True, has_fresh_token=is_fresh)
        if kind_of_no(answer, asked) is not Kind.TOKEN_OVER:
            self._in_vain += 1
            return response
        if request.meta[TOKEN] == self._token.generation:
            if self._in_vain >= _MOST_IN_VAIN and not self._token.is_due(time.time()):
                # New tokens changed nothing lately: this is no matter of tokens.
                return response
            self._token.drop()
            self._renew(must_wait=True)
        self._crawler.stats.inc_value(f"dockerhub/no/{Kind.TOKEN_OVER}")
        again: Request = request.replace(dont_filter=True)
        again.meta[RENEWED] = request.meta[TOKEN]
        return again

    def _is_hubs(self, request: Request) -> bool:
        """Tell whether *request* is one that our token is for; the registry has its own."""
        is_bare: bool = request.meta.get(BARE, False)
        return not is_bare and request.url.startswith(self._urls.origin + "/")

    def _renew(self, *, must_wait: bool) -> None:
        """Start a sign-in unless one is under way; hold the Hub's budget if nothing may go."""
        scheduler: Any = self._crawler.engine.scheduler
        if must_wait:
            scheduler.queues[Service.HUB].lanes.hold()
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.ensure_future(self._renewed(scheduler))

    async def _renewed(self, scheduler: Any) -> None:
        try:
            await self._sign_in()
        except Exception as error:  # noqa: BLE001  (or the next request would start another)
            fail(self._crawler.stats, plain(str(error) or repr(error)))
            await self._crawler.engine.close_spider_async(reason="sign_in_failed")
        finally:
            scheduler.queues[Service.HUB].lanes.release()
            scheduler.wake()

    async def _sign_in(self) -> None:
        """Get a token; what is refused is not tried again, the account would be locked.

        :raises CredentialsError: if none can be had
        """
        for attempt in range(1, _TRIES + 1):
            response, why = await self._ask()
            kind = _kind(response)
            if response is not None and kind is None:
                if self._take(response.body):
                    return
                kind, why = Kind.BROKEN, f"{why} without a token"
            if response is not None and response.status in _GONE:
                self._use_the_old_endpoint(why)
            elif kind not in _PASSING:
                # Never tried twice: the third wrong password locks the account.
                raise CredentialsError(self._message(why))
            elif attempt < _TRIES:
                await asyncio.sleep(self._wait(response, attempt))
        raise CredentialsError(self._message(why))

    def _take(self, body: bytes) -> bool:
        """Keep the token in an answer; False if there is none."""
        try:
            token = read_token(body)
        except CredentialsError:
            return False
        self._token.put(token, time.time())
        self._crawler.stats.inc_value("dockerhub/sign_ins")
        return True

    async def _ask(self) -> tuple[Response | None, str]:
        """Return the answer to one sign-in, and what it is in words."""
        names = (
            ("identifier", "secret")
            if self._endpoint == self._urls.token()
            else ("username", "password")
        )
        body = (self._credentials.username, self._credentials.password.reveal())
        request = Request(
            self._endpoint,
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(dict(zip(names, body, strict=True))),
            meta={BARE: True},
        )
        try:
            response = await download_by_exits(self._crawler, request)
        except (CannotResolveHostError, DownloadConnectionRefusedError) as error:
            raise CredentialsError(unreachable(self._urls.origin)) from error
        except CredentialsError:
            raise
        except Exception as error:  # noqa: BLE001  (any failure to connect is tried again)
            return None, plain(in_words(error), 160)
        reason = reason_given(response.body, self._credentials.password)
        return response, f"HTTP {response.status}{reason}"

    def _use_the_old_endpoint(self, why: str) -> None:
        if self._endpoint == self._urls.login():
            raise CredentialsError(self._message(why))
        self._endpoint = self._urls.login()

    def _wait(self, response: Response | None, attempt: int) -> float:
        asked, now = None, time.time()
        if response is not None:
            headers = plain_headers(response.headers.items())
            is_limit = response.status == 429
            asked = (seconds_to_wait if is_limit else seconds_of_retry_after)(headers, now)
        return asked or backoff_seconds(attempt, random.random())  # noqa: S311

    def _message(self, why: str) -> str:
        who = plain(self._credentials.username, 60)
        return f"sign-in as {who}: expected a token from {self._endpoint}, got {why}"


def _kind(response: Response | None) -> Kind | None:
    """Return why an answer to a sign-in holds no token, None if it does."""
    if response is None:
        return Kind.BROKEN
    answer = Answer(response.status, plain_headers(response.headers.items()), response.body)
    return kind_of_no(answer, Asked(must_hold=b"token"))


def _stop_at_the_start(crawler: Crawler, message: str) -> None:
    """Note a failure, and close the crawl once it is open."""
    fail(crawler.stats, message)

    def close() -> None:
        raise CloseSpider("sign_in_failed")

    crawler.signals.connect(close, signals.spider_opened, weak=False)
