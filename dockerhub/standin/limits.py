"""Rate limits with fixed windows, as Docker Hub's ``X-RateLimit-*`` headers describe them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dockerhub.standin.retry_after import retry_after

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one request is let through, and the headers that say so."""

    refused: bool
    headers: dict[str, str]


class Limits:
    """Counts requests per source in windows, and remembers the windows."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._open: dict[str, Window] = {}
        self._windows: list[Window] = []

    def take(self, address: str, account: str | None) -> Verdict | None:
        """Count one request; ``None`` if nothing limits it."""
        limit = self._limit(account)
        if limit is None:
            return None
        now = self._options.clock()
        window = self._window(address if account is None else f"account:{account}", limit, now)
        refused = window.counted >= window.limit
        if refused:
            window.refused += 1
        else:
            window.counted += 1
        return Verdict(refused, self._headers(window, address, now, refused))

    def windows(self) -> list[Window]:
        """Return copies of all windows so far, in the order in which they were opened."""
        return [replace(window) for window in self._windows]

    def clear(self) -> None:
        """Forget the windows that are over; one that is still open is counted on."""
        now = self._options.clock()
        self._windows = [window for window in self._windows if window.ends_at > now]

    def _limit(self, account: str | None) -> Limit | None:
        chosen = self._options.account_limit
        return self._options.limit if account is None or chosen == "same" else chosen

    def _window(self, source: str, limit: Limit, now: float) -> Window:
        window = self._open.get(source)
        if window is None or now >= window.ends_at:
            aligned = self._options.window == "aligned"
            start = now // limit.seconds * limit.seconds if aligned else now
            window = Window(source, start, limit.seconds, limit.requests)
            self._open[source] = window
            self._windows.append(window)
        return window

    def _headers(self, window: Window, address: str, now: float, refused: bool) -> dict[str, str]:
        whole = math.ceil if self._options.reset == "ceil" else math.floor
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.limit - window.counted),
            "X-RateLimit-Reset": str(whole(window.ends_at)),
            "x-ratelimit-ip": address,
        }
        if refused:
            headers |= retry_after(self._options.retry_after, window.ends_at, now)
        return headers
