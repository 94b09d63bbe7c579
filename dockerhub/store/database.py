"""Opens the database that a URL names, and brings its schema up to date."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import StoreError, shown
from dockerhub.redact import shown_url
from dockerhub.store import sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

_SQLITE = "sqlite:///"
_VIEW = re.compile(r"^CREATE VIEW (\w+)", re.MULTILINE)


def open_database(url: str) -> sqlite3.Connection:
    """Return a connection to the database at *url*, made and migrated as needed.

    :raises StoreError: if it cannot be opened, or was written by a newer version
    """
    path = database_path(url)
    connection = sqlite.connect(path)
    try:
        _migrate(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"database {path}: expected to read and write it, {error}") from error
    except StoreError:
        connection.close()
        raise
    return connection


def open_to_read(url: str) -> sqlite3.Connection:
    """Return a connection to the database at *url* that cannot write.

    :raises StoreError: if it is not there
    """
    return sqlite.connect(database_path(url), read_only=True)


def database_path(url: str) -> Path:
    """Return the file that *url* names.

    :raises StoreError: if it is no `sqlite:///` URL
    """
    if url.startswith(("postgresql:", "postgres:")):
        raise StoreError(
            "setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE,"
            " PostgreSQL is not supported by this version yet"
        )
    path = url.removeprefix(_SQLITE)
    if path == url or not path:
        raise StoreError(
            f"setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE, got {shown_url(url)}"
        )
    return Path(path)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Hold what is written inside together: all of it or nothing."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled back already; what counts is the error that brought us here.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def migrations() -> list[tuple[int, str]]:
    """Return the migrations as (number, SQL) in order; they may lie in a zipped egg."""
    folder = resources.files("dockerhub.store") / "migrations"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return [(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files]


def views() -> str:
    """Return the SQL of the readable views: `views.sql` and then each `views_*.sql`."""
    folder = resources.files("dockerhub.store") / "sql"
    files = sorted(
        (file for file in folder.iterdir() if file.name.startswith("views")),
        key=lambda file: file.name,
    )
    return sqlite.expand("\n".join(file.read_text(encoding="utf-8") for file in files))


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    steps = migrations()
    newest, fingerprint = steps[-1][0], hashlib.sha256(views().encode()).hexdigest()
    if _version(connection) == (newest, fingerprint):
        return
    # Two programs that open a new database at once: the second waits here, then finds it done.
    with transaction(connection, "EXCLUSIVE"):
        version, _ = _version(connection)
        if version > newest:
            raise StoreError(
                f"database {path}: expected schema version {newest} or older, got {version};"
                " it was written by a newer version of dockerhub"
            )
        for number, script in steps:
            if number > version:
                for statement in sqlite.statements(script):
                    connection.execute(statement)
        _make_views(connection)
        connection.execute("DELETE FROM schema_version")
        connection.execute("INSERT INTO schema_version VALUES (?, ?)", (newest, fingerprint))


def _version(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return the version of the schema and the fingerprint of the views, (0, "") for none."""
    connection_has = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    if connection.execute(connection_has).fetchone() is None:
        return 0, ""
    row = connection.execute("SELECT version, views FROM schema_version").fetchone()
    if row is None:
        return 0, ""
    if not isinstance(row[0], int):
        raise StoreError(f"database: expected a schema version, got {shown(row[0])}")
    return row[0], str(row[1])


def _make_views(connection: sqlite3.Connection) -> None:
    script = views()
    # Only ours: a user's own views stay.
    for name in _VIEW.findall(script):
        connection.execute(f"DROP VIEW IF EXISTS {name}")
    for statement in sqlite.statements(script):
        connection.execute(statement)
