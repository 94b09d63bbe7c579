"""A PostgreSQL server of the tests' own: no network, nothing kept, one database a test."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dockerhub.store.database import open_database
from dockerhub.store.postgres.connection import PostgresConnection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ON_BOTH = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
"""what is asked of a database of either kind, where usually a file is enough"""

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"
# What a power cut could take is of no use to a test.
_HASTE = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=32MB"


def programs() -> Path | None:
    """Return the folder of the server's programs, None if there are none."""
    found = shutil.which("initdb")
    folders = sorted(_DEBIAN.glob("*/bin"), key=lambda each: int(each.parts[-2]))
    return Path(found).parent if found else (folders[-1] if folders else None)


# Who was forgotten is sent away.
_LONELY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE = """
SELECT
    (SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid) FROM pg_class
     WHERE relnamespace = 'dockerhub'::regnamespace),
    (SELECT version || ' ' || views FROM dockerhub.schema_version)
"""
_EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT oid::regclass AS name, relkind FROM pg_class
        WHERE relnamespace = 'dockerhub'::regnamespace AND relkind IN ('r', 'S')
            AND relname <> 'schema_version'
    LOOP
        IF one.relkind = 'r' THEN
            EXECUTE 'DELETE FROM ' || one.name;
        ELSE
            PERFORM setval(one.name, 1, FALSE);
        END IF;
    END LOOP;
END
$$;
"""


_asked: dict[str, PostgresConnection] = {}


def ask(url: str, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
    """Return rows, through one connection for all: to make one takes longer than to ask."""
    if url not in _asked:
        _asked[url] = PostgresConnection(url, read_only=True)
    return _asked[url].execute(statement, parameters).fetchall()


def forget(url: str) -> None:
    """Close the connection of `ask`."""
    if url in _asked:
        _asked.pop(url).close()


class Server:
    """A running server, whose socket lies in its own folder."""

    def __init__(self, folder: Path, bin_folder: Path, settings: str = _HASTE) -> None:
        self.folder = folder
        self._settings = settings
        self._bin = bin_folder
        self._numbers = itertools.count(1)
        self._kept: str | None = None

    def url(self, database: str) -> str:
        return f"postgresql://hub@/{database}?host={self.folder}"

    def start(self) -> None:
        where = f"-c listen_addresses= -c unix_socket_directories={self.folder} {self._settings}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", where, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")

    def make(self) -> None:
        words = ("-U", "hub", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "-N")
        self._run("initdb", "-D", "data", *words)
        self.start()
        self._administer("CREATE DATABASE template_of_ours")
        open_database(self.url("template_of_ours")).close()
        with psycopg.connect(self.url("template_of_ours")) as connection:
            self._shape = connection.execute(_SHAPE).fetchone()

    def database(self, *, is_empty: bool = False) -> str:
        """Return the URL of a new database, with our tables unless it is to be empty."""
        name = f"hub_{next(self._numbers)}"
        template = "template0" if is_empty else "template_of_ours"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def emptied(self) -> str:
        """Return the URL of a database with our tables and nothing in them.

        It is the same one each time, unless somebody changed its tables: a new one takes longer.
        """
        if self._kept is not None and not self._empty(self._kept):
            self.drop(self._kept)
            self._kept = None
        self._kept = self._kept or self.database()
        return self._kept

    def _empty(self, url: str) -> bool:
        forget(url)
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_LONELY)
                if connection.execute(_SHAPE).fetchone() != self._shape:
                    return False
                connection.execute(_EMPTY)
        except psycopg.Error:
            return False
        return True

    def drop(self, url: str) -> None:
        forget(url)
        name = url.partition("?")[0].rpartition("/")[2]
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *words: str) -> None:
        # The server does not run as root.
        asked = ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
        subprocess.run(
            [*(asked if os.geteuid() == 0 else []), str(self._bin / program), *words],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )


@contextlib.contextmanager
def running_server(bin_folder: Path, *, keeps_safe: bool = False) -> Iterator[Server]:
    """Make a server in a folder of its own, and take it away again.

    *keeps_safe* has it write as a server does of which something is to be kept.
    """
    # Not in pytest's folder: the path of a socket has to be short, and the server's user must
    # get there.
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))
    server = Server(folder, bin_folder, "" if keeps_safe else _HASTE)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER, _USER)
        server.make()
        yield server
        for url in list(_asked):
            forget(url)
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
