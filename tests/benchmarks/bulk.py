"""Ways to write many rows into PostgreSQL by an upsert: rows a second of each, in turn.

`python -m tests.benchmarks.bulk [--rows 100000] [--batch 500]`; first all rows are new, then all of
them are there already.
"""

from __future__ import annotations

import argparse
import itertools
import time
from typing import TYPE_CHECKING, Any

import psycopg

from tests.benchmarks.processes import print_table
from tests.postgres import programs, running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Way = Callable[[psycopg.Connection[Any], list[tuple[Any, ...]]], None]

_TABLE = "CREATE TABLE t (a bigint, b text, c bytea, d bigint, UNIQUE (a, b))"
_UPSERT = "ON CONFLICT (a, b) DO UPDATE SET c = excluded.c, d = excluded.d"
_ROW = "(%s, %s, %s, %s)"


def _one_by_one(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> None:
    for row in rows:
        connection.execute(f"INSERT INTO t VALUES {_ROW} {_UPSERT}".encode(), row)


def _pipeline(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> None:
    connection.cursor().executemany(f"INSERT INTO t VALUES {_ROW} {_UPSERT}".encode(), rows)


def _values(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> None:
    text = f"INSERT INTO t VALUES {', '.join([_ROW] * len(rows))} {_UPSERT}"
    connection.execute(text.encode(), list(itertools.chain.from_iterable(rows)))


def _copy(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS s (LIKE t)")
    with cursor.copy("COPY s FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"INSERT INTO t SELECT * FROM s {_UPSERT}".encode())
    cursor.execute("TRUNCATE s")


def _arrays(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> None:
    connection.execute(
        b"INSERT INTO t SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bytea[], %b::bigint[]) "
        + _UPSERT.encode(),
        [list(column) for column in zip(*rows, strict=True)],
    )


WAYS: dict[str, Way] = {
    "row by row": _one_by_one,
    "pipeline (executemany)": _pipeline,
    "VALUES of all rows": _values,
    "COPY, then INSERT SELECT": _copy,
    "an array a column (ours)": _arrays,
}


def main() -> None:
    """Write the same by each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500)
    given = parser.parse_args()
    found = programs()
    assert found is not None, "PostgreSQL's programs are not installed"
    with running_server(found) as server:
        rows = [[name, *_speeds(server.database(), way, given)] for name, way in WAYS.items()]
    print_table(["way", "new rows/s", "known rows/s"], rows)


def _speeds(url: str, way: Way, given: argparse.Namespace) -> Iterator[str]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLE)
        for _ in range(2):
            started = time.perf_counter()
            for start in range(0, given.rows, given.batch):
                numbers = range(start, min(start + given.batch, given.rows))
                with connection.transaction():
                    way(connection, [(n // 100, f"tag-{n}", n.to_bytes(32), n) for n in numbers])
            yield f"{given.rows / (time.perf_counter() - started):,.0f}"


if __name__ == "__main__":
    main()
