"""Opens the database that a URL names, and brings its schema up to date."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from dockerhub.errors import StoreError, shown
from dockerhub.store import sqlite
from dockerhub.store.engine import DatabaseError
from dockerhub.store.frozen import is_frozen
from dockerhub.store.place import SqliteFile, database_path, database_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.engine import Connection
    from dockerhub.store.place import Place

_VIEW = re.compile(r"^CREATE VIEW (\w+)", re.MULTILINE)


def open_database(url: str) -> Connection:
    """Return a connection to the database at *url*, made and migrated as needed.

    :raises StoreError: if it cannot be opened, or was written by a newer version
    """
    place = database_place(url)
    connection = place.connect()
    try:
        _migrate(connection, place)
    except DatabaseError as error:
        connection.close()
        raise StoreError(
            f"database {place.name}: expected to read and write it, {error}"
        ) from error
    except StoreError:
        connection.close()
        raise
    return connection


def bring_up_to_date(url: str) -> None:
    """Bring a database that is there to this version's schema.

    :raises StoreError: if it cannot be: one that nobody can write has to have that schema
    """
    place = database_place(url)
    if not (isinstance(place, SqliteFile) and is_frozen(place.path)):
        open_database(url).close()
        return
    with contextlib.closing(place.connect(read_only=True)) as connection:
        try:
            is_ours = _version(connection, place) == (migrations()[-1][0], _fingerprint(place))
        except DatabaseError as error:
            raise StoreError(f"database {place.name}: expected to read it, {error}") from error
    if not is_ours:
        raise StoreError(
            f"database {place.name}: expected the schema of this version of dockerhub, it has"
            " another one, and its folder cannot be written: copy the file to one that can"
        )


def open_to_read(url: str) -> Connection:
    """Return a connection to the database at *url* that cannot write.

    :raises StoreError: if it is not there
    """
    return database_place(url).connect(read_only=True)


@contextlib.contextmanager
def transaction(connection: Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Hold what is written inside together: all of it or nothing."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled back already; what counts is the error that brought us here.
        with contextlib.suppress(DatabaseError):
            connection.execute("ROLLBACK")
        raise


@cache
def migrations() -> list[tuple[int, str]]:
    """Return the migrations as (number, SQL) in order; they may lie in a zipped egg."""
    folder = resources.files("dockerhub.store") / "migrations"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return [(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files]


@cache
def views() -> str:
    """Return the SQL of the readable views: `views.sql` and then each `views_*.sql`."""
    folder = resources.files("dockerhub.store") / "sql"
    files = sorted(
        (file for file in folder.iterdir() if file.name.startswith("views")),
        key=lambda file: file.name,
    )
    return sqlite.expand("\n".join(file.read_text(encoding="utf-8") for file in files))


def fold(connection: Connection) -> None:
    """Fold SQLite's WAL into the file, so that a copy of it is whole, as far as others let us."""
    if isinstance(connection, sqlite3.Connection):
        # A reader that is still open keeps its part of the WAL.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _migrate(connection: Connection, place: Place) -> None:
    steps = migrations()
    newest, fingerprint = steps[-1][0], _fingerprint(place)
    if _version(connection, place) == (newest, fingerprint):
        return
    # Two programs that open a new database at once: the second waits here, then finds it done.
    with transaction(connection, "EXCLUSIVE"):
        version, _ = _version(connection, place)
        if version > newest:
            raise StoreError(
                f"database {place.name}: expected schema version {newest} or older, got {version};"
                " it was written by a newer version of dockerhub"
            )
        if place.preamble:
            connection.execute(place.preamble)
        for number, script in steps:
            if number > version and number not in place.left_out:
                for statement in sqlite.statements(script):
                    connection.execute(statement)
        for statement in sqlite.statements(place.afterword):
            connection.execute(statement)
        _make_views(connection)
        connection.execute("DELETE FROM schema_version")
        connection.execute("INSERT INTO schema_version VALUES (?, ?)", (newest, fingerprint))


def _fingerprint(place: Place) -> str:
    return hashlib.sha256((views() + place.preamble + place.afterword).encode()).hexdigest()


def _version(connection: Connection, place: Place) -> tuple[int, str]:
    """Return the version of the schema and the fingerprint of the views, (0, "") for none."""
    if not connection.execute(place.has_version).fetchone()[0]:
        return 0, ""
    row = connection.execute("SELECT version, views FROM schema_version").fetchone()
    if row is None:
        return 0, ""
    if not isinstance(row[0], int):
        raise StoreError(f"database: expected a schema version, got {shown(row[0])}")
    return row[0], str(row[1])


def _make_views(connection: Connection) -> None:
    script = views()
    # Only ours: a user's own views stay. Those that stand on others go first.
    for name in reversed(_VIEW.findall(script)):
        connection.execute(f"DROP VIEW IF EXISTS {name}")
    for statement in sqlite.statements(script):
        connection.execute(statement)


def open_file(url: str, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to a database that is a file, for what only SQLite can do.

    :raises StoreError: if it is no file, or cannot be opened
    """
    path = database_path(url)
    if not read_only:
        open_database(url).close()  # made, and brought up to date
    return sqlite.connect(path, read_only=read_only)
