"""No more requests in any span than places begin in it, and one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.limits.pace import Pace


@given(
    late=st.lists(st.floats(0, 5), min_size=2, max_size=60),
    jitters=st.lists(st.floats(0, 0.999), min_size=60, max_size=60),
    per_minute=st.sampled_from([30, 60, 120, 600]),
)
def test_the_ceiling_holds_from_the_first_second(
    late: list[float], jitters: list[float], per_minute: int
) -> None:
    pace, now, went = Pace(per_minute), 1000.0, []
    for delay, jitter in zip(late, jitters, strict=False):
        now = pace.opens_at(now + delay if delay > 4 else now)
        pace.take(now, jitter)
        went.append(now)
    spacing = 60 / per_minute
    for first, began in enumerate(went):
        for last, ended in enumerate(went[first:]):
            # A place before the span and one after it may lend it a request each.
            assert last <= (ended - began) / spacing + 1 + 1e-6


def test_places_are_even_and_none_is_made_up_for() -> None:
    pace = Pace(60)
    pace.take(100.0, 0.5)
    assert pace.opens_at(100.0) == 101.5
    pace.take(101.5, 0.0)
    assert pace.opens_at(101.5) == 102.0
    pace.take(110.0)
    assert pace.opens_at(110.0) == 111.0


def test_all_of_the_ceiling_is_used_whatever_the_jitter() -> None:
    pace, now = Pace(60), 0.0
    for number in range(600):
        now = pace.opens_at(now)
        pace.take(now, (number * 0.618) % 1)
    assert now == pytest.approx(600, abs=2)


def test_nothing_is_no_ceiling() -> None:
    pace = Pace(0)
    pace.take(5.0, 0.9)
    assert pace.opens_at(5.0) == 5.0
