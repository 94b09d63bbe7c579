"""Pulls of a day: the view, against series reckoned by hand and by another program."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerhub.reports.trends_series import Day, Fall, day_number, day_text, falls_in, gain_of
from dockerhub.store.database import open_database
from tests.reports.trends_made import put_samples
from tests.store.made import NOW, Look

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

FIRST = 20_000  # 2024-10-04
NEVER = 2**62


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    url = f"sqlite:///{tmp_path_factory.mktemp('series')}/hub.db"
    with closing(open_database(url)) as connection:
        connection.execute(
            "INSERT INTO repository (id, namespace, name, detail_due, first_seen_at, last_seen_at)"
            " VALUES (7, 'a', 'b', 0, 0, 0), (8, 'a', 'c', 0, 0, 0)"
        )
        # What belongs to another repository must not be met.
        connection.execute(
            "WITH RECURSIVE other(day) AS (SELECT 1 UNION ALL SELECT day + 1 FROM other"
            " WHERE day < 60)"
            " INSERT INTO pull_sample SELECT 8, 19990 + day, 9000 + day, 1 FROM other"
        )
        yield connection


def series(
    database: sqlite3.Connection, samples: Mapping[int, int | None], columns: str = "*"
) -> list[tuple[Any, ...]]:
    """Return what the view says of samples by day, counted from `FIRST`."""
    database.execute("BEGIN")
    try:
        rows = [(FIRST + day, count, day) for day, count in samples.items()]
        database.executemany("INSERT INTO pull_sample VALUES (7, ?, ?, ?)", rows)
        asked = f"SELECT {columns} FROM daily_pulls WHERE repo_name = 'a/b' ORDER BY day"
        return database.execute(asked).fetchall()
    finally:
        database.execute("ROLLBACK")


# Each row: day, pulls, pull_count, is_interpolated, is_reset, is_correction.
SERIES = [
    pytest.param({}, [], id="no sample"),
    pytest.param({0: 100}, [(0, None, 100, 0, 0, 0)], id="a single sample"),
    pytest.param({0: None}, [], id="a sample without a count"),
    pytest.param(
        {0: 100, 1: 130, 2: 130},
        [(0, None, 100, 0, 0, 0), (1, 30, 130, 0, 0, 0), (2, 0, 130, 0, 0, 0)],
        id="day by day",
    ),
    pytest.param(
        {0: 100, 3: 111},  # 11 = 3 + 4 + 4
        [
            (0, None, 100, 0, 0, 0),
            (1, 3, 103, 1, 0, 0),
            (2, 4, 107, 1, 0, 0),
            (3, 4, 111, 1, 0, 0),
        ],
        id="a gap is shared evenly, and exactly",
    ),
    pytest.param(
        {0: 100, 4: 102},  # 2 = 0 + 1 + 0 + 1
        [
            (0, None, 100, 0, 0, 0),
            (1, 0, 100, 1, 0, 0),
            (2, 1, 101, 1, 0, 0),
            (3, 0, 101, 1, 0, 0),
            (4, 1, 102, 1, 0, 0),
        ],
        id="fewer pulls than days",
    ),
    pytest.param(
        {0: 1000, 1: 1100, 2: 40, 3: 90},
        [
            (0, None, 1000, 0, 0, 0),
            (1, 100, 1100, 0, 0, 0),
            (2, None, 40, 0, 1, 0),
            (3, 50, 90, 0, 0, 0),
        ],
        id="a reset",
    ),
    pytest.param(
        {0: 1000, 3: 40, 4: 41},
        [
            (0, None, 1000, 0, 0, 0),
            (1, None, None, 0, 0, 0),
            (2, None, None, 0, 0, 0),
            (3, None, 40, 0, 1, 0),
            (4, 1, 41, 0, 0, 0),
        ],
        id="a reset in a gap",
    ),
    pytest.param(
        {0: 1000, 1: 0, 2: 10, 3: 4, 5: 8},
        [
            (0, None, 1000, 0, 0, 0),
            (1, None, 0, 0, 1, 0),
            (2, 10, 10, 0, 0, 0),
            (3, None, 4, 0, 1, 0),
            (4, 2, 6, 1, 0, 0),
            (5, 2, 8, 1, 0, 0),
        ],
        id="two resets",
    ),
    pytest.param(
        {0: 1000, 1: 990, 2: 1010},
        [(0, None, 1000, 0, 0, 0), (1, None, 990, 0, 0, 1), (2, 20, 1010, 0, 0, 0)],
        id="a correction",
    ),
    pytest.param(
        {0: 1000, 1: 500, 2: 249},
        [(0, None, 1000, 0, 0, 0), (1, None, 500, 0, 0, 1), (2, None, 249, 0, 1, 0)],
        id="half is a correction, below it a reset",
    ),
    pytest.param(
        {0: None, 1: 5, 2: 8},
        [(1, None, 5, 0, 0, 0), (2, 3, 8, 0, 0, 0)],
        id="the first day has no count",
    ),
    pytest.param(
        {0: 5, 1: None, 2: 9, 3: None},
        [(0, None, 5, 0, 0, 0), (1, 2, 7, 1, 0, 0), (2, 2, 9, 1, 0, 0)],
        id="samples without a count are gaps",
    ),
    pytest.param(
        {0: 0, 1: NEVER, 3: NEVER + 2},
        [
            (0, None, 0, 0, 0, 0),
            (1, NEVER, NEVER, 0, 0, 0),
            (2, 1, NEVER + 1, 1, 0, 0),
            (3, 1, NEVER + 2, 1, 0, 0),
        ],
        id="64 bits",
    ),
]
COLUMNS = "day, pulls, pull_count, is_interpolated, is_reset, is_correction"


@pytest.mark.parametrize(("samples", "expected"), SERIES)
def test_series(
    database: sqlite3.Connection,
    samples: Mapping[int, int | None],
    expected: list[tuple[int, ...]],
) -> None:
    found = series(database, samples, COLUMNS)
    assert found == [(day_text(FIRST + day), *rest) for day, *rest in expected]


def test_stars_are_those_of_the_days_own_sample(database: sqlite3.Connection) -> None:
    found = series(database, {0: 5, 1: None, 3: 9}, "stars, sample_day")
    assert found == [(0, FIRST), (1, FIRST + 3), (None, FIRST + 3), (3, FIRST + 3)]


def test_columns(database: sqlite3.Connection) -> None:
    names = [name for _, name, *_ in database.execute("PRAGMA table_info(daily_pulls)")]
    assert " ".join(names) == (
        "repo_name day pulls is_interpolated is_reset stars namespace pull_count is_correction"
        " sample_day"
    )


def test_what_crawls_write_is_read(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    put_samples(url, {"bitnami/nginx": {3: 100, 1: 140, 0: 141}})
    assert Look(url)("SELECT * FROM daily_pulls ORDER BY day") == [
        ("bitnami/nginx", "2026-11-19", None, 0, 0, 5, "bitnami", 100, 0, NOW_DAY - 3),
        ("bitnami/nginx", "2026-11-20", 20, 1, 0, None, "bitnami", 120, 0, NOW_DAY - 1),
        ("bitnami/nginx", "2026-11-21", 20, 1, 0, 5, "bitnami", 140, 0, NOW_DAY - 1),
        ("bitnami/nginx", "2026-11-22", 1, 0, 0, 5, "bitnami", 141, 0, NOW_DAY),
    ]


NOW_DAY = NOW // 86_400_000_000


def reckoned(samples: Mapping[int, int | None]) -> list[tuple[int | None, ...]]:
    """Return the same series, reckoned by another way: day by day along the line between two."""
    known = sorted((day, count) for day, count in samples.items() if count is not None)
    rows: list[tuple[int | None, ...]] = [(day, None, count, 0, 0, 0) for day, count in known[:1]]
    for (start, old), (end, new) in pairwise(known):
        days, before = end - start, old
        for day in range(start + 1, end + 1):
            count = old + (new - old) * (day - start) // days
            if new < old:
                is_last = day == end
                is_reset = is_last and 2 * new < old
                count = new if is_last else None
                rows.append((day, None, count, 0, int(is_reset), int(is_last and not is_reset)))
            else:
                rows.append((day, count - before, count, int(days > 1), 0, 0))
                before = count
    return rows


COUNTS = st.one_of(st.none(), st.integers(0, 40), st.integers(0, 2**40))
SAMPLES = st.dictionaries(st.integers(0, 50), COUNTS, max_size=14)
FEW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(samples=SAMPLES)
def test_the_view_is_what_another_program_reckons(
    database: sqlite3.Connection, samples: dict[int, int | None]
) -> None:
    found = series(database, samples, COLUMNS)
    assert [(day_number(day) - FIRST, *rest) for day, *rest in found] == reckoned(samples)


@FEW
@given(samples=SAMPLES)
def test_days_between_two_samples_come_to_their_difference(
    database: sqlite3.Connection, samples: dict[int, int | None]
) -> None:
    found = {
        day_number(day) - FIRST: pulls for day, pulls, *_ in series(database, samples, COLUMNS)
    }
    known = sorted((day, count) for day, count in samples.items() if count is not None)
    assert all(pulls is None or pulls >= 0 for pulls in found.values())
    for (start, old), (end, new) in pairwise(known):
        pulls = [found[day] for day in range(start + 1, end + 1)]
        if new < old:
            assert set(pulls) == {None}
        else:
            assert sum(one or 0 for one in pulls) == new - old
            assert max(pulls) - min(pulls) <= 1  # type: ignore[operator, type-var]


def days(database: sqlite3.Connection, samples: Mapping[int, int | None]) -> list[Day]:
    columns = "day, pulls, pull_count, is_interpolated, is_reset, is_correction, stars"
    return [Day(*one) for one in series(database, samples, columns)]


def test_a_gain_begins_with_the_day_before(database: sqlite3.Connection) -> None:
    found = gain_of(days(database, {0: 1000, 4: 1040, 5: 1100}), day_text(FIRST + 3))
    assert found is not None
    assert (found.pulls, found.pulls_at_begin) == (80, 1020)
    assert (found.known_days, found.interpolated_days, found.unknown_days) == (3, 2, 0)
    assert found.pulls_a_day == pytest.approx(80 / 3)
    assert found.growth == pytest.approx(80 / 1020)
    assert found.stars_gained == 1


def test_a_gain_of_what_was_first_seen_later(database: sqlite3.Connection) -> None:
    found = gain_of(days(database, {5: 10, 6: 30}), day_text(FIRST))
    assert found is not None
    assert (found.pulls, found.pulls_at_begin, found.known_days) == (20, 10, 1)
    assert found.growth == pytest.approx(0.02), "against a thousand pulls at least"


def test_a_fall_is_no_loss_and_its_days_are_not_known(database: sqlite3.Connection) -> None:
    found = gain_of(days(database, {0: 1000, 1: 1100, 4: 50, 5: 60}), day_text(FIRST))
    assert found is not None
    assert (found.pulls, found.known_days, found.unknown_days) == (110, 2, 3)
    assert found.falls == (Fall(day_text(FIRST + 4), 1100, 50, "reset", 3),)


def test_there_is_no_gain_without_two_samples(database: sqlite3.Connection) -> None:
    assert gain_of(days(database, {0: 1000}), day_text(FIRST)) is None
    assert gain_of(days(database, {0: 1000, 1: 10}), day_text(FIRST)) is None
    assert gain_of([], day_text(FIRST)) is None


def test_each_fall_knows_its_own_days(database: sqlite3.Connection) -> None:
    found = falls_in(days(database, {0: 100, 2: 90, 3: 10, 4: 12}), day_text(FIRST))
    assert found == [
        Fall(day_text(FIRST + 2), 100, 90, "correction", 2),
        Fall(day_text(FIRST + 3), 90, 10, "reset", 1),
    ]
    assert falls_in(days(database, {0: 100, 2: 90}), day_text(FIRST + 3)) == []
