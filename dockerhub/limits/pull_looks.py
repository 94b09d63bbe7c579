"""When a HEAD finds out whether there are pulls again: it costs none of them, and is seldom sent.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerhub.limits.pull_window import PullWindow

MOST_LOOKS = 8
"""HEADs in any stretch of time that is as long as a window."""
_LEAST_PAUSE_SECONDS = 1.0


class PullLooks:
    """The HEADs of one budget: when the last ones went, and what came of the last one.

    One that shows nothing new is followed by another an eighth of the window later: so late we
    notice a window whose beginning we were wrong about. One that tells nothing leaves it for as
    long to the pulls themselves, one at a time, to find out.
    """

    def __init__(self) -> None:
        self._under_way = 0
        self._begun: deque[float] = deque(maxlen=MOST_LOOKS)
        self._ended_at = 0.0
        self._blind_until = 0.0
        self._has_told = False
        self._was_vain = False

    @property
    def is_under_way(self) -> bool:
        """Whether the answer to one is awaited."""
        return self._under_way > 0

    @property
    def has_begun(self) -> bool:
        """Whether any was ever sent."""
        return bool(self._begun)

    def begin(self, now: float) -> None:
        """Hear that one is sent."""
        self._under_way += 1
        self._has_told, self._was_vain = False, True
        self._begun.append(now)

    def tell(self) -> None:
        """Hear that it told how many pulls are left."""
        self._has_told = True

    def succeed(self) -> None:
        """Hear that there are pulls again."""
        self._was_vain = False

    def end(self, now: float, window_seconds: float) -> None:
        """Hear that it is over, whatever came of it."""
        self._under_way, self._ended_at = max(0, self._under_way - 1), now
        self._blind_until = 0.0 if self._has_told else now + _pause(window_seconds)

    def absorb(self, other: PullLooks) -> None:
        """Take over the HEADs of what turned out to be the same, those under way among them."""
        self._under_way += other._under_way
        self._begun = deque(sorted([*self._begun, *other._begun]), maxlen=MOST_LOOKS)
        self._ended_at = max(self._ended_at, other._ended_at)
        self._blind_until = max(self._blind_until, other._blind_until)
        self._has_told |= other._has_told
        self._was_vain |= other._was_vain

    def is_blind(self, window: PullWindow, reserve: int, now: float) -> bool:
        """Tell whether a pull has to find out, as no HEAD could tell it when it was due."""
        is_over = now >= self._blind_until + window.seconds
        return window.opens_at(reserve) < self._blind_until and not is_over

    def due_at(self, window: PullWindow, reserve: int, now: float) -> float:
        """Return when to find out whether a spent *window* has more than *reserve* pulls again."""
        if self.is_blind(window, reserve, now):
            return window.opens_at(reserve)
        after = self._ended_at + _pause(window.seconds)
        is_full = len(self._begun) == MOST_LOOKS
        earliest = self._begun[0] + window.seconds if is_full else 0.0
        if not self._was_vain:
            first, many = window.look_between(reserve, _pause(window.seconds), MOST_LOOKS)
            # Of a sliding window pulls come back one by one: not each is worth a HEAD.
            after = max(first, min(many, after))
        return max(earliest, after)


def _pause(window_seconds: float) -> float:
    return max(_LEAST_PAUSE_SECONDS, window_seconds / MOST_LOOKS)
