"""What an export is asked for: read from what a user said, and checked before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError
from dockerhub.moments import day, iso
from dockerhub.options import if_given, read_time, read_word
from dockerhub.reports.output_names import STANDARD_OUTPUT
from dockerhub.reports.scope import EVERYTHING, Scope, read_scope
from dockerhub.store.dictionary import Entry, Kind, data_dictionary
from dockerhub.store.export_reader import Condition, Selection, name_column, of_repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENDINGS = {
    "csv": ("csv",),
    "parquet": ("parquet",),
    "jsonl": ("jsonl", "ndjson"),
    "sqlite": ("sqlite", "sqlite3", "db"),
    "md": ("md",),
    "json": ("json",),
}
"""each format with the endings of its files, the usual one first"""
ROW_FORMATS = ("csv", "parquet", "jsonl", "sqlite")
STREAMED = ("csv", "jsonl")
SETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "everything": ("every view, a file each in a folder, with the data dictionary", ROW_FORMATS),
    "snapshot": ("the whole database as of one moment", ("sqlite",)),
    "dictionary": ("what every table, view and column means", ("md", "json")),
}
"""what can be exported beside views and tables: what it is, and its formats"""
# When a row was true: the first of these that a view or table has.
_TIMES = (
    *("seen_at", "scraped_at", "started_at", "moved_at", "snapshot_date", "day"),
    *("last_seen_at", "fetched_at", "hour", "datehour"),
)


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """What is wanted."""

    what: str
    """a view, a table or a set"""
    format: str
    output: Path | None
    """file or folder; None is standard output"""
    scope: Scope = EVERYTHING
    since: int | None = None
    """microseconds"""
    columns: Sequence[str] = ()
    """those wanted, in their order; none: all"""
    is_raw: bool = False
    """whether CSV keeps what a spreadsheet or a terminal would act on"""
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a user said, option by option; None where nothing."""

    what: str
    format: str | None = None
    output: str | None = None
    org: str | None = None
    repo: str | None = None
    since: str | None = None
    columns: str | None = None
    is_raw: bool = False
    force: bool = False


def read_request(said: Said, present: int) -> ExportRequest:
    """Return what a user wants, *present* being now in microseconds.

    :raises ArgumentError: naming the option and what is wrong with it
    :raises NameRefused: if --org is no namespace
    """
    entry = _entry(said.what)
    chosen = _format(said)
    request = ExportRequest(
        what=said.what,
        format=chosen,
        output=_output(said, chosen, iso(present)[:10]),
        scope=read_scope(said.org, said.repo),
        since=if_given(read_time, "--since", said.since, present),
        columns=_columns(said.columns),
        is_raw=said.is_raw,
        replace=said.force,
    )
    _check_options(request, said)
    if entry is not None:
        selection_of(request, entry)
    return request


def selection_of(request: ExportRequest, entry: Entry) -> Selection:
    """Return what is read of a view or table.

    :raises ArgumentError: if it cannot be asked so
    """
    unknown = [name for name in request.columns if name not in entry.columns]
    if unknown or len(set(request.columns)) < len(request.columns):
        expected = f"columns of {entry.name}, each once: {', '.join(entry.columns)}"
        raise ArgumentError("--columns", expected, (unknown or request.columns)[0])
    conditions = [*_of_scope(request.scope, entry), *_of_time(request.since, entry)]
    return Selection(entry.name, request.columns or tuple(entry.columns), conditions)


def time_column(entry: Entry) -> str | None:
    """Return the column that --since looks at, None if there is none."""
    return next((name for name in _TIMES if name in entry.columns), None)


def filters_of(entry: Entry) -> list[str]:
    """Return the filters that a view or table knows, `--since` with the column it looks at."""
    filters = []
    if "namespace" in entry.columns or name_column(entry.columns):
        filters.append("--org")
    if name_column(entry.columns):
        filters.append("--repo")
    if column := time_column(entry):
        filters.append(f"--since ({column})")
    return filters


def _of_scope(scope: Scope, entry: Entry) -> list[Condition]:
    conditions = []
    is_org = scope.first == scope.last
    if is_org and "namespace" in entry.columns:
        conditions.append(Condition("org", "namespace", {"org": scope.first}))
        if scope.glob == f"{scope.first}/*":
            return conditions
    if scope.glob != EVERYTHING.glob:
        condition = of_repository(entry.columns, scope.glob)
        if condition is None:
            option = "--org" if scope.glob == f"{scope.first}/*" else "--repo"
            raise _no_filter(option, entry, scope.words)
        conditions.append(condition)
    return conditions


def _of_time(since: int | None, entry: Entry) -> list[Condition]:
    if since is None:
        return []
    column = time_column(entry)
    if column is None:
        raise _no_filter("--since", entry, iso(since))
    value: object = since
    if entry.kinds[column] is Kind.INTEGER:
        value = day(since) if column == "day" else since
    else:
        value = iso(since)[:10] if entry.kinds[column] is Kind.DAY else iso(since)
    return [Condition("since", column, {"since": value})]


def _no_filter(option: str, entry: Entry, found: str) -> ArgumentError:
    known = ", ".join(filters_of(entry)) or "no filter"
    return ArgumentError(option, f"a filter that {entry.name} has ({known})", found)


def _entry(what: str) -> Entry | None:
    if what in SETS:
        return None
    entry = data_dictionary().get(what)
    if entry is None:
        views = ", ".join(name for name, each in data_dictionary().items() if each.is_view)
        expected = f"a table, a set ({', '.join(SETS)}) or a view ({views})"
        raise ArgumentError("export", expected, what)
    return entry


def _format(said: Said) -> str:
    formats = SETS[said.what][1] if said.what in SETS else ROW_FORMATS
    found = said.format
    if found is None and said.output not in {None, STANDARD_OUTPUT} and said.what != "everything":
        ending = Path(str(said.output)).suffix.removeprefix(".").lower()
        found = next((name for name in formats if ending in ENDINGS[name]), None)
        if found is None:
            endings = " or ".join(f".{ENDINGS[name][0]}" for name in formats)
            raise ArgumentError(
                "--output", f"a name that ends in {endings}, or --format", said.output
            )
    return formats[0] if found is None else read_word("--format", found, formats)


def _output(said: Said, chosen: str, today: str) -> Path | None:
    if said.output == STANDARD_OUTPUT:
        if said.what == "everything" or chosen not in {*STREAMED, "md", "json"}:
            expected = f"a file: {said.what} as {chosen} cannot go to standard output"
            raise ArgumentError("--output", expected, said.output)
        return None
    if said.output is not None:
        return Path(said.output)
    name = {"snapshot": "dockerhub"}.get(said.what, said.what)
    ending = {"everything": "", "snapshot": ".db"}.get(said.what, f".{ENDINGS[chosen][0]}")
    return Path(f"{name}-{today}{ending}")


def _columns(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(name.strip() for name in text.split(","))


def _check_options(request: ExportRequest, said: Said) -> None:
    """Refuse the options that what is wanted does not have."""
    given = {
        "--org": said.org,
        "--repo": said.repo,
        "--since": said.since,
        "--columns": said.columns,
        "--raw": said.is_raw or None,
    }
    refused: Sequence[str] = ()
    if request.what == "everything":
        refused = ("--columns",)
    elif request.what in SETS:
        refused = tuple(given)
    if request.is_raw and request.format != "csv":
        raise ArgumentError("--raw", "--format csv, which alone changes texts", request.format)
    for option in refused:
        if given[option] is not None:
            raise ArgumentError(option, f"no such option with {request.what}", given[option])
