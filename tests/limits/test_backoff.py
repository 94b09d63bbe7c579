from __future__ import annotations

import pytest

from dockerhub.limits.backoff import backoff_seconds

ALMOST_ONE = 1.0 - 2.0**-53


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        (1, 1.0, 2.0),
        (2, 2.0, 4.0),
        (3, 4.0, 8.0),
        (5, 16.0, 32.0),
        (6, 30.0, 60.0),
        (99, 30.0, 60.0),
    ],
)
def test_waits_double_up_to_a_minute(attempt: int, least: float, most: float) -> None:
    assert backoff_seconds(attempt, 0.0) == least
    assert backoff_seconds(attempt, 0.5) == (least + most) / 2
    assert least < backoff_seconds(attempt, ALMOST_ONE) <= most


def test_the_first_repetition_comes_within_five_seconds() -> None:
    assert backoff_seconds(1, ALMOST_ONE) < 5
