"""What the last requests brought, by source: which source goes next, and when it is over. Pure."""

from __future__ import annotations

from collections import deque
from enum import StrEnum


class Source(StrEnum):
    """Where a discovery looks."""

    SEARCH = "search"
    LISTS = "lists"


class Yield:
    """New repositories a request, over the last *window* requests of one source."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._steps: deque[tuple[int, int]] = deque([(0, 0)])
        self.requests = 0
        self.new = 0

    def took(self, requests: int, new: int) -> None:
        """Take what some requests brought."""
        self.requests += requests
        self.new += new
        self._steps.append((self.requests, self.new))
        while len(self._steps) > 1 and self._steps[1][0] <= self.requests - self._window:
            self._steps.popleft()

    @property
    def is_full(self) -> bool:
        """Whether so many requests were made that their yield means something."""
        return self.requests >= self._window

    @property
    def recent(self) -> float:
        """New repositories a request, of late."""
        requests, new = self._steps[0]
        return (self.new - new) / max(1, self.requests - requests)

    @property
    def overall(self) -> float:
        """New repositories a request, since the start."""
        return self.new / max(1, self.requests)


class Yields:
    """Decides between searching and listing by what either brought of late.

    The one that brings more goes on; now and then the other has a turn, to see whether that has
    changed. A source is over when a whole window of its requests brought fewer than *least* each.
    """

    def __init__(self, window: int, least: float) -> None:
        self.window, self.least = window, least
        self.of = {source: Yield(window) for source in Source}
        self._turns = 0

    def is_over(self, source: Source) -> bool:
        """Tell whether *source* brings too little to go on with it."""
        found = self.of[source]
        return found.is_full and found.recent < self.least

    def choose(self) -> Source | None:
        """Return the source that goes next, None if neither is worth it."""
        left = [source for source in Source if not self.is_over(source)]
        if len(left) < 2:
            return left[0] if left else None
        self._turns += 1
        best, other = sorted(left, key=lambda source: -self._promise(source))
        return other if self._turns % _OTHERS_TURN == 0 else best

    def _promise(self, source: Source) -> float:
        """Return what a request is thought to bring; much, while little was tried."""
        found = self.of[source]
        tried = min(found.requests, self.window)
        return (found.recent * tried + _HOPE * _TRIED) / (tried + _TRIED)


_OTHERS_TURN = 20
_HOPE, _TRIED = 20.0, 5
