from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.reports.answers import NotAnswered, answer_json, answer_table
from dockerhub.reports.tables import plain_lines
from dockerhub.reports.usage import usage_by, usage_period, usage_totals
from dockerhub.reports.usage_limits import read_limit
from dockerhub.reports.usage_summary import usage_summary
from dockerhub.reports.usage_watchers import usage_watchers
from dockerhub.store.questions import Questions
from dockerhub.store.usage import UsageWriter
from tests.reports.usages import write
from tests.store.made import NOW
from tests.store.test_usage import HOUR, row

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def questions(url: str) -> Iterator[Questions]:
    write(
        url,
        row(0, user="ada", token="ci", machine="machine 1", pulls=10, version_checks=1),
        row(0, user="bob", token="ci", machine="machine 2", pulls=4),
        row(
            1, user="ada", token="dev", machine="machines 1, 2", repository="library/nginx", pulls=5
        ),
        row(20, user="ada", token="ci", machine="machine 1", pulls=1),
    )
    with Questions(url, "usage_reading") as asked:
        yield asked


def by(questions: Questions, kind: str, **said: Any) -> list[dict[str, Any]]:
    answer = usage_by(questions, usage_period(questions, said.pop("since", None)), kind, **said)
    found: list[dict[str, Any]] = answer_json(answer)["rows"]
    return found


def test_tells_tokens_apart_by_their_users(questions: Questions) -> None:
    assert by(questions, "token") == [
        {"user": "ada", "token": "ci", "pulls": 11, "share": 0.55, "version_checks": 1, "hours": 2,
         "most_in_hour": 10, "most_in_day": 10},
        {"user": "ada", "token": "dev", "pulls": 5, "share": 0.25, "version_checks": 0, "hours": 1,
         "most_in_hour": 5, "most_in_day": 5},
        {"user": "bob", "token": "ci", "pulls": 4, "share": 0.2, "version_checks": 0, "hours": 1,
         "most_in_hour": 4, "most_in_day": 4},
    ]  # fmt: skip


def test_adds_up_users_over_their_tokens(questions: Questions) -> None:
    rows = [(row["user"], row["pulls"], row["most_in_day"]) for row in by(questions, "user")]
    # 08:00 and 09:00 are one day, 04:00 the next.
    assert rows == [("ada", 16, 15), ("bob", 4, 4)]


def test_does_not_divide_what_the_report_does_not(questions: Questions) -> None:
    answer = usage_by(questions, usage_period(questions, None), "machine")
    # Machine 1 had 11 pulls, or 16, or something between.
    assert [row[:4] for row in answer.rows] == [
        ("machine 1", 11, 16, 0.55),
        ("machines 1, 2", 5, None, 0.25),
        ("machine 2", 4, 9, 0.2),
    ]
    assert [column.name for column in answer_table(answer).columns][:3] == [
        *("machine", "pulls", "at_most")
    ]
    assert answer.notes == [
        (
            "lines that name several machines do not tell how much each pulled: they stand by"
            " themselves, and at_most adds them to each of theirs"
        )
    ]


def test_lines_together_count_though_they_are_not_shown(questions: Questions) -> None:
    assert [row["at_most"] for row in by(questions, "machine", most=1)] == [16]


def test_machines_that_are_told_apart_have_no_second_number(url: str) -> None:
    write(url, row(0, pulls=2), row(0, pulls=1, machine="machine 2"), row(0, machine=None))
    with Questions(url, "usage_reading") as questions:
        answer = usage_by(questions, usage_period(questions, None), "machine")
    assert [row[:3] for row in answer.rows] == [
        ("machine 1", 2, 2),
        (None, 1, None),
        ("machine 2", 1, 1),
    ]
    assert "at_most" not in [column.name for column in answer_table(answer).columns]
    assert answer.notes == []


def test_repositories(questions: Questions) -> None:
    rows = [(row["repository"], row["pulls"]) for row in by(questions, "repository")]
    assert rows == [("acme/app", 15), ("library/nginx", 5)]


def test_names_who_spent_most_of_an_hour(questions: Questions) -> None:
    first, second, third = by(questions, "hour")
    assert first == {
        "hour": "2026-11-22T08:00:00.000000Z", "pulls": 14, "share": 0.7, "version_checks": 1,
        "top_user": "ada", "top_token": "ci", "top_token_pulls": 10,
        "top_machine": "machine 1", "top_machine_pulls": 10,
        "top_repository": "acme/app", "top_repository_pulls": 14,
    }  # fmt: skip
    assert (second["hour"][11:13], second["top_token"], second["top_repository"]) == (
        "09",
        "dev",
        "library/nginx",
    )
    assert third["hour"] == "2026-11-23T04:00:00.000000Z"


