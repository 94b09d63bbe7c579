"""Kills a crawl at random points and runs it again, until it is done: what does that cost?

`python -m tests.benchmarks.kills [--kills 50] [--spider org] [--seed 1]`. The points are requests:
a crawl is killed with SIGKILL as soon as the stand-in has been asked so many more. Prints each
kill's repeated requests, and whether the rows are those of one undisturbed crawl.
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
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT, SIGNED_IN, environment

CONCURRENT = 16
ALLOWED = CONCURRENT + 16
AT_THE_START = 3
ARGUMENTS = {
    "org": ["org=bench"],
    "search": ["query=bench"],
    "repos": ["org=bench", "repos=library/deep"],
    "tags": ["repo=library/deep"],
}
# Everything but the moments at which we looked, and numbers given in the order of writing.
CONTENTS = (
    """SELECT full_name, description, star_count, pull_count, last_updated, full_description
    FROM repositories ORDER BY 1""",
    """SELECT repo_name, tag_name, digest, full_size, last_updated, last_pushed, image_count,
    architectures FROM tags ORDER BY 1, 2""",
    """SELECT repo_name, tag_name, image_index, platform, digest, size_bytes FROM images
    ORDER BY 1, 2, 3""",
)


def made_world() -> World:
    """Return 40 repositories of all lengths and one of 100 pages."""
    world = World(seed=11)
    lengths = (3, 40, 99, 100, 101, 250, 620)
    world.add_namespace("bench", repositories=40, tags=lambda place: lengths[place % 7])
    world.add_repository("library/deep", tags=10_000)
    world.add_repository("library/alpine", tags=5)
    return world


def contents(database: Path) -> list[list[tuple[Any, ...]]]:
    """Return what the database says of the Hub."""
    with closing(sqlite3.connect(database)) as connection:
        return [connection.execute(sql).fetchall() for sql in CONTENTS]


class Run:
    """Crawls of one subject into one database."""

    def __init__(self, hub: StandIn, spider: str, database: Path) -> None:
        self.hub, self.database = hub, database
        given = [word for each in ARGUMENTS[spider] for word in ("-a", each)]
        self.command = [sys.executable, "-m", "scrapy", "crawl", spider, *given]
        self.environment = environment(hub.url, database, SIGNED_IN)

    def start(self) -> subprocess.Popen[bytes]:
        """Start a crawl, in a group of its own."""
        return subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.database.parent,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def whole(self) -> int:
        """Crawl to the end and return the exit status."""
        with self.start() as crawl:
            return crawl.wait(300)

    def killed(self, requests: int, delay: float) -> bool:
        """Crawl until *requests* more were asked, kill it *delay* s later; False if it ended."""
        until = len(self.hub.journal.exchanges) + requests
        with self.start() as crawl:
            while len(self.hub.journal.exchanges) < until:
                if crawl.poll() is not None:
                    return False
                time.sleep(0.0005)
            time.sleep(delay)
            if crawl.poll() is not None:
                return False
            os.killpg(crawl.pid, signal.SIGKILL)
            crawl.wait()
        # Killed after its last word, it is no crawl that goes on.
        return not self.has_finished()

    def has_finished(self) -> bool:
        """Tell whether the last crawl came to its end."""
        if not self.database.exists():
            return False
        with closing(sqlite3.connect(self.database)) as connection:
            last = "SELECT finish_reason FROM crawl ORDER BY id DESC LIMIT 1"
            return connection.execute(last).fetchone() == ("finished",)


def asked(hub: StandIn) -> Counter[str]:
    """Return how often each address was asked, signing in left out."""
    return Counter(
        f"{each.path}?{sorted(each.query.items())}"
        for each in hub.journal.exchanges
        if each.kind != "sign_in"
    )


def main() -> int:
    """Run it, print what came of it and return 1 if a bound was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--spider", choices=sorted(ARGUMENTS), default="org")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random, broken = Random(given.seed), 0
    with StandIn(made_world(), accounts=ACCOUNT) as hub, tempfile.TemporaryDirectory() as folder:
        undisturbed = Run(hub, given.spider, Path(folder) / "once.db")
        assert undisturbed.whole() == 0
        plain = sum(asked(hub).values())
        truth = contents(undisturbed.database)
        repeats: list[int] = []
        rounds = 0
        while len(repeats) < given.kills:
            rounds += 1
            run = Run(hub, given.spider, Path(folder) / f"killed{rounds}.db")
            before: Counter[str] = Counter()
            is_killed = True
            while is_killed:
                hub.journal.clear()
                is_killed = len(repeats) < given.kills and run.killed(
                    random.randint(1, max(2, plain // 3)), random.choice([0, 0, 0.01, 0.05, 0.2])
                )
                status = 0 if is_killed or run.has_finished() else run.whole()
                now = asked(hub)
                if before:
                    repeats.append(sum(n for url, n in now.items() if url in before))
                before += now
            same = contents(run.database) == truth
            broken += status != 0 or not same
            print(
                f"round {rounds}: {sum(before.values())} requests where one undisturbed crawl"
                f" needs {plain}, status {status}, rows {'equal' if same else 'DIFFER'}"
            )
        worst = max(repeats)
        broken += worst > ALLOWED + AT_THE_START
        print(
            f"{given.spider}: {len(repeats)} kills, requests repeated a kill:"
            f" {sum(repeats) / len(repeats):.1f} on average, {worst} at worst"
            f" (allowed {ALLOWED} + {AT_THE_START})"
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
