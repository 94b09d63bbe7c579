"""The first rows in an order, out of more than memory holds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = TypeVar("Row")

_ROOM = 1000  # rows kept beside those that can be shown, at least, so that sorting is seldom


class FirstRows(Generic[Row]):
    """The first rows in an order, of any number that come; the others are only counted."""

    def __init__(self, limit: int, order: Callable[[Row], Any]) -> None:
        self.found = 0
        self._limit = limit
        self._order = order
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row."""
        self.found += 1
        self._rows.append(row)
        if len(self._rows) >= self._limit + max(self._limit, _ROOM):
            self._rows = self.rows()

    def rows(self) -> list[Row]:
        """Return the first rows in order."""
        return sorted(self._rows, key=self._order)[: self._limit]

    def left_out(self, what: str) -> Sequence[str]:
        """Return the note about rows that the limit keeps out, none where there are none."""
        return left_out(min(self.found, self._limit), self.found, what)


def first_rows(
    rows: Iterable[Row], limit: int, order: Callable[[Row], Any]
) -> tuple[list[Row], int]:
    """Return the first rows in an order, and how many there are; the others are not kept."""
    first = FirstRows(limit, order)
    for row in rows:
        first.add(row)
    return first.rows(), first.found


def left_out(shown: int, found: int, what: str) -> Sequence[str]:
    """Return the note about rows that the limit keeps out, none where there are none."""
    if found <= shown:
        return ()
    return (f"{shown} of {found} {what} shown; --limit {found} shows all",)
