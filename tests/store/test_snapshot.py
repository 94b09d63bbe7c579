"""Snapshots: whole, of one moment, without what was deleted, and usable as any database."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store import snapshot
from dockerhub.store.database import open_database
from dockerhub.store.questions import Questions
from dockerhub.store.snapshot import write_snapshot
from dockerhub.store.writer import Writer
from tests.store.made import Look, at, page, row

if TYPE_CHECKING:
    from pathlib import Path

ENGINES = ("sqlite",)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    path.touch()
    return path


def many(seconds: int, count: int = 300) -> list[object]:
    """Return a page of *count* repositories that all show the same number of pulls."""
    return [page(at(seconds), *[row(f"r{place}", pull_count=seconds) for place in range(count)])]


def test_a_snapshot_holds_everything(writer: Writer, url: str, look: Look, copy: Path) -> None:
    writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=False, now=at(0))
    writer.write(many(1))  # type: ignore[arg-type]
    write_snapshot(url, copy)
    assert Look(f"sqlite:///{copy}").everything() == look.everything()
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
    assert Look(f"sqlite:///{copy}")(schema) == look(schema)


def test_a_snapshot_is_one_file_that_the_program_opens(
    writer: Writer, url: str, copy: Path
) -> None:
    writer.write(many(1))  # type: ignore[arg-type]
    write_snapshot(url, copy)
    assert copy.read_bytes()[18:20] == b"\x01\x01", "no WAL database"
    assert [path.name for path in copy.parent.iterdir() if path.name.startswith("copy")] == [
        "copy.db"
    ]
    open_database(f"sqlite:///{copy}").close()
    Questions(f"sqlite:///{copy}", "reading").close()
    again = Writer(f"sqlite:///{copy}")
    again.write(many(2))  # type: ignore[arg-type]
    again.close()


def test_a_snapshot_is_of_one_moment_while_a_crawl_writes(url: str, copy: Path) -> None:
    writer, is_over, worst = Writer(url), threading.Event(), [0]
    writer.write(many(1))  # type: ignore[arg-type]

    def crawl() -> None:
        seconds = 2
        while not is_over.is_set():
            writer.write(many(seconds))  # type: ignore[arg-type]
            seconds += 1
        worst[0] = seconds

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        for _ in range(5):
            copy.write_bytes(b"")
            write_snapshot(url, copy)
            (counts,) = Look(f"sqlite:///{copy}")(
                "SELECT COUNT(DISTINCT pull_count), COUNT(*) FROM repository"
            )
            assert counts == (1, 300)
    finally:
        is_over.set()
        thread.join()
        writer.close()
    assert worst[0] > 3, "the crawl went on meanwhile"


def test_what_was_deleted_does_not_travel(url: str, copy: Path) -> None:
    open_database(url).close()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE mine (text TEXT)")
        connection.execute("INSERT INTO mine VALUES (?)", ("203.0.113.7 " * 2000,))
        connection.commit()
        connection.execute("DELETE FROM mine")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
            assert other.execute("SELECT COUNT(*) FROM mine").fetchone() == (0,)
    assert b"203.0.113.7" in (copy.parent / "hub.db").read_bytes()
    write_snapshot(url, copy)
    assert b"203.0.113.7" not in copy.read_bytes()


# Python tells of an interrupt inside of SQLite's handler, and then raises it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_ends_it(
    writer: Writer, url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.write(many(1))  # type: ignore[arg-type]
    monkeypatch.setattr(snapshot, "_STEPS", 100)
    pressed = []

    class Connection(sqlite3.Connection):
        def set_progress_handler(self, handler: object, steps: int) -> None:  # type: ignore[override]
            def look() -> int:
                if not pressed:
                    pressed.append(os.kill(os.getpid(), signal.SIGINT))
                return handler()  # type: ignore[no-any-return, operator]

            super().set_progress_handler(look, steps)

    opened = sqlite3.connect(url.removeprefix("sqlite:///"), factory=Connection)
    monkeypatch.setattr(snapshot, "open_file", lambda url, **_: opened)
    with pytest.raises(KeyboardInterrupt):
        write_snapshot(url, copy)


def test_a_file_that_holds_something_is_not_written_over(
    writer: Writer, url: str, copy: Path
) -> None:
    copy.write_text("mine")
    with pytest.raises(StoreError, match="snapshot: expected to write a copy, "):
        write_snapshot(url, copy)
    assert copy.read_text() == "mine"


def test_a_copy_that_is_not_whole_is_refused(
    writer: Writer, url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.write(many(1))  # type: ignore[arg-type]
    run = snapshot._run

    def spoilt(connection: sqlite3.Connection, statement: str, *said: str) -> list[tuple[str]]:
        if "quick_check" in statement:
            with copy.open("r+b") as file:
                file.seek(4096)
                file.write(b"\xff" * 4096)
        return run(connection, statement, *said)

    monkeypatch.setattr(snapshot, "_run", spoilt)
    with pytest.raises(StoreError, match="snapshot: expected"):
        write_snapshot(url, copy)
