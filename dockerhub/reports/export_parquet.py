"""Writes rows as Parquet, a row group at a time."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from dockerhub.reports.output_files import OutputError
from dockerhub.store.dictionary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.reports.export_content import Content

_ROWS_AT_ONCE = 2_000  # read and turned into columns together
_GROUP_ROWS = 20_000  # of a row group, which is kept in memory until it is written
_GROUP_BYTES = 32 * 1024 * 1024


def write_parquet(path: Path, content: Content) -> int:
    """Write the rows to *path* and return how many there were.

    Whole numbers are int64, moments timestamps in UTC to the microsecond, days dates, the rest
    strings and bytes; NULL stays NULL. What each column means stands in its field's metadata
    (`comment`) and, for programs without Arrow, in the file's under `dockerhub`.

    :raises OutputError: if a value is none of its column's kind
    """
    import pyarrow as pa  # noqa: PLC0415  (Scrapy imports every command)
    from pyarrow import parquet  # noqa: PLC0415

    schema = _schema(content)
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(content, schema):
            writer.write_table(pa.Table.from_batches(group, schema))
            count += sum(batch.num_rows for batch in group)
    return count


def _schema(content: Content) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        Kind.INTEGER: pa.int64(),
        Kind.REAL: pa.float64(),
        Kind.BLOB: pa.binary(),
        Kind.MOMENT: pa.timestamp("us", tz="UTC"),
        Kind.DAY: pa.date32(),
    }
    fields = [
        pa.field(name, types.get(kind, pa.string()), metadata={"comment": about})
        for name, about, kind in content.columns
    ]
    columns = {column.name: column.about for column in content.columns}
    said = {"name": content.name, "about": content.about, "columns": columns}
    return pa.schema(fields, metadata={"dockerhub": json.dumps(said)})


def _groups(content: Content, schema: Any) -> Iterator[list[Any]]:
    """Yield the row groups, each as batches; long texts make them shorter."""
    group: list[Any] = []
    row_count = byte_count = 0
    rows = iter(content.rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        batch = _batch(content, schema, some)
        group.append(batch)
        row_count += batch.num_rows
        byte_count += batch.nbytes
        if row_count >= _GROUP_ROWS or byte_count >= _GROUP_BYTES:
            yield group
            group, row_count, byte_count = [], 0, 0
    if group:
        yield group


def _batch(content: Content, schema: Any, rows: list[tuple[Any, ...]]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    arrays = []
    for values, field, column in zip(zip(*rows, strict=True), schema, content.columns, strict=True):
        is_text = column.kind in {Kind.MOMENT, Kind.DAY}
        try:
            array = pa.array(values, pa.string() if is_text else field.type)
            arrays.append(array.cast(field.type) if is_text else array)
        except (pa.ArrowException, TypeError, OverflowError) as error:
            raise OutputError(
                f"{content.name}.{column.name}: expected {column.kind.value} values, {error}"
            ) from error
    return pa.record_batch(arrays, schema=schema)
