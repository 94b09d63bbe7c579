"""Tokens of the registry: given out for repositories, and known again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dockerhub.standin.chance import number
from dockerhub.standin.signin import Caller
from dockerhub.standin.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerhub.standin.options import Options
    from dockerhub.standin.pull_limits import PullLimits
    from dockerhub.standin.world import World

_UNTOLD_SECONDS = 60
"""How long a token lives that does not say so. Source: docker/docs registry/auth.md."""
_SAID_INTERVAL = "21600"
"""Tokens say six hours, whatever the headers of pulls say. Seen on Docker Hub until 2026."""
_EARLY = 300
"""How long before its issue a token is valid, in seconds: clocks differ."""


@dataclass(slots=True)
class Grant:
    """What one token allows: *readable* repositories to its *account* until it is over."""

    account: str | None
    readable: frozenset[str]
    expires_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """A new token, when it was issued, and how long it lives."""

    token: str
    issued_at: str
    seconds: float


class RegistryTokens:
    """Gives out tokens for scopes, and knows them again."""

    def __init__(self, world: World, options: Options, pulls: PullLimits) -> None:
        self._world, self._options, self._pulls = world, options, pulls
        self._grants: dict[bytes, Grant] = {}
        self.signer = Signer()
        self.issued_count = 0

    def issue(self, account: str | None, scopes: Iterable[str]) -> Issued:
        """Return a token for *scopes* (``repository:a/b:pull``), as far as they are granted.

        What is not granted is left out: nobody learns here what exists.
        """
        now, told = self._options.clock(), self._options.registry_token_expiry_told
        seconds = self._options.registry_token_seconds if told else _UNTOLD_SECONDS
        access = self._access(account, scopes)
        readable = frozenset(each["name"] for each in access if "pull" in each["actions"])
        self.issued_count += 1
        token = self.signer.sign(self._claims(account, access, now, seconds))
        self._grants[_key(token)] = Grant(account, readable, now + seconds)
        issued_at = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
        return Issued(token=token, issued_at=issued_at, seconds=seconds)

    def grant(self, token: str) -> Grant | None:
        """Return what *token* allows or allowed, ``None`` if it was never given out."""
        return self._grants.get(_key(token))

    def caller(self, authorization: str | None) -> Caller:
        """Return who asks, by the ``Authorization`` header."""
        if authorization is None:
            return Caller()
        grant = self.grant(bearer(authorization))
        if grant is None:
            return Caller(problem="foreign")
        if grant.expires_at <= self._options.clock():
            return Caller(problem="expired")
        return Caller(grant.account)

    def expire_all(self) -> None:
        """Let every token given out so far be over now."""
        for grant in self._grants.values():
            grant.expires_at = 0.0

    def _access(self, account: str | None, scopes: Iterable[str]) -> list[dict[str, Any]]:
        granted: dict[str, dict[str, Any]] = {}
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            allowed = self._allowed(account, name) if kind == "repository" else []
            given = [action for action in allowed if action in actions.split(",")]
            if given:
                granted[name] = self._entry(account, name, given)
        return list(granted.values())

    def _entry(self, account: str | None, name: str, actions: list[str]) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "repository", "name": name, "actions": actions}
        limit = self._pulls.limit(account)
        if limit is not None:
            said = {"pull_limit": str(limit.requests), "pull_limit_interval": _SAID_INTERVAL}
            entry["parameters"] = said
        return entry

    def _allowed(self, account: str | None, name: str) -> list[str]:
        pushes = self._options.grant_push
        if name in self._options.hidden or not (pushes or self._world.registry_has(name)):
            return []
        return ["pull", "push"] if pushes and account is not None else ["pull"]

    def _claims(
        self, account: str | None, access: list[dict[str, Any]], now: float, seconds: float
    ) -> dict[str, Any]:
        return {
            "iss": self._options.registry_issuer,
            "sub": account or "",
            "aud": self._options.registry_service,
            "exp": int(now + seconds),
            "nbf": int(now) - _EARLY,
            "iat": int(now),
            "jti": f"standin_{number('jti', self.issued_count):016x}",
            "access": access,
        }


def bearer(authorization: str) -> str:
    """Return the token of an ``Authorization`` header, ``""`` if it is of another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _key(token: str) -> bytes:
    # A tenth of the token itself, and there is one for each repository.
    return sha256(token.encode()).digest()
