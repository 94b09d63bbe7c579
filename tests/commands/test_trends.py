"""`scrapy trends` as a user runs it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.moments import day, now
from dockerhub.reports.trends_series import day_text
from dockerhub.store.database import open_database
from tests.crawling import Ended, environment, forked
from tests.reports.trends_made import put_samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Ended]

NOWHERE = "http://127.0.0.1:9"
HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r<script>alert(1)</script>=cmd()" + "A" * 25_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
def run(database: Path) -> Run:
    def run(*words: str) -> Ended:
        env = environment(NOWHERE, database)
        ended = forked("trends", *words, env=env, cwd=database.parent)
        assert "Traceback" not in ended.err, ended.err
        return ended

    return run


def put(database: Path, pulls: dict[str, dict[int, int | None]], **said: Any) -> None:
    put_samples(f"sqlite:///{database}", pulls, present=now(), **said)


def said(ended: Ended) -> list[str]:
    return ended.err.splitlines()


def test_all_sections_as_tables(run: Run, database: Path) -> None:
    put(
        database,
        {
            "library/nginx": {4: 10_000, 1: 10_300},
            "evil/ngnix": {2: 10, 1: 25},
            "bitnami/redis": {3: 800, 2: 2, 1: 12},
        },
    )
    ended = run()
    assert ended.status == 0, ended.err
    days = [day_text(day(now()) - ago) for ago in (4, 3, 2, 1)]
    assert [line.split() for line in ended.out.splitlines()[2:6]] == [
        [days[0], "0", "0", "0"],
        [days[1], "100", "1", "1", "0"],
        [days[2], "100", "1", "1", "1"],
        [days[3], "125", "3", "1", "0"],
    ]
    titles = [line for line in ended.out.splitlines() if line[:1].isupper()]
    assert titles == [
        "Pulls a day",
        "Counts that fell: the pulls of those days are unknown",
        "Most pulls gained",
        "Fastest growing",
        "Days unlike the days before",
        "Names that look like official images",
    ]
    assert "\nDays unlike the days before\n(none)\n" in ended.out
    assert "evil/ngnix  library/nginx  1 letter off" in ended.out
    assert ended.err == ""
    gaps = "3 of 4 days hold pulls of gaps between two samples, shared evenly (interpolated)"
    assert f"\n({gaps})\n" in ended.out


def test_one_section_as_json(run: Run, database: Path) -> None:
    put(database, {"bitnami/redis": {2: 1000, 1: 1500}, "a/x": {2: 1, 1: 2}})
    ended = run("--org", "bitnami", "--by", "growth", "--json", "--days", "7")
    assert (ended.status, ended.err) == (0, "")
    told = json.loads(ended.out)
    (one,) = told["sections"]["growth_relative"]["rows"]
    assert (one["repo_name"], one["pulls"], one["growth"]) == ("bitnami/redis", 500, 0.5)
    (series,) = told["series"]
    assert [each["pulls"] for each in series["days"]] == [None, 500]


def test_one_day_is_not_enough(run: Run, database: Path) -> None:
    put(database, {"bitnami/redis": {1: 1000}})
    ended = run("--org", "bitnami")
    since = day_text(day(now()) - 29)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        f"scrapy trends: bitnami since {since}: expected samples of two days, got 1;"
        " each crawl brings one; run: scrapy crawl org -a org=bitnami\n"
    )


def test_no_database(run: Run) -> None:
    ended = run()
    assert (ended.status, ended.out, len(said(ended))) == (1, "", 1)
    assert "crawl first, such as: scrapy crawl org -a org=bitnami" in ended.err


WRONG = [
    (("--days", "0"), '--days: expected a whole number from 1 to 36500, got "0"'),
    (("--days", "x"), '--days: expected a whole number from 1 to 36500, got "x"'),
    (("--limit", "-3"), '--limit: expected a whole number from 1 to 999999999, got "-3"'),
    (("--threshold", "nan"), '--threshold: expected a number above 0, such as 3.5, got "nan"'),
    (("--threshold", "x"), '--threshold: expected a number above 0, such as 3.5, got "x"'),
    (("--org", "a/b"), '--org: expected a user or an organisation, such as bitnami, got "a/b"'),
    (("--repo", "a/b/c"), 'got "a/b/c"'),
    (("--by", "stars"), '--by: expected one of pulls, growth, anomalies, lookalikes, got "stars"'),
    (("more",), "expected no arguments; got more"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_wrong_arguments(run: Run, words: tuple[str, ...], told: str) -> None:
    ended = run(*words)
    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err, ended.err


def test_help_has_an_example(run: Run) -> None:
    ended = run("--help")
    assert ended.status == 0
    assert "scrapy trends --org bitnami --days 30" in " ".join(ended.out.split())


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_hostile_text_is_shown_harmless(run: Run, database: Path, words: tuple[str, ...]) -> None:
    with closing(open_database(f"sqlite:///{database}")) as connection:
        connection.execute(
            "INSERT INTO repository (id, namespace, name, description, pull_count, detail_due,"
            " first_seen_at, last_seen_at) VALUES (1, ?, 'ngnix', ?, 900, 0, 0, 0),"
            " (2, 'library', 'nginx', ?, 900, 0, 0, 0)",
            (HOSTILE, HOSTILE, HOSTILE),
        )
        connection.executemany(
            "INSERT INTO pull_sample VALUES (1, ?, ?, 5)",
            [(day(now()) - ago, count) for ago, count in ((3, 900), (2, 5), (1, 90))],
        )
    ended = run(*words)
    assert ended.status == 0
    shown = ended.out + ended.err
    assert [sign for sign in shown if not sign.isprintable() and sign != "\n"] == []
    assert "ngnix" in shown or not words
    assert all(len(line) < 600 for line in ended.out.splitlines()) or words
