"""Where a database is: a file of SQLite's, or a database on a PostgreSQL server."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from dockerhub.errors import StoreError
from dockerhub.redact import shown_url
from dockerhub.store import sqlite
from dockerhub.store.claim import Claim

if TYPE_CHECKING:
    from collections.abc import Collection

    from dockerhub.store.engine import Connection

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")
_SETTING = "setting DOCKERHUB_DATABASE_URL"


class Claims(Protocol):
    """Claims of subjects, each of which ends with the process that holds it."""

    def take(self, subject: str) -> bool: ...

    def holder(self, subject: str) -> int | None: ...

    def release(self) -> None: ...


class Place(Protocol):
    """One database."""

    @property
    def preamble(self) -> str:
        """The statements that its schema needs before all others, in its own words."""

    @property
    def afterword(self) -> str:
        """The statements that its schema needs after all migrations."""

    @property
    def left_out(self) -> Collection[int]:
        """The migrations that it needs not."""

    @property
    def has_version(self) -> str:
        """The question whether it has a schema of ours: 1 or 0."""

    @property
    def name(self) -> str:
        """What messages call it, without a password."""

    @property
    def path(self) -> Path | None:
        """Its file, if it is one."""

    @property
    def missing(self) -> str:
        """What is so where it does not exist."""

    def exists(self) -> bool:
        """Tell whether there is a database of ours.

        :raises StoreError: if nobody can tell
        """

    def connect(self, *, read_only: bool = False) -> Connection:
        """Return a connection to it as it is, whatever version it has.

        :raises StoreError: if there is none
        """

    def claims(self) -> Claims:
        """Return the claims of what is crawled into it."""

    def check(self) -> None:
        """Check that it is still what it was at the first check, so that what is written is found.

        :raises StoreError: if not
        """


class SqliteFile:
    """A file; it is made when it is first written."""

    missing = "there is no such file"
    preamble = afterword = ""
    left_out: Collection[int] = ()
    has_version = (
        "SELECT EXISTS (SELECT 1 FROM sqlite_master"
        " WHERE type = 'table' AND name = 'schema_version')"
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def connect(self, *, read_only: bool = False) -> Connection:
        return sqlite.connect(self.path, read_only=read_only)

    def claims(self) -> Claims:
        return Claim(self.path)

    def check(self) -> None:
        found = self._identity()
        self._file = self._file or found
        if found is None or found != self._file:
            raise StoreError(f"database {self.path}: expected the file that was opened, it is gone")

    def _identity(self) -> tuple[int, int] | None:
        with contextlib.suppress(OSError):
            found = self.path.stat()
            return found.st_dev, found.st_ino
        return None


def database_place(url: str) -> Place:
    """Return the place that *url* names; nothing is opened.

    :raises StoreError: if it is neither a `sqlite:///` nor a `postgresql://` URL
    """
    if url.startswith(_POSTGRES):
        _check_server(url)
        # Where SQLite is enough, nobody needs what speaks to a server.
        from dockerhub.store.postgres.place import PostgresPlace  # noqa: PLC0415

        return PostgresPlace(url)
    path = url.removeprefix(_SQLITE)
    if path == url or not path:
        raise StoreError(
            f"{_SETTING}: expected sqlite:///FILE or postgresql://HOST/DATABASE,"
            f" got {shown_url(url)}"
        )
    return SqliteFile(Path(path))


def database_path(url: str) -> Path:
    """Return the file that *url* names.

    :raises StoreError: if it names no file
    """
    place = database_place(url)
    if not isinstance(place, SqliteFile):
        raise StoreError(
            f"{_SETTING}: expected sqlite:///FILE, since this needs a file; got {shown_url(url)}"
        )
    return place.path


def _check_server(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise StoreError(
            f"{_SETTING}: expected postgresql://USER@HOST:PORT/DATABASE, got ***"
        ) from None
