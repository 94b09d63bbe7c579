"""What a PostgreSQL server can do and say where SQLite's own upkeep looks after a file."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from dockerhub.store.database import open_database, open_to_read
from dockerhub.store.engine import DatabaseError
from dockerhub.store.postgres import SCHEMA, TURN
from dockerhub.store.queries import load_queries
from dockerhub.store.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.engine import Connection

# A claim is a lock; the turn of who writes is none. Its two halves stand in two columns.
_CLAIMS = f"""
SELECT EXISTS (
    SELECT 1 FROM pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.pid <> pg_backend_pid() AND l.granted
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND l.classid::bigint * 4294967296 + l.objid::bigint <> {TURN}
)
"""
_TABLES = f"""
SELECT c.relname::text FROM pg_class AS c
WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind = 'r'
ORDER BY 1
"""
_BYTES = f"""
SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c
WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind = 'r'
"""
_BROKEN_PAGES = """
SELECT checksum_failures FROM pg_stat_database
WHERE datname = current_database() AND checksum_failures > 0
"""
_BROKEN_INDEXES = f"""
SELECT i.indexrelid::regclass::text FROM pg_index AS i
INNER JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND NOT (i.indisvalid AND i.indisready)
ORDER BY 1
"""
# A trigger that is not enabled is one that no row is held against: `O` is for all who write as
# usual, `A` for all.
_LOOSE = f"""
SELECT n.conrelid::regclass::text, n.confrelid::regclass::text FROM pg_constraint AS n
WHERE n.connamespace = '{SCHEMA}'::regnamespace AND n.contype = 'f' AND (
    NOT n.convalidated OR EXISTS (
        SELECT 1 FROM pg_trigger AS t
        WHERE t.tgconstraint = n.oid AND t.tgenabled NOT IN ('O', 'A')
    )
)
ORDER BY 1, 2
"""


class ServerUpkeep:
    """A connection that removes rows; the server sees to it that none points nowhere."""

    def __init__(self, url: str) -> None:
        """:raises StoreError: if there is no database, or it cannot be used"""
        Questions(url, "pruning").close()  # which says so if there is no database
        self.connection = open_database(url)

    def notice(self) -> None:
        """Nothing: what others write is looked at again, see `spare`."""

    def was_written(self) -> bool:
        """Tell whether what was looked up before may be wrong now: never, see `spare`."""
        return False

    def spare(self, name: str) -> None:
        """Take out of a batch what somebody wrote meanwhile has use for: an index finds that."""
        if name == "instruction":
            self.connection.execute(load_queries("pruning")["spare_instruction"])

    def is_shared(self) -> bool:
        """Tell whether a crawl is under way."""
        return is_claimed(self.connection)

    def close(self) -> None:
        """Close the connection."""
        with suppress(DatabaseError):
            self.connection.close()


def is_claimed(connection: Connection) -> bool:
    """Tell whether a crawl into the database is under way, by another connection."""
    return bool(_one(connection, _CLAIMS))


def server_faults(connection: Connection) -> Iterator[str]:
    """Yield what the server itself has found wrong: pages, and indexes that were not finished.

    It keeps count of pages only if it was made with checksums.
    """
    count = _one(connection, _BROKEN_PAGES)
    if count:
        yield f"{count} pages whose checksum was wrong when they were read"
    for (index,) in connection.execute(_BROKEN_INDEXES).fetchall():
        yield f"the index {index} was not finished"


def loose_references(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the references that the server does not enforce: table, and where it points to."""
    yield from connection.execute(_LOOSE).fetchall()


def live_bytes(url: str) -> int:
    """Return how many bytes our tables and their indexes have there."""
    with closing(open_to_read(url)) as connection:
        return int(_one(connection, _BYTES))


def vacuum(url: str) -> tuple[int, int]:
    """Let the server use again what rows that are gone have left, and look at what there is.

    Others may read and write meanwhile. Return the bytes of our tables before and after.
    """
    with closing(open_database(url)) as connection:
        before = int(_one(connection, _BYTES))
        tables = [f"{SCHEMA}.{name}" for (name,) in connection.execute(_TABLES).fetchall()]
        connection.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
        return before, int(_one(connection, _BYTES))


def _one(connection: Connection, question: str) -> Any:
    row = connection.execute(question).fetchone()
    return None if row is None else row[0]
