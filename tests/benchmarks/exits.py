"""How much of a limit of 40 requests in 10 s and address four exits use, one of them of no use.

`python -m tests.benchmarks.exits [--fourth good|forbids|dies] [--requests 600]`; needs tinyproxy.
The fourth one forbids everything, or dies after 5 s. About 50 s each; without an argument all
three in turn.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from dockerhub.standin import Limit, StandIn, World
from tests.benchmarks.processes import print_table
from tests.crawling import ACCOUNT
from tests.real.exits import ACME, ExitCrawls, assert_whole, plain

LIMIT = Limit(40, 10.0)
DIES_AFTER_SECONDS = 5.0
FOURTH = ("good", "forbids", "dies")


def measure(fourth: str, requests: int) -> bool:
    """Crawl, print the windows of each exit, and tell whether the bounds of issue 5 hold."""
    world = World(seed=7)
    plain(world, requests // 2)
    with (
        StandIn(world, accounts=ACCOUNT, limit=LIMIT, list_cap=None) as hub,
        tempfile.TemporaryDirectory() as folder,
        ExitCrawls(hub, Path(folder)) as exits,
    ):
        good = [exits.add() for _ in range(3)]
        last = exits.add(forbids=fourth == "forbids")
        if fourth == "good":
            good.append(last)
        if fourth == "dies":
            exits.when_asked(
                "namespace_list", 1, lambda: exits.later(DIES_AFTER_SECONDS, last.kill)
            )
        ended = exits.run("org", org=ACME, signed_in=False, strict="1")
        assert_whole(exits, world)
        print(f"\nfourth exit: {fourth}; status {ended.status}, {ended.seconds:.1f} s")
        print("\n".join(ended.lines))
        holds = print_windows(exits, [each.address for each in good])
        print(f"answers by status: {dict(hub.journal.statuses())}, by address: {exits.shares()}")
        print(f"the fourth was asked {len(last.asked())} times, {len(last.passed())} passed")
        return holds and ended.status == 0 and 429 not in hub.journal.statuses()


def print_windows(exits: ExitCrawls, good: list[str]) -> bool:
    """Print all windows, and tell whether the full ones of the *good* addresses are used."""
    windows = exits.hub.journal.windows()
    began = windows[0].started_at
    rows, used = [], []
    for address in sorted({each.source for each in windows}):
        own = [each for each in windows if each.source == address]
        for number, window in enumerate(own, 1):
            share = window.counted / window.limit
            is_full = address in good and 1 < number < len(own)
            if is_full:
                used.append(share)
            rows.append(
                [
                    address,
                    number,
                    f"{window.started_at - began:.2f}",
                    f"{window.counted}/{window.limit}",
                    window.refused,
                    f"{share:.0%}" + (" full" if is_full else ""),
                ]
            )
    print_table(["exit", "window", "at s", "counted/limit", "refused", "used"], rows)
    if used:
        mean = sum(used) / len(used)
        print(f"\nfull windows: {len(used)}, used {mean:.1%}, the least {min(used):.0%}")
    return bool(used) and min(used) >= 0.95


def main() -> int:
    """Measure, and return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fourth", choices=FOURTH, action="append")
    parser.add_argument("--requests", type=int, default=600)
    given = parser.parse_args()
    held = [measure(fourth, given.requests) for fourth in given.fourth or FOURTH]
    print("\nbounds of issue 5:", "hold" if all(held) else "BROKEN")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
