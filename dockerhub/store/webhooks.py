"""How far each webhook was told what changed: read and written event by event."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

from dockerhub.changes import Change
from dockerhub.errors import StoreError
from dockerhub.store.database import open_database, transaction
from dockerhub.store.engine import DatabaseError
from dockerhub.store.place import database_place
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.change_filter import ChangeFilter

_AT_ONCE = 100  # events: few enough that no snapshot of the database is held while they are posted


class WebhookMark:
    """The mark of one receiver. As a context, for one thread.

    *fingerprint* stands for the receiver's URL and the *wanted* filter; neither is in the database.
    """

    def __init__(self, url: str, fingerprint: bytes, wanted: ChangeFilter) -> None:
        """:raises StoreError: if the database cannot be used"""
        self._fingerprint = fingerprint
        self._wanted = wanted
        self._reading = load_queries("changes_reading")
        self._sql = load_queries("webhooks_writing")
        self._claim = database_place(url).claims()
        self._connection = open_database(url)

    def claim(self) -> bool:
        """Claim the receiver until the mark is closed; False if another run posts to it now."""
        return self._claim.take(f"webhook {self._fingerprint.hex()}")

    def begin(self, since: int, now: int) -> None:
        """Set the mark of a receiver that has none before the first event seen since a moment."""
        if self._one(self._sql["mark"], (self._fingerprint,)) is not None:
            return
        first = self._one(self._reading["first_since"], (since,))
        mark = self._one(self._reading["last"]) if first is None else first - 1
        self._write("begin", (self._fingerprint, mark, now))

    def waiting(self) -> Iterator[Change]:
        """Yield the events that the receiver has not confirmed, oldest first.

        What is noticed meanwhile is left to the next run. Each is to be confirmed before the next.
        """
        last = self._one(self._reading["last"])
        after = self._one(self._sql["mark"], (self._fingerprint,))
        while changes := self._changes(after, last):
            yield from changes
            after = changes[-1].number
        self._write("skip", (last, self._fingerprint, last))

    def confirm(self, change: Change, now: int) -> None:
        """Write that the receiver has this event, and all before it."""
        self._write("confirm", (change.number, now, self._fingerprint, change.number))

    def close(self) -> None:
        """Let go of the receiver, and of the database."""
        self._claim.release()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _changes(self, after: int, last: int) -> list[Change]:
        asked = {**self._wanted.parameters, "after": after, "last": last, "limit": _AT_ONCE}
        return [Change(*row) for row in self._rows(self._reading["next"], asked)]

    def _one(self, statement: str, parameters: Any = ()) -> Any:
        rows = self._rows(statement, parameters)
        return rows[0][0] if rows else None

    def _rows(self, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        with self._guarded("read"):
            return self._connection.execute(statement, parameters).fetchall()

    def _write(self, name: str, parameters: Any) -> None:
        with self._guarded("write"), transaction(self._connection):
            self._connection.execute(self._sql[name], parameters)

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise StoreError(f"database: expected to {what}, {error}") from error
