"""What `scrapy trends` is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from dockerhub.errors import ArgumentError
from dockerhub.reports.scope import EVERYTHING, Scope
from dockerhub.reports.trends_scores import THRESHOLD
from dockerhub.reports.trends_series import Period

SECTIONS = ("pulls", "growth", "anomalies", "lookalikes")


@dataclass(frozen=True, kw_only=True)
class TrendOptions:
    """What is asked."""

    today: int
    """days from 1970-01-01"""
    scope: Scope = EVERYTHING
    days: int = 30
    """today is the last one"""
    limit: int = 20
    """rows of each list of repositories, at most"""
    by: str | None = None
    """the one section that is wanted; None: all"""
    threshold: float = THRESHOLD
    """scores from here on are anomalies"""

    @property
    def period(self) -> Period:
        """The days that are asked for."""
        return Period(self.today - self.days + 1, self.today)

    def wants(self, section: str) -> bool:
        """Tell whether a section is asked for."""
        return self.by in {None, section}


def read_threshold(text: str) -> float:
    """Return the score from which on days are anomalies.

    :raises ArgumentError: if it is no number above 0
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not (isfinite(number) and number > 0):
        raise ArgumentError("--threshold", f"a number above 0, such as {THRESHOLD}", text)
    return number
