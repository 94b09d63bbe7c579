"""When each exit may be used, and how long to wait for those that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.budget import NEVER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

AWAITED = 1e18
"""In the place of a moment: as soon as the one request is answered with which an exit is tried."""

# So long, as a part of our patience, an exit that fails is waited for by what others cannot do.
_SHARE_OF_PATIENCE = 20


class Openings(dict[str, float]):
    """When each exit may be used, in Unix seconds: now, later, `AWAITED`, or `NEVER`."""

    def __init__(
        self,
        opens: Mapping[str, float],
        *,
        lost_at: Mapping[str, float] | None = None,
        patience_seconds: float = NEVER,
    ) -> None:
        """*lost_at* is when each began to fail that has brought nothing good since."""
        super().__init__(opens)
        self._lost_at = lost_at or {}
        self._patience_seconds = patience_seconds

    def only(self, name: str) -> Openings:
        """Return what is told of the exit *name* alone."""
        return Openings(
            {name: self[name]}, lost_at=self._lost_at, patience_seconds=self._patience_seconds
        )

    def is_waited_for(self, name: str, now: float) -> bool:
        """Tell whether *name* is open, or may be soon: it is tried, or fails for a short while."""
        if self[name] <= now or self[name] == AWAITED:
            return True
        failing = now - self._lost_at.get(name, now)
        return self[name] < NEVER and failing * _SHARE_OF_PATIENCE <= self._patience_seconds

    def gives_up_at(self, names: Collection[str], now: float) -> float:
        """Return when to wait no longer for any of *names*, those that are not shut.

        `NEVER` while one of them is open or tried. The patience begins when the last of them
        failed, and one that is tried in between and fails again does not renew it.
        """
        if all(self[name] == NEVER for name in names or self):
            return now
        is_open = [self[name] <= now or self[name] == AWAITED for name in names]
        if any(is_open) or not names:
            return NEVER  # what goes by one that is shut is refused, and told why
        lost = max(self._lost_at.get(name, now) for name in names if self[name] < NEVER)
        return lost + self._patience_seconds


ONLY_DIRECT = Openings({DIRECT: 0.0})
"""Where there is no proxy."""
