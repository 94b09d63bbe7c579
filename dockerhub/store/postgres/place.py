"""A database on a PostgreSQL server, in which our tables have a schema of their own."""

from __future__ import annotations

import hashlib
from contextlib import closing, suppress
from functools import cache
from importlib import resources
from urllib.parse import parse_qs, unquote, urlsplit

from dockerhub.errors import StoreError
from dockerhub.redact import shown_url
from dockerhub.store.engine import DatabaseError
from dockerhub.store.postgres import SCHEMA
from dockerhub.store.postgres.connection import PostgresConnection

_SEARCH = 9
"""the migration that makes SQLite's full-text index, for the pages of a SQLite file"""


class PostgresPlace:
    """A database that exists; our tables in it are made when it is first written."""

    missing = "it is empty"
    path = None
    left_out = (_SEARCH,)
    has_version = f"SELECT to_regclass('{SCHEMA}.schema_version') IS NOT NULL"

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def preamble(self) -> str:
        """Our schema, and SQLite's functions in it."""
        return f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};\n{_file('functions.sql')}"

    @property
    def afterword(self) -> str:
        """Indexes that are others here, and what stands for the full-text index."""
        return _file("indexes.sql") + _file("search.sql")

    @property
    def name(self) -> str:
        return shown_url(self._url)

    def exists(self) -> bool:
        with closing(self.connect(read_only=True)) as connection:
            return bool(connection.execute(self.has_version).fetchone()[0])

    def connect(self, *, read_only: bool = False) -> PostgresConnection:
        try:
            return PostgresConnection(self._url, read_only=read_only)
        except DatabaseError as error:
            raise StoreError(
                f"database {self.name}: expected a PostgreSQL server, {self._harmless(str(error))}"
            ) from None

    def _harmless(self, said: str) -> str:
        """Return a message without the password, of which libpq quotes what it cannot read."""
        _, _, password = urlsplit(self._url).netloc.rpartition("@")[0].partition(":")
        secrets = [password, unquote(password), *_said_password(self._url)]
        if any(secret and secret in said for secret in secrets) or "percent" in said:
            return "its URL cannot be read"
        return said

    def claims(self) -> PostgresClaims:
        return PostgresClaims(self)

    def check(self) -> None:
        """Nobody takes a server's files away from under it."""


@cache
def _file(name: str) -> str:
    return (resources.files("dockerhub.store.postgres") / name).read_text(encoding="utf-8")


def _said_password(url: str) -> list[str]:
    return parse_qs(urlsplit(url).query).get("password", [])


class PostgresClaims:
    """Locks that the server lets go of when the connection ends, however it ends."""

    def __init__(self, place: PostgresPlace) -> None:
        self._place = place
        self._connection: PostgresConnection | None = None

    def take(self, subject: str) -> bool:
        """Claim *subject* until this process ends; False if another one holds it.

        :raises StoreError: if the server cannot be asked
        """
        if self._connection is None:
            self._connection = self._place.connect()
        try:
            asked = self._connection.execute("SELECT pg_try_advisory_lock(?)", (_place(subject),))
            return bool(asked.fetchone()[0])
        except DatabaseError as error:
            raise StoreError(f"database: expected to claim {subject}, {error}") from error

    def holder(self, subject: str) -> int | None:
        """The process may be on another machine: its number would say nothing here."""
        return None

    def release(self) -> None:
        """Let go of all that is claimed."""
        if self._connection is not None:
            with suppress(DatabaseError):
                # The end of a connection is noticed there a little later.
                self._connection.execute("SELECT pg_advisory_unlock_all()")
            with suppress(DatabaseError):
                self._connection.close()
            self._connection = None


def _place(subject: str) -> int:
    # Numbers of 63 bits; that of the writers' turn is one of them, and no subject is likely to be.
    return int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=8).digest()) >> 1
