"""What a response's headers say of a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import read_http_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST_WAIT_SECONDS = 900.0
"""No answer makes us wait longer: an epoch read as seconds would be 55 years."""

# Docker has sent an epoch in the header that its documents give in seconds (hub-feedback#2459).
_EPOCH_FROM = 1e9
# A later moment (the year 33658) is no moment, and further ones are more than a float can hold.
_EPOCH_BEFORE = 10**12


class HubLimit(NamedTuple):
    """The Hub API's limit as one response told it."""

    limit: int
    remaining: int
    reset: int
    """Unix time in whole seconds of the server's clock"""


def plain_headers(items: Iterable[tuple[bytes, list[bytes]]]) -> dict[str, str]:
    """Return headers as Scrapy keeps them with lower-case names, the last of equal ones."""
    return {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in items
        if values
    }


def read_hub_limit(headers: Mapping[str, str]) -> HubLimit | None:
    """Return the limit in `X-RateLimit-*`, or None where it is not said or cannot be read.

    *headers* have lower-case names.
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    try:
        limit, remaining, reset = (
            int(headers[f"x-ratelimit-{word}"]) for word in ("limit", "remaining", "reset")
        )
    except (KeyError, ValueError):
        return None
    if limit < 1 or remaining < 0 or not 0 <= reset < _EPOCH_BEFORE:
        return None
    return HubLimit(limit, min(remaining, limit), reset)


def read_date(headers: Mapping[str, str]) -> float | None:
    """Return the server's clock in `Date`, in whole Unix seconds."""
    return read_http_date(headers.get("date", ""))


def seconds_to_wait(headers: Mapping[str, str], server_now: float) -> float | None:
    """Return how long a 429 asks to wait, 0 to 900 s, or None where it does not say.

    `Retry-After` comes as seconds, as a date or as an epoch; `X-Retry-After` as an epoch; else the
    limit's own reset counts.
    Source: https://github.com/docker/hub-feedback/issues/2459 and
    https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    seconds = seconds_of_retry_after(headers, server_now)
    limit = read_hub_limit(headers)
    if seconds is None and limit is not None:
        seconds = _bounded(limit.reset - server_now)
    return seconds


def seconds_of_retry_after(headers: Mapping[str, str], server_now: float) -> float | None:
    """Return how long `Retry-After` or `X-Retry-After` asks to wait, None if neither can be read.

    A 503 may have it too; the limit's reset means nothing there.
    """
    for text in (headers.get("retry-after"), headers.get("x-retry-after")):
        seconds = _wait(text.strip(), server_now) if text else None
        if seconds is not None:
            return _bounded(seconds)
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _wait(text: str, server_now: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        moment = read_http_date(text)
        return None if moment is None else moment - server_now
    if not number >= 0:
        return None
    return number - server_now if number > _EPOCH_FROM else number
