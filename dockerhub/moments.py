"""Moments as the database keeps them: whole microseconds since 1970 in UTC."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MICROSECONDS = 1_000_000
HOUR = 3600 * MICROSECONDS
DAY = 24 * HOUR
_FIRST = -62_135_596_800 * MICROSECONDS  # 0001-01-01T00:00:00Z
_latest = [0]
_SPAN = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_SPANS = {"m": 60 * MICROSECONDS, "h": HOUR, "d": DAY, "w": 7 * DAY}
_LAST = 253_402_300_800 * MICROSECONDS - 1  # 9999-12-31T23:59:59.999999Z


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970-01-01 UTC."""
    # A double holds today's seconds to 2**-22 s, so the rounded microsecond is exact.
    return round(moment.timestamp() * MICROSECONDS)


def read_moment(text: str) -> int:
    """Return an ISO 8601 text with an offset as microseconds; what is finer is cut off.

    :raises ValueError: if it is none
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset from UTC")
    number = microseconds(moment)
    if not _FIRST <= number <= _LAST:
        raise ValueError("a moment outside of the years 1 to 9999 in UTC")
    return number


def read_http_date(text: str) -> float | None:
    """Return the date of an HTTP header in whole Unix seconds, None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
        # The oldest of its three forms names no zone: it is UTC like the others.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def now() -> int:
    """Return the present moment, never one before the last. Pure rooms are handed it.

    A clock that is set back would make rows that are seen now look older than their walk: gone.
    """
    _latest[0] = max(_latest[0], time.time_ns() // 1000)
    return _latest[0]


def iso(moment: int) -> str:
    """Return microseconds as ISO 8601 text in UTC, `2026-01-09T19:20:49.733138Z`."""
    seconds, rest = divmod(moment, MICROSECONDS)
    # Not strftime: its %Y has fewer than four digits for Go's zero time, 0001-01-01.
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:06d}Z"


def day(moment: int) -> int:
    """Return the day of a moment, counted from 1970-01-01 in UTC."""
    return moment // DAY


def read_since(text: str, present: int) -> int:
    """Return the moment that `7d`, `24h`, `30m`, `2w` before *present* or an ISO date means.

    A date without a time means its midnight, a time without an offset is UTC.

    :raises ValueError: if it is none of these, or lies after *present*
    """
    span = _SPAN.fullmatch(text.strip())
    if span:
        moment = present - int(span[1]) * _SPANS[span[2]]
    else:
        found = datetime.fromisoformat(text.strip())
        moment = microseconds(found if found.tzinfo else found.replace(tzinfo=UTC))
    if not _FIRST <= moment <= present:
        raise ValueError("a moment that is not past")
    return moment
