from __future__ import annotations

from typing import Any

import pytest

from dockerhub.reports.usage import usage_period
from dockerhub.reports.usage_limits import Stretch, read_limit, stretches, usage_limits
from dockerhub.store.questions import Questions
from tests.reports.usages import write
from tests.store.made import NOW
from tests.store.test_usage import HOUR, row


def spans(*pulls: int, limit: int, hours: int) -> list[tuple[int, int, int]]:
    """Return (first hour, last hour, most) of what one user pulled hour by hour."""
    rows = [("ada", place * HOUR, each) for place, each in enumerate(pulls) if each]
    found = stretches(rows, limit=limit, hours=hours)
    return [(s.first_hour // HOUR, s.last_hour // HOUR, s.most) for s in found]


@pytest.mark.parametrize(
    ("pulls", "limit", "hours", "found"),
    [
        ((199, 199), 200, 1, []),
        ((200, 0, 250), 200, 1, [(0, 0, 200), (2, 2, 250)]),
        ((200, 250, 300), 200, 1, [(0, 0, 200), (1, 1, 250), (2, 2, 300)]),
        ((100, 99, 1), 200, 6, [(0, 2, 200)]),
        ((100, 0, 0, 0, 0, 100), 200, 6, [(0, 5, 200)]),
        ((100, 0, 0, 0, 0, 0, 100), 200, 6, []),
        ((200, 0, 0, 0, 0, 200), 200, 6, [(0, 5, 400)]),
        ((200, 0, 0, 0, 0, 0, 200), 200, 6, [(0, 0, 200), (6, 6, 200)]),
        ((50,) * 24, 1200, 24, [(0, 23, 1200)]),
    ],
)
def test_every_window_that_is_possible_counts(
    pulls: tuple[int, ...], limit: int, hours: int, found: list[tuple[int, int, int]]
) -> None:
    assert spans(*pulls, limit=limit, hours=hours) == found


def test_each_caller_counts_for_himself() -> None:
    rows = [("ada", 0, 150), ("ada", HOUR, 60), ("bob", HOUR, 199)]
    assert list(stretches(rows, limit=200, hours=6)) == [Stretch("ada", 0, HOUR, 210)]


@pytest.mark.parametrize(
    ("plan", "pulls", "hours", "limit"),
    [
        (None, None, None, ("user", 200, 1)),
        ("personal", None, 6, ("user", 200, 6)),
        ("anonymous", None, None, ("machine", 100, 1)),
        ("pro", None, None, ("user", None, 1)),
        ("team", None, None, ("account", None, 1)),
        ("business", 5000, 24, ("account", 5000, 24)),
        (None, 40, None, ("user", 40, 1)),
    ],
)
def test_plans(
    plan: str | None, pulls: int | None, hours: int | None, limit: tuple[Any, ...]
) -> None:
    assert read_limit(plan, pulls, hours)[:3] == limit


def test_names_who_went_over(url: str) -> None:
    write(
        url,
        row(0, pulls=150),
        row(0, pulls=60, token="dev", machine="machine 2"),
        row(0, pulls=190, user="bob", machine="machine 2"),
    )
    with Questions(url, "usage_reading") as questions:
        period = usage_period(questions, None)
        answer = usage_limits(questions, period, read_limit(None, None, None))
        assert answer.rows == [("ada", NOW, NOW, 210, 200, 1.05, 10)]
        assert answer.notes[0] == "200 pulls in 1 h of each user: reached"
        assert "(--per 6h)" in answer.notes[2]
        answer = usage_limits(questions, period, read_limit("anonymous", 200, None))
        assert [(row[0], row[3], row[-1]) for row in answer.rows] == [("machine 2", 250, True)]
        assert not answer.fields[-1].is_shown
        answer = usage_limits(questions, period, read_limit("team", 400, 24))
        assert answer.rows == [(None, NOW, NOW, 400, 400, 1.0, 0)]
        answer = usage_limits(questions, period, read_limit("team", None, None))
        assert (answer.rows, answer.notes) == ([], ["this plan has no limit of pulls"])


@pytest.mark.parametrize(
    ("pulls", "said", "found"),
    [
        (99, "not reached as far as the reports tell", []),
        (198, "perhaps reached", [("machines 1, 2", 198, False)]),
        # Two that stay below the limit come to 198 together.
        (199, "reached", [("machines 1, 2", 199, True)]),
    ],
)
def test_what_several_machines_had_together_is_the_limit_of_none(
    url: str, pulls: int, said: str, found: list[tuple[Any, ...]]
) -> None:
    write(url, row(0, pulls=99), row(0, pulls=pulls, machine="machines 1, 2"))
    with Questions(url, "usage_reading") as questions:
        period = usage_period(questions, None)
        answer = usage_limits(questions, period, read_limit("anonymous", None, None))
    assert [(row[0], row[3], row[-1]) for row in answer.rows] == found
    assert answer.fields[-1].is_shown
    assert answer.notes[0] == f"100 pulls in 1 h of each machine: {said}"
    assert "lines that name several machines do not tell how much each pulled" in answer.notes[1]


def test_a_user_whose_name_has_a_comma_is_one(url: str) -> None:
    write(url, row(0, pulls=200, user="ada, bob"))
    with Questions(url, "usage_reading") as questions:
        period = usage_period(questions, None)
        answer = usage_limits(questions, period, read_limit(None, None, None))
    assert answer.rows == [("ada, bob", NOW, NOW, 200, 200, 1.0, 0)]
    assert answer.notes[0] == "200 pulls in 1 h of each user: reached"
