"""Questions that a file of SQL holds, asked of a database that is there."""

from __future__ import annotations

import contextlib
import json
import shlex
from typing import TYPE_CHECKING, Any, Self

from dockerhub.errors import StoreError
from dockerhub.store.database import bring_up_to_date, open_to_read
from dockerhub.store.engine import DatabaseError, streamed
from dockerhub.store.place import database_place
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Parameters = Sequence[object] | Mapping[str, object]

FIRST_CRAWL = "scrapy crawl org -a org=bitnami"
"""what brings something where nobody has said what is wanted"""


class Questions:
    """The statements of `sql/<name>.sql`, all answered as of one moment. It cannot write.

    For one thread, as a context: everything that is asked inside sees the same database, whatever
    a crawl writes meanwhile.
    """

    def __init__(self, url: str, name: str, crawl: str = FIRST_CRAWL) -> None:
        """*crawl* brings what is asked about, where there is no database yet.

        :raises StoreError: if there is no database, or it cannot be used
        """
        place = database_place(url)
        if not place.exists():
            raise StoreError(
                f"database {place.name}: expected one, {place.missing};"
                f" crawl first, such as: {crawl}"
            )
        bring_up_to_date(url)
        self._sql = load_queries(name)
        self._connection = open_to_read(url)
        self._connection.execute("BEGIN")

    def ask(self, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Return the rows that answer the statement of that name.

        :raises StoreError: if the database cannot be read
        """
        try:
            return self._connection.execute(self._sql[statement], parameters).fetchall()
        except DatabaseError as error:
            raise StoreError(f"database: expected to read, {error}") from error

    def each(self, statement: str, parameters: Parameters = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows one by one, so that there may be more of them than memory holds.

        :raises StoreError: if the database cannot be read
        """
        try:
            # Not `yield from`: where a reader stops, that closes the cursor after the connection.
            for row in streamed(self._connection, self._sql[statement], parameters):  # noqa: UP028
                yield row
        except DatabaseError as error:
            raise StoreError(f"database: expected to read, {error}") from error

    def one(self, statement: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, None if there is none.

        :raises StoreError: if the database cannot be read
        """
        rows = self.ask(statement, parameters)
        return rows[0][0] if rows else None

    def last_crawl(self) -> str | None:
        """Return the last crawl that came to its end, as a command; None if there was none."""
        for spider, arguments in self._advice("last_crawl"):
            given = [f"-a {shlex.quote(f'{key}={value}')}" for key, value in _pairs(arguments)]
            return " ".join(["scrapy crawl", spider, *given])
        return None

    def has_tags(self) -> bool:
        """Tell whether any tag is stored."""
        return bool(self._advice("any_tag"))

    def _advice(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(load_queries("crawl_advice")[statement]).fetchall()
        except DatabaseError as error:
            raise StoreError(f"database: expected to read, {error}") from error

    def close(self) -> None:
        """Let go of the moment, and of the database."""
        with contextlib.suppress(DatabaseError):
            self._connection.execute("COMMIT")
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pairs(arguments: str) -> list[tuple[str, str]]:
    try:
        said = json.loads(arguments)
    except ValueError:
        return []
    return list(said.items()) if isinstance(said, dict) else []
