"""The database as Datasette sees it: it can be read, and nothing else."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from datasette.database import Database

from dockerhub.errors import StoreError
from dockerhub.pages.functions import add_functions
from dockerhub.store.database import database_path, open_to_read

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
_NO_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}


class Served(Database):  # type: ignore[misc]  # Datasette has no types
    """A database that a crawl may write to meanwhile: read-only, and yet not immutable."""

    def __init__(self, datasette: Datasette, url: str, starts: Starts) -> None:
        super().__init__(datasette, path=str(database_path(url)), is_mutable=True)
        self._url, self._starts = url, starts

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Return a connection that refuses all that is not reading.

        :raises StoreError: if it is asked for one that writes
        """
        if write:
            raise StoreError("database: expected to read, these pages do not write")
        connection = open_to_read(self._url)
        # The views' tables come in the order in which they are written: an index made for one
        # question goes through a million manifests for each tag instead.
        connection.execute("PRAGMA automatic_index = OFF")
        add_functions(connection, self._starts)
        connection.set_authorizer(_may)
        self._all_file_connections.append(connection)
        return connection

    async def execute(self, sql: str, *words: Any, **more: Any) -> Any:
        """Return rows. What is wrong with a statement stands on its page, not in the terminal."""
        # So Datasette counts the rows of a view beside showing some; it does without where that
        # takes too long.
        if sql.startswith(_COUNTING) and "truncate" not in more:
            more |= {"custom_time_limit": _COUNT_MS}
        return await super().execute(sql, *words, **more | {"log_sql_errors": False})

    async def table_counts(self, limit: int = 10) -> dict[str, None]:
        """Return no numbers of rows: nobody waits for those of forty tables."""
        return dict.fromkeys(await self.table_names())


def _may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    allowed = action in _ACTIONS
    if action == sqlite3.SQLITE_UPDATE:
        # So the full-text index declares its columns; the file itself is opened to be read.
        allowed = first == "sqlite_master"
    elif action == sqlite3.SQLITE_PRAGMA:
        allowed = first in _PRAGMAS
    elif action == sqlite3.SQLITE_FUNCTION:
        allowed = second not in _NO_FUNCTIONS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
