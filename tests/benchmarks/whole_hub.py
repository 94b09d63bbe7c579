"""What all of Docker Hub would cost, reckoned from what the other benchmarks measured.

`python -m tests.benchmarks.whole_hub [--repositories 15000000] [--tags 10]`. The defaults of the
other options are figures of `catalog` (requests for what was found) and `scale` (bytes, processor).
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

from tests.benchmarks.processes import print_table

_A_DAY = 24 * 60
_RATES = {"our default": 120, "Docker's limit less two": 178}
"""requests a minute and exit"""


class Engine(NamedTuple):
    """What a database takes."""

    name: str
    repository_bytes: int
    tag_bytes: int


def main() -> None:
    """Reckon and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--repositories", type=int, default=15_000_000)
    add("--tags", type=int, default=10, help="of a repository, in the middle; nobody knows")
    add("--found", type=float, default=19_986 / 193_018, help="requests of catalog a repository")
    add("--processor", type=float, default=0.007, help="seconds of a core a request, with 50 tags")
    given = parser.parse_args()
    found = given.repositories * given.found
    # A page has 100 tags: those with more are few, and are not counted.
    requests = found + given.repositories
    engines = (Engine("SQLite", 1280, 296), Engine("PostgreSQL", 2160, 520))
    rows = [
        ["requests to find them", f"{found:,.0f}"],
        ["requests for their tags", f"{given.repositories:,}"],
        *(
            [f"days of one exit, {name} ({rate} a minute)", f"{requests / rate / _A_DAY:,.0f}"]
            for name, rate in _RATES.items()
        ),
        *([f"GB of {engine.name}", f"{_bytes(given, engine) / 1e9:,.0f}"] for engine in engines),
        ["exits that one core serves", f"{60 / given.processor / _RATES['our default']:,.0f}"],
        ["core days", f"{requests * given.processor / 86_400:,.0f}"],
    ]
    print_table(["what", "how much"], rows)


def _bytes(given: argparse.Namespace, engine: Engine) -> int:
    tags = given.repositories * given.tags
    return int(given.repositories * engine.repository_bytes + tags * engine.tag_bytes)


if __name__ == "__main__":
    main()
