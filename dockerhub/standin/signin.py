"""Accounts, and the tokens that were given to them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dockerhub.standin.chance import digest

if TYPE_CHECKING:
    from dockerhub.standin.options import Options


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: nobody, an *account*, or somebody whose token is ``expired`` or ``foreign``."""

    account: str | None = None
    problem: Literal["expired", "foreign"] | None = None


@dataclass(slots=True)
class _Token:
    account: str
    expires_at: float


class Accounts:
    """Checks secrets, gives out tokens and knows them again."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tokens: dict[str, _Token] = {}
        self.issued_count = 0

    def knows(self, identifier: str, secret: str) -> bool:
        return self._options.accounts.get(identifier) == secret

    def issue(self, account: str, seconds: float) -> str:
        """Return a new token in the form of a JWT that lives *seconds*; its signature is none."""
        now = self._options.clock()
        self.issued_count += 1
        claims = {"sub": account, "iat": int(now), "exp": int(now + seconds)}
        claims |= {"jti": str(self.issued_count)}
        signature = _part(digest("signature", account, self.issued_count))
        token = f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.{signature}"
        self._tokens[token] = _Token(account, now + seconds)
        return token

    def expire_all(self) -> None:
        """Let every token given out so far be over now."""
        for token in self._tokens.values():
            token.expires_at = 0.0

    def caller(self, authorization: str | None) -> Caller:
        """Return who asks, by the ``Authorization`` header; old clients write JWT for Bearer."""
        if authorization is None:
            return Caller()
        scheme, _, text = authorization.partition(" ")
        token = self._tokens.get(text) if scheme.lower() in ("bearer", "jwt") else None
        if token is None:
            return Caller(problem="foreign")
        if token.expires_at <= self._options.clock():
            return Caller(problem="expired")
        return Caller(token.account)


def _part(content: object) -> str:
    text = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
