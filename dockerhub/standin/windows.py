"""Fixed windows in which requests of a source are counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerhub.standin.options import Limit, Options


@dataclass(slots=True)
class Window:
    """One window of one *source* (an address, or ``account:`` and its name).

    *started_at* is in seconds since 1970, *counted* the requests that were let through,
    *refused* those that got 429.
    """

    source: str
    started_at: float
    seconds: float
    limit: int
    counted: int = 0
    refused: int = 0

    @property
    def ends_at(self) -> float:
        return self.started_at + self.seconds

    @property
    def left(self) -> int:
        return max(0, self.limit - self.counted)

    def take(self) -> bool:
        """Count one request and return whether it is let through."""
        if self.counted >= self.limit:
            self.refused += 1
            return False
        self.counted += 1
        return True


class Windows:
    """The windows of all sources, those that are over as well."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._open: dict[str, Window] = {}
        self._windows: list[Window] = []

    def window(self, source: str, limit: Limit) -> Window:
        """Return the window of *source* that is open now."""
        now = self._options.clock()
        window = self._open.get(source)
        if window is None or now >= window.ends_at:
            aligned = self._options.window == "aligned"
            start = now // limit.seconds * limit.seconds if aligned else now
            window = Window(source, start, limit.seconds, limit.requests)
            self._open[source] = window
            self._windows.append(window)
        return window

    def all(self) -> list[Window]:
        """Return copies of all windows so far, in the order in which they were opened."""
        return [replace(window) for window in self._windows]

    def clear(self) -> None:
        """Forget the windows that are over; one that is still open is counted on."""
        now = self._options.clock()
        self._windows = [window for window in self._windows if window.ends_at > now]


def source_of(address: str, account: str | None) -> str:
    """Return whom a request is counted for."""
    return address if account is None else f"account:{account}"
