"""What has to be asked of a repository that was just met, given what the database knows."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from dockerhub.moments import MICROSECONDS

if TYPE_CHECKING:
    from dockerhub.items import RepositoryRow
    from dockerhub.known import KnownRepository

_DAY = 86_400 * MICROSECONDS
# A crawl of every night reaches a repository now earlier, now later than the night before.
_MOST_EARLY = _DAY // 4


class TagPlan(Enum):
    """What to do about a repository's tags."""

    SKIP = "nothing has changed since they were walked"
    NEWEST = "walk from the newest to the first page that is known"
    FULL = "walk from end to end"
    RESUME = "go on with a walk that was killed"


def needs_detail(row: RepositoryRow, known: KnownRepository | None) -> bool:
    """Tell whether a repository's own page has to be asked for: it may say something new.

    `last_modified` alone does not tell, it was set for millions of repositories at once on
    2024-10-16; so what the list shows of the description counts as well.
    """
    if known is None or known.detail_due:
        return True
    return (row.last_updated, row.last_modified, row.description) != (
        known.last_updated,
        known.last_modified,
        known.description,
    )


def plan_tags(
    row: RepositoryRow, known: KnownRepository | None, *, fresh: bool, now: int, full_days: float
) -> TagPlan:
    """Return what to do about the tags of a repository, as its *row* was just said to be.

    *known* is as the walk of the same arguments and caller left it; *now* is in microseconds;
    an unchanged list is walked in full every *full_days* days, to see what was deleted: up to a
    quarter of a day earlier, or who looks each night would see it every second time.
    """
    if row.is_never_pushed and not fresh and known is None:
        return TagPlan.SKIP
    if known is not None and known.open is not None and (known.open.is_full or not fresh):
        return TagPlan.RESUME
    settled = known.settled if known is not None else None
    if settled is None:
        return TagPlan.SKIP if row.is_never_pushed and not fresh else TagPlan.FULL
    if fresh or now - settled.full_at >= _due_after(full_days):
        return TagPlan.FULL
    return TagPlan.SKIP if settled.subject_updated == row.last_updated else TagPlan.NEWEST


def _due_after(full_days: float) -> float:
    """Return after how many microseconds a list is walked in full again."""
    return full_days * _DAY - min(_MOST_EARLY, full_days * _DAY / 4)
