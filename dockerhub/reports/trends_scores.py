"""Days on which a repository was pulled unlike on the days before: robust z-scores. Pure.

The score of a day is its distance from the median of the days before it, in units of their spread:
1.4826 times the median absolute deviation (MAD), which for normal data is the standard deviation,
and which single odd days do not widen.
Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): 3.5, and the mean absolute
deviation where the MAD is 0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.trends_series import day_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.trends_series import Day, Period

THRESHOLD = 3.5
LEAST_PAST = 14
"""days that must have been counted before a day is judged"""
PAST_DAYS = 56
"""how far back its past reaches: eight weeks"""

_MAD = 1.4826
_MEAN_DEVIATION = 1.253314
_ROUNDING = 1 + 1e-9  # what lies on the threshold is to be reckoned


class Score(NamedTuple):
    """How unlike its past a number is."""

    score: float
    """above 0 for more than usual"""
    usual: float
    """the median of the past"""
    spread: float
    """what counts as one"""


class Anomaly(NamedTuple):
    """A day that is unlike its past."""

    day: str
    pulls: int
    score: Score
    past_days: int
    """days that it was compared with"""


def robust_score(value: float, past: Sequence[float]) -> Score:
    """Return how unlike *past*, which is sorted and not empty, *value* is.

    Where more than half of the past is one and the same number the MAD is 0: then the mean
    deviation counts; where all of it is the same, what a count scatters by itself (the square root
    of it, at least 1).
    """
    usual = float(_middle(past))
    deviations = [abs(number - usual) for number in past]
    spread = (
        _MAD * _middle(sorted(deviations))
        or _MEAN_DEVIATION * sum(deviations) / len(deviations)
        or sqrt(max(usual, 1))
    )
    return Score((value - usual) / spread, usual, spread)


def anomalies(days: Sequence[Day], period: Period, threshold: float) -> Iterator[Anomaly]:
    """Yield the days of the period that are unlike the days before them, in order.

    Days that share the pulls of a gap are neither judged nor part of a past: nobody counted them.
    Today is not over, so that it can only have too many pulls.
    """
    past = _Past()
    for day in days:
        if day.pulls is None or day.is_interpolated:
            continue
        number = day_number(day.day)
        past.forget(number - PAST_DAYS)
        is_judged = number >= period.first and len(past.sorted) >= LEAST_PAST
        if is_judged and not _is_plain(day.pulls, past.sorted, threshold):
            score = robust_score(day.pulls, past.sorted)
            is_odd = score.score if number == period.last else abs(score.score)
            if is_odd >= threshold:
                yield Anomaly(day.day, day.pulls, score, len(past.sorted))
        past.add(number, day.pulls)


def _is_plain(value: float, past: Sequence[float], threshold: float) -> bool:
    """Tell whether the MAD is plainly too wide for an anomaly, without reckoning it.

    It is if less than half of the past is as near to the median as the MAD would have to be.
    """
    usual = float(_middle(past))
    widest = abs(value - usual) / (threshold * _MAD) * _ROUNDING
    near = bisect_right(past, usual + widest) - bisect_left(past, usual - widest)
    return near <= (len(past) - 1) // 2


class _Past:
    """Days that were counted, kept in the order of their pulls too."""

    def __init__(self) -> None:
        self.sorted: list[int] = []
        self._days: deque[tuple[int, int]] = deque()

    def add(self, number: int, pulls: int) -> None:
        self._days.append((number, pulls))
        insort(self.sorted, pulls)

    def forget(self, before: int) -> None:
        """Forget the days before a day."""
        while self._days and self._days[0][0] < before:
            del self.sorted[bisect_left(self.sorted, self._days.popleft()[1])]


def _middle(numbers: Sequence[float]) -> float:
    """Return the median of numbers that are sorted."""
    half = len(numbers) // 2
    return numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
