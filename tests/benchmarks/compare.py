"""Our crawl beside a bare Scrapy spider and an aiohttp + sqlite3 script, in turn.

`python -m tests.benchmarks.compare [--runs 7] [--small]`; each program is measured as a whole
process. The ratios are medians of the ratios of neighbouring runs: the machine's mood changes.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks.processes import (
    Run,
    ask,
    measure,
    our_crawl,
    our_environment,
    print_table,
    running_standin,
)

HERE = Path(__file__).parent
OURS = "ours"

Program = Callable[[str, Path], Run]


def ours(hub: str, folder: Path) -> Run:
    """Run our crawl into a new database; it asks for each repository's own page as well."""
    environment = our_environment(hub, folder / "ours.db")
    return measure(our_crawl("org", "org=bench"), environment=environment)


def bare(hub: str, folder: Path, *, details: bool) -> Run:
    """Run the bare spider."""
    given = {"hub": hub, "namespace": "bench", "details": str(int(details))}
    arguments = [part for key, value in given.items() for part in ("-a", f"{key}={value}")]
    spider = str(HERE / "bare_spider.py")
    command = [sys.executable, "-m", "scrapy", "runspider", spider, *arguments]
    return measure(command, folder=folder, environment=os.environ)


def script(hub: str, folder: Path, *, details: bool) -> Run:
    """Run the script into a new database."""
    command = [sys.executable, str(HERE / "plain_script.py"), hub, "bench", str(folder / "s.db")]
    return measure(command + ["details"] * details, folder=folder, environment=os.environ)


PROGRAMS: dict[str, Program] = {
    OURS: ours,
    "bare + details": lambda hub, folder: bare(hub, folder, details=True),
    "script + details": lambda hub, folder: script(hub, folder, details=True),
    "bare": lambda hub, folder: bare(hub, folder, details=False),
    "script": lambda hub, folder: script(hub, folder, details=False),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--small", action="store_true", help="1,200 repositories of 5 tags")
    parser.add_argument("--world", help="repositories x tags, such as 120x400")
    given = parser.parse_args()
    world = given.world or ("1200x5" if given.small else "120x400")
    wanted = ["--namespace", f"bench={world}", "--no-caps", "--cheap", "--warm", "--plain"]
    runs: dict[str, list[Run]] = {name: [] for name in PROGRAMS}
    requests: dict[str, int] = {}
    with running_standin(*wanted) as hub:
        for number in range(given.runs + 1):
            for name, program in PROGRAMS.items():
                ask(f"{hub}/_standin/clear", method="POST")
                with tempfile.TemporaryDirectory() as folder:
                    run = program(hub, Path(folder))
                requests[name] = ask(f"{hub}/_standin/journal")["requests"]
                if number:
                    runs[name].append(run)
    print(f"{world} (repositories x tags), medians of {given.runs} interleaved runs\n")
    _print(runs, requests)


def _print(runs: dict[str, list[Run]], requests: dict[str, int]) -> None:
    head = ["program", "requests", "wall s", "min-max", "CPU s", "peak MB", "req/s"]
    head += ["ours/it wall", "ours/it CPU", "ours/it memory"]
    rows = []
    for name, taken in runs.items():
        walls = [run.wall for run in taken]
        rows.append(
            [
                name,
                requests[name],
                f"{median(walls):.2f}",
                f"{min(walls):.2f}-{max(walls):.2f}",
                f"{median(run.cpu for run in taken):.2f}",
                f"{median(run.rss for run in taken) / 1e6:.0f}",
                f"{requests[name] / median(walls):.0f}",
                *(
                    f"{median(_ratios(runs[OURS], taken, measured)):.2f}"
                    for measured in ("wall", "cpu", "rss")
                ),
            ]
        )
    print_table(head, rows)


def _ratios(ours: list[Run], theirs: list[Run], measured: str) -> list[float]:
    pairs = zip(ours, theirs, strict=True)
    return [getattr(our, measured) / getattr(their, measured) for our, their in pairs]


if __name__ == "__main__":
    main()
