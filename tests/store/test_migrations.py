"""A database that an older version has made is brought up to date, and keeps its rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dockerhub.items import WalkEnd
from dockerhub.kinds import StopReason
from dockerhub.known import OpenWalk
from dockerhub.store.database import migrations, open_database, transaction
from dockerhub.store.reader import Reader
from dockerhub.store.writer import Writer
from tests.store.made import NGINX, NOW, SECOND, Look, at, page, row, step, tag, tags

ENGINES = ("sqlite",)

# What each version adds to rows that are there, by the number of the version that does.
NEW_COLUMNS = {
    2: {"walk": {"leg": None, "reach": None}},
    3: {"tag": {"registry_digest": None, "registry_media_type": None, "listed_at": at(2)}},
    4: {"config": {"detail": None}},
    6: {"manifest": {"chain": None}},
}


@pytest.fixture(params=range(1, migrations()[-1][0]), ids="version {}".format)
def version(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture
def old(url: str, version: int) -> Look:
    """Return a database as an older version made it, with rows in its tables."""
    made = Writer(url)
    made.begin_crawl("tags", "{}", signed_in=True, now=NOW)
    made.write([page(at(1), row(), row("redis"))])
    open_walk = step(next_page=2, first_count=5, last_count=6, subject_updated=7)
    made.write([tags(at(2), tag("1"), tag("2"), walk=open_walk)])
    ended = step("repositories", reason=StopReason.COMPLETE)
    made.write([WalkEnd(seen=at(3), walk=ended)])
    made.close()
    look = Look(url)
    rows = look.everything()
    then = [sql for number, sql in migrations() if number <= version]
    with closing(sqlite3.connect(look.path, isolation_level=None)) as connection:
        views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for name in [name for (name,) in views]:
            connection.execute(f"DROP VIEW {name}")
        connection.execute("PRAGMA foreign_keys = OFF")
        for name in ("repository_search", *rows):
            connection.execute(f"DROP TABLE {name}")
        for script in then:
            connection.executescript(script)
        with transaction(connection):
            for name, values in rows.items():
                kept = len(connection.execute(f"PRAGMA table_info({name})").fetchall())
                marks = ", ".join("?" * kept)
                cut = [each[:kept] for each in values] if kept else []
                if cut:
                    connection.executemany(f"INSERT INTO {name} VALUES ({marks})", cut)
            connection.execute("UPDATE schema_version SET version = ?, views = 'then'", (version,))
    return look


def columns(look: Look, table: str) -> list[str]:
    return [name for _, name, *_ in look(f"PRAGMA table_info({table})")]


def added(version: int, table: str) -> dict[str, object]:
    """Return the columns that newer versions add to a table, with their values."""
    found: dict[str, object] = {}
    for number, tables in NEW_COLUMNS.items():
        if number > version:
            found |= tables.get(table, {})
    return found


def test_it_keeps_its_rows_and_gets_the_new_columns(old: Look, version: int) -> None:
    before = old.everything()
    assert before["schema_version"] == [(version, "then")]
    for table in ("walk", "tag", "config"):
        assert not set(added(version, table)) & set(columns(old, table))
    open_database(old.url).close()
    after = old.everything()
    assert after["schema_version"][0][0] == migrations()[-1][0] > version
    for table, rows in before.items():
        new = added(version, table)
        if table != "schema_version":
            assert after[table] == [(*each, *new.values()) for each in rows], table
        assert not new or columns(old, table)[-len(new) :] == list(new)
    filled = {name for name in after if name not in before and after[name]}
    assert filled <= {"event"}, "only the past is filled in"
    assert old("PRAGMA integrity_check") == [("ok",)]
    assert old("PRAGMA foreign_key_check") == []


def test_it_is_the_same_as_a_new_one(old: Look, url: str) -> None:
    open_database(old.url).close()
    fresh = Look(url.replace("hub.db", "fresh.db"))
    open_database(fresh.url).close()
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
    assert old(schema) == fresh(schema)


def test_its_open_walk_goes_on(old: Look, version: int) -> None:
    writer, reader = Writer(old.url), Reader(old.url)
    known = reader.known_repositories([NGINX], "", signed_in=True)[NGINX]
    left = OpenWalk(
        NOW,
        True,
        1,
        2,
        6,
        leg="last_updated" if version == 1 else "",
        first_count=5,
        subject_updated=7,
    )
    assert known.open == left
    following = step(next_page=1, pages=2, leg="name", reach=10)
    writer.write([tags(at(4), tag("3"), walk=following)])
    assert old("SELECT pages, next_page, leg, reach FROM walk WHERE kind = 'tags'") == [
        (2, 1, "name", 10)
    ]
    reader.close()
    writer.close()


def test_its_rows_are_compared_with_what_comes(old: Look) -> None:
    writer = Writer(old.url)
    tally = writer.write([tags(at(9), tag("1", "other", updated=at(8)), tag("2"), tag("3"))])
    assert (tally["tags_new"], tally["tags_moved"]) == (1, 1)
    whole = step(reason=StopReason.COMPLETE, started=NOW + 10 * SECOND)
    assert writer.write([tags(at(11), tag("1"), walk=whole)])["tags_gone"] == 2
    writer.close()
