"""A discovery in a Hub of 200,000 repositories whose search shows 100 rows: how much, for how much?

`python -m tests.benchmarks.catalog [--repositories 200000] [--least 0.2]`. The crawl is stopped
after so many requests a few times, to see what it believes by then; one of the stages is killed
with SIGKILL in the middle and run again. Prints the share found, the estimate beside the truth,
what a request brought, and how often something that had ended before the kill was asked again.
"""

# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.standin import StandIn, World
from dockerhub.store.catalog_reader import CatalogReader
from dockerhub.walks.recapture import estimate, strata_of
from tests.benchmarks.processes import print_table
from tests.crawling import ACCOUNT, SIGNED_IN, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 100
# Requests after which it is looked at, in parts of the repositories; then it goes on to its end.
_STAGES = (0.01, 0.02, 0.03, 0.04)
_KILLED_STAGE = 3
_LOOK_SECONDS = 0.02


class Cost(NamedTuple):
    """What a run of the crawl took."""

    wall: float
    """seconds"""
    cpu: float
    """seconds"""
    rss: int
    """peak resident memory in bytes"""
    said: str


class Bench:
    """A Hub and a database that crawls of it fill."""

    def __init__(self, hub: StandIn, folder: Path, settings: dict[str, str]) -> None:
        self.hub, self.database = hub, folder / "catalog.db"
        self.environment = environment(hub.url, self.database, {**SIGNED_IN, **settings})
        self.requests = 0

    def run(self, *arguments: str, kill_after: int | None = None) -> Cost:
        """Crawl; *kill_after* so many requests it is killed with SIGKILL."""
        self.hub.journal.clear()
        given = [word for each in arguments for word in ("-a", each)]
        started = time.perf_counter()
        crawl = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "catalog", *given],
            env=self.environment,
            cwd=self.database.parent,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert crawl.stderr is not None
        os.set_blocking(crawl.stderr.fileno(), False)
        said = b""
        while not os.waitid(os.P_PID, crawl.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            time.sleep(_LOOK_SECONDS)
            said += crawl.stderr.read() or b""
            if kill_after is not None and len(self.hub.journal.exchanges) >= kill_after:
                os.killpg(crawl.pid, signal.SIGKILL)
                kill_after = None
        said += crawl.stderr.read() or b""
        _, crawl.returncode, used = os.wait4(crawl.pid, 0)
        self.requests += self.hub.journal.counts().total()
        wall = time.perf_counter() - started
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, said.decode())

    def ended(self) -> tuple[set[str], set[str]]:
        """Return the prefixes and the namespaces that have ended."""
        with closing(sqlite3.connect(self.database)) as connection:
            return tuple(  # type: ignore[return-value]
                {row[0] for row in connection.execute(sql)}
                for sql in (
                    "SELECT prefix FROM catalog WHERE finished_at IS NOT NULL",
                    "SELECT namespace FROM catalog_namespaces WHERE finished_at IS NOT NULL",
                )
            )

    def asked(self) -> tuple[list[str], list[str]]:
        """Return the prefixes and the namespaces that the last run asked about."""
        searches = [each.query["query"] for each in self.hub.journal.of("search")]
        lists = [each.path.split("/")[3] for each in self.hub.journal.of("namespace_list")]
        return searches, lists

    def found(self) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM repositories").fetchone()[0])


def main() -> None:
    """Discover and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=200_000)
    parser.add_argument("--least", default="0.2", help="DOCKERHUB_CATALOG_MIN_YIELD")
    parser.add_argument("--window", default="1000", help="DOCKERHUB_CATALOG_WINDOW")
    given = parser.parse_args()
    settings = {
        "DOCKERHUB_CATALOG_MIN_YIELD": given.least,
        "DOCKERHUB_CATALOG_WINDOW": given.window,
    }
    world = World(seed=1)
    world.add_crowd(given.repositories)
    hub = StandIn(world, accounts=ACCOUNT, search_depth=_DEPTH, cheap=True)
    with tempfile.TemporaryDirectory() as folder, hub:
        bench = Bench(hub, Path(folder), settings)
        rows, last = [], None
        for number, run in enumerate(_runs(bench, given.repositories), 1):
            last = run
            rows.append(_stage(bench, number, given.repositories))
        print_table(["stage", "requests", "found", "share", "estimate", "interval", "truth"], rows)
        assert last is not None
        print(f"\nlast run: {last.wall:.0f} s, {last.cpu:.0f} s CPU, {last.rss / 1e6:.0f} MB peak")
        print(f"database: {bench.database.stat().st_size / 1e6:.1f} MB")
        print(last.said)
        _print_curve(bench)


def _runs(bench: Bench, repositories: int) -> Iterator[Cost]:
    before = 0
    for number, part in enumerate(_STAGES, 1):
        until = round(repositories * part)
        if number == _KILLED_STAGE:
            bench.run(f"max_requests={until - before}", kill_after=(until - before) // 2)
            ended = bench.ended()
            yield bench.run(f"max_requests={until - before}")
            _print_repeated(ended, bench.asked())
        else:
            yield bench.run(f"max_requests={until - before}")
        before = until
    yield bench.run()


def _print_repeated(ended: tuple[set[str], set[str]], asked: tuple[list[str], list[str]]) -> None:
    for what, before, now in zip(("prefixes", "namespaces"), ended, asked, strict=True):
        again = sum(each in before for each in now)
        print(f"after the kill: {len(before)} {what} had ended, {again} of them were asked again")


def _stage(bench: Bench, number: int, truth: int) -> list[str]:
    reader = CatalogReader(f"sqlite:///{bench.database}")
    strata, found = strata_of(reader.finds())
    reader.close()
    told = estimate(strata, found)
    stored = bench.found()
    row = [str(number), str(bench.requests), str(stored), f"{stored / truth:.2%}"]
    if told is None:
        return [*row, "-", "-", "not told"]
    place = "within" if told.low <= truth <= told.high else "OUTSIDE"
    return [*row, str(told.total), f"{told.low} to {told.high}", f"{truth} {place}"]


def _print_curve(bench: Bench) -> None:
    """Print what requests brought, in twentieths of them, by source."""
    with closing(sqlite3.connect(bench.database)) as connection:
        steps = connection.execute(
            """SELECT finished_at, 1, request_count, new_count FROM catalog_prefix
            WHERE finished_at IS NOT NULL UNION ALL
            SELECT finished_at, 0, request_count, new_count FROM catalog_namespace
            WHERE finished_at IS NOT NULL ORDER BY 1"""
        ).fetchall()
    total = sum(step[2] for step in steps)
    rows, done, all_new, part = [], 0, 0, {0: [0, 0], 1: [0, 0]}
    for _, is_search, requests, new in steps:
        part[is_search][0] += requests
        part[is_search][1] += new
        done, all_new = done + requests, all_new + new
        if done * 20 >= total * (len(rows) + 1):
            each = [f"{new / count:.2f}" if count else "-" for count, new in (part[1], part[0])]
            rows.append([str(done), str(all_new), *each, str(part[1][0]), str(part[0][0])])
            part = {0: [0, 0], 1: [0, 0]}
    head = ["requests", "new so far", "new a search", "new a list", "searches", "lists"]
    print_table(head, rows)


if __name__ == "__main__":
    main()
