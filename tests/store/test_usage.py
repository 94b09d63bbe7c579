from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.errors import PayloadError, StoreError
from dockerhub.store.database import open_database, transaction
from dockerhub.store.engine import tune
from dockerhub.store.place import database_place
from dockerhub.store.usage import ReadReport, UsageWriter
from dockerhub.usage_row import UsageRow
from tests.store.made import NOW, Look, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3_600_000_000


def row(hour: int = 0, **said: Any) -> UsageRow:
    values: dict[str, Any] = {
        "user": "ada",
        "repository": "acme/app",
        "token": "ci",
        "machine": "machine 1",
        "addresses": None,
        "is_private": False,
        "tag": "1.0",
        "digest": digest("first"),
        "version_checks": 0,
        "pulls": 1,
    }
    return UsageRow(hour=NOW + hour * HOUR, **values | said)


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self.rows = Look(url)

    def write(self, *reports: list[UsageRow], account: str | None = None) -> list[ReadReport]:
        with closing(UsageWriter(self.url)) as writer:
            return writer.write(reports, account=account, now=NOW)

    def pulls(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT substr(hour, 12, 2), pulls FROM pull_usage ORDER BY hour, pulls")


@pytest.fixture
def database(url: str) -> Database:
    return Database(url)


def test_writes_what_a_report_says(database: Database) -> None:
    [done] = database.write([row(version_checks=3, pulls=2, addresses="192.0.2.1")])
    assert done == ReadReport(1, NOW, NOW, 0, 0)
    assert database.rows("SELECT * FROM pull_usage") == [
        ("2026-11-22T08:00:00.000000Z", "ada", "ci", "machine 1", "192.0.2.1", "acme/app", "1.0",
         f"sha256:{digest('first').hex()}", 0, 3, 2, None, 1)
    ]  # fmt: skip


def test_missing_is_null(database: Database) -> None:
    empty = {"user": None, "token": None, "machine": None, "tag": None, "digest": None}
    database.write([row(**empty)], [row(1, **empty)])
    found = database.rows(
        "SELECT DISTINCT user_name, access_token_name, machine, addresses, tag_name, digest"
        " FROM pull_usage"
    )
    assert found == [(None,) * 6]
    assert database.rows("SELECT COUNT(*) FROM usage_caller") == [(1,)]
    assert database.rows("SELECT COUNT(*) FROM usage_image") == [(1,)]


def test_rows_that_differ_in_their_numbers_alone_are_added(database: Database) -> None:
    [done] = database.write([row(pulls=2, version_checks=1), row(pulls=3, version_checks=5)])
    assert done.row_count == 1
    assert database.rows("SELECT pulls, version_checks FROM usage") == [(5, 6)]


@pytest.mark.parametrize(
    "change",
    [{"user": "bob"}, {"token": "x"}, {"repository": "a/b"}, {"is_private": True}, {"tag": "2"},
     {"digest": digest("other")}, {"machine": "machine 2"}, {"hour": 1}],
)  # fmt: skip
def test_what_differs_in_its_key_stays_apart(database: Database, change: dict[str, Any]) -> None:
    database.write([row(), row(**change)])
    assert database.rows("SELECT COUNT(*), SUM(pulls) FROM usage") == [(2, 2)]


def test_the_same_report_twice_counts_once(database: Database) -> None:
    report = [row(), row(1, pulls=5), row(1, user="bob")]
    database.write(report)
    [done] = database.write(report)
    assert (done.replaced_count, done.shrunk_count) == (2, 0)
    assert database.pulls() == [("08", 1), ("09", 1), ("09", 5)]
    assert database.rows("SELECT COUNT(*) FROM usage_report") == [(1,)]
    assert database.rows("SELECT COUNT(*) FROM usage_machine") == [(1,)]


def test_the_same_report_twice_in_one_go_counts_once(database: Database) -> None:
    database.write([row(), row(1)], [row(), row(1)])
    assert database.pulls() == [("08", 1), ("09", 1)]


def test_a_report_that_overlaps_replaces_the_hours_that_both_have(database: Database) -> None:
    database.write([row(0, pulls=1), row(1, pulls=2, user="bob"), row(1, pulls=7)])
    [done] = database.write([row(1, pulls=4), row(2, pulls=9)])
    assert (done.replaced_count, done.shrunk_count) == (1, 1)
    assert database.pulls() == [("08", 1), ("09", 4), ("10", 9)]
    # Nothing is left of whom only the older report named.
    assert database.rows("SELECT user_name FROM usage_caller") == [("ada",)]


def test_reports_of_several_accounts_stand_side_by_side(database: Database) -> None:
    database.write([row(pulls=1)], account="acme")
    [done] = database.write([row(pulls=2)], account="ada")
    assert done.replaced_count == 0
    database.write([row(pulls=3)], account="acme")
    assert database.rows("SELECT account, pulls FROM pull_usage ORDER BY 1") == [
        ("acme", 3),
        ("ada", 2),
    ]


def test_a_report_that_breaks_off_leaves_no_trace(database: Database) -> None:
    database.write([row(pulls=3)])

    def broken() -> Iterator[UsageRow]:
        yield row(pulls=8)
        yield row(1)
        raise PayloadError("REPORT.csv:4: expected 10 cells, got 2")

    with closing(UsageWriter(database.url)) as writer, pytest.raises(PayloadError):
        writer.write([[row(pulls=5)], broken()], account=None, now=NOW)
    assert database.pulls() == [("08", 3)]
    assert database.rows("SELECT COUNT(*) FROM usage_report") == [(1,)]


def test_a_report_is_read_while_others_write(database: Database) -> None:
    database.write([row()])
    with closing(open_database(database.url)) as crawl:
        tune(crawl, "busy_timeout = 0")

        def rows() -> Iterator[UsageRow]:
            yield row(1)
            with transaction(crawl):
                crawl.execute("UPDATE usage_report SET account = 'x'")
            yield row(2)

        with closing(UsageWriter(database.url)) as writer:
            writer.write([rows()], account=None, now=NOW)
    assert database.pulls() == [("08", 1), ("09", 1), ("10", 1)]


def test_addresses_that_are_replaced_are_gone(database: Database) -> None:
    database.write([row(addresses="192.0.2.177") for _ in range(3)])
    path = database_place(database.url).path
    assert path is None or b"192.0.2.177" in path.read_bytes()
    database.write([row()])
    left = [] if path is None else [file.read_bytes() for file in path.parent.iterdir()]
    assert b"192.0.2.177" not in b"".join(left)
    assert database.rows("SELECT addresses FROM pull_usage") == [(None,)]
    assert database.rows("SELECT addresses FROM usage_machine") == [(None,)]


def test_what_the_database_refuses_is_said(database: Database) -> None:
    with (
        closing(UsageWriter(database.url)) as writer,
        pytest.raises(StoreError, match="expected to write"),
    ):
        writer.write([[row(pulls=2**64)]], account=None, now=NOW)


def test_every_reference_holds(database: Database) -> None:
    database.write([row(), row(1, machine="machine 2")])
    database.write([row(1, user="bob", repository="x/y")])
    assert database.rows.broken_references() == []
