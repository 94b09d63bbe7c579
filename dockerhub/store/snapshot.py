"""Copies the whole database into a file of its own, as of one moment, while crawls go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.errors import StoreError
from dockerhub.store.database import open_to_read

if TYPE_CHECKING:
    from pathlib import Path

# After so many steps of SQLite's machine Python looks whether somebody pressed Ctrl-C.
_STEPS = 100_000


def write_snapshot(url: str, path: Path) -> None:
    """Write the database at *url* to *path*, an empty file, and check what was written.

    VACUUM INTO and not the backup API: nobody's writing is held up by either, but a backup in
    steps begins anew whenever a crawl writes, and one in one step copies the pages that were given
    up with what was deleted from them. The copy is no WAL database: it is one file.

    :raises StoreError: if it cannot be read or written, or the copy is not whole
    :raises KeyboardInterrupt: on Ctrl-C
    """
    with closing(open_to_read(url)) as connection:
        # The file cannot be written all the same: it is opened to read.
        connection.execute("PRAGMA query_only = OFF")
        _run(connection, "VACUUM INTO ?", str(path))
    with closing(sqlite3.connect(path)) as copy:
        said = _run(copy, "PRAGMA quick_check(1)")
    if said != [("ok",)]:
        raise StoreError(f"snapshot: expected a database that is whole, {said[0][0]}")


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
