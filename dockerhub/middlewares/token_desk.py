"""Where the registry's tokens come from: the challenge, and the requests for tokens."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.auth.challenge import pull_scope, read_challenge, realm_refusal, token_url
from dockerhub.auth.credentials import basic_header
from dockerhub.auth.registry_token import read_registry_token
from dockerhub.errors import CredentialsError, in_words
from dockerhub.kinds import Kind
from dockerhub.limits.backoff import backoff_seconds
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import plain_headers, seconds_of_retry_after
from dockerhub.limits.no import Answer, Asked, kind_of_no
from dockerhub.meta import BARE
from dockerhub.middlewares.exit_wait import download_by_exits
from dockerhub.names import RepositoryName
from dockerhub.redact import plain
from dockerhub.services import RegistryUrls
from dockerhub.urls import origin_of, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.auth.challenge import Challenge
    from dockerhub.auth.credentials import Credentials
    from dockerhub.auth.registry_token import RegistryToken
    from dockerhub.services import Services

_TRIES = 3


class TokenDesk:
    """Asks for tokens where the registry's challenge says, if that is where we trust it to be."""

    def __init__(self, crawler: Crawler, services: Services, account: Credentials | None) -> None:
        self._crawler = crawler
        self._services = services
        self._account = account
        self._challenge: Challenge | None = None
        self._closed: str | None = None
        self._closed_until = 0.0
        self.is_open = False
        """whether the registry wants no token"""
        self.is_refused = False
        """whether our credentials are not taken"""
        self.why = Kind.BROKEN
        """of which kind the last refusal was"""

    def learn(self, header: str) -> None:
        """Take the challenge of a registry that let us in before without one."""
        self._challenge = read_challenge(header) or self._challenge
        self.is_open = False

    def close(self, why: str, until: float = NEVER) -> None:
        """Ask for no more tokens before *until*, in Unix seconds."""
        self._closed, self._closed_until = why, until

    async def token(self, repositories: Sequence[str]) -> RegistryToken | None:
        """Return a token that lets us read *repositories*, None where none is wanted.

        :raises CredentialsError: if none is to be had
        """
        self.why = Kind.BROKEN
        if self._closed is not None and time.time() < self._closed_until:
            raise CredentialsError(self._closed)
        challenge = await self._asked()
        if challenge is None:
            return None
        refusal = realm_refusal(challenge.realm, self._services.auth)
        if refusal is not None:
            self.close(refusal)
            raise CredentialsError(refusal)
        scopes = [pull_scope(RepositoryName.of(name)) for name in repositories]
        url = token_url(challenge, scopes)
        headers = {"Authorization": basic_header(self._account)} if self._account else {}
        response = await self._get(url, headers, "registry token", _has_token)
        if response.status == 401 and self._account is not None:
            self.is_refused = True
            who = plain(self._account.username, 60)
            where = self._services.auth
            raise CredentialsError(
                f"registry token as {who}: expected one from {where}, got HTTP 401"
            )
        if response.status != 200:
            raise CredentialsError(
                f"registry token: expected one from {self._services.auth},"
                f" got HTTP {response.status}"
            )
        return read_registry_token(response.body, time.time())

    async def _asked(self) -> Challenge | None:
        """Return the registry's challenge, None if it has none.

        :raises CredentialsError: if it cannot be had
        """
        if self._challenge is None and not self.is_open:
            url = RegistryUrls(self._services.registry).base()
            response = await self._get(url, {}, "registry", lambda _: True)
            said = plain_headers(response.headers.items()).get("www-authenticate", "")
            self._challenge = read_challenge(said) if response.status == 401 else None
            self.is_open = response.status == 200
            if self._challenge is None and not self.is_open:
                raise CredentialsError(
                    f"registry {self._services.registry}: expected a challenge with a realm,"
                    f" got HTTP {response.status}"
                )
        return self._challenge

    async def _get(
        self, url: str, headers: dict[str, str], what: str, is_good: Callable[[bytes], bool]
    ) -> Response:
        """Return the answer, tried again where it is none or, at 200, its body is not good.

        :raises CredentialsError: if there is none
        """
        why = "no answer"
        for attempt in range(1, _TRIES + 1):
            wait = backoff_seconds(attempt, random.random())  # noqa: S311
            try:
                request = Request(url, headers=headers, meta={BARE: True}, dont_filter=True)
                response = await download_by_exits(self._crawler, request)
            except (CannotResolveHostError, DownloadConnectionRefusedError) as error:
                self.why, why = Kind.UNREACHABLE, unreachable(origin_of(url))
                if self._challenge is None or attempt == _TRIES:
                    # What cannot be reached at the very start is a matter for the user, at once.
                    raise CredentialsError(why) from error
            except CredentialsError:
                raise
            except Exception as error:  # noqa: BLE001  (any failure to connect is tried again)
                why = in_words(error)
            else:
                is_read = response.status != 200 or is_good(response.body)
                if is_read and not _is_broken(response):
                    return response
                why = f"HTTP {response.status}{'' if is_read else ' without a token'}"
                asked = seconds_of_retry_after(plain_headers(response.headers.items()), time.time())
                wait = wait if asked is None else asked
            if attempt < _TRIES:
                await asyncio.sleep(wait)
        raise CredentialsError(
            plain(f"{what}: expected an answer from {origin_of(url)}, got {why}")
        )


def _has_token(body: bytes) -> bool:
    try:
        read_registry_token(body, 0.0)
    except CredentialsError:
        return False
    return True


def _is_broken(response: Response) -> bool:
    """Tell whether *response* is one that passes, such as a single page for people.

    A registry may let us in without a word: what a 200 at its base holds is not specified.
    """
    if response.status == 200 and not response.body:
        return False
    answer = Answer(response.status, plain_headers(response.headers.items()), response.body)
    return kind_of_no(answer, Asked()) in {Kind.BROKEN, Kind.SLOW_DOWN}
