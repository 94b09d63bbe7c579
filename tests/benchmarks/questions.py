"""What every view and canned query takes at 1,000,000 tags: python -m tests.benchmarks.questions.

About one repository, about a small and a large organisation, and about everything. A page asks for
the first 101 rows and, of views, for their number, which Datasette does without where it takes too
long; a canned query brings at most 1,001 rows. How long all rows take is told beside it. Medians of
several runs with a warm cache, asked as `scrapy serve` asks; figures are of this machine at this
hour, so the processor's time is told too.
"""

# ruff: noqa: T201  (a benchmark prints)

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.pages.canned import CANNED
from dockerhub.pages.functions import add_functions
from dockerhub.pages.starts import read_starts
from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.queries import load_queries
from dockerhub.store.sqlite import connect
from tests.benchmarks.lineage_world import LARGE, ORGANISATION, SMALL, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

_TARGET_MS = 100
_RUNS = 3
_PATIENCE_SECONDS = 60
_NAMES = ("repo_name", "full_name")
# What Datasette asks for to show a hundred, and to know whether there are more.
_PAGE = "SELECT * FROM ({}) LIMIT 101"
_COUNT = "SELECT COUNT(*) FROM ({})"


class Asked(NamedTuple):
    """One question: what it is about, its SQL and parameters."""

    name: str
    about: str
    sql: str
    parameters: dict[str, str]
    is_view: bool


class Took(NamedTuple):
    """How long a question took."""

    rows: int
    wall: float
    """milliseconds"""
    cpu: float
    """milliseconds of the processor"""


def main() -> None:
    """Make the database unless one is given, ask everything, print the slowest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="one that lineage_world has made")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--all", action="store_true", help="also about everything: minutes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.database or Path(folder) / "hub.db"
        if given.database is None:
            make_world(f"sqlite:///{path}", images=given.images)
        _ask_all(path, is_all=given.all)


def _ask_all(path: Path, *, is_all: bool) -> None:
    starts = read_starts(f"sqlite:///{path}")
    with closing(connect(path, read_only=True)) as connection:
        # As `scrapy serve` asks: pages/served.py.
        connection.execute("PRAGMA automatic_index = OFF")
        add_functions(connection, starts)
        size = connection.execute("SELECT COUNT(*) FROM tag").fetchone()[0]
        print(f"{size} tags, {path.stat().st_size / 1e9:.2f} GB; medians of {_RUNS}, ms")
        told = [
            _line(connection, asked)
            for asked in (*_of_views(connection, is_all=is_all), *_of_canned(connection))
        ]
    told.sort(key=lambda one: -one[0])
    print("      page     count  all rows  (CPU)     rows  question")
    for _, line in told:
        print(line)


def _line(connection: sqlite3.Connection, asked: Asked) -> tuple[float, str]:
    """Return what a question took at most, and how that is printed."""
    whole = _time(connection, asked.sql, asked)
    if asked.is_view:
        page = _time(connection, _PAGE.format(asked.sql), asked).wall
        count = f"{_time(connection, _COUNT.format(asked.sql), asked).wall:10.1f}"
    else:
        page, count = whole.wall, " " * 10
    is_slow = page > _TARGET_MS and asked.about != "everything"
    mark = "SLOW" if is_slow else ""
    figures = f"{page:10.1f}{count}{whole.wall:10.1f}{whole.cpu:8.1f} {whole.rows:8}"
    return whole.wall, f"{figures}  {asked.name:28} {asked.about:16} {mark}".rstrip()


def _time(connection: sqlite3.Connection, sql: str, asked: Asked) -> Took:
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > gives_up_at, 100_000)
    found, wall, cpu = 0, [], []
    for _ in range(_RUNS):
        began = time.perf_counter(), time.thread_time()
        try:
            found = sum(1 for _ in connection.execute(sql, asked.parameters))
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return Took(-1, _PATIENCE_SECONDS * 1000.0, _PATIENCE_SECONDS * 1000.0)
        wall.append((time.perf_counter() - began[0]) * 1000)
        cpu.append((time.thread_time() - began[1]) * 1000)
        if wall[0] > 2000:
            break
    return Took(found, statistics.median(wall), statistics.median(cpu))


def _of_views(connection: sqlite3.Connection, *, is_all: bool) -> Iterator[Asked]:
    for entry in data_dictionary().values():
        if not entry.is_view:
            continue
        select = f"SELECT * FROM {entry.name}"
        name = next((column for column in _NAMES if column in entry.columns), None)
        if name:
            for repo in (f"{SMALL}/app1", f"{ORGANISATION}/app1", "library/middle0", LARGE):
                yield Asked(
                    entry.name, repo, f"{select} WHERE {name} = :repo", {"repo": repo}, is_view=True
                )
        if "namespace" in entry.columns:
            for org in (SMALL, ORGANISATION):
                yield Asked(
                    entry.name, org, f"{select} WHERE namespace = :org", {"org": org}, is_view=True
                )
        if is_all:
            yield Asked(entry.name, "everything", select, {}, is_view=True)


def _of_canned(connection: sqlite3.Connection) -> Iterator[Asked]:
    sql = load_queries("pages")
    digest = "SELECT 'sha256:' || lower(hex(digest)) FROM layer WHERE id = 400000"
    values = {
        "digest": connection.execute(digest).fetchone()[0],
        "package": "openssl",
        "image": f"{SMALL}/app1:1.1",
    }
    for canned in CANNED.values():
        for org, repo in ((SMALL, f"{SMALL}/app1"), (ORGANISATION, f"{ORGANISATION}/app1")):
            given = values | {"org": org, "repo": repo}
            parameters = {name: given.get(name, "") for name in canned.parameters}
            yield Asked(f"canned {canned.name}", org, sql[canned.name], parameters, is_view=False)


if __name__ == "__main__":
    main()
