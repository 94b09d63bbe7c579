from __future__ import annotations

import re

import pytest

from dockerhub.reports.quota import Quota, quota_json, quota_table, shut_line
from dockerhub.reports.tables import plain_lines

ROWS = [
    Quota("Hub API", 180, 179, resets_seconds=43.4, charged_to="192.0.x.x"),
    Quota("pulls", 100, 97, 3600, charged_to="192.0.x.x", reserve=20),
    Quota("token service", problem="cannot be reached"),
]


def test_each_service_has_a_row() -> None:
    assert list(plain_lines(quota_table(ROWS, signed_in=False))) == [
        "service        as         limit              left  for a crawl  resets      charged to",
        "Hub API        anonymous  180                 179          179  in 43 s     192.0.x.x",
        "pulls          anonymous  100 in 1 h           97           77  within 1 h  192.0.x.x",
        "token service  anonymous  cannot be reached",
    ]


def test_what_is_not_limited_is_not_empty() -> None:
    table = quota_table([Quota("pulls", reserve=20)], signed_in=True)

    assert list(plain_lines(table))[1] == "pulls    signed in  unlimited"


@pytest.mark.parametrize(("left", "ours"), [(100, 80), (20, 0), (3, 0), (0, 0)])
def test_a_crawl_takes_no_more_than_the_reserve_leaves(left: int, ours: int) -> None:
    assert Quota("pulls", 100, left, 3600, reserve=20).for_a_crawl == ours


@pytest.mark.parametrize(
    ("seconds", "text"), [(3600, "1 h"), (21_600, "6 h"), (5400, "1 h 30 min"), (60, "1 min")]
)
def test_the_window_is_said_as_people_say_it(seconds: int, text: str) -> None:
    row = quota_table([Quota("pulls", 100, 97, seconds)], signed_in=False).rows[0]

    assert row[2] == f"100 in {text}"
    assert row[5] == f"within {text}"


def test_the_json_tells_unlimited_and_unknown_apart() -> None:
    found = quota_json([*ROWS, Quota("pulls")], signed_in=True)

    assert found["signed_in"] is True
    assert [one["is_limited"] for one in found["services"]] == [True, True, None, False]
    assert found["services"][1] == {
        "service": "pulls",
        "exit": "direct",
        "is_limited": True,
        "limit": 100,
        "left": 97,
        "reserve": 20,
        "for_a_crawl": 77,
        "window_seconds": 3600,
        "resets_in_seconds": None,
        "charged_to": "192.0.x.x",
        "is_account_charged": False,
        "same_address_as": None,
        "problem": None,
    }


GATE, GONE = "gw.example:7000.1", "10.0.0.7:3128"
BY_EXITS = [
    Quota("Hub API", 180, 179, resets_seconds=43, charged_to="192.0.x.x", exit=GATE),
    Quota("Hub API", 180, 178, charged_to="192.0.x.x", exit="direct", same_as=GATE),
    Quota("Hub API", problem="cannot be connected to", exit=GONE, is_shut=True),
    Quota("pulls", 200, 9, 3600, charged_to="a...", is_account=True, exit=GATE, same_as="direct"),
    Quota("pulls", exit="direct", same_as=GATE),
    Quota("pulls", problem="cannot be connected to", exit=GONE, is_shut=True),
]


def test_each_exit_has_a_row_and_one_that_is_shut_has_one_for_all() -> None:
    # Wide as it is, it is looked at line by line, without the space between the columns.
    lines = plain_lines(quota_table(BY_EXITS, signed_in=True))
    assert ["|".join(re.split("  +", line)) for line in lines] == [
        "service|exit|as|limit|left|for a crawl|resets|charged to",
        "Hub API|gw.example:7000.1|signed in|180|179|179|in 43 s|192.0.x.x",
        "Hub API|direct|signed in|180|178|178|192.0.x.x (same as gw.example:7000.1)",
        "pulls|gw.example:7000.1|signed in|200 in 1 h|9|9|within 1 h|the account a...",
        "pulls|direct|signed in|unlimited|(same as gw.example:7000.1)",
        "all|10.0.0.7:3128|signed in|cannot be connected to",
    ]


def test_the_json_of_exits_has_every_service_of_each() -> None:
    found = quota_json(BY_EXITS, signed_in=True)["services"]

    assert [one["exit"] for one in found] == [GATE, "direct", GONE] * 2
    assert [one["problem"] for one in found] == [None, None, "cannot be connected to"] * 2
    assert [one["same_address_as"] for one in found[:2]] == [None, GATE]
    assert found[3]["is_account_charged"] is True


def test_exits_that_are_shut_are_one_line() -> None:
    assert shut_line(BY_EXITS[:2]) == []
    (line,) = shut_line(BY_EXITS)
    assert line == (
        "proxies: expected all 3 exits to let us through, 1 did not:"
        " 10.0.0.7:3128 (cannot be connected to)"
    )
    many = [
        Quota("pulls", problem="brings no answer", exit=f"10.0.0.7:{port}", is_shut=True)
        for port in range(1, 13)
    ]
    named = ", ".join(f"10.0.0.7:{port}" for port in range(1, 11))
    (line,) = shut_line([*many, BY_EXITS[-1]])
    assert line == (
        f"proxies: expected one that lets us through, got none: {named} and 2 more"
        " (brings no answer); 10.0.0.7:3128 (cannot be connected to)"
    )
