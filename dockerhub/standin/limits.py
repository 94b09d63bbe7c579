"""The rate limit of the Hub API, as Docker Hub's ``X-RateLimit-*`` headers describe it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.standin.retry_after import retry_after
from dockerhub.standin.windows import Window, Windows, source_of

if TYPE_CHECKING:
    from dockerhub.standin.options import Limit, Options


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one request is let through, and the headers that say so."""

    refused: bool
    headers: dict[str, str]


class Limits:
    """Counts requests per source in windows, and remembers the windows."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._windows = Windows(options)

    def take(self, address: str, account: str | None) -> Verdict | None:
        """Count one request; ``None`` if nothing limits it."""
        limit = self._limit(account)
        if limit is None:
            return None
        window = self._windows.window(source_of(address, account), limit)
        refused = not window.take()
        return Verdict(refused, self._headers(window, address, refused))

    def windows(self) -> list[Window]:
        """Return copies of all windows so far, in the order in which they were opened."""
        return self._windows.all()

    def clear(self) -> None:
        """Forget the windows that are over; one that is still open is counted on."""
        self._windows.clear()

    def _limit(self, account: str | None) -> Limit | None:
        chosen = self._options.account_limit
        return self._options.limit if account is None or chosen == "same" else chosen

    def _headers(self, window: Window, address: str, refused: bool) -> dict[str, str]:
        whole = math.ceil if self._options.reset == "ceil" else math.floor
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": str(whole(window.ends_at)),
            "x-ratelimit-ip": address,
        }
        if refused:
            now = self._options.clock()
            headers |= retry_after(self._options.retry_after, window.ends_at, now)
        return headers
