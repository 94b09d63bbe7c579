"""The forms in which a server says when to come back."""

from __future__ import annotations

import math
from email.utils import formatdate
from typing import Literal

RetryAfter = Literal[
    "seconds",
    "epoch",
    "date",
    "x-epoch",
    "none",
    "zero",
    "past",
    "x-seconds",
    "garbage",
    "far",
]

_HOUR = 3600
_TEN_DAYS = 10 * 24 * _HOUR


def retry_after(form: RetryAfter, at: float, now: float) -> dict[str, str]:
    """Return the header that says to come back *at* (both are seconds since 1970).

    The last four forms are lies or nonsense, whatever *at* is.
    """
    epoch, seconds = str(math.ceil(at)), str(max(1, math.ceil(at - now)))
    return {
        "seconds": {"Retry-After": seconds},
        # An epoch in the header of seconds was seen on Docker Hub in May 2025.
        "epoch": {"Retry-After": epoch},
        "date": {"Retry-After": formatdate(math.ceil(at), usegmt=True)},
        "x-epoch": {"X-Retry-After": epoch},
        "x-seconds": {"X-Retry-After": seconds},
        "none": {},
        "zero": {"Retry-After": "0"},
        "past": {"Retry-After": formatdate(math.floor(now) - _HOUR, usegmt=True)},
        "garbage": {"Retry-After": "soon"},
        "far": {"Retry-After": str(_TEN_DAYS)},
    }[form]
