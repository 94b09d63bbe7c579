"""SQLite as the store wants it: how it is opened, and how it writes what dialects differ in."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import TYPE_CHECKING

from dockerhub.errors import StoreError
from dockerhub.store.frozen import is_frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How long a writer waits for another program's transaction before the crawl stops.
BUSY_SECONDS = 20.0

# Of two that make one database a WAL database at once, SQLite may refuse one without waiting.
_LOOK_AGAIN_SECONDS = 0.02

# What SQLite says where it cannot write beside a database.
_UNWRITTEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}

# A WAL that grew under a long reader shrinks back to this at the next checkpoint.
_WAL_LIMIT_BYTES = 32 * 1024 * 1024
_CACHE_KIB = 32 * 1024

_MACROS = {
    # SQLite rounds towards zero; moments before 1970 need the rest that is not negative.
    "iso": (
        "strftime('%Y-%m-%dT%H:%M:%S', ({0} - ({0} % 1000000 + 1000000) % 1000000) / 1000000,"
        " 'unixepoch') || printf('.%06dZ', ({0} % 1000000 + 1000000) % 1000000)"
    ),
    "day": "date({0} * 86400, 'unixepoch')",
    "digest": "CASE WHEN {0} IS NOT NULL THEN 'sha256:' || lower(hex({0})) END",
    "join": "group_concat({0}, '|')",
    "platform": (
        "COALESCE(NULLIF({0}.os, ''), 'unknown')"
        " || '/' || COALESCE(NULLIF({0}.architecture, ''), 'unknown')"
        " || CASE WHEN {0}.variant <> '' THEN '/' || {0}.variant ELSE '' END"
    ),
    # The manifests of a tag: as Hub lists them, else as the index or manifest behind it has them,
    # with indexes in the index as deep as a crawl follows them. The CASE keeps the index from being
    # looked for where Hub lists images, which is nearly everywhere.
    "shown": """(
        SELECT i.digest FROM image AS i
        WHERE i.image_set_id = {0}.image_set_id AND i.digest IS NOT NULL
        UNION ALL
        SELECT COALESCE(n3.digest, n2.digest, n.digest, x.digest)
        FROM manifest AS x
        LEFT JOIN index_member AS n ON n.index_id = x.id
        LEFT JOIN manifest AS x2 ON x2.digest = n.digest AND x2.kind = 'index'
        LEFT JOIN index_member AS n2 ON n2.index_id = x2.id
        LEFT JOIN manifest AS x3 ON x3.digest = n2.digest AND x3.kind = 'index'
        LEFT JOIN index_member AS n3 ON n3.index_id = x3.id
        WHERE x.digest = CASE
                WHEN NOT EXISTS (
                    SELECT 1 FROM image AS i
                    WHERE i.image_set_id = {0}.image_set_id AND i.digest IS NOT NULL
                )
                    THEN COALESCE(
                        (SELECT s.digest FROM image_set AS s WHERE s.id = {0}.image_set_id),
                        {0}.registry_digest
                    )
            END
    )""",
}
_MACRO = re.compile(r"\{(\w+) ([\w.]+)\}")


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to the database file at *path*, made if it is not there.

    WAL with synchronous=FULL keeps what was committed through a killed program and a power cut.
    Source: https://sqlite.org/pragma.html#pragma_synchronous (read 2026-11-22)

    :raises StoreError: if it cannot be opened
    """
    if not path.parent.is_dir():
        raise StoreError(f"database {path}: expected a folder {path.parent}, it does not exist")
    mode = "ro" if read_only else "rwc"
    if read_only and is_frozen(path):
        mode += "&immutable=1"
    try:
        connection = sqlite3.connect(
            f"file:{_quoted(path)}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise StoreError(f"database {path}: expected a SQLite database, {error}") from error
    try:
        _prepare(connection, read_only=read_only)
    except sqlite3.Error as error:
        connection.close()
        expected = "a SQLite database"
        if path.is_file() and getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNWRITTEN:
            # Who only reads says in that file what is being read.
            expected = f"to write it and {path.name}-shm beside it, as SQLite needs to read it too"
        raise StoreError(f"database {path}: expected {expected}, {error}") from error
    return connection


def _prepare(connection: sqlite3.Connection, *, read_only: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Make it a WAL database; two first openers would refuse each other at once."""
    gives_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= gives_up_at:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _quoted(path: Path) -> str:
    # Absolute, because `:memory:` alone means something else to SQLite.
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of *script* one by one, so that a transaction can hold them all."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def expand(sql: str) -> str:
    """Return *sql* with `{iso column}` and its like written out for SQLite."""
    return _MACRO.sub(lambda match: _MACROS[match[1]].replace("{0}", match[2]), sql)
