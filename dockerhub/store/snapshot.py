"""Copies the whole database into a file of its own, as of one moment, while crawls go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.errors import StoreError
from dockerhub.store.database import open_file
from dockerhub.store.place import database_place
from dockerhub.store.sqlite_copy import copy_to_sqlite

if TYPE_CHECKING:
    from pathlib import Path

# After so many steps of SQLite's machine Python looks whether somebody pressed Ctrl-C.
_STEPS = 100_000


def write_snapshot(url: str, path: Path) -> None:
    """Write the database at *url* to *path*, an empty file, and check what was written.

    VACUUM INTO and not the backup API: nobody's writing is held up by either, but a backup in
    steps begins anew whenever a crawl writes, and one in one step copies the pages that were given
    up with what was deleted from them. The copy is no WAL database: it is one file. Of a database
    on a server it is a copy of its rows.

    :raises StoreError: if it cannot be read or written, or the copy is not whole
    :raises KeyboardInterrupt: on Ctrl-C
    """
    if database_place(url).path is None:
        copy_to_sqlite(url, path)
    else:
        _vacuum_into(url, path)
    with closing(sqlite3.connect(path)) as copy:
        said = _run(copy, "PRAGMA quick_check(1)")
    if said != [("ok",)]:
        raise StoreError(f"snapshot: expected a database that is whole, {said[0][0]}")


def _vacuum_into(url: str, path: Path) -> None:
    with closing(open_file(url, read_only=True)) as connection:
        # The file cannot be written all the same: it is opened to read.
        connection.execute("PRAGMA query_only = OFF")
        _run(connection, "VACUUM INTO ?", str(path))


def _run(connection: sqlite3.Connection, statement: str, *parameters: str) -> list[tuple[str]]:
    # Python sees to its signals while it calls this; SQLite takes an exception in it, that of
    # Ctrl-C, for a wish to end.
    connection.set_progress_handler(lambda: 0, _STEPS)
    try:
        return connection.execute(statement, parameters).fetchall()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        raise StoreError(f"snapshot: expected to write a copy, {error}") from error
