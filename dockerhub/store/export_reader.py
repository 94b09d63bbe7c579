"""Reads views and tables for export: some of their columns and rows, all as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import StoreError
from dockerhub.globs import front_of
from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.engine import DatabaseError, streamed
from dockerhub.store.questions import FIRST_CRAWL, Questions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_END = "\U0010ffff"  # after every name


class Condition(NamedTuple):
    """One condition of `export_reading.sql`."""

    statement: str
    """its name there: org, repo, repo_glob or since"""
    column: str
    """the column that it is about, of those of the view"""
    parameters: Mapping[str, object]


class Selection(NamedTuple):
    """What is wanted of a view or a table."""

    source: str
    columns: Sequence[str]
    conditions: Sequence[Condition] = ()


class ExportReader(Questions):
    """Reads what is selected, row by row; everything as of one moment."""

    def __init__(self, url: str, crawl: str = FIRST_CRAWL) -> None:
        """:raises StoreError: if there is no database, or it cannot be used"""
        super().__init__(url, "export_reading", crawl)

    def select(self, selection: Selection) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a selection, in the order in which they come.

        :raises StoreError: if the database cannot be read
        """
        said: dict[str, object] = {}
        for condition in selection.conditions:
            said.update(condition.parameters)
        try:
            rows = streamed(self._connection, self._statement(selection), said)
            for row in rows:  # noqa: UP028  (it would close a cursor left halfway, too late)
                yield row
        except DatabaseError as error:
            raise StoreError(f"database: expected to read, {error}") from error

    def _statement(self, selection: Selection) -> str:
        """Return the SQL; no name gets into it that the schema does not have."""
        entry = data_dictionary()[selection.source]
        named = [*selection.columns, *(each.column for each in selection.conditions)]
        unknown = [name for name in named if name not in entry.columns]
        if unknown:
            raise KeyError(*unknown)
        columns = ", ".join(f'"{name}"' for name in selection.columns)
        rows = self._sql["rows"].format(columns=columns, source=f'"{entry.name}"')
        for place, condition in enumerate(selection.conditions):
            said = self._sql[condition.statement].format(column=f'"{condition.column}"')
            rows += f"\n{'AND' if place else 'WHERE'} {said}"
        return rows


def of_repository(columns: Collection[str], pattern: str) -> Condition | None:
    """Return the condition that a GLOB matches the full name, None where rows do not tell it."""
    name = name_column(columns)
    if name is None:
        return None
    fixed = front_of(pattern)
    if fixed == pattern:
        return Condition("repo", name, {"repo": pattern})
    return Condition("repo_glob", name, {"glob": pattern, "least": fixed, "most": fixed + _END})


def name_column(columns: Collection[str]) -> str | None:
    """Return the column with the full name of a row's repository, None if it has none."""
    return next((name for name in ("repo_name", "full_name") if name in columns), None)
