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
        self._until = self._opened_at = 0.0
        self._rests = 0
        self.kind: Kind | None = None
        """why it is open, None while it is closed"""

    @property
    def is_shut(self) -> bool:
        """Whether it is open for the rest of the crawl."""
        return self._until == FOREVER

    def trip(self, kind: Kind, now: float, *, sent: float = FOREVER) -> float | None:
        """Open because of a "no" and return for how many seconds, None if that is no news.

        After too many requests an exit rests, each time twice as long, and a few times at most;
        every other reason shuts it for the rest of the crawl. *sent* is when the refused request
        went: one that was under way when a rest began says nothing of that rest.
        """
        is_resting = now < self._until or sent < self._opened_at
        if self.is_shut or (kind is Kind.ABUSE and is_resting):
            return None
        rest = FOREVER
        if kind is Kind.ABUSE and self._rests < _MOST_RESTS:
            rest = min(self._rest_seconds * 2.0**self._rests, LONGEST_WAIT_SECONDS)
            self._rests += 1
        self.kind, self._opened_at, self._until = kind, now, now + rest
        return rest

    def heal(self, *, sent: float = FOREVER) -> bool:
        """Close after a good answer to what went at *sent*; False if nothing changed by that."""
        was_open = self.kind is not None and not self.is_shut and sent >= self._opened_at
        if was_open:
            self.kind, self._rests = None, 0
        return was_open
