"""How long requests take at the budgets that there are. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

MINUTE = 60


class Budget(NamedTuple):
    """What one service lets us do by one exit."""

    rate: float | None
    """requests a minute that we allow ourselves; None: no ceiling of ours"""
    limit: int | None = None
    """requests that the service allows in a window; None: it did not say"""
    left: int | None = None
    """how many of them are left in this one"""
    resets_seconds: float | None = None
    """until there is as much again"""
    window_seconds: float = MINUTE

    def seconds(self, requests: float, exits: int = 1) -> float | None:
        """Return how long so many take, spread over so many exits; None if nothing limits them."""
        each = requests / max(1, exits)
        paced = each / self.rate * MINUTE if self.rate else None
        if self.limit is None:
            return paced
        left = self.limit if self.left is None else self.left
        waited = 0.0
        if each > left:
            windows = math.ceil((each - left) / max(1, self.limit))
            resets = self.resets_seconds if self.resets_seconds is not None else self.window_seconds
            # Of the last window only as long as its requests take, which we do not know: none.
            waited = resets + (windows - 1) * self.window_seconds
        return max(paced or 0.0, waited)


def windows_needed(pulls: float, left: int, limit: int, reserve: int) -> int:
    """Return how many windows beyond the present one so many pulls need."""
    more = pulls - max(0, left - reserve)
    return 0 if more <= 0 else math.ceil(more / max(1, limit - reserve))
