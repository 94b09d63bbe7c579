"""What is SQLite's own in keeping a database in order: who uses it, what is free, what is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dockerhub.errors import StoreError
from dockerhub.store.database import open_file
from dockerhub.store.place import database_path, database_place
from dockerhub.store.postgres import upkeep as server
from dockerhub.store.questions import Questions

try:
    import fcntl
except ImportError:  # no such locks on Windows: there it is left to the user
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.engine import Connection

# How long another program's transaction is waited for before it counts as under way.
_PATIENCE_SECONDS = 2.0
# What the copy needs beside the pages themselves.
_MARGIN_BYTES = 4 * 1024 * 1024
# Where SQLite puts what it needs for a while, the first that can be written to.
# Source: https://sqlite.org/tempfiles.html#temporary_file_storage_locations (read 2026-11-22)
_TEMPORARY = ("SQLITE_TMPDIR", "TMPDIR")
_TEMPORARY_FOLDERS = ("/var/tmp", "/usr/tmp", "/tmp", ".")  # noqa: S108  (SQLite's own list)
# After so many steps of SQLite's machine Python looks whether somebody pressed Ctrl-C.
_STEPS = 100_000
_MOST_FAULTS = 100
# Repositories that are not in the full-text index, and rows of it without a repository.
_UNINDEXED = """
SELECT r.id, 'its table' FROM repository AS r
WHERE NOT EXISTS (SELECT 1 FROM repository_search_docsize AS d WHERE d.id = r.id)
UNION ALL
SELECT d.id, 'the index' FROM repository_search_docsize AS d
WHERE NOT EXISTS (SELECT 1 FROM repository AS r WHERE r.id = d.id)
"""


class Upkeep(Protocol):
    """A connection that removes rows, and lets nothing point nowhere."""

    @property
    def connection(self) -> Connection: ...

    def notice(self) -> None:
        """Take note of what the database is now."""

    def was_written(self) -> bool:
        """Tell whether anybody else wrote since."""

    def spare(self, name: str) -> None:
        """Take out of a batch of the phase *name* what is in use again."""

    def is_shared(self) -> bool:
        """Tell whether a crawl is under way."""

    def close(self) -> None:
        """Close the connection."""


def upkeep_of(url: str) -> Upkeep:
    """Return what removes rows from the database at *url*.

    :raises StoreError: if there is no database, or it cannot be used
    """
    return FileUpkeep(url) if database_place(url).path else server.ServerUpkeep(url)


class FileUpkeep:
    """A connection that removes rows, and sees to it itself that none points nowhere.

    SQLite would look through whole tables for each row, because the columns that point at it need
    no index for anything else.
    """

    def __init__(self, url: str) -> None:
        """:raises StoreError: if there is no database, or it cannot be used"""
        Questions(url, "pruning").close()  # which says so if there is no database
        self._path = database_path(url)
        self.connection = open_file(url)
        self.connection.execute("PRAGMA foreign_keys = OFF")
        self._version = 0

    def notice(self) -> None:
        """Take note of what the database is now."""
        self._version = self._data_version()

    def was_written(self) -> bool:
        """Tell whether anybody else wrote since."""
        return self._data_version() != self._version

    def spare(self, name: str) -> None:
        """Nothing: nobody else wrote, which is looked at before."""

    def is_shared(self) -> bool:
        """Tell whether a crawl is under way."""
        return is_claimed(self._path)

    def close(self) -> None:
        """Fold the WAL into the file, as far as others let us, and close the connection."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def _data_version(self) -> int:
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])


class Vacuumed(NamedTuple):
    """What a vacuum gave back, in bytes."""

    before: int
    after: int
    free: int | None
    """in pages that held nothing; None where the server alone knows"""
    is_held: bool
    """whether somebody reads, so that the file itself shrinks when that ends"""


def vacuum(url: str) -> Vacuumed:
    """Write the database at *url* anew, without what it has free, while nobody crawls.

    A server is asked to vacuum our tables, which others may use meanwhile.

    :raises StoreError: if somebody crawls or writes, there is no room for it, or it fails
    """
    path = database_place(url).path
    Questions(url, "pruning").close()  # which says so if there is no database
    if path is None:
        with told("write"):
            return Vacuumed(*server.vacuum(url), None, is_held=False)
    with claimed_whole(path) as is_ours:
        if not is_ours:
            raise StoreError(
                f"database {path}: expected no crawl under way, there is one; let it end, or stop"
                " it"
            )
        with closing(open_file(url)) as connection, told("write"):
            connection.execute(f"PRAGMA busy_timeout = {round(_PATIENCE_SECONDS * 1000)}")
            return _vacuum(connection, path)


