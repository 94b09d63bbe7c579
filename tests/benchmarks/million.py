"""A million tags: memory over time, speed, bytes a tag, the WAL's peak, and how fast questions are.

`python -m tests.benchmarks.million [--tags 1000000]`; at least 30,000. 2,500 repositories of 400
tags with 4 platforms and 4 names a digest; one repository of 10,000 tags and one organisation of
25 repositories with 10,000 tags together are among them.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.store.database import open_database
from tests.benchmarks.processes import (
    Run,
    measure,
    our_crawl,
    our_environment,
    print_table,
    running_standin,
)

if TYPE_CHECKING:
    import sqlite3

TAGS_EACH = 400
LARGE = 10_000

REPOSITORY, ORGANISATION = "large/one", "small"

QUESTIONS = {
    "view tags of one repository": (
        "SELECT * FROM tags WHERE repo_name = ?",
        REPOSITORY,
    ),
    "view images of one repository": (
        "SELECT * FROM images WHERE repo_name = ?",
        REPOSITORY,
    ),
    "view repositories, one": (
        "SELECT * FROM repositories WHERE full_name = ?",
        REPOSITORY,
    ),
    "view pull_history of one repository": (
        "SELECT * FROM pull_history WHERE repo_name = ?",
        REPOSITORY,
    ),
    "one tag of one repository": (
        "SELECT * FROM tags WHERE repo_name = ? AND tag_name = 'latest'",
        REPOSITORY,
    ),
    "newest 20 tags of one repository": (
        "SELECT tag_name FROM tags WHERE repo_name = ? ORDER BY last_updated DESC LIMIT 20",
        REPOSITORY,
    ),
    "tags of an organisation, counted (by repo_name)": (
        "SELECT repo_name, COUNT(*) FROM tags WHERE repo_name LIKE ? || '/%' GROUP BY repo_name",
        ORGANISATION,
    ),
    "tags of an organisation, counted (base tables)": (
        """SELECT r.name, COUNT(*) FROM repository AS r INNER JOIN tag AS t
        ON t.repository_id = r.id AND t.gone_at IS NULL WHERE r.namespace = ? GROUP BY r.id""",
        ORGANISATION,
    ),
    "repositories of an organisation": (
        "SELECT * FROM repositories WHERE namespace = ?",
        ORGANISATION,
    ),
    "tags of an organisation (through repositories)": (
        """SELECT t.* FROM repositories AS r INNER JOIN tags AS t ON t.repo_name = r.full_name
        WHERE r.namespace = ?""",
        ORGANISATION,
    ),
    "other: tags of an index digest (view tags)": (
        "SELECT repo_name, tag_name FROM tags WHERE digest = ?",
        "index",
    ),
    "other: tags of an index digest (base tables)": (
        """SELECT t.id FROM image_set AS s INNER JOIN tag AS t ON t.image_set_id = s.id
        WHERE s.digest = unhex_(?)""",
        "index",
    ),
    "other: tags of a platform digest (view images)": (
        "SELECT repo_name, tag_name FROM images WHERE digest = ?",
        "image",
    ),
    "other: tags of a platform digest (base tables)": (
        """SELECT t.id FROM image AS i INNER JOIN tag AS t ON t.image_set_id = i.image_set_id
        WHERE i.digest = unhex_(?)""",
        "image",
    ),
    "other: all tags counted (view tags)": (
        "SELECT COUNT(*), ? FROM tags",
        "",
    ),
    "other: tags by status": (
        "SELECT status, COUNT(*), ? FROM tag GROUP BY status",
        "",
    ),
}


class Watch:
    """Samples a process's resident memory and a database's files while it runs."""

    def __init__(self, database: Path) -> None:
        self._wal = database.with_name(database.name + "-wal")
        self._started = time.monotonic()
        self.memory: list[tuple[float, int]] = []
        self.wal_peak = 0

    def look(self, process: int) -> None:
        """Take one sample."""
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        resident = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        if resident:
            kilobytes = int(resident[0].split()[1])
            self.memory.append((time.monotonic() - self._started, kilobytes * 1024))
        if self._wal.exists():
            self.wal_peak = max(self.wal_peak, self._wal.stat().st_size)

    def tenths(self) -> list[tuple[float, int]]:
        """Return (second, memory) at ten moments of the run."""
        count = len(self.memory)
        return [self.memory[min(count - 1, count * tenth // 10)] for tenth in range(1, 11)]


def main() -> None:
    """Crawl, weigh and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--cheap", action="store_true", help="answers without compression")
    parser.add_argument("--again", action="store_true", help="crawl twice, the second one fresh=1")
    parser.add_argument("--keep", type=Path, help="folder in which the database stays")
    tags = (given := parser.parse_args()).tags
    repositories = (tags - 2 * LARGE) // TAGS_EACH
    arguments = [
        f"--namespace=bench={repositories}x{TAGS_EACH}",
        f"--repository={REPOSITORY}={LARGE}",
    ]
    arguments += [f"--namespace={ORGANISATION}={LARGE // TAGS_EACH}x{TAGS_EACH}"]
    arguments += ["--plain", "--no-caps", *["--cheap"] * given.cheap]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_standin(*arguments) as hub,
    ):
        database = (given.keep or Path(folder)) / "million.db"
        _crawl(hub, database)
        if given.again:
            _crawl(hub, database, "fresh=1")
        _ask(database)


