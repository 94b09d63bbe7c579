"""Moments: whole microseconds since 1970 inside, Docker Hub's spelling of ISO 8601 outside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = date(1970, 1, 1).toordinal()


def microseconds(year: int, month: int = 1, day: int = 1) -> int:
    """Return the start of a UTC day in microseconds since 1970."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND


START = microseconds(2026, 9, 1)
"""Where the clock of every world starts: no generated moment is later."""


@lru_cache(maxsize=8192)
def _minute_text(minute: int) -> str:
    day, minutes = divmod(minute, 24 * 60)
    return f"{date.fromordinal(_EPOCH + day)}T{minutes // 60:02d}:{minutes % 60:02d}:"


def moment_text(at: int, nanoseconds: int = 0) -> str:
    """Return ``2026-09-01T00:00:00.25Z`` for *at* (microseconds since 1970) plus *nanoseconds*.

    Trailing zeros of the fraction are left out, and the fraction itself when it is zero, as
    Docker Hub does (hub.docker.com/v2/repositories/library/rust/tags/1.44.0-slim shows both).
    """
    # What is asked for together lies close together: most minutes are asked for again.
    minute, rest = divmod(at, 60 * SECOND)
    seconds, fraction = divmod(rest, SECOND)
    clock = f"{_minute_text(minute)}{seconds:02d}"
    if nanoseconds:
        return f"{clock}.{fraction:06d}{nanoseconds:03d}".rstrip("0") + "Z"
    return f"{clock}.{fraction:06d}".rstrip("0") + "Z" if fraction else f"{clock}Z"
