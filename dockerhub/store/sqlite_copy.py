"""Copies a database, as of one moment, into a SQLite file that has all that ours have."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import StoreError
from dockerhub.store.database import bring_up_to_date, open_database, open_to_read, transaction
from dockerhub.store.engine import DatabaseError, streamed
from dockerhub.store.place import database_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.store.engine import Connection

_ROWS_AT_ONCE = 2000
# After so many steps of SQLite's machine Python looks whether somebody pressed Ctrl-C.
_STEPS = 100_000
# Tables of ours: not the full-text index, which SQLite makes of the others, nor what says which
# version the file has.
_TABLES = """
SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'repository_search%'
    AND name <> 'schema_version'
"""
_SEARCH = "INSERT INTO repository_search (repository_search) VALUES ('rebuild')"
# What is made once all rows are there: one after the other it takes longer.
_AFTERWARDS = """
SELECT type, name, sql FROM sqlite_master
WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid
"""


class _Table(NamedTuple):
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """columns of its primary key"""
    parents: tuple[str, ...]
    """other tables that it refers to"""


def copy_to_sqlite(url: str, path: Path) -> int:
    """Write the database at *url* to the file *path*, and return how many rows it has.

    What is at *path* is replaced when the copy is whole; what ends it before leaves no trace.
    The copy has the numbers that the rows have there. It is no WAL database: it is one file.

    :raises StoreError: if it cannot be read or written, or the copy has not all rows
    :raises KeyboardInterrupt: on Ctrl-C
    """
    place = database_place(url)
    if not place.exists():
        raise StoreError(f"database {place.name}: expected one, {place.missing}")
    bring_up_to_date(url)
    part = path.with_name(f".dockerhub-{secrets.token_hex(8)}.part")
    try:
        with _told():
            open_database(f"sqlite:///{part}").close()
            with closing(_opened(part)) as copy, closing(open_to_read(url)) as source:
                count = _copy(source, copy)
            _sync(part)
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: expected to write a copy, {error.strerror}") from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + end).unlink(missing_ok=True)
    return count


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection that writes without a log: nobody sees the file before it is whole."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")  # no WAL database any more
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    # The server has seen to it that each row has what it refers to.
    connection.execute("PRAGMA foreign_keys = OFF")
    # Python sees to its signals while it calls this; SQLite takes an exception in it, that of
    # Ctrl-C, for a wish to end.
    connection.set_progress_handler(lambda: 0, _STEPS)
    return connection


def _copy(source: Connection, copy: sqlite3.Connection) -> int:
    afterwards = copy.execute(_AFTERWARDS).fetchall()
    tables = _in_order([_described(copy, name) for (name,) in copy.execute(_TABLES).fetchall()])
    with transaction(copy):
        for kind, name, _ in afterwards:
            copy.execute(f'DROP {kind} "{name}"')
        with _moment(source):
            counts = {table.name: _fill(source, copy, table) for table in tables}
            _compare(source, copy, counts)
        for _, _, statement in afterwards:
            copy.execute(statement)
        copy.execute(_SEARCH)
    return sum(counts.values())


@contextlib.contextmanager
def _moment(source: Connection) -> Iterator[None]:
    """Let all that is read inside be of one moment."""
    source.execute("BEGIN")
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError):
            source.execute("ROLLBACK")


def _described(copy: sqlite3.Connection, name: str) -> _Table:
    columns = copy.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
    parents = copy.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,)).fetchall()
    return _Table(
        name,
        tuple(column for column, _ in columns),
        tuple(column for column, place in sorted(columns, key=lambda each: each[1]) if place),
        tuple({parent for (parent,) in parents} - {name}),
    )


def _in_order(tables: list[_Table]) -> list[_Table]:
    """Return the tables so that each stands behind those that it refers to."""
    done: dict[str, _Table] = {}
    while len(done) < len(tables):
        ready = [
            each for each in tables if each.name not in done and done.keys() >= {*each.parents}
        ]
        # Where some refer to each other in a circle, any order is as good.
        for table in ready or [each for each in tables if each.name not in done]:
            done[table.name] = table
    return list(done.values())


def _fill(source: Connection, copy: sqlite3.Connection, table: _Table) -> int:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    # In the order in which SQLite keeps them: each goes behind the one before.
    order = ", ".join(f'"{name}"' for name in table.key) or "1"
    rows = streamed(source, f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')
    places = ", ".join("?" * len(table.columns))
    insert = f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'
    count = 0
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        copy.executemany(insert, some)
        count += len(some)
    return count


def _compare(source: Connection, copy: sqlite3.Connection, counts: dict[str, int]) -> None:
    """:raises StoreError: if a table of the copy has not as many rows as the one it is made of"""
    for name, count in counts.items():
        question = f'SELECT COUNT(*) FROM "{name}"'
        expected, found = (
            connection.execute(question).fetchone()[0] for connection in (source, copy)
        )
        if not expected == found == count:
            raise StoreError(f"copy: expected {expected} rows of {name}, it has {found}")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        raise StoreError(f"copy: expected to write one, {error}") from error


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
