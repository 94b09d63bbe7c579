"""The queue's tables: procrastinate's, in a schema of their own in the database of the crawls."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from procrastinate.schema import SchemaManager

from dockerhub.errors import StoreError
from dockerhub.store.database import open_database, transaction
from dockerhub.store.engine import DatabaseError
from dockerhub.store.place import SqliteFile, database_place
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from dockerhub.store.engine import Connection

SCHEMA = "dockerhub_jobs"
# What begins so is not put into other words by the store.
_INSIDE = f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};\nSET LOCAL search_path = {SCHEMA}, pg_catalog;\n"
_THERE = f"SELECT to_regclass('{SCHEMA}.queue_version') IS NOT NULL"


def check_database(url: str) -> None:
    """Check that *url* names a database that many workers can share.

    :raises StoreError: if it does not
    """
    if isinstance(database_place(url), SqliteFile):
        raise StoreError(
            "setting DOCKERHUB_DATABASE_URL: expected postgresql://HOST/DATABASE, since the workers"
            f" share a queue that lies in PostgreSQL; got {url}"
        )


def make_queue(url: str) -> None:
    """Make the tables of the crawls and of the queue, or bring them to this version.

    :raises StoreError: if that cannot be done, or a newer version has made them
    """
    check_database(url)
    with closing(open_database(url)) as connection:
        if _version(connection) == _steps()[-1].name:
            return
        try:
            with transaction(connection, "EXCLUSIVE"):
                _migrate(connection, _version(connection))
        except DatabaseError as error:
            raise StoreError(f"queue: expected to make its tables, {error}") from error


def has_queue(url: str) -> bool:
    """Tell whether there is a queue.

    :raises StoreError: if nobody can tell
    """
    check_database(url)
    with closing(database_place(url).connect(read_only=True)) as connection:
        return bool(connection.execute(_THERE).fetchone()[0])


def _migrate(connection: Connection, version: str | None) -> None:
    steps = _steps()
    if version is None:
        ours = load_queries("jobs")["tables"]
        connection.execute(f"{_INSIDE}{SchemaManager.get_schema()}\n{ours}")
    elif version > steps[-1].name:
        raise StoreError(
            f"queue: expected tables of procrastinate {steps[-1].name[:8]} or older, got"
            f" {version[:8]}; a newer version of dockerhub has made them"
        )
    for step in steps if version is not None else ():
        if step.name > str(version):
            connection.execute(f"{_INSIDE}{step.read_text(encoding='utf-8')}")
    connection.execute(f"{_INSIDE}DELETE FROM queue_version")
    connection.execute(f"{_INSIDE}INSERT INTO queue_version VALUES ('{steps[-1].name}')")


def _version(connection: Connection) -> str | None:
    if not connection.execute(_THERE).fetchone()[0]:
        return None
    row = connection.execute(f"SELECT version FROM {SCHEMA}.queue_version").fetchone()
    return None if row is None else str(row[0])


def _steps() -> list[Path]:
    """Return procrastinate's migrations in order; its schema is what they all lead to."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
