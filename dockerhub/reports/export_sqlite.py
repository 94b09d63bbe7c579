"""Writes rows as a SQLite database of one table, whose columns keep their comments."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from dockerhub.store.dictionary import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.reports.export_content import Content

_ROWS_AT_ONCE = 5_000
_TYPES = {Kind.INTEGER: "INTEGER", Kind.REAL: "REAL", Kind.BLOB: "BLOB"}


def write_sqlite(path: Path, content: Content) -> int:
    """Write the rows to *path*, an empty file, and return how many there were.

    Moments and days are text, as the views have them.

    :raises sqlite3.Error: if it cannot be written
    """
    places = ", ".join("?" * len(content.columns))
    insert = f'INSERT INTO "{content.name}" VALUES ({places})'
    count = 0
    rows = iter(content.rows)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody else sees the file before it is whole.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_table(content))
        connection.execute("BEGIN")
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            connection.executemany(insert, some)
            count += len(some)
        connection.execute("COMMIT")
    return count


def _table(content: Content) -> str:
    """Return the statement that makes the table; the comments are the schema's own."""
    columns = [
        f'    "{name}" {_TYPES.get(kind, "TEXT")}{"," if place else ""} -- {about}'
        for place, (name, about, kind) in zip(
            reversed(range(len(content.columns))), content.columns, strict=True
        )
    ]
    lines = [f'CREATE TABLE "{content.name}" ( -- {content.about}', *columns, ")"]
    return "\n".join(lines)
