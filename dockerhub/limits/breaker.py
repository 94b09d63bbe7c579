"""Whether a service may be asked by one exit, after what it said there."""

from __future__ import annotations

from typing import NamedTuple

from dockerhub.kinds import Kind
from dockerhub.limits.headers import LONGEST_WAIT_SECONDS

DIRECT = "direct"
"""The exit without a proxy."""

FOREVER = float("inf")
"""For the rest of the crawl."""

_MOST_RESTS = 3


class Way(NamedTuple):
    """A service and the exit by which it is asked."""

    service: str
    exit: str = DIRECT

    def __str__(self) -> str:
        return f"{self.service} ({self.exit})"


class Breaker:
    """Whether a service may be asked by one exit. Time comes in, in Unix seconds of our clock."""

    def __init__(self, *, rest_seconds: float) -> None:
        self._rest_seconds = rest_seconds
        self._until = 0.0
        self._rests = 0
        self.kind: Kind | None = None
        """why it is open, None while it is closed"""

    def trip(self, kind: Kind, now: float) -> float | None:
        """Open because of a "no" and return for how many seconds, None if it is open already.

        After too many requests an exit rests, each time twice as long, and a few times at most;
        every other reason shuts it for the rest of the crawl.
        """
        if self.kind is not None and now < self._until:
            return None
        self.kind = kind
        rest = FOREVER
        if kind is Kind.ABUSE and self._rests < _MOST_RESTS:
            rest = min(self._rest_seconds * 2.0**self._rests, LONGEST_WAIT_SECONDS)
            self._rests += 1
        self._until = now + rest
        return rest

    def heal(self) -> bool:
        """Close after a good answer; False if it was closed already."""
        was_open = self.kind is not None and self._until < FOREVER
        if was_open:
            self.kind, self._rests = None, 0
        return was_open
