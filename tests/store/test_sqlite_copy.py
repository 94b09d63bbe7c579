"""A database on a server, copied into a file: all of it, of one moment, or no file at all."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dockerhub.errors import StoreError
from dockerhub.store import sqlite_copy
from dockerhub.store.database import open_database
from dockerhub.store.sqlite_copy import copy_to_sqlite
from dockerhub.store.writer import Writer
from tests.reports.exported import HOSTILE, LARGEST, LONG, detail, fill
from tests.store.made import Look, at, page, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENGINES = ("postgresql",)
# Stored statements are compared as they are written; what SQLite numbers itself is not.
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"


@pytest.fixture
def filled(url: str) -> str:
    fill(url)
    with closing(Writer(url)) as writer:
        writer.write([page(at(30), row("sea")), detail("A handbook of walruses", "sea")])
    return url


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "copy.db"


@pytest.fixture(autouse=True)
def folder(copy: Path) -> Path:
    copy.parent.mkdir()
    return copy.parent


@pytest.fixture
def midway(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something once in the middle of copying: when the first row of tags is read."""

    def arrange(do: Callable[[], object]) -> None:
        ask = sqlite_copy.streamed

        def streamed(connection: Any, statement: str) -> Iterator[tuple[Any, ...]]:
            if 'FROM "tag"' in statement:
                do()
            return ask(connection, statement)

        monkeypatch.setattr(sqlite_copy, "streamed", streamed)

    return arrange


def test_a_copy_has_every_row_of_every_table(filled: str, copy: Path) -> None:
    count = copy_to_sqlite(filled, copy)
    there, here = Look(filled).everything(), Look(f"sqlite:///{copy}").everything()
    assert there.pop("schema_version") != here.pop("schema_version"), "each has its own views"
    assert {name: sorted(rows, key=repr) for name, rows in here.items()} == {
        name: sorted(rows, key=repr) for name, rows in there.items()
    }
    assert count == sum(map(len, here.values()))
    texts = {text for (text,) in Look(f"sqlite:///{copy}")("SELECT description FROM repository")}
    assert {HOSTILE, LONG, None} <= texts
    assert (LARGEST,) in Look(f"sqlite:///{copy}")("SELECT pull_count FROM repository")


def test_a_copy_is_a_database_like_any_other(filled: str, copy: Path, tmp_path: Path) -> None:
    copy_to_sqlite(filled, copy)
    look, other = Look(f"sqlite:///{copy}"), f"sqlite:///{tmp_path / 'other.db'}"
    open_database(other).close()
    assert look(_SCHEMA) == Look(other)(_SCHEMA)
    assert look("SELECT * FROM schema_version") == Look(other)("SELECT * FROM schema_version")
    assert look("PRAGMA foreign_key_check") == []
    assert look("PRAGMA integrity_check") == [("ok",)]
    assert look("SELECT full_name FROM repository_search('walruses')") == [("bitnami/sea",)]
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        # Its own look at whether the index has what the tables have.
        connection.execute(
            "INSERT INTO repository_search (repository_search, rank) VALUES ('integrity-check', 1)"
        )
    assert copy.read_bytes()[18:20] == b"\x01\x01", "no WAL database"
    with closing(Writer(f"sqlite:///{copy}")) as writer:
        writer.write([page(at(99), row("new"))])
    assert look("SELECT COUNT(*) FROM repository WHERE name = 'new'") == [(1,)]


def test_a_copy_is_of_one_moment(
    filled: str, copy: Path, midway: Callable[[Callable[[], object]], None]
) -> None:
    def crawl() -> None:
        with closing(Writer(filled)) as writer:
            writer.write([page(at(99), row("meanwhile"), row("nginx", pull_count=7))])

    before = Look(filled)("SELECT name, pull_count FROM repository ORDER BY id")
    midway(crawl)
    copy_to_sqlite(filled, copy)
    found = Look(f"sqlite:///{copy}")("SELECT name, pull_count FROM repository ORDER BY id")
    assert found == before
    assert len(Look(filled)("SELECT id FROM repository")) == len(before) + 1


def test_ctrl_c_leaves_no_file(
    filled: str, copy: Path, midway: Callable[[Callable[[], object]], None]
) -> None:
    midway(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        copy_to_sqlite(filled, copy)
    assert list(copy.parent.iterdir()) == []


def test_a_server_that_goes_away_leaves_the_older_copy(
    filled: str, copy: Path, midway: Callable[[Callable[[], object]], None]
) -> None:
    copy_to_sqlite(filled, copy)
    older = copy.read_bytes()

    def cut() -> None:
        with psycopg.connect(filled) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    midway(cut)
    with pytest.raises(StoreError, match="copy: expected to write one, "):
        copy_to_sqlite(filled, copy)
    assert list(copy.parent.iterdir()) == [copy]
    assert copy.read_bytes() == older


def test_rows_that_are_lacking_are_noticed(
    filled: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = sqlite_copy.streamed

    def streamed(connection: Any, statement: str) -> Iterator[tuple[Any, ...]]:
        most = 2 if 'FROM "tag"' in statement else None
        return iter(list(ask(connection, statement))[:most])

    monkeypatch.setattr(sqlite_copy, "streamed", streamed)
    with pytest.raises(StoreError, match=r"^copy: expected 3 rows of tag, it has 2$"):
        copy_to_sqlite(filled, copy)
    assert list(copy.parent.iterdir()) == []


def test_what_is_not_there_is_not_copied(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(StoreError, match="expected one, there is no such file"):
        copy_to_sqlite(f"sqlite:///{tmp_path / 'none.db'}", copy)
    assert list(copy.parent.iterdir()) == []
