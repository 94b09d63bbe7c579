"""What the store asks of a database, whichever it is: the part of DB-API that SQLite has too."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Parameters = Sequence[Any] | Mapping[str, Any]

# psycopg's errors come as this too, so that who asks need not know which database answers.
DatabaseError = sqlite3.Error


class Cursor(Protocol):
    """What a statement answered."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection without transactions of its own: they are begun and ended by statements.

    Statements are in SQLite's words, with `?` or `:name` for what is given.
    """

    def execute(self, statement: str, parameters: Parameters = (), /) -> Cursor: ...

    def executemany(self, statement: str, rows: Iterable[Parameters], /) -> Cursor: ...

    def close(self) -> None: ...


def streamed(
    connection: Connection, statement: str, parameters: Parameters = ()
) -> Iterator[tuple[Any, ...]]:
    """Return the rows one by one, so that there may be more of them than memory holds.

    To be asked inside a transaction.
    """
    ask = getattr(connection, "stream", connection.execute)
    return iter(ask(statement, parameters))


def tune(connection: Connection, pragma: str) -> None:
    """Set what only SQLite has; other databases do without."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA {pragma}")
