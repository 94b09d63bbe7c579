"""A connection for questions: opened when the first one is asked, and it cannot write."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from dockerhub.errors import StoreError
from dockerhub.store.database import open_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class ReadConnection:
    """What readers share; for one thread at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: sqlite3.Connection | None = None

    def rows(
        self, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows that answer *statement*.

        :raises StoreError: if the database cannot be read
        """
        try:
            if self._connection is None:
                self._connection = open_to_read(self._url)
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"database: expected to read, {error}") from error

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all questions inside see the same moment, whatever is written meanwhile."""
        self.rows("BEGIN", ())
        try:
            yield
        finally:
            self.rows("COMMIT", ())

    def close(self) -> None:
        """Close the connection; the next question opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
