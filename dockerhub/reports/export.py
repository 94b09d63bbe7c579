"""Writes what is in the database to files: a view, all of them, a snapshot, what they mean."""

from __future__ import annotations

import json
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dockerhub.change_filter import ChangeFilter
from dockerhub.errors import ArgumentError
from dockerhub.reports import changes
from dockerhub.reports.answers import Answer, Field, Form, NotAnswered
from dockerhub.reports.dictionary import dictionary_json, dictionary_markdown
from dockerhub.reports.export_content import Content, ExportColumn
from dockerhub.reports.export_parquet import write_parquet
from dockerhub.reports.export_request import (
    ENDINGS,
    ExportRequest,
    selection_of,
)
from dockerhub.reports.export_sqlite import write_sqlite
from dockerhub.reports.export_text import write_csv, write_jsonl
from dockerhub.reports.output_files import standard_output, written, written_folder
from dockerhub.reports.output_names import check_is_other, check_target
from dockerhub.reports.scope import EVERYTHING, check_stored
from dockerhub.store.dictionary import Entry, data_dictionary
from dockerhub.store.export_reader import ExportReader
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.store.snapshot import write_snapshot

if TYPE_CHECKING:
    from dockerhub.store.export_reader import Selection

_FIELDS = (
    Field("what", "the view, table or set"),
    Field("file", "where it was written"),
    Field("row_count", "rows; nothing where they were not counted", Form.NUMBER),
    Field("size", "bytes of the file", Form.SIZE),
)
_DICTIONARY = "DICTIONARY.md"
# What is empty where nothing happened, and tells so much by it once somebody has looked.
_EVENTS = {"events", "event"}
_OF_CHANGES = {"tag_moves", "tag_move", "absence", "stale_repositories"}
# What no crawl brings without asking for it, by the `depth` that does.
_DEPTHS = {
    **dict.fromkeys(("configs", "labels", "attestations", "packages"), "configs"),
    **dict.fromkeys(("manifests", "layers", "build_steps", "base_images"), "layers"),
    **dict.fromkeys(("shared_layers", "platform_coverage", "lineage", "outdated_bases"), "layers"),
}
_USAGE = "scrapy usage REPORT.csv"
_OUTPUT = "--output"


def export(url: str, request: ExportRequest) -> Answer | None:
    """Write what is wanted of the database at *url*, and return what was written where.

    None where it went to standard output.

    :raises ArgumentError: if the output cannot be written to
    :raises NotAnswered: if there is nothing to be written
    :raises StoreError: if the database cannot be read
    :raises OutputError: if the output cannot be written
    """
    is_folder = request.what == "everything"
    if request.output is not None:
        database = database_place(url).path
        check_target(
            _OUTPUT, request.output, database, is_folder=is_folder, replace=request.replace
        )
    if request.what == "dictionary":
        return _export_dictionary(request)
    if request.what == "snapshot":
        return _export_snapshot(url, request)
    with ExportReader(url, _crawl(request, request.what)) as reader:
        if is_folder:
            return _export_everything(reader, request, database_place(url).path)
        return _export_one(url, reader, request, data_dictionary()[request.what])


def _export_one(
    url: str, reader: ExportReader, request: ExportRequest, entry: Entry
) -> Answer | None:
    content = _content(reader, entry, selection_of(request, entry))
    content, is_empty = _looked_into(content)
    if is_empty:
        _check_looked(url, reader, request, entry.name)
    if request.output is None:
        with standard_output() as stream:
            _stream(stream, request, content)
        return None
    with written(_OUTPUT, request.output, replace=request.replace) as part:
        count = _write(part, request, content)
    return Answer(_FIELDS, [_written(entry.name, request.output, count)])


