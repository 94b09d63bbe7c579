"""What the reports of `scrapy report` are asked: about which repositories, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import DAY
from dockerhub.reports.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from dockerhub.reports.answers import Answer


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """What a report is asked."""

    scope: Scope = EVERYTHING
    present: int
    """now, in microseconds: what is old or recent is so before it"""
    limit: int = 50
    """rows at most"""
    days: int | None = None
    """the period; None: the report's own"""
    pulled_within: int = 30
    """days in which something must have been pulled to count as pulled"""
    tag: str | None = None
    """one tag, by its name, over time"""
    platform: str | None = None
    """only this one: `linux/arm64/v8`"""
    by_tag: bool = False
    """rows for tags instead of repositories"""
    order: str = "pulls"
    """what the most popular ones have most of: pulls, stars or growth"""

    def days_ago(self, days: int) -> int:
        """Return the moment so many days before the present one."""
        return self.present - days * DAY


class Report(NamedTuple):
    """What a report found: its rows, and what they come to together."""

    answer: Answer
    totals: Answer | None = None
