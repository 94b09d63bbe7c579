"""What the checks of a database share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.store.engine import Connection


class Finding(NamedTuple):
    """Something that does not fit."""

    place: str
    expected: str
    found: str


class Look(NamedTuple):
    """The database as of one moment."""

    connection: Connection
    sql: dict[str, str]
    latest: int
    """what is later is yet to come; microseconds"""
    last_day: int
    """the same of days since 1970"""

    def ask(
        self, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that answer a statement of `sql/checking.sql`."""
        return iter(self.connection.execute(self.sql[statement], parameters))
