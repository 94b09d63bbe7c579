"""A connection to PostgreSQL that takes the store's statements and answers as SQLite's does.

Values go into a statement on our side (psycopg's ClientCursor quotes them): each then has the type
of the place where it stands, as in SQLite, and one round trip is enough.
Source: https://www.psycopg.org/psycopg3/docs/advanced/cursors.html (read 2026-11-22)
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.types.bool import BoolDumper
from psycopg.types.numeric import NumericLoader
from psycopg.types.string import BytesBinaryDumper, BytesDumper, StrBinaryDumper, StrDumperUnknown

from dockerhub.store.engine import DatabaseError
from dockerhub.store.patience import Lost
from dockerhub.store.postgres import SCHEMA, TURN
from dockerhub.store.postgres.many import as_array, chunks, read_insert
from dockerhub.store.postgres.words import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Writers take turns, as in SQLite: an upsert that has looked first meets nobody else's.
_BEGIN = {
    # What is read inside is of one moment.
    "BEGIN": "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "BEGIN DEFERRED": "BEGIN",
    "BEGIN IMMEDIATE": f"BEGIN; SELECT pg_advisory_xact_lock({TURN})",
    "BEGIN EXCLUSIVE": f"BEGIN; SELECT pg_advisory_xact_lock({TURN})",
}
# What is in PostgreSQL's words already begins so.
_OWN = "CREATE SCHEMA"
_STREAMED_AT_ONCE = 2000
_COLUMNS = b"""
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
_CONNECT_SECONDS = 20
_CHECKS_CLIENTS = 140_000
"""the server's version from which on it can look whether its client is still there"""


class PostgresError(DatabaseError):
    """What PostgreSQL, or the way to it, did not do."""


class LostConnection(PostgresError, Lost):
    """The server went away; what was not committed is not there."""


# What a server says that is going away, before it closes the connection.
_FAREWELLS = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)


class _Whole(BoolDumper):
    """Python's truths are 1 and 0, as in the tables."""

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"

    def quote(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Text(StrDumperUnknown):
    """No text of PostgreSQL holds a NUL; the mark for what cannot be shown takes its place."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


class _Bytes(BytesDumper):
    """A literal would be text where nothing around it says that it is not."""

    def quote(self, obj: Any) -> bytes:
        return b"'\\x" + bytes(obj).hex().encode() + b"'::bytea"


class _Truth(psycopg.adapt.Loader):
    """A comparison answers 1 or 0."""

    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


class _Number(NumericLoader):
    """Whole numbers stay whole, others are floats."""

    def load(self, data: Any) -> Any:
        said = bytes(data).decode()
        return int(said) if said.lstrip("-").isdecimal() else float(said)


class _Written(NamedTuple):
    """What many statements did together."""

    rowcount: int


class PostgresConnection:
    """A connection that begins no transaction by itself. For one thread at a time."""

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        """:raises PostgresError: if the server cannot be reached, or lets us not in"""
        self._address, self._read_only = address, read_only
        self._numbers = itertools.count(1)
        self._tables: dict[str, dict[str, str]] = {}
        self.raw = self._connected()
        self._begin()

    def reopen(self) -> None:
        """Connect anew: what was not committed, and what was for the connection alone, is gone.

        :raises PostgresError: if the server cannot be reached
        """
        self.raw.close()
        self.raw = self._connected()
        self._begin()

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(
                self._address,
                autocommit=True,
                cursor_factory=psycopg.ClientCursor,
                application_name="dockerhub",
                connect_timeout=_CONNECT_SECONDS,
            )
        except psycopg.Error as error:
            raise PostgresError(_one_line(error)) from error

    def _begin(self) -> None:
        # Arrays go as psycopg sends them by itself; their statements are planned once.
        self._arrays = psycopg.Cursor(self.raw)
        self._arrays.adapters.register_dumper(str, StrBinaryDumper)
        self._arrays.adapters.register_dumper(bytes, BytesBinaryDumper)
        _teach(self.raw)
        with self._told():
            self.raw.execute(f"SET search_path = {SCHEMA}, pg_catalog, public")
            # Compiling a question of ours takes longer than answering it.
            self.raw.execute("SET TIME ZONE 'UTC'; SET jit = off")
            if self.raw.info.server_version >= _CHECKS_CLIENTS:
                # Of a crawl that was killed, neither statement nor lock goes on.
                self.raw.execute("SET client_connection_check_interval = '3s'")
            if not self._read_only:
                # What was committed is kept, as in SQLite, whatever the server does for others.
                self.raw.execute("SET synchronous_commit = on")
            if self._read_only:
                self.raw.execute("SET default_transaction_read_only = on")

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = (), /) -> Any:
        """Run a statement in SQLite's words; return a cursor with all that it answered."""
        with self._told():
            if statement in _BEGIN or statement.startswith(_OWN):
                return self.raw.execute(_BEGIN.get(statement, statement).encode(), None)
            return self.raw.execute(_encoded(statement), parameters)

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Any:
        """Run a statement for each of *rows*, many in one round trip where it inserts them.

        What comes back has the rows that were written as its `rowcount`.
        """
        text, written = translated(statement), 0
        insert = read_insert(text)
        types = {} if insert is None else self._types(insert.table)
        for some in chunks(rows, insert.key if insert else ()):
            with self._told():
                if insert is None:
                    cursor = self.raw.cursor()
                    cursor.executemany(text.encode(), some)
                else:
                    cursor = self._arrays.execute(
                        insert.of_arrays(types).encode(),
                        [
                            as_array(values, types[column])
                            for column, values in zip(
                                insert.given, zip(*some, strict=True), strict=True
                            )
                        ],
                    )
            written += cursor.rowcount
        return _Written(written)

    def _types(self, table: str) -> dict[str, str]:
        """Return the type of each column of a table."""
        if table not in self._tables:
            with self._told():
                rows = self.raw.execute(_COLUMNS, (table,)).fetchall()
            self._tables[table] = dict(rows)
        return self._tables[table]

    def stream(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield rows of more than memory may hold; inside a transaction."""
        name = f"streamed_{next(self._numbers)}"
        with self._told():
            text = psycopg.ClientCursor(self.raw).mogrify(_encoded(statement), parameters)
            self.raw.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {text}".encode(), None)
        try:
            while rows := self._some(name):
                yield from rows
        finally:
            if not self.raw.closed and self.raw.info.transaction_status.name == "INTRANS":
                with self._told():
                    self.raw.execute(f"CLOSE {name}".encode())

    def _some(self, name: str) -> list[tuple[Any, ...]]:
        with self._told():
            return self.raw.execute(f"FETCH {_STREAMED_AT_ONCE} FROM {name}".encode()).fetchall()

    def close(self) -> None:
        """End the connection, and with it what was not committed."""
        self.raw.close()

    def __del__(self) -> None:
        # One that is forgotten is closed, as those of SQLite are.
        with contextlib.suppress(Exception):
            self.raw.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what psycopg raises into what the store knows."""
        try:
            yield
        except psycopg.Error as error:
            is_lost = self.raw.closed or isinstance(error, _FAREWELLS)
            raise (LostConnection if is_lost else PostgresError)(_one_line(error)) from error


def _one_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _encoded(statement: str) -> bytes:
    return translated(statement).encode()


def _teach(raw: psycopg.Connection[Any]) -> None:
    raw.adapters.register_dumper(bool, _Whole)
    raw.adapters.register_dumper(str, _Text)
    raw.adapters.register_dumper(bytes, _Bytes)
    raw.adapters.register_loader("bool", _Truth)
    raw.adapters.register_loader("numeric", _Number)
