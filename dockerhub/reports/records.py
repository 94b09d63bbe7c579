"""Rows one below the other, for a terminal too narrow for their columns. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = 2  # terminal cells between a name and its value
_LEAST = 12  # terminal cells of a value in a line, however narrow the terminal is


def records(names: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> Iterator[Text]:
    """Yield a line for each value that there is, and an empty one between two rows.

    A value too long for *room* columns goes on in the next line.
    """
    if not rows:
        yield Text("(none)", "dim")
    indent = max(map(cell_len, names)) + _GAP
    for place, row in enumerate(rows):
        if place:
            yield Text("")
        for name, value in zip(names, row, strict=True):
            parts = chop_cells(value, max(_LEAST, room - indent)) if value else []
            for number, part in enumerate(parts):
                label = name if number == 0 else ""
                yield Text.assemble((label.ljust(indent), "dim"), part)
