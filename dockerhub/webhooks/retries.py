"""When a post is tried again, and when no more. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.moments import read_http_date

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_TRIES = 5
TRY_SECONDS = 15.0
"""how long one try may take"""
TOTAL_SECONDS = 60.0
"""how long all tries of one event may take, with the waits between them"""
_FIRST_SECONDS = 1.0
_SLOW_DOWN = 429


def is_broken(status: int) -> bool:
    """Tell whether a status may be another one soon; every other one is final."""
    return status == _SLOW_DOWN or status >= 500


def seconds_to_wait(
    tries: int, chance: float, headers: Mapping[str, str], server_now: float
) -> float:
    """Return how long to wait after *tries*: what `Retry-After` says, else 1 s and doubling.

    *chance* is a random number in [0, 1): jitter over the upper half.
    """
    said = _retry_after(headers.get("Retry-After", ""), server_now)
    if said is not None:
        return said
    return _FIRST_SECONDS * 2.0 ** (tries - 1) * (0.5 + 0.5 * chance)


def _retry_after(text: str, server_now: float) -> float | None:
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    moment = read_http_date(text)
    return None if moment is None else max(0.0, moment - server_now)