def _vacuum(connection: sqlite3.Connection, path: Path) -> Vacuumed:
    before, free = _bytes(connection)
    _check_room(path, before - free + _MARGIN_BYTES)
    try:
        interruptible(connection)
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        raise StoreError(
            f"database {path}: expected nobody else to write to it, somebody does"
        ) from error
    (is_held, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return Vacuumed(before, _bytes(connection)[0], free, bool(is_held))


def _bytes(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many bytes the database has, and how many of them hold nothing."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {word}").fetchone()[0])
        for word in ("page_count", "freelist_count", "page_size")
    )
    return pages * size, free * size


def _check_room(path: Path, needed: int) -> None:
    """Check that there is room for the copy, and for the log of writing it back."""
    folder, other = path.resolve().parent, temporary_folder()
    if folder.stat().st_dev == other.stat().st_dev:
        check_room(folder, needed * 2)
    else:
        check_room(folder, needed)
        check_room(other, needed)


def check_room(folder: Path, needed: int) -> None:
    """Check that *folder* has room for so many bytes.

    :raises StoreError: if it has not
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreError(
            f"{folder}: expected {needed / 1e6:.0f} MB of free space, got {free / 1e6:.0f} MB"
        )


def temporary_folder() -> Path:
    """Return where SQLite puts what it needs for a while."""
    named = [os.environ[name] for name in _TEMPORARY if os.environ.get(name)]
    for folder in map(Path, (*named, *_TEMPORARY_FOLDERS)):
        if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return Path()


def live_bytes(url: str) -> int:
    """Return how many bytes a copy of the database at *url* will have.

    :raises StoreError: if it cannot be read
    """
    if database_place(url).path is None:
        with told("read"):
            return server.live_bytes(url)
    with closing(open_file(url)) as connection, told("read"):
        size, free = _bytes(connection)
        return size - free


def is_claimed(database: Path) -> bool:
    """Tell whether a crawl into *database* is under way, in another process."""
    if not _claims(database).exists():
        return False
    with claimed_whole(database) as is_ours:
        return not is_ours


@contextlib.contextmanager
def claimed_whole(database: Path) -> Iterator[bool]:
    """Claim every subject at once, so that no crawl begins; False if one is under way.

    :raises StoreError: if the file of the claims cannot be written
    """
    if fcntl is None:
        yield True
        return
    try:
        file = _claims(database).open("ab")
    except OSError as error:
        raise StoreError(
            f"{_claims(database)}: expected a file to lock, got {error.strerror}"
        ) from error
    with file:
        try:
            # From the first byte to the last that there could be.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 0, 0)
        except OSError:
            yield False
        else:
            yield True


def _claims(database: Path) -> Path:
    """Return the file in which crawls lock what they claim: see `store/claim.py`."""
    return database.with_name(f"{database.name}-crawls")


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Tell what SQLite says as a `StoreError`, and Ctrl-C as what it is."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        raise StoreError(f"database: expected to {what}, {error}") from error


def interruptible(connection: sqlite3.Connection) -> None:
    """Let Ctrl-C end what SQLite does for long."""
    # Python sees to its signals while it calls this; SQLite takes the exception for a wish to end.
    connection.set_progress_handler(lambda: 0, _STEPS)


def faults(connection: sqlite3.Connection, *, is_quick: bool) -> list[str]:
    """Return what SQLite finds wrong with the file: nothing where all is well."""
    word = "quick_check" if is_quick else "integrity_check"
    said = [row[0] for row in connection.execute(f"PRAGMA {word}({_MOST_FAULTS})")]
    return [] if said == ["ok"] else said


def broken_references(connection: sqlite3.Connection) -> Iterator[tuple[str, int | None, str]]:
    """Yield the rows that point nowhere: table, number of the row, and where they point to."""
    for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield table, rowid, parent


def search_faults(connection: sqlite3.Connection, *, is_quick: bool) -> list[str]:
    """Return what is wrong with the full-text index, compared with the texts that it is made of.

    SQLite can check one only where it may write: here that is a copy of the index, on the disk. A
    quick look only compares which repositories are in it.
    """
    unindexed = connection.execute(_UNINDEXED).fetchall()
    if is_quick or unindexed:
        return [f"repository {number} is only in {table}" for number, table in unindexed]
    with closing(sqlite3.connect("", isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("BEGIN")
        _copy_search(connection, copy)
        try:
            copy.execute(
                "INSERT INTO repository_search (repository_search, rank)"
                " VALUES ('integrity-check', 1)"
            )
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return []


def _copy_search(connection: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    copy.execute(
        "CREATE TABLE repository_texts"
        " (id INTEGER PRIMARY KEY, full_name, description, full_description)"
    )
    texts = connection.execute(
        "SELECT id, full_name, description, full_description FROM repository_texts"
    )
    copy.executemany("INSERT INTO repository_texts VALUES (?, ?, ?, ?)", texts)
    (schema,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'repository_search'"
    ).fetchone()
    copy.execute(schema)
    for part in ("data", "idx", "docsize", "config"):
        table = f"repository_search_{part}"
        rows = connection.execute(f"SELECT * FROM {table}")
        places = ", ".join("?" * len(rows.description))
        copy.execute(f"DELETE FROM {table}")
        copy.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
