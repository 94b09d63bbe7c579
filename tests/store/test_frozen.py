"""A database in a folder that cannot be written: read as it is, if it is whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store.database import open_database, open_to_read
from dockerhub.store.frozen import is_frozen, must_freeze, state_of
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.store.made import at, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.mark.parametrize(
    ("can_write", "waiting", "frozen"),
    [
        (False, [0, 0], True),
        (False, [4096, 0], False),
        (False, [0, 512], False),
        (True, [0, 0], False),
    ],
)
def test_a_whole_file_beside_which_nobody_writes_is_read_as_it_is(
    can_write: bool, waiting: list[int], frozen: bool
) -> None:
    assert must_freeze(can_write=can_write, waiting=waiting) is frozen


@pytest.fixture
def path() -> Iterator[Path]:
    """A database with a repository, in a folder that others may look into."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "hub.db"
        with closing(Writer(f"sqlite:///{path}")) as writer:
            writer.write([page(at(0), row())])
        yield path


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Let the folder be looked into alone; root, who may write everywhere, is nobody meanwhile."""
    user = os.geteuid()
    folder.chmod(0o555)
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_it_answers_there(path: Path) -> None:
    assert not is_frozen(path)
    with unwritable(path.parent):
        assert is_frozen(path)
        with Questions(url(path), "serving") as questions:
            assert questions.one("biggest_namespace") == "bitnami"
    assert [each.name for each in path.parent.iterdir()] == ["hub.db"]


def test_where_readers_can_say_so_changes_are_seen(path: Path) -> None:
    with closing(Writer(url(path))) as writer:
        writer.write([page(at(1), row("redis"))])
        path.with_name("hub.db-wal").chmod(0o666)
        path.with_name("hub.db-shm").chmod(0o666)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with unwritable(path.parent):
            assert path.with_name("hub.db-wal").stat().st_size == 0
            assert not is_frozen(path)


def test_what_is_not_in_the_file_yet_is_not_left_out(path: Path) -> None:
    copy = path.with_name("copy") / path.name
    copy.parent.mkdir()
    with closing(Writer(url(path))) as writer:
        writer.write([page(at(1), row("redis"))])
        with unwritable(path.parent), closing(open_to_read(url(path))) as connection:
            count = connection.execute("SELECT COUNT(*) FROM repositories").fetchone()
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{copy}{end}")
    assert count == (2,)
    with (
        unwritable(copy.parent),
        pytest.raises(StoreError, match=f"^database {copy}: expected to .*write it"),
    ):
        Questions(url(copy), "serving")


def test_another_version_s_schema_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET views = 'older'")
    said = (
        f"database {path}: expected the schema of this version of dockerhub, it has another one,"
        " and its folder cannot be written: copy the file to one that can"
    )
    with unwritable(path.parent), pytest.raises(StoreError) as caught:
        Questions(url(path), "serving")
    assert str(caught.value) == said
    Questions(url(path), "serving").close()  # which brings it up to date


def test_no_crawl_writes_there(path: Path) -> None:
    with unwritable(path.parent), pytest.raises(StoreError, match=f"^database {path}: expected"):
        open_database(url(path)).execute("BEGIN IMMEDIATE")


def test_it_is_seen_that_it_was_written(path: Path) -> None:
    before = state_of(path)
    assert state_of(path) == before
    with closing(Writer(url(path))) as writer:
        writer.write([page(at(1), row("redis"))])
        assert state_of(path) != before
