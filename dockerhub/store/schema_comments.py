"""Reads what the schema says of itself: the comments above each table and behind each column.

Pure: it is handed the SQL of the migrations and of the views.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABOUT = re.compile(r"^-- (\w+): (.+)$")
_TABLE = re.compile(r"^CREATE (?:VIRTUAL )?TABLE (\w+)\b")
_VIEW = re.compile(r"^CREATE VIEW (\w+) AS")
_ADDED = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN (\w+)(.*?)-- (.+)$")
_DROPPED = re.compile(r"^DROP TABLE (?:IF EXISTS )?(\w+);")
_COLUMN = re.compile(r"^ {4}(\w+)\b(?! *=)(.*?),? *-- (.+)$")
_SIGN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|[(),]|\b(?:SELECT|FROM|WHERE|UNION)\b|[^\s(),']+|\s+")
_NAMED = re.compile(r"^(.+)\bAS (\w+)\s*$", re.DOTALL)


class Column(NamedTuple):
    """A column as the schema writes it."""

    about: str
    """its comment"""
    said: str
    """of a table its type with what follows it, of a view the expression"""


class Described(NamedTuple):
    """A table or a view as the schema writes it."""

    about: str
    sql: str
    """the whole statement of a view, empty for a table"""
    columns: dict[str, Column]


def read_tables(script: str) -> dict[str, Described]:
    """Return the tables that migrations make and the columns that they add, in their order."""
    tables: dict[str, Described] = {}
    about: dict[str, str] = {}
    columns: dict[str, Column] = {}
    for line in script.splitlines():
        if said := _ABOUT.match(line):
            about[said[1]] = said[2]
        elif made := _TABLE.match(line):
            columns = {}
            tables[made[1]] = Described(about.pop(made[1], ""), "", columns)
        elif added := _ADDED.match(line):
            tables[added[1]].columns[added[2]] = Column(added[4], added[3].strip(" ;"))
        elif dropped := _DROPPED.match(line):
            del tables[dropped[1]]
        elif column := _COLUMN.match(line):
            columns[column[1]] = Column(column[3], column[2].strip())
        elif line.startswith(")"):
            columns = {}
    return tables


def read_views(script: str) -> dict[str, Described]:
    """Return the views in their order."""
    views: dict[str, Described] = {}
    about: dict[str, str] = {}
    for part in re.split(r"^(?=CREATE VIEW )", script, flags=re.MULTILINE):
        sql = part[: part.rfind(";") + 1]
        if made := _VIEW.match(part):
            views[made[1]] = Described(about.pop(made[1], ""), sql, dict(_view_columns(sql)))
        for said in filter(None, map(_ABOUT.match, part.splitlines())):
            about[said[1]] = said[2]
    return views


def _view_columns(sql: str) -> Iterator[tuple[str, Column]]:
    """Yield the columns of a view's first SELECT, and the comment that ends each one's line."""
    depth, is_inside, expression = 0, False, ""
    for sign in _SIGN.findall(sql):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in {"SELECT", "FROM"}:
            if sign == "FROM":
                return
            is_inside = True
        elif sign.startswith("--"):
            named = _NAMED.match(expression) if depth == 0 else None
            if named is not None:
                yield named[2], Column(sign[2:].strip(), named[1].strip())
                expression = ""
        elif is_inside and not (sign == "," and depth == 0):
            expression += sign
