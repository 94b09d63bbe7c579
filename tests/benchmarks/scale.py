"""Many repositories into SQLite and into PostgreSQL: tags a second, memory, bytes a tag, the WAL.

`python -m tests.benchmarks.scale [--tags 1000000] [--repositories 20000] [--only sqlite]`; the
server is one of its own, in a folder that goes afterwards.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import psycopg

from dockerhub.store.database import open_database
from tests.benchmarks.million import Watch
from tests.benchmarks.processes import (
    measure,
    our_crawl,
    our_environment,
    print_table,
    running_standin,
)
from tests.postgres import Server, programs, running_server

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEGABYTE = 1_000_000
_ORGANISATIONS = 20


class Sizes(NamedTuple):
    """What a crawl left."""

    tags: int
    repositories: int
    database: int
    """bytes"""
    wal_peak: int
    """bytes, the most that lay there at once"""
    wal_written: int | None
    """bytes in all; None where nobody counts them"""


class Target(Protocol):
    """A database to crawl into."""

    name: str
    url: str

    def look(self, process: int) -> None: ...

    def sizes(self) -> Sizes: ...


class File:
    """A SQLite file."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "scale.db"
        self.url = f"sqlite:///{self._path}"
        self._watch = Watch(self._path)

    def look(self, process: int) -> None:
        self._watch.look(process)

    def sizes(self) -> Sizes:
        connection = open_database(self.url)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        tags, repositories = (
            connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("tag", "repository")
        )
        connection.close()
        size = self._path.stat().st_size
        return Sizes(tags, repositories, size, self._watch.wal_peak, None)


class Database:
    """A database of a server, as the server itself measures it."""

    name = "PostgreSQL"

    def __init__(self, server: Server) -> None:
        self.url = server.database(is_empty=True)
        self._asked = psycopg.connect(self.url, autocommit=True)
        self._from = self._ask("SELECT pg_current_wal_lsn()")
        self._next, self.wal_peak = 0.0, 0

    def look(self, _: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.5
            found = int(self._ask("SELECT COALESCE(SUM(size), 0) FROM pg_ls_waldir()"))
            self.wal_peak = max(self.wal_peak, found)

    def sizes(self) -> Sizes:
        tags = self._ask("SELECT COUNT(*) FROM dockerhub.tag")
        repositories = self._ask("SELECT COUNT(*) FROM dockerhub.repository")
        size = self._ask("SELECT pg_database_size(current_database())")
        written = self._ask("SELECT pg_current_wal_lsn() - %s::pg_lsn", self._from)
        return Sizes(int(tags), int(repositories), int(size), self.wal_peak, int(written))

    def _ask(self, statement: str, *values: object) -> str:
        row = self._asked.execute(statement.encode(), values).fetchone()
        assert row is not None
        return str(row[0])


def main() -> None:
    """Crawl the same into both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--repositories", type=int, default=20_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    each = given.tags // given.repositories
    names = [f"bench{number}" for number in range(_ORGANISATIONS)]
    worlds = [f"--namespace={name}={given.repositories // _ORGANISATIONS}x{each}" for name in names]
    with ExitStack() as stack:
        hub = stack.enter_context(running_standin(*worlds, "--plain", "--no-caps", "--cheap"))
        targets: list[Target] = []
        if given.only != "postgresql":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            targets.append(File(Path(folder)))
        if given.only != "sqlite":
            found = programs()
            assert found is not None, "PostgreSQL's programs are not installed"
            server = stack.enter_context(running_server(found, keeps_safe=True))
            targets.append(Database(server))
        rows = [_row(hub, names, target) for target in targets]
    head = ["database", "tags", "repositories", "wall s", "CPU s", "tags/s", "peak MB"]
    print_table([*head, "MB", "bytes/tag", "WAL peak MB", "WAL written MB"], rows)


def _row(hub: str, names: Sequence[str], target: Target) -> list[object]:
    environment = {
        **our_environment(hub, Path(os.devnull)),
        "DOCKERHUB_DATABASE_URL": target.url,
    }
    command = our_crawl("repos", f"org={','.join(names)}")
    run = measure(command, environment=environment, watch=target.look)
    found = target.sizes()
    written = "-" if found.wal_written is None else f"{found.wal_written / _MEGABYTE:.0f}"
    return [
        *(target.name, found.tags, found.repositories, f"{run.wall:.0f}", f"{run.cpu:.0f}"),
        *(f"{found.tags / run.wall:.0f}", f"{run.rss / _MEGABYTE:.0f}"),
        *(f"{found.database / _MEGABYTE:.0f}", f"{found.database / found.tags:.0f}"),
        *(f"{found.wal_peak / _MEGABYTE:.0f}", written),
    ]


if __name__ == "__main__":
    main()
