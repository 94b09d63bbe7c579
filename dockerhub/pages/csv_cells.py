"""CSV that a spreadsheet can open: no cell of it is a formula. Pure."""

from __future__ import annotations

import csv
import io
import re

from dockerhub.redact import not_run

# Here a number is a text like any other; one with a sign is no formula.
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def harmless_csv(chunk: bytes) -> bytes:
    """Return rows of CSV with an apostrophe before each cell that would be a formula.

    *chunk* holds whole rows, as Datasette sends them.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    # One limit for the whole process: only ever raised.
    if len(chunk) >= csv.field_size_limit():
        csv.field_size_limit(len(chunk) + 1)
    for row in csv.reader(io.StringIO(chunk.decode("utf-8", "replace"), newline="")):
        writer.writerow([_harmless(cell) for cell in row])
    return made.getvalue().encode()


def _harmless(cell: str) -> str:
    return cell if _NUMBER.fullmatch(cell) else not_run(cell)
