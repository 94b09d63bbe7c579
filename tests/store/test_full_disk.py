"""A disk that is full, a database that another holds: one line, and nothing committed is lost."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store import database, sqlite
from dockerhub.store.database import open_database
from dockerhub.store.writer import Writer
from tests.store.made import NGINX, NOW, Look, at, image, step, tag, tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.items import TagPage

ENGINES = ("sqlite",)

CHECKOUT = Path(database.__file__).parents[2]


def full_page(number: int) -> TagPage:
    """Return a page of 100 tags with their own images; about 40 KB in the database."""
    rows = [
        tag(f"{number}-{place}", (number, place), images=(image(digest=bytes([number, place])),))
        for place in range(100)
    ]
    return tags(at(number), *rows, walk=step(next_page=number + 1, pages=number))


def write_until_full(writer: Writer) -> tuple[int, str]:
    """Return how many pages were committed and what the next one met."""
    for number in range(1, 200):
        try:
            writer.write([full_page(number)])
        except StoreError as error:
            return number - 1, str(error)
    raise AssertionError("the disk never became full")


def assert_intact(look: Look, pages: int) -> None:
    """Assert that exactly *pages* pages are stored, with their walk's progress."""
    assert look("PRAGMA integrity_check") == [("ok",)]
    assert look("PRAGMA foreign_key_check") == []
    assert look.one("SELECT COUNT(*), COUNT(DISTINCT image_set_id) FROM tag") == (
        100 * pages,
        100 * pages,
    )
    assert look.one("SELECT pages, next_page FROM walk") == (pages, pages + 1)


def assert_goes_on(url: str, pages: int) -> None:
    """Assert that the next opening works, and can write what did not fit."""
    writer = Writer(url)
    writer.write([full_page(pages + 1)])
    writer.close()
    assert_intact(Look(url), pages + 1)


def test_a_full_database_keeps_what_was_committed(url: str, look: Look) -> None:
    writer = Writer(url)
    writer._connection.execute("PRAGMA max_page_count = 140")
    pages, message = write_until_full(writer)
    assert pages > 0
    assert message == "database: expected to write, database or disk is full"
    assert_intact(look, pages)
    with pytest.raises(StoreError, match="full"):
        writer.write([full_page(pages + 1)])
    writer._connection.execute("PRAGMA max_page_count = 100000")
    writer.write([full_page(pages + 1)])
    assert_intact(look, pages + 1)
    writer.close()
    assert_goes_on(url, pages + 1)


FULL_DISK = """
import resource, sys
from dockerhub.store.writer import Writer
from tests.store.test_full_disk import write_until_full

url, limit, is_new = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "new"
if is_new:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
writer = Writer(url)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
print(*write_until_full(writer), sep="|")
writer.close()
"""


def on_a_small_disk(url: str, limit: int, when: str = "open") -> subprocess.CompletedProcess[str]:
    """Write until files may not grow beyond *limit* bytes, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), url, str(limit), when],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("kilobytes", [900, 1100, 1400])
def test_a_disk_that_takes_no_more_keeps_what_was_committed(
    url: str, look: Look, kilobytes: int
) -> None:
    run = on_a_small_disk(url, kilobytes * 1024)
    assert run.stderr == ""
    pages, message = run.stdout.strip().split("|")
    assert message in (
        "database: expected to write, disk I/O error",
        "database: expected to write, database or disk is full",
    )
    assert int(pages) > 0
    assert_intact(look, int(pages))
    assert_goes_on(url, int(pages))


def test_a_disk_too_small_for_the_schema_is_one_line(url: str, look: Look) -> None:
    run = on_a_small_disk(url, 20 * 1024, "new")
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith(f"dockerhub.errors.StoreError: database {look.path}: expected to read")
    open_database(url).close()
    assert look("SELECT name FROM tag") == []


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
print("released", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)


class Holder:
    """Another process that holds the database's lock."""

    def __init__(self, path: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear("held")

    def release(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._hear("released")

    def end(self) -> None:
        self._process.communicate("\n")

    def _hear(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"{word}\n"


@pytest.fixture
def patient_writer(short_patience: None, url: str) -> Iterator[Writer]:
    made = Writer(url)
    yield made
    made.close()


LOCKED = "database: expected to write, database is locked"


def test_a_locked_database_loses_nothing(patient_writer: Writer, url: str, look: Look) -> None:
    patient_writer.write([full_page(1)])
    other = Holder(look.path)
    for call in (
        lambda: patient_writer.write([full_page(2)]),
        lambda: patient_writer.begin_crawl("org", "{}", signed_in=False, now=NOW),
    ):
        with pytest.raises(StoreError) as caught:
            call()
        assert str(caught.value) == LOCKED
    # An opening that has nothing to write is not kept waiting.
    open_database(url).close()
    other.release()
    patient_writer.write([full_page(2)])
    other.end()
    assert_intact(look, 2)
    assert NGINX.name in look.one("SELECT full_name FROM repositories")[0]


def test_a_locked_database_cannot_be_migrated(short_patience: None, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    other = Holder(str(path))
    with pytest.raises(StoreError) as caught:
        open_database(f"sqlite:///{path}")
    other.end()
    assert str(caught.value) == (f"database {path}: expected a SQLite database, database is locked")
    open_database(f"sqlite:///{path}").close()
