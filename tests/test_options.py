"""What texts of options are read as, and how the others are refused."""

from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.moments import DAY, HOUR
from dockerhub.options import if_given, read_count, read_time, read_word

NOON = 20_000 * DAY + 12 * HOUR  # 2024-10-04T12:00:00Z


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), ("999999999", 999_999_999)])
def test_counts(text: str, number: int) -> None:
    assert read_count("--limit", text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "x", "1000000000", "\u0661", "1_0", " 1"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="^--limit: expected a whole number from 1 to 99999999"):
        read_count("--limit", text)


def test_a_count_above_the_most_is_refused() -> None:
    with pytest.raises(ArgumentError) as refused:
        read_count("--days", "11", 10)
    assert str(refused.value) == '--days: expected a whole number from 1 to 10, got "11"'


@pytest.mark.parametrize(
    ("known", "expected"), [(("hour", "day"), "one of hour, day"), (("hour",), "hour")]
)
def test_words(known: tuple[str, ...], expected: str) -> None:
    assert read_word("--by", "hour", known) == "hour"
    with pytest.raises(ArgumentError) as refused:
        read_word("--by", "", known)
    assert str(refused.value) == f'--by: expected {expected}, got ""'


@pytest.mark.parametrize(
    ("text", "moment"),
    [("7d", NOON - 7 * DAY), ("24h", NOON - DAY), ("2024-10-03", 19_999 * DAY)],
)
def test_times(text: str, moment: int) -> None:
    assert read_time("--since", text, NOON) == moment


@pytest.mark.parametrize("text", ["", "7", "1y", "soon", "2024-10-05", "0001-01-01T00:00+23:59"])
def test_what_is_no_past_time_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        read_time("--since", text, NOON)
    assert str(refused.value) == (
        f'--since: expected a past time such as 7d, 24h or 2026-11-01, got "{text}"'
    )


def test_an_option_that_is_not_given_is_none() -> None:
    assert if_given(read_count, "--limit", None) is None
    assert if_given(read_count, "--limit", "2", 3) == 2
    with pytest.raises(ArgumentError):
        if_given(read_count, "--limit", "")
