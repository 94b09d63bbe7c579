from __future__ import annotations

import pytest

from dockerhub.reports.quota import Quota, quota_json, quota_table
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
        "is_limited": True,
        "limit": 100,
        "left": 97,
        "reserve": 20,
        "for_a_crawl": 77,
        "window_seconds": 3600,
        "resets_in_seconds": None,
        "charged_to": "192.0.x.x",
        "problem": None,
    }
