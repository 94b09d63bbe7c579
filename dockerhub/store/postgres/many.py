"""Many rows in one statement: a round trip to a server costs more than a row.

The rows go as one array a column, which is the fastest of what keeps an upsert's meaning and needs
one round trip: COPY would need a table on the way, and many rows of values take long to be parsed.
Source: `python -m tests.benchmarks.bulk`
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Rows in one statement: their arrays are in memory at once, here and on the server.
ROWS_AT_ONCE = 5000
_INSERT = re.compile(
    r"(?P<front>INSERT\s+INTO\s+(?P<table>[\w.]+)\s*\((?P<columns>[^()]*)\))"
    r"\s*VALUES\s*\((?P<values>[^()]*)\)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES = re.compile(r"ON\s+CONFLICT\s*\(([^()]*)\)\s*DO\s+UPDATE", re.IGNORECASE)


class Insert(NamedTuple):
    """An INSERT of one row, in the parts that more rows need."""

    front: str
    table: str
    values: tuple[str, ...]
    """for each column what is put into it, `%s` for what a row gives"""
    given: tuple[str, ...]
    """the columns that a row gives"""
    rest: str
    key: tuple[int, ...]
    """places in a row of what may be there already; empty where that changes nothing"""

    def of_arrays(self, types: Mapping[str, str]) -> str:
        """Return the statement for any number of rows, which come as an array a column."""
        names = iter(f"u.c{place}" for place in range(len(self.given)))
        chosen = ", ".join(next(names) if value == "%s" else value for value in self.values)
        arrays = ", ".join(f"%b::{types[column]}[]" for column in self.given)
        columns = ", ".join(f"c{place}" for place in range(len(self.given)))
        return f"{self.front} SELECT {chosen} FROM unnest({arrays}) AS u ({columns}){self.rest}"


@lru_cache(512)
def read_insert(statement: str) -> Insert | None:
    """Return the parts of *statement*, in psycopg's words; None if it is no plain INSERT."""
    found = _INSERT.fullmatch(statement.strip())
    if found is None:
        return None
    columns = tuple(name.strip() for name in found["columns"].split(","))
    values = tuple(value.strip() for value in found["values"].split(","))
    is_plain = all(value == "%s" or "%" not in value for value in values)
    if not is_plain or len(columns) != len(values):
        return None
    given = tuple(column for column, value in zip(columns, values, strict=True) if value == "%s")
    key: tuple[int, ...] = ()
    changes = _CHANGES.search(found["rest"])
    if changes is not None:
        names = [name.strip() for name in changes[1].split(",")]
        if not set(names) <= set(given):  # a constant, or an expression
            return None
        key = tuple(given.index(name) for name in names)
    rest = found["rest"].rstrip().removesuffix(";")
    return Insert(found["front"], found["table"], values, given, f" {rest.strip()}", key)


def chunks(
    rows: Iterable[Sequence[Any]], key: tuple[int, ...], most: int = ROWS_AT_ONCE
) -> Iterator[list[Sequence[Any]]]:
    """Yield *rows* in parts, none of which has two with the same *key*.

    PostgreSQL refuses to change within one statement what that statement has written.
    """
    some: list[Sequence[Any]] = []
    keys: set[tuple[Any, ...]] = set()
    for row in rows:
        own = tuple(row[place] for place in key)
        if len(some) >= most or (key and own in keys):
            yield some
            some, keys = [], set()
        some.append(row)
        keys.add(own)
    if some:
        yield some


def as_array(values: Sequence[Any], kind: str) -> list[Any]:
    """Return a column's values as PostgreSQL takes them: truths are numbers, and no NUL is text."""
    if kind == "bigint":
        return [int(value) if value is True or value is False else value for value in values]
    if kind == "text":
        return [
            value.replace("\0", "\ufffd") if value is not None and "\0" in value else value
            for value in values
        ]
    return list(values)
