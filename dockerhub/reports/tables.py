"""Tables: rows with names, as aligned text for a pipe and as a drawn table for a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table as DrawnTable
from rich.text import Text

from dockerhub.redact import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Column(NamedTuple):
    """One column."""

    name: str
    is_number: bool = False


class Table(NamedTuple):
    """Rows of texts; None is shown as nothing."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | None]]


def plain_lines(table: Table) -> Iterator[str]:
    """Yield the lines of a table: columns two spaces apart, numbers to the right, one header."""
    cells = [[column.name for column in table.columns], *[list(map(_cell, r)) for r in table.rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        shown = [
            cell.rjust(width) if column.is_number else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        ]
        yield "  ".join(shown).rstrip()


def drawn_table(table: Table) -> DrawnTable:
    """Return a table for a terminal."""
    drawn = DrawnTable()
    for column in table.columns:
        drawn.add_column(column.name, justify="right" if column.is_number else "left")
    for row in table.rows:
        drawn.add_row(*[Text(_cell(cell)) for cell in row])
    return drawn


def _cell(text: str | None) -> str:
    return "" if text is None else plain(text)
