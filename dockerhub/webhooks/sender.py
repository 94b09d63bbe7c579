"""Posts one event to a receiver, again where it broke, and tells what the receiver said."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from typing import TYPE_CHECKING, Self

import aiohttp

from dockerhub.errors import DockerhubError
from dockerhub.webhooks.connecting import AddressRefused, connector
from dockerhub.webhooks.retries import (
    MOST_TRIES,
    TOTAL_SECONDS,
    TRY_SECONDS,
    is_broken,
    seconds_to_wait,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from dockerhub.webhooks.target import Target

ID_HEADER = "Dockerhub-Event-Id"
_MOST_BYTES = 64 * 1024  # of an answer; nothing of it is used


class WebhookError(DockerhubError):
    """Raised when a receiver did not confirm an event. The message shows its origin alone."""


class _Broken(DockerhubError):
    """Raised when a try came to nothing that another one may mend."""

    def __init__(self, what: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(what)
        self.headers = headers or {}


class Sender:
    """Posts to one receiver over connections of its own, as an asynchronous context.

    It follows no redirect, keeps no cookie and asks no proxy of the environment.
    """

    def __init__(
        self,
        target: Target,
        agent: str,
        *,
        connections: aiohttp.TCPConnector | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        try_seconds: float = TRY_SECONDS,
    ) -> None:
        self._target = target
        self._sleep = sleep
        self._chance = chance
        self._session = aiohttp.ClientSession(
            connector=connections or connector(allow_private=target.is_private_allowed),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": agent, "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=try_seconds),
            trust_env=False,
            auto_decompress=False,
        )

    async def post(self, event_id: str, body: bytes) -> None:
        """Post an event until the receiver confirms it with a 2xx.

        :raises WebhookError: if it refuses it, or does not answer in time
        """
        waited_until = time.monotonic() + TOTAL_SECONDS
        for tries in range(1, MOST_TRIES + 1):
            try:
                await self._try(event_id, body)
            except _Broken as broken:
                wait = seconds_to_wait(tries, self._chance(), broken.headers, time.time())
                if tries == MOST_TRIES:
                    raise self._error(f"{broken} ({tries} tries)") from None
                if time.monotonic() + wait > waited_until:
                    raise self._error(f"{broken}; the next try would be too late") from None
                await self._sleep(wait)
            else:
                return

    async def _try(self, event_id: str, body: bytes) -> None:
        headers = {"Content-Type": "application/json", ID_HEADER: event_id}
        try:
            async with self._session.post(
                self._target.url.reveal(), data=body, headers=headers, allow_redirects=False
            ) as answer:
                await _read(answer)
        except AddressRefused as refused:
            raise self._error(
                f"an address that is not public ({refused}); --allow-private allows it",
                "a public address",
            ) from None
        except (aiohttp.InvalidURL, UnicodeError):
            raise self._error("a host that can be none") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Their own words hold the URL.
            raise _Broken(_in_words(error)) from None
        self._judge(answer.status, answer.headers)

    def _judge(self, status: int, headers: Mapping[str, str]) -> None:
        if is_broken(status):
            raise _Broken(f"status {status}", headers)
        if 300 <= status < 400:
            raise self._error(f"status {status}: redirects are not followed")
        if not 200 <= status < 300:
            raise self._error(f"status {status}")

    def _error(self, found: str, expected: str = "a receiver that confirms") -> WebhookError:
        return WebhookError(f"webhook {self._target.origin}: expected {expected}, got {found}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()


async def _read(answer: aiohttp.ClientResponse) -> None:
    """Read an answer to its end, so that it is known to be whole; the end of a long one is left."""
    left = _MOST_BYTES
    async for part in answer.content.iter_any():
        left -= len(part)
        if left <= 0:
            answer.close()
            return


def _in_words(error: Exception) -> str:
    return next(words for kinds, words in _WORDS if isinstance(error, kinds))


_WORDS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((aiohttp.ClientConnectorCertificateError, ssl.CertificateError), "a certificate of another"),
    ((aiohttp.ClientSSLError, ssl.SSLError), "no TLS"),
    ((aiohttp.ClientConnectorDNSError,), "a host that has no address"),
    ((TimeoutError,), "no answer in time"),
    ((aiohttp.ClientConnectorError,), "no connection"),
    ((Exception,), "an answer that broke off"),
)
