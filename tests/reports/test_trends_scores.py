"""Odd days: robust z-scores, reckoned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.reports.trends_scores import (
    LEAST_PAST,
    PAST_DAYS,
    THRESHOLD,
    Anomaly,
    anomalies,
    robust_score,
)
from dockerhub.reports.trends_series import Day, Period, day_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST = 20_000

SCORES = [
    # median 3, deviations 0 1 1 2 97, MAD 1
    pytest.param(10, [1, 2, 3, 4, 100], 7 / 1.4826, 3, 1.4826, id="odd"),
    # median 25, deviations 5 5 15 15, MAD 10
    pytest.param(0, [10, 20, 30, 40], -25 / 14.826, 25, 14.826, id="even, and below"),
    pytest.param(25, [10, 20, 30, 40], 0, 25, 14.826, id="as usual"),
    # median 5, MAD 0, mean deviation 5 / 5
    pytest.param(10, [5, 5, 5, 5, 10], 5 / 1.253314, 5, 1.253314, id="MAD 0"),
    pytest.param(4, [0] * 14, 4, 0, 1, id="all 0"),
    pytest.param(140, [100] * 14, 4, 100, 10, id="all the same"),
    pytest.param(100, [100] * 14, 0, 100, 10, id="the same once more"),
]


@pytest.mark.parametrize(("value", "past", "score", "usual", "spread"), SCORES)
def test_scores(value: int, past: list[int], score: float, usual: float, spread: float) -> None:
    assert robust_score(value, past) == pytest.approx((score, usual, spread))


def days(
    pulls: Sequence[int | None], flags: Mapping[int, Mapping[str, int]] | None = None
) -> list[Day]:
    """Return days from `FIRST` on."""
    plain = {"is_interpolated": 0, "is_reset": 0, "is_correction": 0, "stars": None}
    return [
        Day(
            day=day_text(FIRST + place),
            pulls=one,
            pull_count=0,
            **{**plain, **(flags or {}).get(place, {})},
        )
        for place, one in enumerate(pulls)
    ]


def found(
    given_days: Sequence[Day], first: int = 0, last: int = 1000, threshold: float = THRESHOLD
) -> list[Anomaly]:
    return list(anomalies(given_days, Period(FIRST + first, FIRST + last), threshold))


EVEN = [10, 20] * 7  # median 15, MAD 5, spread 7.413


def test_a_day_is_judged_by_the_days_before_it_alone() -> None:
    (one,) = found(days([*EVEN, 41]))
    assert one[:2] == (day_text(FIRST + 14), 41)
    assert one.score == pytest.approx((26 / 7.413, 15, 7.413))
    assert one.past_days == 14


@pytest.mark.parametrize(("pulls", "is_odd"), [(40, False), (41, True)])
def test_the_threshold_is_three_and_a_half(pulls: int, is_odd: bool) -> None:
    # 25 / 7.413 = 3.37, 26 / 7.413 = 3.51
    assert bool(found(days([*EVEN, pulls]))) is is_odd


def test_another_threshold() -> None:
    assert found(days([*EVEN, 41]), threshold=3.6) == []
    assert len(found(days([*EVEN, 40]), threshold=3.3)) == 1


def test_fewer_pulls_are_odd_too() -> None:
    (one,) = found(days([*[100, 110] * 7, 0]))
    assert one.score.score == pytest.approx(-105 / 7.413)


def test_a_short_past_says_nothing() -> None:
    assert LEAST_PAST == 14
    assert found(days([*EVEN[:13], 1000])) == []


def test_days_of_gaps_are_neither_judged_nor_evidence() -> None:
    shared = {place: {"is_interpolated": 1} for place in (13, 14)}
    assert found(days([*EVEN[:13], 1000, 1000, 1000], shared)) == [], "13 days were counted"
    (one,) = found(days([*EVEN, 15, 1000, 1000], {14: {"is_interpolated": 1}, 15: {}}))[:1]
    assert one.day == day_text(FIRST + 15)
    assert found(days([*EVEN, 1000], {14: {"is_interpolated": 1}})) == []


def test_unknown_days_are_neither_judged_nor_evidence() -> None:
    fallen = days([*EVEN, None, 41], {14: {"is_reset": 1}})
    assert [one.day for one in found(fallen)] == [day_text(FIRST + 15)]
    assert found(fallen)[0].past_days == 14


def test_only_days_of_the_period_are_told() -> None:
    assert found(days([*EVEN, 41]), first=15) == []
    assert len(found(days([*EVEN, 41]), first=14)) == 1


def test_today_is_not_over_and_cannot_have_too_few() -> None:
    assert found(days([*[100, 110] * 7, 0]), last=14) == []
    assert len(found(days([*EVEN, 41]), last=14)) == 1


def test_the_past_ends_eight_weeks_back() -> None:
    assert PAST_DAYS == 56
    pulls = [1000] * 30 + EVEN * 4 + [41]
    (one,) = found(days(pulls), first=86)
    assert one.past_days == 56
    assert one.score.usual == 15


@settings(deadline=None)
@given(
    pulls=st.lists(st.one_of(st.integers(0, 30), st.integers(0, 10**6)), min_size=16, max_size=40),
    threshold=st.sampled_from([0.5, 1.0, 2.0, 3.5]),
)
def test_nothing_odd_is_passed_over(pulls: list[int], threshold: float) -> None:
    """What is left out without being reckoned is what its score leaves out."""
    expected = [
        day_text(FIRST + place)
        for place in range(LEAST_PAST, len(pulls))
        if abs(robust_score(pulls[place], sorted(pulls[:place])).score) >= threshold
    ]
    assert [one.day for one in found(days(pulls), threshold=threshold)] == expected
