"""Exports of a million tags: rows a second and peak memory by format, beside what others do.

`python -m tests.benchmarks.export [--tags 1000000] [--database FILE] [--keep FOLDER] [--snapshot]`.
Each export and each peer is a process of its own; memory is that of the whole process. The exports
run over all tags and over 80,000 of them, to see that memory stays. `--snapshot` compares the ways
to copy the database instead, while another process writes a hundred tags fifty times a second.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from dockerhub.items import ImageRow, RepositoryPage, RepositoryRow, TagPage, TagRow
from dockerhub.names import RepositoryName
from dockerhub.store.writer import Writer
from tests.benchmarks.processes import CHECKOUT, measure, print_table
from tests.store.made import NOW, SECOND, digest

TAGS_EACH = 400
PAGE = 100
PLATFORMS = ("amd64", "arm64", "s390x", "ppc64le")
PART = "bench/app00[01]*"  # 200 repositories

BARE_CSV = """
import csv, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM tags")
with open(sys.argv[2], "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([column[0] for column in rows.description])
    writer.writerows(rows)
"""
BARE_JSONL = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.row_factory = sqlite3.Row
with open(sys.argv[2], "w") as file:
    for row in connection.execute("SELECT * FROM tags"):
        file.write(json.dumps(dict(row)) + "\\n")
"""
ONE_TABLE = """
import sqlite3, sys, pyarrow as pa
from pyarrow import parquet
rows = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM tags")
names = [column[0] for column in rows.description]
columns = zip(*rows.fetchall())
parquet.write_table(pa.table(dict(zip(names, map(pa.array, columns)))), sys.argv[2])
"""
INTO_TABLE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[2])
connection.execute("PRAGMA journal_mode = OFF")
connection.execute("ATTACH ? AS source", (sys.argv[1],))
connection.execute("CREATE TABLE tags AS SELECT * FROM source.tags")
connection.commit()
"""
WRITER = """
import select, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
connection.execute("PRAGMA synchronous = FULL")
change = "UPDATE tag SET last_seen_at = last_seen_at + 1 WHERE id = ?"
print("ready", flush=True)
times = []
while not select.select([sys.stdin], [], [], 0.02)[0]:
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(change, [(1 + 997 * i + len(times),) for i in range(100)])
    connection.execute("COMMIT")
    times.append((time.perf_counter() - started) * 1000)
