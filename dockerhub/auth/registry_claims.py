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


def read_pull_claim(token: str) -> PullClaim | None:
    """Return the lowest pull limit that *token* tells, None if it tells none or is no JWT.

    Source: https://distribution.github.io/distribution/spec/auth/jwt/ (read 2026-11-22); the
    parameters of the limit are recorded, not documented
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        coded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(coded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        return None
    access = claims.get("access") if isinstance(claims, dict) else None
    if not isinstance(access, list):
        return None
    granted = [entry for entry in access if isinstance(entry, dict) and _may_pull(entry)]
    limits = [limit for limit in map(_pull_limit, granted) if limit is not None]
    return min(limits, default=None)


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
