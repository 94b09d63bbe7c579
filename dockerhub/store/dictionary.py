"""The data dictionary: every table, view and column with what it means, as the schema says it."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.store.database import migrations, views
from dockerhub.store.schema_comments import read_tables, read_views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.store.schema_comments import Described


class Kind(Enum):
    """What the values of a column are."""

    INTEGER = "integer"
    """64 bits, signed"""
    REAL = "real"
    TEXT = "text"
    BLOB = "bytes"
    MOMENT = "moment"
    """text, ISO 8601 in UTC to the microsecond"""
    DAY = "day"
    """text, `2026-11-22`"""
    UNKNOWN = "unknown"


class Entry(NamedTuple):
    """What is known of a table or a view."""

    name: str
    about: str
    """what one row of it is"""
    is_view: bool
    columns: Mapping[str, str]
    """what each column means, in their order"""
    kinds: Mapping[str, Kind]
    """what the values of each column are"""


Kinds = dict[str, dict[str, Kind]]

_DECLARED = {
    "INTEGER": Kind.INTEGER,
    "REAL": Kind.REAL,
    "TEXT": Kind.TEXT,
    "BLOB": Kind.BLOB,
    # The columns of a full-text table have no type.
    "": Kind.TEXT,
    "UNINDEXED": Kind.TEXT,
}
# What tells the kind of an expression, in this order; else it is that of the columns in it.
_TOLD = (
    (re.compile(r"^CAST\(.+ AS INTEGER\)$", re.DOTALL), Kind.INTEGER),
    (re.compile(r"^CAST\(.+ AS REAL\)$", re.DOTALL), Kind.REAL),
    (re.compile(r"^CAST\(.+ AS TEXT\)$", re.DOTALL), Kind.TEXT),
    (re.compile(r"\bstrftime\('%Y-%m-%dT%H:%M:%S'"), Kind.MOMENT),
    (re.compile(r"\bdate\("), Kind.DAY),
    (re.compile(r"\b\d\.\d|\b(?:AVG|ROUND)\("), Kind.REAL),
    (re.compile(r"\bCOUNT\(|\bSUM\(|\b(?:THEN|ELSE) [01]\b"), Kind.INTEGER),
    (re.compile(r"\|\||\b(?:group_concat|strftime|printf|substr)\(|^'[^']*'$"), Kind.TEXT),
)
# What a name says of a column that no expression tells.
_COUNTED = re.compile(r"^is_|_(?:count|bytes|days|index)$")
_SOURCE = re.compile(r"\b(?:FROM|JOIN) (\w+) AS (\w+)")
_REFERENCE = re.compile(r"\b([a-z]\w*)\.(\w+)")


@cache
def data_dictionary() -> Mapping[str, Entry]:
    """Return all tables, then all views, by their names."""
    entries: dict[str, Entry] = {}
    kinds: Kinds = {}
    tables = read_tables("\n".join(script for _, script in migrations()))
    for name, table in tables.items():
        kinds[name] = {key: _declared(column.said) for key, column in table.columns.items()}
        entries[name] = _entry(name, table, kinds[name], is_view=False)
    for name, view in read_views(views()).items():
        kinds[name] = {
            key: _expressed(key, column.said, view.sql, kinds)
            for key, column in view.columns.items()
        }
        entries[name] = _entry(name, view, kinds[name], is_view=True)
    return MappingProxyType(entries)


def _entry(name: str, described: Described, kinds: dict[str, Kind], *, is_view: bool) -> Entry:
    columns = {key: column.about for key, column in described.columns.items()}
    return Entry(name, described.about, is_view, MappingProxyType(columns), MappingProxyType(kinds))


def _declared(said: str) -> Kind:
    return _DECLARED.get(said.partition(" ")[0], Kind.UNKNOWN)


def _expressed(name: str, expression: str, view: str, kinds: Kinds) -> Kind:
    """Return the kind of an expression of a view, given those of all tables and views before it.

    What no expression tells, such as a column of a WITH, is what its name means elsewhere.
    """
    for pattern, kind in _TOLD:
        if pattern.search(expression):
            return kind
    # A question inside has names of its own, and only what it selects counts.
    sources = dict(map(reversed, _SOURCE.findall(view) + _SOURCE.findall(expression)))
    selected = expression.partition("FROM")[0]
    found = {
        kinds.get(sources.get(alias, ""), {}).get(column, Kind.UNKNOWN)
        for alias, column in _REFERENCE.findall(selected)
    }
    if len(found - {Kind.UNKNOWN}) != 1:
        found = {Kind.INTEGER} if _COUNTED.search(name) else _elsewhere(name, kinds)
    found -= {Kind.UNKNOWN}
    return found.pop() if len(found) == 1 else Kind.UNKNOWN


def _elsewhere(name: str, kinds: Kinds) -> set[Kind]:
    return {columns[name] for columns in kinds.values() if name in columns}
