"""The registry's window of pulls, as far as answers have shown it.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dockerhub.limits.budget import NEVER

if TYPE_CHECKING:
    from dockerhub.limits.pull_headers import PullLimit

# A window is over by its length after an answer from it, or a second later: whether its beginning
# is kept in whole seconds, and how they are rounded, is not known.
MARGIN_SECONDS = 1.05
_MOST_MOMENTS = 10_000
NOT_TOLD = NEVER
"""In the place of a moment: not told yet. It is the next one that is told, which is no earlier."""


class PullWindow:
    """The registry's window, as far as answers have shown it.

    It may be a fixed one, which ends all at once, or a sliding one, which each pull leaves by
    itself; what is held here is true of both.

    `free` is the lowest `remaining` of any answer since the last one that was *surely newer* than
    all before it, less the requests without an answer. The answer that the registry gave last is
    among them, and what it counted since is still under way: so `free` without what is under way
    is never more than what is really left, in whatever order answers come. An answer that shows
    more is surely newer if its request went when no pull was under way, and none has gone since;
    then the window is a new one, or pulls have left it. Any other one may have been overtaken, and
    is not believed.

    Those that a window holds are the latest `limit - remaining` of all pulls, and each leaves it
    by its length after its answer came. So many moments are kept, and they tell when as many pulls
    as are missing will surely be there again. If answers came late, they tell a later moment.
    """

    def __init__(self, told: PullLimit) -> None:
        self.limit = told.limit
        self.seconds = told.window_seconds
        self.lowest = told.remaining
        self._lost = 0
        self._is_settled = False
        self._moments: deque[float] = deque(maxlen=_MOST_MOMENTS)
        self._latest = NOT_TOLD
        self._went_alone_at = 0.0

    @property
    def free(self) -> int:
        """Pulls left, if none is under way."""
        return self.lowest - self._lost

    def stamp(self, now: float) -> None:
        """Hear what time it is, for all that happened since the last time."""
        if self._latest == NOT_TOLD:
            self._latest = now
        for index in range(len(self._moments) - 1, -1, -1):
            if self._moments[index] != NOT_TOLD:
                break
            self._moments[index] = now

    def go(self, now: float, *, in_flight: int) -> None:
        """Hear that a pull goes, or a look, while *in_flight* pulls are under way."""
        if not in_flight:
            self._went_alone_at = now

    def hear(self, told: PullLimit, *, in_flight: int, is_newer: bool = False) -> None:
        """Learn from an answer while *in_flight* pulls are under way."""
        # So much at once: more than half of what it held has left it.
        is_new = is_newer and 2 * (told.remaining - self.lowest) > told.limit - self.lowest
        if is_newer or told.remaining <= self.lowest:
            self.lowest = told.remaining
            self._lost = 0 if is_newer else self._lost
            self._is_settled = False
        if is_newer:
            # What had left the window when it went is not among those that it counts.
            self._drop_until(self._went_alone_at - self.seconds - MARGIN_SECONDS)
        if is_new:
            self._moments.clear()
        self.limit, self.seconds = told.limit, told.window_seconds
        self._keep(told.limit - told.remaining)
        self._latest = NOT_TOLD
        self.settle(in_flight)

    def answered(self, told: PullLimit, *, in_flight: int) -> bool:
        """Learn from the answer to a pull, and tell whether it is surely newer than all before."""
        is_newer = self._is_settled
        self.hear(told, in_flight=in_flight, is_newer=is_newer)
        self._moments.append(NOT_TOLD)
        self._keep(told.limit - told.remaining)
        return is_newer

    def lose(self, *, in_flight: int) -> None:
        """Count a request without an answer: it may have been counted."""
        self._lost += 1
        self._is_settled = False
        self._moments.append(NOT_TOLD)
        self._latest = NOT_TOLD
        self.settle(in_flight)

    def run_out(self, *, in_flight: int) -> None:
        """Hear that no pull is left."""
        self.lowest = 0
        self._is_settled = False
        self._latest = NOT_TOLD
        self.settle(in_flight)

    def settle(self, in_flight: int) -> None:
        """Hear how many pulls are under way."""
        self._is_settled = self._is_settled or in_flight == 0

    def begin_anew(self) -> None:
        """Forget all moments but this: they were those of another window."""
        self._moments.clear()
        self._moments.append(NOT_TOLD)
        self._latest = NOT_TOLD

    def absorb(self, other: PullWindow) -> None:
        """Take over what answers showed of the same window to somebody else."""
        self.lowest = min(self.lowest, other.lowest)
        self._lost += other._lost
        self._is_settled = False
        self._moments.extend(other._moments)
        self._moments = deque(sorted(self._moments), maxlen=_MOST_MOMENTS)
        self._latest = max(self._latest, other._latest)
        self._went_alone_at = max(self._went_alone_at, other._went_alone_at)

    def _drop_until(self, moment: float) -> None:
        while self._moments and self._moments[0] <= moment:
            self._moments.popleft()

    def _keep(self, most: int) -> None:
        while len(self._moments) > most:
            self._moments.popleft()

    def opens_at(self, reserve: int) -> float:
        """Return when more than *reserve* pulls are left at the latest, if nobody takes any."""
        missing = self._missing(reserve)
        is_kept = missing <= len(self._moments)
        last = self._moments[missing - 1] if is_kept else self._latest
        return last + self.seconds + MARGIN_SECONDS

    def look_between(self, reserve: int, pause: float, parts: int) -> tuple[float, float]:
        """Return when a look that costs nothing is worth it, and when it is worth more.

        The first is when the first pull above *reserve* is there, the second when one of so many
        *parts* of all that are ours is. Both are a *pause* after the last news if our own pulls do
        not explain what is missing: when others pulled is not known, and of pulls without an
        answer not whether they were counted.
        """
        missing, last = self._missing(reserve), len(self._moments) - 1
        if self.lowest > reserve or missing > len(self._moments):
            return self._latest + pause, self._latest + pause
        many = min(missing - 1 + (self.limit - reserve) // parts, last)
        ends = self.seconds + MARGIN_SECONDS
        return self._moments[missing - 1] + ends, self._moments[many] + ends

    def _missing(self, reserve: int) -> int:
        return max(1, reserve + 1 - self.free)
