"""What a token of the registry says about itself: the claims of a JSON Web Token.

They are read without a look at the signature. It is the registry that a token has to convince; to
us it only gives hints, and a wrong one costs a request.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any, NamedTuple

_MOST_PULLS = 10**9
_LONGEST_SECONDS = 7 * 86_400


class PullClaim(NamedTuple):
    """A pull limit as a token tells it; what the registry's headers say is nearer to the truth."""

    limit: int
    """pulls in a window"""
    interval: int
    """length of the window in seconds"""


class Claims(NamedTuple):
    """What a token grants."""

    repositories: frozenset[str] | None = None
    """full names of the repositories that may be pulled, None if that cannot be read"""
    pull_limit: PullClaim | None = None


def read_claims(token: str) -> Claims:
    """Return what *token* says; nothing of it is known where it is no readable JWT.

    A token is granted for what does not exist too: without access to it.
    Source: https://distribution.github.io/distribution/spec/auth/jwt/ (read 2026-11-22); the
    parameters of the limit are recorded, not documented
    """
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        coded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(coded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        return Claims()
    # Go writes an empty list as null.
    access = (claims["access"] or []) if isinstance(claims, dict) and "access" in claims else None
    if not isinstance(access, list):
        return Claims()
    granted = [entry for entry in access if isinstance(entry, dict) and _may_pull(entry)]
    limits = [limit for limit in map(_pull_limit, granted) if limit is not None]
    return Claims(frozenset(entry["name"] for entry in granted), min(limits, default=None))


def whole_number(value: object, least: int, most: int) -> int | None:
    """Return a JSON number, or a text that is one, cut to a whole number; None out of bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return int(number) if math.isfinite(number) and least <= number <= most else None


def _may_pull(entry: dict[str, Any]) -> bool:
    actions = entry.get("actions")
    return (
        entry.get("type") == "repository"
        and isinstance(entry.get("name"), str)
        and isinstance(actions, list)
        and ("pull" in actions or "*" in actions)
    )


def _pull_limit(entry: dict[str, Any]) -> PullClaim | None:
    said = entry.get("parameters")
    if not isinstance(said, dict):
        return None
    limit = whole_number(said.get("pull_limit"), 0, _MOST_PULLS)
    interval = whole_number(said.get("pull_limit_interval"), 1, _LONGEST_SECONDS)
    return None if limit is None or interval is None else PullClaim(limit, interval)
