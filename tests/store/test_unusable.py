"""Databases that cannot be opened: one clear line, nothing half-made."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store.database import open_database, open_to_read
from dockerhub.store.writer import Writer
from tests.store.made import Look, tag, tags

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65_534


@contextmanager
def without_power() -> Iterator[None]:
    """Be somebody for whom permissions count; root is asked for none."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that others may look into, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_database(url)
    return str(caught.value)


def test_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "none" / "hub.db"
    assert refusal(f"sqlite:///{path}") == (
        f"database {path}: expected a folder {path.parent}, it does not exist"
    )
    assert list(tmp_path.iterdir()) == []


def test_missing_file_to_read(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with pytest.raises(StoreError) as caught:
        open_to_read(f"sqlite:///{path}")
    assert str(caught.value) == (
        f"database {path}: expected a SQLite database, unable to open database file"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database\n" * 100)
    assert refusal(f"sqlite:///{path}") == (
        f"database {path}: expected a SQLite database, file is not a database"
    )
    assert path.read_text() == "not a database\n" * 100


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert refusal(f"sqlite:///{tmp_path}") == (
        f"database {tmp_path}: expected a SQLite database, unable to open database file"
    )


def test_a_folder_in_which_nothing_can_be_made(shared: Path) -> None:
    path = shared / "hub.db"
    shared.chmod(0o555)
    with without_power():
        assert refusal(f"sqlite:///{path}") == (
            f"database {path}: expected a SQLite database, unable to open database file"
        )
    assert list(shared.iterdir()) == []


def test_a_new_file_that_is_read_only(shared: Path) -> None:
    path = shared / "hub.db"
    path.touch(0o444)
    shared.chmod(0o777)
    with without_power():
        assert refusal(f"sqlite:///{path}") == (
            f"database {path}: expected to write it and hub.db-shm beside it, as SQLite needs to"
            " read it too, attempt to write a readonly database"
        )
    assert path.stat().st_size == 0


def test_a_database_that_is_read_only_refuses_the_crawl(shared: Path) -> None:
    path = shared / "hub.db"
    writer = Writer(f"sqlite:///{path}")
    writer.write([tags(1, tag("latest"))])
    writer.close()
    path.chmod(0o444)
    shared.chmod(0o777)
    with without_power():
        writer = Writer(f"sqlite:///{path}")
        with pytest.raises(StoreError) as caught:
            writer.begin_crawl("org", "{}", signed_in=False, now=1)
        writer.close()
    assert str(caught.value) == (
        "database: expected to write, attempt to write a readonly database"
    )
    assert Look(f"sqlite:///{path}")("SELECT name FROM tag") == [("latest",)]
