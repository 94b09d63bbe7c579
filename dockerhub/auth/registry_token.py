"""The bearer tokens of the registry: one a repository and lifetime, several in one request.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from dockerhub.auth.registry_claims import PullClaim, read_pull_claim, whole_number
from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a token lives that does not say how long, by its specification.
_LIFE_SECONDS = 60.0
# Less would be over before it is of any use; and what is revoked is not to be used for long.
_SHORTEST_SECONDS, _LONGEST_SECONDS = 5.0, 3600.0
_ABSURD_SECONDS = 10**9
_RENEW_AFTER = 0.8  # of its life
_LEAST_LEFT_SECONDS = 1.0  # a request takes a while to arrive
_MOST_CHARACTERS = 32_768  # more fits into no header
_MOST_REPOSITORIES = 10_000


@dataclass(frozen=True, slots=True)
class RegistryToken:
    """A token, and what is known of it."""

    token: Secret
    made_at: float
    life_seconds: float
    pull_limit: PullClaim | None = None

    def left(self, now: float) -> float:
        """Return the seconds that it still lives."""
        return self.made_at + self.life_seconds - now


def read_registry_token(body: bytes, now: float) -> RegistryToken:
    """Return the token in an answer of the token service that came at *now*.

    `issued_at` is not used: it is told by another machine's clock.

    :raises CredentialsError: if there is none
    Source: https://distribution.github.io/distribution/spec/auth/token/ (read 2026-11-22)
    """
    try:
        answer = json.loads(body)
        text = answer.get("token") or answer.get("access_token")
    except (ValueError, AttributeError, RecursionError):
        answer, text = {}, None
    if not isinstance(text, str) or not _is_sendable(text):
        raise CredentialsError("registry token: expected token in the answer, got none")
    life = whole_number(answer.get("expires_in"), 1, _ABSURD_SECONDS) or _LIFE_SECONDS
    return RegistryToken(
        token=Secret(text),
        made_at=now,
        life_seconds=min(max(_SHORTEST_SECONDS, float(life)), _LONGEST_SECONDS),
        pull_limit=read_pull_claim(text),
    )


def _is_sendable(text: str) -> bool:
    is_plain = text.isascii() and text.isprintable() and " " not in text
    return is_plain and 0 < len(text) <= _MOST_CHARACTERS


class TokenShelf:
    """Keeps the tokens of a crawl, and forgets those of the repositories asked for longest ago."""

    def __init__(self, most: int = _MOST_REPOSITORIES) -> None:
        self._most = most
        self._tokens: OrderedDict[str, tuple[int, RegistryToken | None]] = OrderedDict()
        self._generation = 0

    def put(self, repositories: Iterable[str], token: RegistryToken, now: float) -> None:
        """Keep a token that was asked for, for all of *repositories*, and came by *now*."""
        # A clock that was set back does not make it live longer.
        token = replace(token, made_at=min(token.made_at, now))
        # One number for all: a repository that was forgotten never gets an old one again.
        self._generation += 1
        for repository in repositories:
            self._tokens[repository] = self._generation, token
            self._tokens.move_to_end(repository)
        while len(self._tokens) > self._most:
            self._tokens.popitem(last=False)

    def header_for(self, repository: str, now: float) -> str | None:
        """Return the value of `Authorization`, None if no token lives for a second more."""
        token = self._token(repository)
        if token is None or token.left(now) < _LEAST_LEFT_SECONDS:
            return None
        self._tokens.move_to_end(repository)
        return f"Bearer {token.token.reveal()}"

    def is_due(self, repository: str, now: float) -> bool:
        """Tell whether it is time for a new token."""
        token = self._token(repository)
        return token is None or now >= token.made_at + token.life_seconds * _RENEW_AFTER

    def generation(self, repository: str) -> int:
        """Return the number of the latest token, 0 if there was none; later ones are higher."""
        return self._tokens.get(repository, (0, None))[0]

    def drop(self, repository: str) -> None:
        """Forget a token that the registry no longer takes for *repository*."""
        if repository in self._tokens:
            self._tokens[repository] = self.generation(repository), None

    def age(self, repository: str, now: float) -> float | None:
        """Return the seconds since the token was made, below 0 if that was after *now*."""
        token = self._token(repository)
        return None if token is None else now - token.made_at

    def _token(self, repository: str) -> RegistryToken | None:
        return self._tokens.get(repository, (0, None))[1]


class TokenWishes:
    """The repositories that need a token: each is asked for once, many in one request."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._fetched: set[str] = set()

    def want(self, repository: str) -> bool:
        """Note that *repository* needs a token; False if that is known."""
        if self.is_wanted(repository):
            return False
        self._waiting[repository] = None
        return True

    def is_wanted(self, repository: str) -> bool:
        """Tell whether a token for *repository* is being fetched, or will be."""
        return repository in self._waiting or repository in self._fetched

    def next_batch(self, most: int) -> list[str]:
        """Return up to *most* repositories in the order of wishes; they are fetched until done."""
        batch = list(islice(self._waiting, max(0, most)))
        for repository in batch:
            del self._waiting[repository]
        self._fetched.update(batch)
        return batch

    def done(self, repositories: Iterable[str]) -> None:
        """Hear that *repositories* have got their token, or get none."""
        for repository in repositories:
            self._waiting.pop(repository, None)
            self._fetched.discard(repository)
