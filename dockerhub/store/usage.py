"""Writes pull usage reports: each whole or not at all, and no hour of an account twice."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import StoreError
from dockerhub.store.database import fold, open_database, transaction
from dockerhub.store.engine import DatabaseError, tune
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerhub.usage_row import UsageRow

_STAGE = ("stage_report", "stage_callers", "stage_images", "stage_machines")
_FORGET = ("forget_machines", "forget_callers", "forget_images", "forget_reports")
_ROWS_AT_ONCE = 1000
_REMEMBERED = 4096  # names of which the numbers are kept in memory


class ReadReport(NamedTuple):
    """What came of a report."""

    row_count: int
    """rows, once lines that differ in their numbers alone were added together"""
    first_hour: int
    last_hour: int
    replaced_count: int
    """hours of which an earlier report of the same account spoke: it says nothing of them now"""
    shrunk_count: int
    """hours among them of which this report has fewer pulls"""


class UsageWriter:
    """Writes reports. What an account's newer one says of an hour replaces what an older one did.

    Docker exports whole hours, so that the same report, or one that overlaps, counts nothing twice.
    """

    def __init__(self, url: str) -> None:
        """:raises StoreError: if the database cannot be used"""
        self._connection = open_database(url)
        self._sql = load_queries("usage_writing")
        # Parents go only when nothing names them; the check would look for the children of each.
        tune(self._connection, "foreign_keys = OFF")
        # Addresses that are not kept any more are overwritten, not left in free pages.
        tune(self._connection, "secure_delete = ON")
        for statement in _STAGE:
            self._connection.execute(self._sql[statement])

    def write(
        self, reports: Iterable[Iterable[UsageRow]], *, account: str | None, now: int
    ) -> list[ReadReport]:
        """Write *reports* in their order, all or none; for one call.

        They are read to their ends into tables of our own first: what cannot be read leaves no
        trace, and no crawl waits for it.

        :raises StoreError: if the database cannot be written
        """
        with _guarded():
            with transaction(self._connection, "DEFERRED"):
                count = sum(self._stage(place, rows) for place, rows in enumerate(reports))
            with transaction(self._connection):
                done = [self._merge(place, account, now) for place in range(count)]
                if any(report.replaced_count for report in done):
                    for statement in _FORGET:
                        self._connection.execute(self._sql[statement])
        return done

    def close(self) -> None:
        """Fold the WAL into the file, and close the connection."""
        fold(self._connection)
        self._connection.close()

    def _stage(self, place: int, rows: Iterable[UsageRow]) -> int:
        run, sql = self._connection.execute, self._sql

        @lru_cache(_REMEMBERED)
        def number(statement: str, *names: object) -> int:
            return int(run(sql[statement], names).fetchone()[0])

        def parameters() -> Iterator[tuple[int, ...]]:
            for row in rows:
                yield (
                    place,
                    row.hour,
                    number("put_caller", row.user or "", row.token or ""),
                    number(
                        "put_image",
                        row.repository,
                        row.is_private,
                        row.tag or "",
                        row.digest or b"",
                    ),
                    number("put_machine", place, row.machine or "", row.addresses or ""),
                    row.version_checks,
                    row.pulls,
                )

        every = parameters()
        while some := list(islice(every, _ROWS_AT_ONCE)):
            self._connection.executemany(sql["put_usage"], some)
        return 1

    def _merge(self, place: int, account: str | None, now: int) -> ReadReport:
        run, sql = self._connection.execute, self._sql

        def one(statement: str, values: Any) -> int:
            return int(run(sql[statement], values).fetchone()[0])

        named = {
            "place": place,
            "account": account,
            "report": one("put_report", (account, now)),
            "first": one("first_machine", ()),
        }
        rows, first_hour, last_hour = run(sql["staged_numbers"], named).fetchone()
        replaced, shrunk = one("replaced_hours", named), one("shrunk_hours", named)
        for statement in ("merge_callers", "number_callers", "merge_images", "number_images"):
            run(sql[statement])
        for statement in ("merge_machines", "replace_usage", "merge_usage"):
            run(sql[statement], named)
        return ReadReport(rows, first_hour, last_hour, replaced, shrunk)


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, OverflowError) as error:
        raise StoreError(f"database: expected to write, {error}") from error
