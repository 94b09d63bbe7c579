"""Crawls an organisation while Docker Hub fails now and then: after how many runs are rows true?

`python -m tests.benchmarks.faults [--repositories 90] [--runs 3] [--seed 1] [--spider org]`.
1 % each of 500, 502, 503 with Retry-After, reset, truncated and garbage, 0.5 % each of pages for
people with 403 and 200 and of empty answers. Prints each run's time, faults and gaps; after each
of them nothing may be stored that is not true, and after the last all that is.
"""

# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT, SIGNED_IN, environment
from tests.truth import instant

RATES = {
    **dict.fromkeys(("500", "502", "503", "reset", "truncated", "garbage"), 0.01),
    **dict.fromkeys(("html_403", "html_200", "empty_200"), 0.005),
}
LONGEST_SECONDS = 180.0
ARGUMENTS = {
    "org": ["org=bench"],
    "search": ["query=bench"],
    "repos": ["org=bench", "query=bench"],
}


def made_world(repositories: int) -> World:
    """Return an organisation with lists of all lengths."""
    world = World(seed=5)
    lengths = (0, 1, 60, 100, 101, 330, 1500)
    world.add_namespace("bench", repositories, tags=lambda place: lengths[place % 7])
    world.add_repository("library/alpine", tags=5)
    return world


def truth(world: World) -> tuple[set[Any], set[Any]]:
    """Return what the repositories and the tags with their images are."""
    repositories = set(world.repositories("bench"))
    tags = {
        (each.full_name, tag.name, tag.digest, instant(tag.last_updated), len(tag.images))
        for each in repositories
        for tag in world.tags(each.full_name)
    }
    said = {
        (each.full_name, each.pull_count, each.full_description or None) for each in repositories
    }
    return said, tags


def stored(database: Path) -> tuple[set[Any], set[Any]]:
    """Return the same as the database has it."""
    with closing(sqlite3.connect(database)) as connection:
        repositories = connection.execute(
            "SELECT full_name, pull_count, full_description FROM repositories"
            " WHERE namespace = 'bench'"
        )
        tags = connection.execute(
            "SELECT repo_name, tag_name, digest, last_updated, image_count FROM tags"
            " WHERE namespace = 'bench'"
        )
        return set(repositories), set(tags)


def invented(database: Path) -> int:
    """Return how much is said to be gone, to have moved or to have come back: nothing ever did."""
    questions = ("COUNT(gone_at) FROM tag", "COUNT(gone_at) FROM repository")
    questions += ("COUNT(*) FROM tag_move", "COUNT(*) FROM absence")
    with closing(sqlite3.connect(database)) as connection:
        return sum(connection.execute(f"SELECT {each}").fetchone()[0] for each in questions)


def crawl(hub: StandIn, spider: str, database: Path) -> tuple[int, float, str]:
    """Crawl once and return status, seconds and what was said."""
    given = [word for each in ARGUMENTS[spider] for word in ("-a", each)]
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", spider, *given, "-a", "strict=1"],
        env=environment(hub.url, database, SIGNED_IN),
        cwd=database.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return run.returncode, time.monotonic() - started, run.stderr


def main() -> int:
    """Run it, print what came of it and return 1 if a bound was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=90)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spider", choices=sorted(ARGUMENTS), default="org")
    given = parser.parse_args()
    world = made_world(given.repositories)
    said, tags = truth(world)
    broken = 0
    options: dict[str, Any] = {"faults": RATES, "fault_seed": given.seed}
    with (
        StandIn(world, accounts=ACCOUNT, **options) as hub,
        tempfile.TemporaryDirectory() as folder,
    ):
        database = Path(folder) / "hub.db"
        for number in range(1, given.runs + 1):
            hub.journal.clear()
            status, seconds, err = crawl(hub, given.spider, database)
            found, found_tags = stored(database)
            # A hit has no description yet: what is there must be true as far as it goes.
            wrong = len({row[:2] for row in found} - {row[:2] for row in said})
            wrong += len(found_tags - tags) + invented(database)
            missing = len(said - found) + len(tags - found_tags)
            broken += wrong > 0 or seconds > LONGEST_SECONDS or "Traceback" in err
            print(
                f"run {number}: status {status}, {seconds:.1f} s,"
                f" {len(hub.journal.exchanges)} requests, faults"
                f" {sum(hub.journal.faults().values())} {dict(hub.journal.faults())},"
                f" {wrong} wrong, {missing} missing of {len(said) + len(tags)}"
            )
            if not missing:
                break
        broken += missing > 0
    print(f"{given.spider}: rows equal the truth after {number} runs" if not broken else "BROKEN")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
