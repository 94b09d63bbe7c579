"""Pulls gained, from samples of single days."""

from __future__ import annotations

from dockerhub.reports.pull_growth import Growth, growth_of


def test_the_days_of_a_fall_are_left_out_of_the_divisor() -> None:
    growth = growth_of([(1, 1000), (3, 1200), (7, 100), (8, 200)])
    assert growth == Growth(gained=300, days=3, last_day=8)
    assert growth.a_day == 100


def test_nothing_is_known_of_a_counter_that_only_fell() -> None:
    assert growth_of([(1, 1000), (2, 10)]) is None
    assert growth_of([(1, 1000), (2, 1000)]) == Growth(0, 1, 2)
