"""How much of a limit of 60 requests in 10 s a crawl uses when our own ceiling is off.

`python -m tests.benchmarks.pacing`; more than four full windows, about 50 s.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.processes import (
    ask,
    measure,
    our_crawl,
    our_environment,
    print_table,
    running_standin,
)

# 1 list, 70 descriptions and 210 pages of tags are 281 requests: 4 full windows and the rest.
WORLD = "bench=70x300"


def main() -> None:
    """Crawl and print each window."""
    arguments = ["--namespace", WORLD, "--plain", "--limit", "60/10"]
    with tempfile.TemporaryDirectory() as folder, running_standin(*arguments) as hub:
        environment = our_environment(hub, Path(folder) / "pacing.db")
        run = measure(our_crawl("org", "org=bench"), environment=environment)
        windows = [
            window
            for window in ask(f"{hub}/_standin/windows")
            if window["source"].startswith("account:")
        ]
        statuses = ask(f"{hub}/_standin/journal")["statuses"]
    began = windows[0]["started_at"]
    rows = [
        [
            number,
            f"{window['started_at'] - began:.2f}",
            f"{window['counted']}/{window['limit']}",
            window["refused"],
            f"{window['counted'] / window['limit']:.0%}",
        ]
        for number, window in enumerate(windows, 1)
    ]
    print_table(["window", "at s", "counted/limit", "refused", "used"], rows)
    full = windows[:-1]
    used = sum(window["counted"] for window in full) / sum(window["limit"] for window in full)
    print(f"\nfull windows used: {used:.1%}; the last one is the rest")
    pace = sum(window["counted"] for window in full) / (windows[-1]["started_at"] - began)
    print(f"share of the limit over time, gaps between windows included: {pace / 6:.1%}")
    print(f"wall {run.wall:.1f} s, answers by status: {statuses}")


if __name__ == "__main__":
    main()
