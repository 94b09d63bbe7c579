"""A connection for questions: opened when the first one is asked, and it cannot write."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from dockerhub.errors import StoreError
from dockerhub.store.database import open_to_read
from dockerhub.store.engine import DatabaseError
from dockerhub.store.patience import patiently

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.store.engine import Connection


class ReadConnection:
    """What readers share; for one thread at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._is_at_once = False

    def rows(
        self, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows that answer *statement*.

        A server that goes away is waited for, except inside of a snapshot, which it takes along.

        :raises StoreError: if the database cannot be read
        """
        if self._is_at_once:
            return self._rows(statement, parameters)
        return patiently(self._opened(), lambda: self._rows(statement, parameters))

    def _rows(self, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        with _told():
            return self._open().execute(statement, parameters).fetchall()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all questions inside see the same moment, whatever is written meanwhile."""
        patiently(self._opened(), self._begin)
        self._is_at_once = True
        try:
            yield
        finally:
            self._is_at_once = False
            with _told():
                self._open().execute("COMMIT")

    def _begin(self) -> None:
        with _told():
            self._open().execute("BEGIN")

    def _opened(self) -> Connection:
        with _told():
            return self._open()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = open_to_read(self._url)
        return self._connection

    def close(self) -> None:
        """Close the connection; the next question opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise StoreError(f"database: expected to read, {error}") from error
