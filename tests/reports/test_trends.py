"""What `scrapy trends` finds in a real database."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, RepositoryPage, WalkEnd
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered, answer_json
from dockerhub.reports.scope import read_scope
from dockerhub.reports.trends_json import trends_json
from dockerhub.reports.trends_options import TrendOptions
from dockerhub.store.database import open_database
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.reports.trends_made import TODAY, ask, put_samples
from tests.store.made import DAY, NOW, row, step

if TYPE_CHECKING:
    from dockerhub.reports.trends import Trends


def rows(found: Trends, section: str) -> list[dict[str, Any]]:
    return list(answer_json(found.sections[section])["rows"])


def column(found: Trends, section: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in rows(found, section)]


def test_pulls_of_all_repositories_day_by_day(url: str) -> None:
    put_samples(url, {"a/x": {3: 100, 2: 110, 0: 131}, "a/y": {2: 1000, 1: 1005, 0: 2}})
    found = ask(url)
    assert list(found.sections) == [
        *("pulls", "falls", "growth_absolute", "growth_relative", "anomalies", "lookalikes")
    ]
    assert column(
        found,
        "pulls",
        *("day", "pulls", "repository_count", "interpolated_count", "interpolated_pulls"),
        "unknown_count",
    ) == [
        ("2026-11-19", None, 0, 0, None, 0),
        ("2026-11-20", 10, 1, 0, 0, 0),
        ("2026-11-21", 15, 2, 1, 10, 0),
        ("2026-11-22", 11, 1, 1, 11, 1),
    ]
    assert found.sections["pulls"].notes == [
        "2 of 4 days hold pulls of gaps between two samples, shared evenly (interpolated)",
        "2026-11-22 is not over: its pulls are those until the last look",
    ]
    assert rows(found, "falls") == [
        {
            "repo_name": "a/y",
            "day": "2026-11-22",
            "pulls_before": 1005,
            "pulls_after": 2,
            "kind": "reset",
            "unknown_days": 1,
        }
    ]


def test_growth_by_pulls_and_by_share(url: str) -> None:
    put_samples(
        url,
        {
            "a/big": {2: 1_000_000, 0: 1_020_000},
            "a/fast": {2: 10_000, 0: 20_000},
            "a/tiny": {2: 1, 0: 3},
            "a/idle": {2: 50, 0: 50},
            "a/new": {0: 7},
        },
    )
    found = ask(url, by="growth")
    assert list(found.sections) == ["growth_absolute", "growth_relative"]
    told = ("repo_name", "pulls", "growth", "pulls_a_day", "pulls_at_begin", "stars_gained")
    assert column(found, "growth_absolute", *told) == [
        ("a/big", 20_000, 0.02, 10_000.0, 1_000_000, 0),
        ("a/fast", 10_000, 1.0, 5_000.0, 10_000, 0),
        ("a/tiny", 2, 0.002, 1.0, 1, 0),
    ]
    assert column(found, "growth_relative", "repo_name") == [("a/fast",), ("a/big",), ("a/tiny",)]
    assert found.sections["growth_relative"].notes == [
        "growth is pulls / pulls_at_begin, of which at least 1000 are counted"
    ]


def test_growth_names_the_days_on_which_a_count_fell(url: str) -> None:
    put_samples(url, {"a/x": {5: 1000, 4: 1010, 2: 3, 1: 5, 0: 4}})
    (one,) = rows(ask(url), "growth_absolute")
    assert (one["pulls"], one["known_days"], one["unknown_days"]) == (12, 2, 3)
    assert one["fell_on"] == "2026-11-20|2026-11-22"


def test_the_period_begins_with_what_was_there(url: str) -> None:
    put_samples(url, {"a/x": {20: 1000, 10: 2000, 0: 2500}})
    (one,) = rows(ask(url, days=5), "growth_absolute")
    # The last ten days share 500.
    assert (one["pulls"], one["pulls_at_begin"], one["known_days"]) == (250, 2250, 5)
    assert [day["pulls"] for day in rows(ask(url, days=5), "pulls")] == [50] * 5


def test_the_limit_and_what_it_leaves_out(url: str) -> None:
    put_samples(url, {f"a/x{place}": {1: 0, 0: place} for place in range(1, 6)})
    found = ask(url, by="growth", limit=2)
    assert column(found, "growth_absolute", "repo_name") == [("a/x5",), ("a/x4",)]
    assert found.sections["growth_absolute"].notes == (
        "2 of 5 repositories shown; --limit 5 shows all",
    )


def test_anomalies_the_oddest_first(url: str) -> None:
    odd, usual = {}, {}
    pulls = [10, 20] * 8
    for ago in range(16, -1, -1):
        usual[ago] = sum(pulls[: 16 - ago]) + (100 if ago == 0 else 0)
        odd[ago] = sum(pulls[: 16 - ago]) + (1000 if ago <= 1 else 0)
    put_samples(url, {"a/usual": usual, "a/odd": odd})
    found = ask(url, by="anomalies")
    told = ("repo_name", "day", "pulls", "usual", "past_days")
    assert column(found, "anomalies", *told) == [
        ("a/odd", "2026-11-21", 1010, 15.0, 14),
        ("a/usual", "2026-11-22", 120, 10, 15),
    ]
    first = rows(found, "anomalies")[0]
    assert first["score"] == pytest.approx(995 / 7.413)
    assert found.sections["anomalies"].notes[0] == (
        "|score| >= 3.5 against at least 14 counted days of the 56 before;"
        " days of gaps and of falls are not judged"
    )
    assert rows(ask(url, by="anomalies", threshold=1000.0), "anomalies") == []


OFFICIAL = {"library/nginx": {1: 10**6, 0: 10**6}, "library/redis": {1: 10**6, 0: 10**6}}


def test_lookalikes_those_that_grow_fastest_first(url: str) -> None:
    registered = NOW - 100 * DAY
    put_samples(
        url,
        {
            **OFFICIAL,
            "evil/ngnix": {2: 1000, 1: 1000, 0: 1300},
            "evil/redis-official": {0: 40_000},
            "1ibrary/redis": {0: 100},
            "bitnami/redis": {1: 0, 0: 10**9},
        },
        registered=registered,
    )
    found = ask(url, by="lookalikes")
    assert column(
        found,
        "lookalikes",
        *("repo_name", "looks_like", "pulls_a_day", "lifetime_pulls_a_day", "growth_to_age"),
        *("pull_count", "age_days"),
    ) == [
        ("evil/redis-official", "library/redis", None, 400.0, None, 40_000, 100),
        ("evil/ngnix", "library/nginx", 150.0, 13.0, pytest.approx(150 / 13), 1300, 100),
        ("1ibrary/redis", "library/redis", None, 1.0, None, 100, 100),
    ]
    assert found.sections["lookalikes"].notes == [
        "compared with 2 official images; a near name proves nothing",
        "there may be more official images; run: scrapy crawl org -a org=library",
        "where no two days were sampled, pulls a day since registration count",
    ]


def test_all_official_images_are_known_after_a_complete_walk(url: str) -> None:
    put_samples(url, {**OFFICIAL, "evil/ngnix": {1: 1, 0: 5}})
    with closing(Writer(url)) as writer:
        walk = step("repositories", StopReason.COMPLETE)
        walk = walk._replace(key=walk.key._replace(subject="library"))
        writer.write([WalkEnd(seen=NOW, walk=walk)])
    assert ask(url, by="lookalikes").sections["lookalikes"].notes == [
        "compared with 2 official images; a near name proves nothing"
    ]


def test_an_age_that_is_not_known_is_not_made_up(url: str) -> None:
    put_samples(url, {**OFFICIAL, "evil/ngnix": {1: 1, 0: 5}})
    (one,) = rows(ask(url, by="lookalikes"), "lookalikes")
    assert (one["pulls_a_day"], one["age_days"]) == (4.0, None)
    assert (one["lifetime_pulls_a_day"], one["growth_to_age"]) == (None, None)


def test_without_official_images_there_are_no_lookalikes(url: str) -> None:
    put_samples(url, {"evil/ngnix": {1: 1, 0: 5}})
    told = (
        "database: expected official images to compare names with, none are in it;"
        " run: scrapy crawl org -a org=library"
    )
    assert ask(url).sections["lookalikes"] == (ask(url).sections["lookalikes"].fields, [], [told])
    with pytest.raises(NotAnswered) as refused:
        ask(url, by="lookalikes")
    assert (str(refused.value), refused.value.crawl) == (told, "scrapy crawl org -a org=library")


SCOPES = [
    (None, None, ["a/x", "b/x", "library/x"]),
    ("a", None, ["a/x"]),
    (None, "*/x", ["a/x", "b/x", "library/x"]),
    (None, "[ab]/*", ["a/x", "b/x"]),
    (None, "x", ["library/x"]),
    (None, "b/x", ["b/x"]),
    ("b", "x*", ["b/x"]),
]


@pytest.mark.parametrize(("org", "repo", "expected"), SCOPES)
def test_scopes(url: str, org: str | None, repo: str | None, expected: list[str]) -> None:
    put_samples(url, {name: {1: 0, 0: 9} for name in ("a/x", "b/x", "library/x")})
    found = ask(url, scope=read_scope(org, repo), by="growth")
    assert column(found, "growth_absolute", "repo_name") == [(name,) for name in expected]


def test_what_is_gone_is_left_out(url: str) -> None:
    put_samples(url, {"a/x": {1: 0, 0: 9}, "a/y": {1: 0, 0: 9}})
    with closing(Writer(url)) as writer:
        writer.write([Absence(seen=NOW + 1, repository=RepositoryName("a", "y"))])
    assert column(ask(url), "growth_absolute", "repo_name") == [("a/x",)]


TOO_FEW = [
    ({"a/x": {0: 1}}, 1),
    ({"a/x": {60: 1, 50: 2}}, 0),
    ({"a/x": {1: None, 0: None}}, 0),
    ({"a/x": {1: 5}, "a/y": {0: 6}}, 2),
]


@pytest.mark.parametrize(("samples", "days"), TOO_FEW)
def test_too_few_samples(url: str, samples: dict[str, Any], days: int) -> None:
    put_samples(url, samples)
    with pytest.raises(NotAnswered) as refused:
        ask(url, scope=read_scope("a", None))
    assert str(refused.value) == (
        f"a since 2026-10-24: expected samples of two days, got {days}; each crawl brings one;"
        " run: scrapy crawl org -a org=a"
    )


NONE = [
    ({}, None, "all repositories", "scrapy crawl org -a org=bitnami"),
    ({"b/x": {0: 1}}, "a", "a", "scrapy crawl org -a org=a"),
]


@pytest.mark.parametrize(("samples", "org", "words", "crawl"), NONE)
def test_no_repositories(
    url: str, samples: dict[str, Any], org: str | None, words: str, crawl: str
) -> None:
    open_database(url).close()
    put_samples(url, samples)
    with pytest.raises(NotAnswered) as refused:
        ask(url, scope=read_scope(org, None))
    assert str(refused.value) == f"database: expected {words}, none are in it; run: {crawl}"
    assert refused.value.crawl == crawl


def test_json_tells_every_day(url: str) -> None:
    put_samples(url, {"a/x": {3: 100, 1: 111, 0: 5}, "a/y": {0: 7}})
    options = TrendOptions(today=TODAY, by="growth")
    with Questions(url, "trends_reading") as questions:
        text = "".join(trends_json(questions, options, ask(url, by="growth")))
    told = json.loads(text)
    assert list(told) == ["first_day", "last_day", "sections", "series"]
    assert (told["first_day"], told["last_day"]) == ("2026-10-24", "2026-11-22")
    assert list(told["sections"]) == ["growth_absolute", "growth_relative"]
    assert [one["repo_name"] for one in told["series"]] == ["a/x", "a/y"]
    names = ("day", "pulls", "pull_count", "stars", "is_interpolated", "is_reset")
    assert [
        tuple(day[name] for name in (*names, "is_correction", "is_over"))
        for day in told["series"][0]["days"]
    ] == [
        ("2026-11-19", None, 100, 5, False, False, False, True),
        ("2026-11-20", 5, 105, None, True, False, False, True),
        ("2026-11-21", 6, 111, 5, True, False, False, True),
        ("2026-11-22", None, 5, 5, False, True, False, False),
    ]


def test_json_of_lookalikes_tells_their_days_alone(url: str) -> None:
    put_samples(url, {**OFFICIAL, "evil/ngnix": {1: 1, 0: 5}, "a/x": {1: 1, 0: 5}})
    options = TrendOptions(today=TODAY, by="lookalikes")
    with Questions(url, "trends_reading") as questions:
        text = "".join(trends_json(questions, options, ask(url, by="lookalikes")))
    assert [one["repo_name"] for one in json.loads(text)["series"]] == ["evil/ngnix"]


def test_one_repository_and_one_organisation_are_found_by_indexes(url: str) -> None:
    put_samples(url, {"a/x": {1: 1, 0: 5}})
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for where in (
            "repo_name = 'a/x'",
            "namespace = 'a'",
            "repo_name = 'a/x' AND sample_day > 9",
        ):
            asked = f"EXPLAIN QUERY PLAN SELECT * FROM daily_pulls WHERE {where}"
            plan = [step[3] for step in connection.execute(asked)]
            assert [one for one in plan if one.startswith("SCAN") and " g " not in one] == []


def test_a_year_of_an_organisation_takes_no_time(url: str) -> None:
    """300 repositories on 365 days: 0.04 s of SQLite's time here; other machines may be slow."""
    open_database(url).close()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.executescript(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
            " INSERT INTO repository (id, namespace, name, detail_due, first_seen_at, last_seen_at)"
            " SELECT i, 'a', 'x' || i, 0, 0, 0 FROM n;"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 365)"
            " INSERT INTO pull_sample SELECT r.id, n.i, n.i * 100, 1 FROM repository r, n;"
        )
        started = time.process_time()
        asked = "SELECT SUM(pulls), COUNT(*) FROM daily_pulls WHERE namespace = 'a'"
        assert connection.execute(asked).fetchone() == (300 * 364 * 100, 300 * 365)
        assert time.process_time() - started < 0.5


def test_stars(url: str) -> None:
    with closing(Writer(url)) as writer:
        for ago, stars in ((2, 5), (1, None), (0, 9)):
            one = row(star_count=stars, pull_count=100 - ago)
            page = RepositoryPage(seen=NOW - ago * DAY, rows=(one,), walk=None, is_search=False)
            writer.write([page])
    (one_row,) = rows(ask(url), "growth_absolute")
    assert (one_row["stars"], one_row["stars_gained"]) == (9, 4)


def test_a_fall_in_a_gap_that_began_before_the_period(url: str) -> None:
    put_samples(url, {"a/x": {10: 1000, 1: 30, 0: 40}})
    found = ask(url, days=5, by="pulls")
    assert column(found, "falls", "pulls_before", "pulls_after", "unknown_days") == [(1000, 30, 9)]
    assert column(found, "pulls", "pulls", "unknown_count") == [(None, 1)] * 4 + [(10, 0)]
    (one,) = rows(ask(url, days=5), "growth_absolute")
    assert (one["pulls_at_begin"], one["known_days"], one["unknown_days"]) == (30, 1, 4)
