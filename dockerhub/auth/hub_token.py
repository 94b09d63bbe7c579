"""The bearer token of Hub's API: how long it lives and when it is due to be renewed."""

from __future__ import annotations

import base64
import binascii
import json

from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret, plain

LIFE_SECONDS = 600.0
"""Life of a token. Source: https://docs.docker.com/reference/api/hub/latest/ (2026-11-22)"""

_RENEW_AFTER = 0.8
"""Share of its life after which a token is renewed: at 8 of 10 minutes."""


class HubToken:
    """Keeps the one token of a crawl. Time comes in as an argument, in Unix seconds.

    `generation` counts the tokens: a request that was refused with an older one than the present
    needs no new token, only another try.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._token: Secret | None = None
        self._made_at = 0.0
        self._life = LIFE_SECONDS

    def put(self, token: Secret, now: float) -> None:
        """Keep a new token."""
        self.generation += 1
        self._token, self._made_at, self._life = token, now, token_life(token)

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for a new token."""
        return self._token is None or now >= self._made_at + self._life * _RENEW_AFTER

    def is_over(self, now: float) -> bool:
        """Tell whether the token has ended, or there is none."""
        return self._token is None or now >= self._made_at + self._life

    def drop(self) -> None:
        """Forget a token that the server no longer takes."""
        self._token = None

    def header(self) -> str:
        """Return the value of `Authorization`.

        :raises CredentialsError: if there is no token
        """
        if self._token is None:
            raise CredentialsError("sign-in: expected a token, got none")
        return f"Bearer {self._token.reveal()}"


def read_token(body: bytes) -> Secret:
    """Return the token in an answer to a sign-in: `access_token`, or `token` from the old endpoint.

    :raises CredentialsError: if there is none
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    try:
        answer = json.loads(body)
        text = answer.get("access_token") or answer.get("token")
    except (ValueError, AttributeError, RecursionError):
        text = None
    if not isinstance(text, str) or not text or not text.isprintable():
        raise CredentialsError("sign-in: expected access_token in the answer, got none")
    return Secret(text)


def reason_given(body: bytes, sent: Secret) -> str:
    """Return ` (...)` with the reason that an answer to a sign-in gives, empty if it gives none.

    Only its own words for it, and not if they hold what was *sent*: a proxy between may repeat
    the request, password and all.
    """
    try:
        answer = json.loads(body)
        words = answer.get("detail") or answer.get("message")
    except (ValueError, AttributeError, RecursionError):
        return ""
    if not isinstance(words, str) or sent.reveal() in words:
        return ""
    return f" ({plain(words, 100)})"


def token_life(token: Secret) -> float:
    """Return the seconds that a JWT gives itself, at most 10 minutes; so much for other tokens."""
    parts = token.reveal().split(".")
    if len(parts) != 3:
        return LIFE_SECONDS
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        life = float(claims["exp"]) - float(claims["iat"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, binascii.Error):
        return LIFE_SECONDS
    return min(max(1.0, life), LIFE_SECONDS)