print(f"{len(times)}|{sum(times) / len(times):.1f}|{max(times):.1f}")
"""
COPIES = {
    "nothing": "import time; time.sleep(3)",
    "VACUUM INTO": "c.execute('VACUUM INTO ?', (sys.argv[2],))",
    "backup in one step": "c.backup(sqlite3.connect(sys.argv[2]))",
    "backup, 1000 pages a step": "c.backup(sqlite3.connect(sys.argv[2]), pages=1000, sleep=0)",
}
PATIENCE = 60  # s, for a copy that begins anew again and again


def main() -> None:
    """Make the database if it is not there, and export it in every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path, help="one that is there already")
    parser.add_argument("--keep", type=Path, help="folder in which the files stay")
    parser.add_argument("--snapshot", action="store_true", help="compare copies of the database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        database = folder / "exported.db"
        if given.database:
            shutil.copy(given.database, database)
        elif not database.exists():
            _make(database, given.tags)
        _snapshots(database, folder) if given.snapshot else _exports(database, folder)


def _make(database: Path, tags: int) -> None:
    started = time.perf_counter()
    writer = Writer(f"sqlite:///{database}")
    for number in range(tags // TAGS_EACH):
        name = RepositoryName("bench", f"app{number:05}")
        row = RepositoryRow(
            name,
            f"Application number {number}, with a short description of what it does",
            star_count=number % 97,
            pull_count=number * 1_000_003,
            last_updated=NOW - number * SECOND,
            last_modified=NOW,
            is_private=False,
        )
        pages = [_page(name, number, first) for first in range(0, TAGS_EACH, PAGE)]
        writer.write([RepositoryPage(seen=NOW, rows=(row,), walk=None, is_search=False), *pages])
    writer.close()
    size = database.stat().st_size
    print(f"{tags} tags made in {time.perf_counter() - started:.0f} s, {size / 1e6:.0f} MB")


def _page(name: RepositoryName, number: int, first: int) -> TagPage:
    return TagPage(
        seen=NOW,
        repository=name,
        rows=tuple(_tag(number, place) for place in range(first, first + PAGE)),
        walk=None,
    )


def _tag(number: int, place: int) -> TagRow:
    shown = place // 4  # four names a digest
    images = tuple(
        ImageRow(
            digest=digest((number, shown, architecture)),
            size=30_000_000 + shown,
            os="linux",
            architecture=architecture,
            variant=None,
            os_version=None,
            features=None,
            os_features=None,
        )
        for architecture in PLATFORMS
    )
    return TagRow(
        name=f"{shown}.{place % 4}-alpine",
        digest=digest((number, shown)),
        last_updated=NOW - place * SECOND,
        full_size=30_000_000 + shown,
        last_pushed=NOW - place * SECOND,
        last_pulled=NOW if place % 3 else None,
        status="active" if place % 3 else "inactive",
        media_type="application/vnd.oci.image.index.v1+json",
        content_type="image",
        images=images,
    )


def _exports(database: Path, folder: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM tags").fetchone()
        part = "SELECT COUNT(*) FROM tags WHERE repo_name GLOB ?"
        (few,) = connection.execute(part, (PART,)).fetchone()
    peers = {
        "csv": [("sqlite3 -csv", None), ("csv.writer", BARE_CSV)],
        "jsonl": [("json.dumps", BARE_JSONL)],
        "parquet": [("pyarrow, one table", ONE_TABLE)],
        "sqlite": [("CREATE TABLE AS", INTO_TABLE)],
    }
    rows = []
    for ending, others in peers.items():
        target = folder / f"ours.{ending}"
        command = [sys.executable, "-m", "scrapy", "export", "tags", "--force"]
        command += ["--database", str(database), "--output", str(target)]
        rows.append(_measured(f"export {ending}", command, target, count))
        rows.append(_measured("  a part of it", [*command, "--repo", PART], target, few))
        for name, script in others:
            target = folder / f"theirs.{ending}"
            target.unlink(missing_ok=True)
            query = f"sqlite3 -csv -header {database} 'SELECT * FROM tags' > {target}"
            command = ["sh", "-c", query]
            if script is not None:
                command = [sys.executable, "-c", script, str(database), str(target)]
            rows.append(_measured(f"  {name}", command, target, count))
    print_table(["what", "rows", "wall", "CPU", "rows a CPU second", "peak memory", "file"], rows)


def _measured(name: str, command: list[str], target: Path, count: int) -> list[str]:
    run = measure(command, folder=CHECKOUT)
    rate = f"{count / run.cpu:.0f}"
    memory, size = f"{run.rss / 1e6:.0f} MB", f"{target.stat().st_size / 1e6:.1f} MB"
    return [name, str(count), f"{run.wall:.1f} s", f"{run.cpu:.1f} s", *(rate, memory, size)]


def _snapshots(database: Path, folder: Path) -> None:
    rows = []
    for name, copy in COPIES.items():
        target = folder / "copy.db"
        for file in (target, Path(f"{target}-journal")):
            file.unlink(missing_ok=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        started = time.perf_counter()
        took = f"{_copied(copy, database, target) - started:.1f} s"
        said, _ = writer.communicate("\n")
        times = said.strip().split("|")
        is_there = target.exists() and name != "nothing"
        size = f"{target.stat().st_size / 1e6:.0f} MB" if is_there else ""
        rows.append([name, took, size, times[0], f"{times[1]} ms", f"{times[2]} ms"])
    print_table(["copy", "took", "file", "writes meanwhile", "each", "slowest"], rows)


def _copied(copy: str, database: Path, target: Path) -> float:
    script = "import sqlite3, sys; c = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True); "
    command = [sys.executable, "-c", script + copy, str(database), str(target)]
    try:
        subprocess.run(command, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"given up after {PATIENCE} s: {copy}")
    os.sync()
    return time.perf_counter()


if __name__ == "__main__":
    main()
