from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.limits.server_clock import ServerClock

# A response: the Date that it carried, when its request went, when it came.
Heard = tuple[float, float, float]


@pytest.mark.parametrize(
    ("heard", "offset"),
    [
        pytest.param([], 0.0, id="nothing heard"),
        pytest.param([(100.0, 100.2, 100.4)], 0.0, id="may agree"),
        pytest.param([(100.0, 100.2, 100.4), (101.0, 101.9, 102.0)], 0.0, id="agrees twice"),
        pytest.param([(160.0, 100.25, 100.5)], 59.5, id="ahead: the fewest seconds"),
        pytest.param([(160.0, 100.25, 100.5), (161.0, 100.75, 101.0)], 60.0, id="ahead, narrowed"),
        pytest.param([(40.0, 100.25, 100.5)], -60.5, id="behind"),
        pytest.param([(160.0, 100.0, 130.0)], 30.0, id="a slow answer tells little"),
        pytest.param([(160.0, 100.0, 130.0), (160.0, 100.0, 100.5)], 59.5, id="a quick one more"),
        pytest.param([(160.0, 100.25, 100.5), (100.0, 100.5, 100.75)], 0.0, id="a clock was set"),
        pytest.param(
            [(100.0, 100.2, 100.4), (160.0, 100.25, 100.5)], 59.5, id="a clock was set ahead"
        ),
    ],
)
def test_the_offset_is_learnt_from_dates(heard: list[Heard], offset: float) -> None:
    clock = ServerClock()
    for date, sent, received in heard:
        clock.heard(date, sent, received)
    assert clock.offset() == offset


@settings(derandomize=True, deadline=None)
@given(
    st.floats(-1000, 1000),
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=20
    ),
)
def test_the_offset_is_never_more_than_the_true_one_of_a_clock_that_is_wrong(
    ahead: float, answers: list[tuple[float, float, float]]
) -> None:
    clock = ServerClock()
    sent = 1_000_000.0
    for pause, going, coming in answers:
        sent += pause
        clock.heard(math.floor(sent + going + ahead), sent, sent + going + coming)
    offset = clock.offset()
    quickest = min(going + coming for _, going, coming in answers)
    # 0 stands for "may agree", which is so within the width of what one answer can tell.
    assert offset <= ahead + 1e-6 or (offset == 0.0 and -ahead <= 1.0 + quickest)
    assert offset >= ahead - 1.0 - quickest - 1e-6 or offset == 0.0
