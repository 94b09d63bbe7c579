"""The database as Datasette sees it: it can be read, and nothing else."""

from __future__ import annotations

import sqlite3
import weakref
from typing import TYPE_CHECKING, Any

from datasette.database import Database
from datasette.views.base import DatasetteError

from dockerhub.errors import DockerhubError, StoreError
from dockerhub.pages.canned import CANNED, statement
from dockerhub.pages.functions import add_functions
from dockerhub.pages.guard import asks_csv
from dockerhub.pages.typed import check_typed
from dockerhub.store.database import open_file
from dockerhub.store.frozen import is_frozen, state_of
from dockerhub.store.place import database_path
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from datasette.app import Datasette

    from dockerhub.pages.starts import Starts

NAME = "dockerhub"
"""what the database is called in addresses, whatever its file is called"""

_COUNTING = "select count(*) from "
_COUNT_MS = 300
_ACTIONS = {
    *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE),
    *(sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA),
}
# What Datasette asks, and what the full-text index asks itself.
_PRAGMAS = {
    *("table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo"),
    *("schema_version", "data_version", "database_list", "page_count", "page_size"),
    *("function_list", "max_page_count"),
}
# One statement of anybody's must not take this machine's memory: a value, a row, all rows, and
# what SQLite itself holds for all connections.
_MOST_BYTES_OF_A_VALUE = 4_000_000
_MOST_COLUMNS = 200
_MOST_BYTES_OF_ALL_ROWS = 32_000_000
_MOST_BYTES_OF_SQLITE = 256_000_000
_TOO_MUCH = f"expected rows of at most {_MOST_BYTES_OF_ALL_ROWS:,} bytes together, there is more"
_CUT = (
    "expected at most 1,000 rows, there are more and the CSV would be cut: ask for less, put LIMIT"
    " 1000 into SQL of your own, or write everything with scrapy export"
)
_CANNED = {statement(name): canned for name, canned in CANNED.items()}
# They count out as many characters as they are told to, for seconds, before they see the limit; our
# views may use them.
_VIEWS_FUNCTIONS = {"printf", "format"}
_NO_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}


class Served(Database):  # type: ignore[misc]  # Datasette has no types
    """A database that a crawl may write to meanwhile: read-only, and yet not immutable.

    On a read-only medium it is: there nobody writes, and what was written after all is said.
    """

    def __init__(self, datasette: Datasette, url: str, starts: Starts) -> None:
        super().__init__(datasette, path=str(database_path(url)), is_mutable=True)
        self._url, self._starts = url, starts
        self._is_frozen = is_frozen(database_path(url))
        self._file = self._identity()
        self._known = load_queries("serving")

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Return a connection that refuses all that is not reading.

        :raises StoreError: if it is asked for one that writes, or the file is another one now
        """
        if write:
            raise StoreError("database: expected to read, these pages do not write")
        connection = open_file(self._url, read_only=True)
        reason = self.unfit()
        if reason:
            connection.close()
            raise StoreError(reason)
        # The views' tables come in the order in which they are written: an index made for one
        # question goes through a million manifests for each tag instead.
        connection.execute("PRAGMA automatic_index = OFF")
        add_functions(connection, self._starts)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES_OF_A_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
        connection.execute(f"PRAGMA hard_heap_limit = {_MOST_BYTES_OF_SQLITE}")
        connection.set_authorizer(_may)
        self._all_file_connections.append(connection)
        return connection

    def unfit(self) -> str:
        """Return why nothing can be answered any more; empty if all is well.

        Connections that are open go on to read the file that was there: answers would be mixed.
        """
        path = database_path(self._url)
        found = self._identity()
        if self._file == found:
            return ""
        is_same = found is not None and self._file is not None and self._file[:2] == found[:2]
        what = "written since" if is_same else "gone"
        return (
            f"database {path}: expected the file that was opened, it is {what}; start serve again"
        )

    def _identity(self) -> tuple[int, ...] | None:
        """Return what file it is, and in what state if it is read as it was; None for no file."""
        path = database_path(self._url)
        try:
            found = path.stat()
            state = state_of(path) if self._is_frozen else ()
        except OSError:
            return None
        return found.st_dev, found.st_ino, *state

    async def execute(self, sql: str, *words: Any, **more: Any) -> Any:
        """Return rows. What is wrong with a statement stands on its page, not in the terminal."""
        # So Datasette counts the rows of a view beside showing some; it does without where that
        # takes too long.
        if sql.startswith(_COUNTING) and "truncate" not in more:
            more |= {"custom_time_limit": _COUNT_MS}
        try:
            if sql in _CANNED:
                typed = words[0] if words else more.get("params")
                await self._check(_CANNED[sql].parameters, typed or {})
            rows = await super().execute(sql, *words, **more | {"log_sql_errors": False})
        except MemoryError:
            raise sqlite3.OperationalError(_TOO_MUCH) from None
        except DockerhubError as error:
            if asks_csv.get():
                raise DatasetteError(str(error), status=400) from error
            raise sqlite3.OperationalError(str(error)) from error
        if rows.truncated and asks_csv.get():
            raise DatasetteError(_CUT, status=400)
        return rows

    async def missing(self, names: tuple[str, ...], parameters: Any) -> str:
        """Return what is wrong with what was typed, or what of it no crawl has seen; else empty."""
        try:
            await self._check(names, parameters)
        except DockerhubError as error:
            return str(error)
        return ""

    async def _check(self, names: tuple[str, ...], parameters: Any) -> None:
        """Refuse what was typed and cannot be meant.

        :raises DockerhubError: if a parameter cannot be read, or names what no crawl has seen
        """
        for lookup in check_typed(parameters, names):
            found = await super().execute(self._known[lookup.statement], lookup.parameters)
            if not found.rows:
                raise StoreError(lookup.missing)

    async def table_counts(self, limit: int = 10) -> dict[str, None]:
        """Return no numbers of rows: nobody waits for those of forty tables."""
        return dict.fromkeys(await self.table_names())


def limit_bytes(connection: sqlite3.Connection) -> None:
    """Stop a question on *connection* whose rows together take too much memory."""
    asked: Any = None
    room = 0

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal asked, room
        if asked is None or asked() is not cursor:
            asked, room = weakref.ref(cursor), _MOST_BYTES_OF_ALL_ROWS
        room -= sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if room < 0:
            raise sqlite3.OperationalError(_TOO_MUCH)
        return sqlite3.Row(cursor, values)

    connection.row_factory = row


def _may(
    action: int, first: str | None, second: str | None, _: str | None, view: str | None
) -> int:
    allowed = action in _ACTIONS
    if action == sqlite3.SQLITE_UPDATE:
        # So the full-text index declares its columns; the file itself is opened to be read.
        allowed = first == "sqlite_master"
    elif action == sqlite3.SQLITE_PRAGMA:
        allowed = first in _PRAGMAS
    elif action == sqlite3.SQLITE_FUNCTION:
        allowed = second not in _NO_FUNCTIONS
        allowed = allowed and (view is not None or second not in _VIEWS_FUNCTIONS)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