def _crawl(hub: str, database: Path, *more: str) -> None:
    watch = Watch(database)
    command = our_crawl("repos", f"org=bench,{ORGANISATION},{REPOSITORY.partition('/')[0]}", *more)
    run = measure(command, environment=our_environment(hub, database), watch=watch.look)
    connection = open_database(f"sqlite:///{database}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored, repositories = (
        connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("tag", "repository")
    )
    connection.close()
    _print_crawl(run, watch, stored, repositories, database.stat().st_size, more)


def _print_crawl(
    run: Run, watch: Watch, stored: int, repositories: int, size: int, more: tuple[str, ...]
) -> None:
    print(f"\ncrawl {' '.join(more)}: {stored} tags of {repositories} repositories")
    rows = [
        ["wall", f"{run.wall:.1f} s"],
        ["CPU", f"{run.cpu:.1f} s"],
        ["tags a second", f"{stored / run.wall:.0f}"],
        ["peak memory", f"{run.rss / 1e6:.1f} MB"],
        ["database", f"{size / 1e6:.1f} MB"],
        ["bytes a tag", f"{size / stored:.1f}"],
        ["WAL, peak", f"{watch.wal_peak / 1e6:.1f} MB"],
    ]
    print_table(["what", "value"], rows)
    print("\nmemory over time:")
    print(", ".join(f"{at:.0f} s {memory / 1e6:.0f} MB" for at, memory in watch.tenths()))


def _ask(database: Path) -> None:
    connection = open_database(f"sqlite:///{database}")
    connection.create_function(
        "unhex_", 1, lambda text: bytes.fromhex(text.removeprefix("sha256:"))
    )
    one = "FROM tag AS t INNER JOIN image_set AS s ON s.id = t.image_set_id"
    one += f" INNER JOIN image AS i ON i.image_set_id = s.id LIMIT 1 OFFSET {LARGE}"
    index, image = connection.execute(f"SELECT s.digest, i.digest {one}").fetchone()
    stand_ins = {"index": f"sha256:{index.hex()}", "image": f"sha256:{image.hex()}"}
    rows = []
    for question, (sql, value) in QUESTIONS.items():
        count, times = _timed(connection, sql, stand_ins.get(value, value))
        plan = _plan(connection, sql, stand_ins.get(value, value))
        rows.append([question, count, f"{times[0]:.1f}", f"{statistics.median(times):.1f}", plan])
    print("\nquestions (ms; `scans`: the tables that are read whole)")
    print_table(["question", "rows", "first", "median of 5", "scans"], rows)
    connection.close()


def _timed(connection: sqlite3.Connection, sql: str, value: str) -> tuple[int, list[float]]:
    times, count = [], 0
    for _ in range(5):
        started = time.perf_counter()
        count = len(connection.execute(sql, (value,)).fetchall())
        times.append((time.perf_counter() - started) * 1000)
    return count, times


def _plan(connection: sqlite3.Connection, sql: str, value: str) -> str:
    steps = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (value,)).fetchall()
    scans = [step[3].removeprefix("SCAN ") for step in steps if step[3].startswith("SCAN ")]
    return "; ".join(scans) or "-"


if __name__ == "__main__":
    main()