def test_names_who_spent_most_of_a_day(questions: Questions) -> None:
    rows = by(questions, "day")
    assert [(row["day"], row["pulls"], row["top_token_pulls"]) for row in rows] == [
        ("2026-11-22", 19, 10),
        ("2026-11-23", 1, 1),
    ]


def test_shows_the_dearest_hours_where_not_all_are_asked_for(questions: Questions) -> None:
    assert [row["pulls"] for row in by(questions, "hour", most=2)] == [14, 5]


def test_counts_from_a_moment_on(questions: Questions) -> None:
    assert [row["pulls"] for row in by(questions, "token", since=NOW + HOUR)] == [5, 1]
    assert [row["pulls"] for row in by(questions, "day", since=NOW + HOUR)] == [5, 1]
    totals = usage_totals(usage_period(questions, NOW + HOUR))
    assert totals.rows == [(NOW + HOUR, NOW + 20 * HOUR, 2, 6, 0, 2, 1)]


def test_machines_of_two_reports_are_not_taken_for_one(url: str) -> None:
    write(url, row(0, pulls=2))
    write(url, row(1, pulls=3))
    write(url, row(2, pulls=4, addresses="192.0.2.1"), row(2, pulls=1, user="bob"))
    with Questions(url, "usage_reading") as questions:
        rows = [(row["machine"], row["pulls"]) for row in by(questions, "machine")]
    assert rows == [
        ("192.0.2.1", 4),
        ("machine 1 of report 2", 3),
        ("machine 1 of report 1", 2),
        ("machine 1 of report 3", 1),
    ]


def test_a_watcher_that_pulls_is_named(url: str) -> None:
    watcher = {"user": "ada", "token": "watch", "machine": "machine 3", "tag": "latest"}
    polite = {"user": "bob", "token": "watch", "tag": "latest"}
    write(
        url,
        *[row(hour, pulls=12, version_checks=12 * (hour == 0), **watcher) for hour in range(24)],
        *[row(hour, pulls=0, version_checks=60, **polite) for hour in range(24)],
        *[row(hour, pulls=9, user="cy", digest=bytes([hour]) * 32) for hour in range(24)],
        *[row(hour, pulls=9, user="dee") for hour in range(5)],
    )
    with Questions(url, "usage_reading") as questions:
        answer = usage_watchers(questions, usage_period(questions, None))
    [found] = answer_json(answer)["rows"]
    del found["digest"]
    assert found == {
        "user": "ada", "token": "watch", "machine": "machine 3", "repository": "acme/app",
        "tag": "latest", "hours": 24, "pulls": 288, "version_checks": 12,
    }  # fmt: skip
    assert answer.notes == [
        (
            "ada, token watch, machine 3 pulled acme/app:latest 288 times in 24 hours, always the"
            " same digest: a HEAD of the manifest, which is no pull, tells whether it has changed"
        )
    ]


def test_no_report_is_no_answer(url: str) -> None:
    with closing(UsageWriter(url)):
        pass
    with (
        Questions(url, "usage_reading") as questions,
        pytest.raises(NotAnswered, match="none was read yet; Docker Hub sends it by mail") as said,
    ):
        usage_period(questions, None)
    assert said.value.crawl == "scrapy usage REPORT.csv"
    write(url, row())
    with (
        Questions(url, "usage_reading") as questions,
        pytest.raises(NotAnswered, match="--since: expected a report on that time, found none"),
    ):
        usage_period(questions, NOW + HOUR)


def test_hostile_names_are_shown_harmless(url: str) -> None:
    hostile = "=cmd()\x1b[31m\u202e\x9b<script>" + "x" * 25_000
    write(url, *[row(hour, user=hostile, token=hostile, pulls=300) for hour in range(7)])
    with Questions(url, "usage_reading") as questions:
        period = usage_period(questions, None)
        for part in usage_summary(questions, period, read_limit(None, None, None)):
            text = "".join(plain_lines(answer_table(part.answer)))
            assert not {"\x1b", "\u202e", "\x9b"} & set(text)
            assert len(text) < 10_000