def _export_everything(
    reader: ExportReader, request: ExportRequest, database: Path | None
) -> Answer:
    folder = request.output or Path()
    rows, left_out = [], []
    with written_folder(_OUTPUT, folder, replace=request.replace) as part:
        for entry in data_dictionary().values():
            if not entry.is_view:
                continue
            try:
                selection = selection_of(request, entry)
            except ArgumentError:
                left_out.append(entry.name)
                continue
            name = f"{entry.name}.{ENDINGS[request.format][0]}"
            check_is_other(_OUTPUT, folder / name, database)
            (part / name).touch()
            count = _write(part / name, request, _content(reader, entry, selection))
            rows.append((entry.name, str(folder / name), count, (part / name).stat().st_size))
        if not any(row[2] for row in rows) and request.since is None:
            raise _nothing(reader, request, request.what)
        (part / _DICTIONARY).write_text(dictionary_markdown(), encoding="utf-8")
    notes = [f"left out, for they do not know these filters: {', '.join(left_out)}"]
    return Answer(_FIELDS, rows, notes if left_out else ())


def _export_snapshot(url: str, request: ExportRequest) -> Answer:
    output = request.output or Path()
    # It says so if there is no database.
    ExportReader(url, _crawl(request, request.what)).close()
    with written(_OUTPUT, output, replace=request.replace) as part:
        write_snapshot(url, part)
    return Answer(_FIELDS, [_written(request.what, output, None)])


def _export_dictionary(request: ExportRequest) -> Answer | None:
    as_json = request.format == "json"
    text = json.dumps(dictionary_json(), indent=2) + "\n" if as_json else dictionary_markdown()
    if request.output is None:
        with standard_output() as stream:
            stream.write(text)
        return None
    with written(_OUTPUT, request.output, replace=request.replace) as part:
        part.write_text(text, encoding="utf-8")
    return Answer(_FIELDS, [_written(request.what, request.output, None)])


def _content(reader: ExportReader, entry: Entry, selection: Selection) -> Content:
    columns = [
        ExportColumn(name, entry.columns[name], entry.kinds[name]) for name in selection.columns
    ]
    return Content(entry.name, entry.about, columns, reader.select(selection))


def _looked_into(content: Content) -> tuple[Content, bool]:
    """Return the content, and whether it is empty."""
    rows = iter(content.rows)
    first = list(islice(rows, 1))
    return content._replace(rows=chain(first, rows)), not first


def _write(path: Path, request: ExportRequest, content: Content) -> int:
    if request.format == "parquet":
        return write_parquet(path, content)
    if request.format == "sqlite":
        return write_sqlite(path, content)
    with path.open("w", encoding="utf-8", newline="") as stream:
        return _stream(stream, request, content)


def _stream(stream: TextIO, request: ExportRequest, content: Content) -> int:
    if request.format == "csv":
        return write_csv(stream, content, is_raw=request.is_raw)
    return write_jsonl(stream, content)


def _written(what: str, file: Path, count: int | None) -> tuple[str, str, int | None, int]:
    return what, str(file), count, file.stat().st_size


def _check_looked(url: str, reader: ExportReader, request: ExportRequest, what: str) -> None:
    """Check that what is empty is so because nothing happened, or nothing so new.

    :raises NotAnswered: if nobody has looked yet
    """
    if what in _EVENTS:
        globs = () if request.scope == EVERYTHING else (request.scope.glob,)
        with Questions(url, changes.SQL) as questions:
            changes.require_second_look(questions, ChangeFilter(globs))
    elif what in _OF_CHANGES:
        with Questions(url, "report_reading") as questions:
            check_stored(questions, request.scope)
    elif request.since is None:
        raise _nothing(reader, request, what)


def _nothing(reader: ExportReader, request: ExportRequest, what: str) -> NotAnswered:
    crawl = _crawl(request, what, reader)
    return NotAnswered(f"{what}: expected rows of {request.scope.words}, there are none", crawl)


def _crawl(request: ExportRequest, what: str, questions: Questions | None = None) -> str:
    """Return the crawl that brings rows; without *questions* into a new database."""
    depth = _DEPTHS.get(what)
    crawl = request.scope.crawl(layers=depth is not None, questions=questions)
    if what.startswith("pull_usage"):
        crawl = _USAGE
    elif depth is not None:
        crawl = crawl.replace("depth=layers", f"depth={depth}")
    return crawl
