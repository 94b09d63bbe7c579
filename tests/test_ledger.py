from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

import pytest

from dockerhub.ledger import Ledger, Shown
from tests.crawling import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_000_000.0
WINDOW = Shown(limit=10, remaining=7, reset=1_000_060, resets_at=NOW + 61)
LATER = Shown(limit=10, remaining=9, reset=1_000_120, resets_at=NOW + 121)

CRAWL = """
import json, pathlib, sys
from dockerhub.ledger import Ledger, Shown
now = [0.0]
ledger = Ledger(pathlib.Path(sys.argv[1]), sys.argv[2], clock=lambda: now[0])
for line in sys.stdin:
    now[0], name, given, named = json.loads(line)
    if name == "tell" and given[1]:
        given[1] = Shown(*given[1])
    print(json.dumps(getattr(ledger, name)(*given, **named)), flush=True)
"""


class Crawl:
    """A process with a ledger of its own: locks keep out others alone."""

    def __init__(self, database: Path, key: str = "hub") -> None:
        self.now = NOW
        self._process = subprocess.Popen(
            [sys.executable, "-c", CRAWL, str(database), key],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def seen(self) -> Shown | None:
        told = self._ask("seen")
        return told and Shown(*told)

    def claim(self, count: int, *, room: int, reset: int | None = WINDOW.reset) -> bool:
        granted: bool = self._ask("claim", count, room=room, reset=reset)
        return granted

    def tell(self, claimed: int, shown: Shown | None = WINDOW) -> None:
        self._ask("tell", claimed, shown)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, name: str, *given: object, **named: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([self.now, name, given, named]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "hub.db-budgets"


@pytest.fixture
def one(database: Path) -> Iterator[Crawl]:
    with Crawl(database) as crawl:
        yield crawl


@pytest.fixture
def other(database: Path) -> Iterator[Crawl]:
    with Crawl(database) as crawl:
        yield crawl


def test_one_hears_what_the_other_was_shown(one: Crawl, other: Crawl) -> None:
    assert one.seen() is None
    one.tell(0, WINDOW)
    assert other.seen() == WINDOW
    other.tell(0, WINDOW._replace(remaining=5))
    assert one.seen() == WINDOW._replace(remaining=5)
    one.tell(0, LATER)
    assert other.seen() == LATER
    other.now = LATER.resets_at
    assert other.seen() is None


def test_what_one_has_claimed_is_not_there_for_the_other(one: Crawl, other: Crawl) -> None:
    assert one.claim(4, room=7)
    assert not other.claim(4, room=7)
    assert other.claim(3, room=7)
    assert not one.claim(5, room=7)
    other.tell(0)
    assert one.claim(7, room=7)


def test_another_limit_is_another_matter(database: Path, one: Crawl) -> None:
    one.tell(7)
    with Crawl(database, "hub of another account") as stranger:
        assert stranger.seen() is None
        assert stranger.claim(7, room=7)


def test_what_a_killed_crawl_had_under_way_counts_until_its_window_is_over(
    one: Crawl, other: Crawl
) -> None:
    one.tell(6, WINDOW)
    one.kill()

    assert other.seen() == WINDOW
    assert not other.claim(2, room=7)
    assert other.claim(1, room=7)
    assert other.claim(7, room=7, reset=LATER.reset)
    assert other.claim(7, room=7, reset=None)


def test_of_a_window_nobody_was_shown_yet_the_living_claim(one: Crawl, other: Crawl) -> None:
    one.tell(6, None)
    assert not other.claim(2, room=7, reset=None)


def test_the_places_of_those_that_are_gone_are_taken(database: Path) -> None:
    for _ in range(3):
        with Crawl(database) as crawl:
            crawl.tell(1, WINDOW)
            crawl.now = WINDOW.resets_at
            crawl.tell(1, None)
    with Crawl(database) as first, Crawl(database) as second:
        first.tell(1)
        second.tell(1)

    entry = 48
    assert database.stat().st_size == 2 * entry


def test_a_crawl_that_cannot_lock_goes_by_its_own_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(tmp_path / "absent" / "hub.db-budgets", "hub")

    assert ledger.claim(5, room=5, reset=None)
    ledger.tell(1, WINDOW)
    assert ledger.seen() is None
    (message,) = caplog.messages
    assert message == (
        f"{tmp_path}/absent/hub.db-budgets: expected a file to lock, got No such file or directory:"
        " crawls at once share no budget"
    )
