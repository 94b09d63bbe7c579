"""What headers say of the pull limit, and of the token service's limit."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.limits.headers import LONGEST_WAIT_SECONDS
from dockerhub.redact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

# `100;w=21600`, with or without spaces; the window is not always told.
_COUNT = re.compile(r"\s*(\d{1,9})\s*(?:;\s*w\s*=\s*(\d{1,7})\s*)?", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"\s*(\d{1,12})\s*", re.ASCII)
# A reset is told in seconds left or as a moment (hub-feedback#2459).
_EPOCH_FROM = 10**9
_LONGEST_WINDOW_SECONDS = 7 * 86_400
_SPELLINGS = ("", "x-")


class PullLimit(NamedTuple):
    """The pull limit as one response told it."""

    limit: int
    remaining: int
    window_seconds: int
    """the length of the window; when it began is not told"""


class ServiceLimit(NamedTuple):
    """The limit of the token service as one response told it."""

    limit: int
    remaining: int
    reset_seconds: float
    """until it starts anew, at most 15 minutes"""


def read_pull_limit(headers: Mapping[str, str]) -> PullLimit | None:
    """Return the pull limit, or None where it is not said or cannot be read.

    *headers* have lower-case names. The limit has had two names, and may be told under both: the
    one that leaves less counts. Without a window it is another service's limit. Where only what
    remains is told, the limit is taken to be no more than that.
    Source: https://docs.docker.com/docker-hub/usage/pulls/ (read 2026-11-22); the names with `x-`
    are recorded, not documented
    """
    told = [_read_spelling(headers, prefix) for prefix in _SPELLINGS]
    return min(
        (limit for limit in told if limit is not None),
        key=lambda limit: (limit.remaining, -limit.window_seconds),
        default=None,
    )


def _read_spelling(headers: Mapping[str, str], prefix: str) -> PullLimit | None:
    texts = [headers.get(f"{prefix}ratelimit-{word}") for word in ("limit", "remaining")]
    found = [None if text is None else _COUNT.fullmatch(text) for text in texts]
    limit, remaining = found
    if remaining is None or (limit is None and texts[0] is not None):
        return None
    # Should they disagree, the longer window is the safer one.
    window = max((int(one[2]) for one in found if one is not None and one[2]), default=0)
    if not 0 < window <= _LONGEST_WINDOW_SECONDS:
        return None
    left = int(remaining[1])
    most = left if limit is None else int(limit[1])
    return PullLimit(most, min(left, most), window)


def read_service_limit(headers: Mapping[str, str], server_now: float) -> ServiceLimit | None:
    """Return the token service's limit, or None where it is not said or cannot be read.

    It comes as `3000, 3000;w=60`: the limit, and then each limit with its window. The reset comes
    in seconds from now, and is understood as a moment too; without it, it is the window's length.
    *server_now* is the present moment by the service's clock, in Unix seconds.
    Source: recorded answers of auth.docker.io, 2026-07-15; it is not documented
    """
    limits = [_COUNT.fullmatch(one) for one in headers.get("x-ratelimit-limit", "").split(",")]
    remaining = _COUNT.fullmatch(headers.get("x-ratelimit-remaining", ""))
    limit = limits[0]
    if limit is None or remaining is None:
        return None
    seconds = _seconds_to_reset(headers.get("x-ratelimit-reset", ""), server_now)
    if seconds is None:
        windows = (float(one[2]) for one in limits if one is not None and one[2])
        seconds = next(windows, None)
    if seconds is None:
        return None
    most = int(limit[1])
    seconds = min(max(0.0, seconds), LONGEST_WAIT_SECONDS)
    return ServiceLimit(most, min(int(remaining[1]), most), seconds)


def _seconds_to_reset(text: str, server_now: float) -> float | None:
    told = _WHOLE.fullmatch(text)
    if told is None:
        return None
    number = float(told[1])
    return number - server_now if number > _EPOCH_FROM else number


def shortened_source(text: str) -> str:
    """Return what may be shown of `docker-ratelimit-source`: whom the registry counts pulls for.

    That is an address, the prefix of one, or the account's name or number: personal data.
    """
    text = text.strip()
    try:
        address = ipaddress.ip_interface(text).ip
    except ValueError:
        shown = 3 if len(text) >= 8 else 2 if len(text) >= 4 else 1
        return f"{plain(text[:shown])}..." if text else ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            groups = address.exploded.split(":")[:2]
            return ":".join(f"{int(group, 16):x}" for group in groups) + ":..."
        address = address.ipv4_mapped
    return ".".join(str(address).split(".")[:2]) + ".x.x"


def is_account(text: str) -> bool:
    """Tell whether `docker-ratelimit-source` names an account: then more addresses are no more."""
    try:
        ipaddress.ip_interface(text.strip())
    except ValueError:
        return bool(text.strip())
    return False
