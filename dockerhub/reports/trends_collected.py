"""What one pass over many repositories finds: sums by day, the first rows of each list. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dockerhub.reports.first_rows import FirstRows
from dockerhub.reports.trends_scores import Anomaly, anomalies
from dockerhub.reports.trends_series import Fall, Gain, day_text, falls_in, gain_of
from dockerhub.reports.trends_tables import DayTotal, Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.reports.trends_series import Day, Period


class Collected:
    """What the repositories have shown so far."""

    def __init__(self, period: Period, limit: int, threshold: float | None) -> None:
        """*threshold* is where anomalies begin; None: they are not looked for."""
        self.totals: defaultdict[str, DayTotal] = defaultdict(DayTotal)
        self.falls = FirstRows[tuple[str, Fall]](limit, lambda one: (one[1].day, one[0]))
        self.absolute = FirstRows[tuple[Repository, Gain]](limit, _by_pulls)
        self.relative = FirstRows[tuple[Repository, Gain]](limit, _by_growth)
        self.anomalies = FirstRows[tuple[str, Anomaly]](limit, _by_score)
        self.days_sampled: set[str] = set()
        """days that repositories without a gain were looked at"""
        self._period = period
        self._first = day_text(period.first)
        self._threshold = threshold

    def add(self, repository: Repository, days: Sequence[Day]) -> None:
        """Add a repository with its days, which may begin before the period."""
        name = repository.full_name
        for day in days:
            if day.day >= self._first:
                self.totals[day.day].add(day)
        gain = gain_of(days, self._first)
        self._add_gain(repository, days, gain)
        for fall in falls_in(days, self._first) if gain is None else gain.falls:
            self.falls.add((name, fall))
        if self._threshold is not None:
            for anomaly in anomalies(days, self._period, self._threshold):
                self.anomalies.add((name, anomaly))

    def _add_gain(self, repository: Repository, days: Sequence[Day], gain: Gain | None) -> None:
        if gain is None:
            self.days_sampled.update(day.day for day in days if day.day >= self._first)
        elif gain.pulls:
            self.absolute.add((repository, gain))
            self.relative.add((repository, gain))


def _by_pulls(one: tuple[Repository, Gain]) -> tuple[int, str]:
    return -one[1].pulls, one[0].full_name


def _by_growth(one: tuple[Repository, Gain]) -> tuple[float, str]:
    return -one[1].growth, one[0].full_name


def _by_score(one: tuple[str, Anomaly]) -> tuple[float, str, str]:
    return -abs(one[1].score.score), one[1].day, one[0]
