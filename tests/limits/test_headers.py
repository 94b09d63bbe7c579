from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerhub.limits.headers import (
    LONGEST_WAIT_SECONDS,
    HubLimit,
    plain_headers,
    read_date,
    read_hub_limit,
    seconds_of_retry_after,
    seconds_to_wait,
)

NOW = 1_800_000_000.0
NOW_DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
RECORDED = Path(__file__).parents[3] / "shared" / "recorded" / "hub-429-2025-05-01.headers.json"


def limit(limit: str, remaining: str, reset: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": limit,
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": reset,
    }


def test_headers_get_lower_case_names_and_the_last_of_equal_ones() -> None:
    items = [(b"Retry-After", [b"1", b"2"]), (b"X-Caf\xe9", [b"\xff"]), (b"Empty", [])]
    assert plain_headers(items) == {"retry-after": "2", "x-caf\u00e9": "\u00ff"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param(limit("180", "179", "1800000060"), HubLimit(180, 179, 1800000060), id="usual"),
        pytest.param(limit("180", "0", "1800000060"), HubLimit(180, 0, 1800000060), id="spent"),
        pytest.param(limit(" 180 ", "7", "0"), HubLimit(180, 7, 0), id="spaces"),
        pytest.param(limit("180", "500", "60"), HubLimit(180, 180, 60), id="more than the limit"),
        pytest.param(limit("0", "0", "60"), None, id="limit 0"),
        pytest.param(limit("180", "-1", "60"), None, id="remaining below 0"),
        pytest.param(limit("180", "1", "-60"), None, id="reset below 0"),
        pytest.param(limit("180", "1", "9" * 13), None, id="reset beyond all calendars"),
        pytest.param(limit("180", "1", "9" * 400), None, id="reset beyond a float"),
        pytest.param(limit("180", "1", "9" * 5000), None, id="reset beyond reading"),
        pytest.param(limit("180", "1.5", "60"), None, id="fraction"),
        pytest.param(limit("3000, 3000;w=60", "1", "49"), None, id="the token service's form"),
        pytest.param(limit("", "", ""), None, id="empty"),
        pytest.param({"x-ratelimit-limit": "180"}, None, id="a part alone"),
        pytest.param({}, None, id="not said"),
    ],
)
def test_the_limit_is_read_whole_or_not_at_all(
    headers: dict[str, str], expected: HubLimit | None
) -> None:
    assert read_hub_limit(headers) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"date": NOW_DATE}, NOW),
        ({"date": "Fri, 15 Jan 2027 09:00:00 +0100"}, NOW),
        ({"date": "soon"}, None),
        ({"date": "Fri, 99 Jan 2027 08:00:00 GMT"}, None),
        ({"date": ""}, None),
        ({}, None),
    ],
)
def test_the_servers_clock_is_read(headers: dict[str, str], expected: float | None) -> None:
    assert read_date(headers) == expected


SPENT = limit("180", "0", "1800000040")


WAITS = [
    pytest.param({"retry-after": "17"}, 17.0, id="seconds"),
    pytest.param({"retry-after": " 1.5 "}, 1.5, id="fraction"),
    pytest.param({"retry-after": "0"}, 0.0, id="at once"),
    pytest.param({"retry-after": "1800000033"}, 33.0, id="epoch in the seconds header"),
    pytest.param({"retry-after": "1799999999"}, 0.0, id="epoch that is over"),
    pytest.param({"retry-after": "Fri, 15 Jan 2027 08:00:25 GMT"}, 25.0, id="date"),
    pytest.param({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0, id="date that is over"),
    pytest.param({"x-retry-after": "1800000044"}, 44.0, id="older header"),
    pytest.param({"x-retry-after": "44"}, 44.0, id="older header in seconds"),
    pytest.param({"retry-after": "5", "x-retry-after": "44"}, 5.0, id="both headers"),
    pytest.param({"retry-after": "?", "x-retry-after": "44"}, 44.0, id="the first is broken"),
]
NO_WAITS = [
    pytest.param({"retry-after": "-5", **SPENT}, 40.0, id="below 0, so the reset"),
    pytest.param({"retry-after": "nan", **SPENT}, 40.0, id="no number, so the reset"),
    pytest.param({"retry-after": "", **SPENT}, 40.0, id="empty, so the reset"),
    pytest.param(SPENT, 40.0, id="the reset alone"),
    pytest.param(limit("180", "0", "1799999000"), 0.0, id="a reset that is over"),
    pytest.param({"retry-after": "soon"}, None, id="a word"),
    pytest.param({}, None, id="not said"),
    pytest.param(limit("180", "0", "1900000000"), LONGEST_WAIT_SECONDS, id="reset years away"),
]
LONG_WAITS = [
    pytest.param({"retry-after": "86400"}, LONGEST_WAIT_SECONDS, id="a day"),
    pytest.param({"retry-after": "inf"}, LONGEST_WAIT_SECONDS, id="for ever"),
    pytest.param({"retry-after": "9" * 400}, LONGEST_WAIT_SECONDS, id="beyond a float"),
    pytest.param({"retry-after": "1900000000"}, LONGEST_WAIT_SECONDS, id="epoch years away"),
]


@pytest.mark.parametrize(("headers", "expected"), WAITS + LONG_WAITS + NO_WAITS)
def test_all_forms_of_waiting_are_understood(
    headers: dict[str, str], expected: float | None
) -> None:
    assert seconds_to_wait(headers, NOW) == expected


@pytest.mark.parametrize(("headers", "expected"), WAITS + LONG_WAITS)
def test_what_retry_after_asks_is_asked_whatever_the_limit_says(
    headers: dict[str, str], expected: float
) -> None:
    assert seconds_of_retry_after({**SPENT, **headers}, NOW) == expected


@pytest.mark.parametrize(("headers", "by_the_limit"), NO_WAITS)
def test_where_retry_after_cannot_be_read_it_asks_for_nothing(
    headers: dict[str, str], by_the_limit: float | None
) -> None:
    assert seconds_of_retry_after(headers, NOW) is None


def test_no_wait_is_longer_than_a_quarter_of_an_hour() -> None:
    assert LONGEST_WAIT_SECONDS == 15 * 60


@pytest.mark.skipif(not RECORDED.is_file(), reason="the folder shared is absent")
def test_a_recorded_429_waits_seconds_not_years() -> None:
    headers = json.loads(RECORDED.read_bytes())
    told, epoch = read_date(headers), int(headers["retry-after"])
    assert told is not None
    assert read_hub_limit(headers) == HubLimit(180, 0, epoch)
    assert seconds_to_wait(headers, told) == epoch - told
    assert 0 < epoch - told <= 60
