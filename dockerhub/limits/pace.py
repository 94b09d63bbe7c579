"""A ceiling on how fast requests go, whatever their service and exit.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations


class Pace:
    """Places in time for so many requests a minute, evenly apart; 0 is no ceiling.

    A request may go at any moment of its place: one that goes late is not made up for by two at
    once, and in any span of seconds there are at most so many as places begin in it, and one.
    """

    def __init__(self, per_minute: float) -> None:
        self._spacing = 60.0 / per_minute if per_minute > 0 else 0.0
        self._place_at = self._next_at = 0.0

    def opens_at(self, now: float) -> float:
        """Return when the next request may go, *now* or later."""
        return max(now, self._next_at)

    def take(self, now: float, jitter: float = 0.0) -> None:
        """Count a request that goes now; *jitter* in [0, 1) is where in its place the next goes."""
        is_late = now >= self._place_at + self._spacing
        self._place_at = (now if is_late else self._place_at) + self._spacing
        self._next_at = self._place_at + jitter * self._spacing
