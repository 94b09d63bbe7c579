"""Writes rows as CSV and as JSON Lines."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from dockerhub.redact import harmless, not_run
from dockerhub.store.dictionary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from dockerhub.reports.export_content import Content


def write_csv(stream: TextIO, content: Content, *, is_raw: bool = False) -> int:
    """Write a header and a line for each row, and return how many rows there were.

    RFC 4180; a missing value is an empty cell, bytes are hex digits. Text that a spreadsheet would
    run as a formula gets an apostrophe before it, and what a terminal acts on is left out, unless
    *is_raw*.
    """
    writer = csv.writer(stream)
    writer.writerow([column.name for column in content.columns])
    counted = _Counted(content.rows)
    writer.writerows(_cells(counted, content, is_raw=is_raw))
    return counted.count


def write_jsonl(stream: TextIO, content: Content) -> int:
    """Write an object a line and row, in ASCII, and return how many there were.

    A missing value is null, bytes are hex digits.
    """
    names = [column.name for column in content.columns]
    encode = json.JSONEncoder(ensure_ascii=True, default=bytes.hex).encode
    counted = _Counted(content.rows)
    stream.writelines(f"{encode(dict(zip(names, row, strict=True)))}\n" for row in counted)
    return counted.count


class _Counted:
    """Rows that are counted while they go by."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.count += 1
            yield row


def _cells(
    rows: Iterable[tuple[Any, ...]], content: Content, *, is_raw: bool
) -> Iterator[Sequence[Any]]:
    """Yield the cells of each row."""
    texts = [] if is_raw else content.places(Kind.TEXT, Kind.UNKNOWN)
    blobs = content.places(Kind.BLOB)
    for row in rows:
        cells = list(row)
        for place in texts:
            text = cells[place]
            if isinstance(text, str):
                cells[place] = not_run(harmless(text))
        for place in blobs:
            cells[place] = _hex(cells[place])
        yield cells


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
