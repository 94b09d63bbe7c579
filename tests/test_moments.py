from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.moments import (
    MICROSECONDS,
    day,
    iso,
    microseconds,
    now,
    read_http_date,
    read_moment,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(EPOCH, 0, id="epoch"),
        pytest.param(EPOCH.replace(microsecond=1), 1, id="one microsecond"),
        pytest.param(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -MICROSECONDS, id="before"),
        pytest.param(datetime(1970, 1, 1, 1, tzinfo=timezone(HOUR)), 0, id="another zone"),
        pytest.param(
            datetime(2026, 1, 9, 19, 20, 49, 733138, tzinfo=UTC), 1767986449733138, id="today"
        ),
    ],
)
def test_moments_are_microseconds(moment: datetime, expected: int) -> None:
    assert microseconds(moment) == expected
    assert read_moment(moment.isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01.000000Z"),
        ("2025-08-01T21:05:46.09929Z", "2025-08-01T21:05:46.099290Z"),
        ("2026-01-09T19:20:49.733138382Z", "2026-01-09T19:20:49.733138Z"),
        ("2026-01-01T00:00:59.9999999Z", "2026-01-01T00:00:59.999999Z"),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_moments_are_read_with_any_number_of_digits_and_cut(text: str, expected: str) -> None:
    assert iso(read_moment(text)) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "12"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_moment(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1767986449733138, "2026-01-09T19:20:49.733138Z"),
        (1767986449000001, "2026-01-09T19:20:49.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-62135596800 * MICROSECONDS, "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_moments_are_written_in_utc_with_all_digits(moment: int, text: str) -> None:
    assert iso(moment) == text


@settings(derandomize=True, deadline=None)
@given(st.integers(-(2**31) * MICROSECONDS, 2**32 * MICROSECONDS))
def test_no_microsecond_is_lost_between_1902_and_2106(moment: int) -> None:
    assert microseconds(datetime.fromisoformat(iso(moment))) == moment


@pytest.mark.parametrize(
    ("moment", "number"),
    [(0, 0), (86_400 * MICROSECONDS - 1, 0), (86_400 * MICROSECONDS, 1), (-1, -1)],
)
def test_days_are_counted_from_midnight_to_midnight_in_utc(moment: int, number: int) -> None:
    assert day(moment) == number


ONE_MOMENT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("Fri, 15 Jan 2027 08:00:00 GMT", ONE_MOMENT, id="as it is written now"),
        pytest.param("Friday, 15-Jan-27 08:00:00 GMT", ONE_MOMENT, id="as it was written"),
        pytest.param("Fri, 15 Jan 2027 09:00:00 +0100", ONE_MOMENT, id="another zone"),
        pytest.param("Fri, 15 Jan 2027 03:00:00 EST", ONE_MOMENT, id="a zone by name"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", 0.0, id="epoch"),
        pytest.param("Fri, 99 Jan 2027 08:00:00 GMT", None, id="no day"),
        pytest.param("Fri, 15 Jan 2027 25:00:00 GMT", None, id="no hour"),
        pytest.param("Fri, 15 Jan 2027 08:00:00 +9999999", None, id="no zone"),
        pytest.param("2027-01-15T08:00:00Z", None, id="ISO"),
        pytest.param("1800000000", None, id="an epoch"),
        pytest.param("soon", None, id="a word"),
        pytest.param(" ", None, id="blank"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_dates_of_headers_are_read(text: str, moment: float | None) -> None:
    assert read_http_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Fri Jan 15 08:00:00 2027", id="asctime"),
        pytest.param("Fri, 15 Jan 2027 08:00:00", id="no zone"),
        pytest.param("Fri, 15 Jan 2027 08:00:00 -0000", id="unknown zone"),
    ],
)
def test_dates_without_a_zone_are_in_utc(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        moment = read_http_date(text)
    time.tzset()
    assert moment == ONE_MOMENT


@settings(derandomize=True, deadline=None)
@given(
    st.text("Fri, JanGMT:-+0123456789", max_size=40)
    | st.from_regex(r"Fri, [0-9]{1,3} Jan [0-9]{1,6} [0-9]{1,3}:00:00 [+-][0-9]{1,12}")
)
def test_no_header_is_too_odd_for_a_date(text: str) -> None:
    moment = read_http_date(text)
    assert moment is None or moment == round(moment)


def test_the_present_is_in_microseconds() -> None:
    assert microseconds(datetime(2026, 1, 1, tzinfo=UTC)) <= now() < 2**32 * MICROSECONDS
