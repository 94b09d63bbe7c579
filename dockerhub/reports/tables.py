"""Tables: rows with names, as aligned text for a pipe and as a drawn table for a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.table import Table as DrawnTable
from rich.text import Text

from dockerhub.redact import plain
from dockerhub.reports.records import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import JustifyMethod, RenderableType

_LEAST_TEXT, _LEAST_NUMBER = 12, 4  # terminal cells in a line of a column
_FRAME = 3  # columns of a terminal for the frame of a cell
# Signs of a cell: the longest names that Docker Hub has, of a repository with its tag, are whole.
_MOST_SIGNS = 30 + 1 + 255 + 1 + 128


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


def for_terminal(table: Table, room: int) -> Iterator[RenderableType]:
    """Yield what a terminal of *room* columns shows: a drawn table, else row by row what it says.

    Nothing is cut: what does not fit goes on in the next line. Where the columns have no room
    beside each other each row has a line for each of them.
    """
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    space = room - _FRAME * len(table.columns) - 1
    widths = _widths(table.columns, rows, space)
    if sum(widths) <= space:
        yield _drawn(table.columns, rows, widths)
    else:
        yield from records([column.name for column in table.columns], rows, room)


def _drawn(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> DrawnTable:
    drawn = DrawnTable()
    for column, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if column.is_number else "left"
        drawn.add_column(
            column.name, justify=justify, overflow="fold", min_width=width, max_width=width
        )
    for row in rows:
        drawn.add_row(*map(Text, row))
    return drawn


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return how wide the columns are, in terminal cells: the widest ones give way first.

    Numbers stay whole, and of texts there is so much in a line that they can be read.
    """
    longest = [
        max((cell_len(row[place]) for row in rows), default=0) for place in range(len(columns))
    ]
    widths = [max(cell_len(one.name), most) for one, most in zip(columns, longest, strict=True)]
    least = [
        min(width, max(most, _LEAST_NUMBER) if column.is_number and most else _LEAST_TEXT)
        for column, most, width in zip(columns, longest, widths, strict=True)
    ]
    over = sum(widths) - room
    while over > 0 and widths != least:
        _, place = max((width, at) for at, width in enumerate(widths) if width > least[at])
        widths[place] -= 1
        over -= 1
    return widths


def _cell(text: str | None) -> str:
    return "" if text is None else plain(text, _MOST_SIGNS)
