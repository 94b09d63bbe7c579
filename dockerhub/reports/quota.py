"""What Docker Hub's services still let us do, as a table and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.reports.tables import Column, Table
from dockerhub.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNLIMITED = "unlimited"


class Quota(NamedTuple):
    """What one service lets us do, as its last answer said."""

    service: str
    limit: int | None = None
    """requests in a window; None: nothing is limited, or `problem` says why it is not known"""
    left: int | None = None
    window_seconds: int | None = None
    """the length of a window, where it is said"""
    resets_seconds: float | None = None
    """until there is as much again; None where nobody says when the window began"""
    charged_to: str | None = None
    """who is charged, shortened: it is personal data"""
    problem: str | None = None
    """why nothing of it is known"""
    reserve: int = 0
    """of what is left, so many are not for a crawl"""

    @property
    def for_a_crawl(self) -> int | None:
        """How many of what is left a crawl would take."""
        return None if self.left is None else max(0, self.left - self.reserve)


def quota_table(quotas: Sequence[Quota], *, signed_in: bool) -> Table:
    """Return the rows for a person."""
    columns = (
        Column("service"),
        Column("as"),
        Column("limit"),
        Column("left", is_number=True),
        Column("for a crawl", is_number=True),
        Column("resets"),
        Column("charged to"),
    )
    who = "signed in" if signed_in else "anonymous"
    return Table(columns, [(quota.service, who, *_cells(quota)) for quota in quotas])


def quota_json(quotas: Sequence[Quota], *, signed_in: bool) -> dict[str, Any]:
    """Return the same for a program."""
    return {
        "signed_in": signed_in,
        "services": [
            {
                "service": quota.service,
                "is_limited": None if quota.problem else quota.limit is not None,
                "limit": quota.limit,
                "left": quota.left,
                "reserve": quota.reserve,
                "for_a_crawl": quota.for_a_crawl,
                "window_seconds": quota.window_seconds,
                "resets_in_seconds": quota.resets_seconds,
                "charged_to": quota.charged_to,
                "problem": quota.problem,
            }
            for quota in quotas
        ],
    }


def _cells(quota: Quota) -> tuple[str | None, ...]:
    if quota.problem is not None:
        return (quota.problem, None, None, None, quota.charged_to)
    if quota.limit is None:
        return (_UNLIMITED, None, None, None, quota.charged_to)
    window = "" if quota.window_seconds is None else f" in {_time(quota.window_seconds)}"
    numbers = [None if one is None else str(one) for one in (quota.left, quota.for_a_crawl)]
    return (f"{quota.limit}{window}", *numbers, _resets(quota), quota.charged_to)


def _resets(quota: Quota) -> str | None:
    if quota.resets_seconds is not None:
        return f"in {_time(quota.resets_seconds)}"
    # When the window began is not told: only that it is over when its length has passed.
    return None if quota.window_seconds is None else f"within {_time(quota.window_seconds)}"


def _time(seconds: float) -> str:
    text = duration(seconds)
    for nothing in (" 0 s", " 0 min"):
        text = text.removesuffix(nothing)
    return text
