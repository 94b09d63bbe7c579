"""The full-text index follows the tables, and is touched only where a text changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import RepositoryDetail
from dockerhub.pages.functions import search_words
from dockerhub.store.database import migrations, open_database, transaction
from dockerhub.store.writer import Writer
from tests.store.made import Look, at, hit, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOUND = """
    SELECT r.full_name FROM repository_search AS s
    INNER JOIN repository_texts AS r ON r.id = s.rowid
    WHERE repository_search MATCH ? ORDER BY 1
"""
# Compares the index with the texts that it is of.
CHECK = "INSERT INTO repository_search (repository_search, rank) VALUES ('integrity-check', 1)"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def writer(url: str) -> Iterator[Writer]:
    made = Writer(url)
    yield made
    made.close()


@pytest.fixture
def look(url: str) -> Look:
    return Look(url)


def detail(seen: int, text: str | None, **said: object) -> RepositoryDetail:
    return RepositoryDetail(
        seen=seen,
        row=row(**said),  # type: ignore[arg-type]
        full_description=text,
        collaborator_count=None,
        immutable_tags_enabled=None,
        immutable_tags_rules=(),
    )


def found(look: Look, words: str) -> list[str]:
    return [name for (name,) in look(FOUND, words)]


def is_in_step(look: Look) -> bool:
    with closing(sqlite3.connect(look.path)) as connection:
        connection.execute(CHECK)
    return look("PRAGMA integrity_check") == [("ok",)]


def test_names_and_descriptions_are_found(writer: Writer, look: Look) -> None:
    writer.write([page(at(0), row(description="a proxy"), row("redis", description="a cache"))])
    writer.write([detail(at(1), "# Handbook of the *walrus*", description="a proxy")])
    assert found(look, "proxy") == ["bitnami/nginx"]
    assert found(look, "bitnami") == ["bitnami/nginx", "bitnami/redis"]
    assert found(look, "WALRUS") == ["bitnami/nginx"]
    assert found(look, "nothing") == []
    assert is_in_step(look)


def test_changed_texts_are_followed(writer: Writer, look: Look) -> None:
    writer.write([page(at(0), row(description="a proxy"))])
    writer.write([detail(at(1), "walrus", description="a proxy")])
    writer.write([page(at(2), row(description="a bridge"))])
    assert found(look, "proxy") == []
    assert found(look, "bridge walrus") == ["bitnami/nginx"]
    writer.write([detail(at(3), "penguin", description="a bridge")])
    assert found(look, "walrus") == []
    assert found(look, "bridge penguin") == ["bitnami/nginx"]
    writer.write([detail(at(4), None, description="a bridge")])
    assert found(look, "penguin") == []
    assert found(look, "bridge") == ["bitnami/nginx"]
    assert is_in_step(look)


def test_rows_that_are_deleted_leave_nothing_behind(writer: Writer, look: Look) -> None:
    writer.write([page(at(0), row(), row("redis")), detail(at(1), "walrus")])
    with closing(sqlite3.connect(look.path)) as connection:
        connection.execute("DELETE FROM repository_detail")
        connection.execute("DELETE FROM pull_sample")
        connection.execute("DELETE FROM repository WHERE name = 'nginx'")
        connection.commit()
    assert found(look, "walrus OR nginx") == []
    assert found(look, "redis") == ["bitnami/redis"]
    assert is_in_step(look)


def test_new_pulls_leave_the_index_alone(writer: Writer, look: Look) -> None:
    writer.write([page(at(0), row(), hit("redis")), detail(at(1), "walrus")])
    before = look("SELECT * FROM repository_search_data ORDER BY id")
    for number in range(2, 6):
        writer.write([page(at(number), row(pull_count=1000 + number), is_search=False)])
        writer.write([page(at(number), hit("redis", pull_count=number), is_search=True)])
        writer.write([detail(at(number), "walrus", pull_count=2000 + number)])
    assert look.one("SELECT pull_count FROM repository WHERE name = 'nginx'") == (2005,)
    assert look("SELECT * FROM repository_search_data ORDER BY id") == before


def test_a_database_that_is_there_gets_its_index(writer: Writer, url: str, look: Look) -> None:
    writer.write([page(at(0), row(), row("redis")), detail(at(1), "walrus")])
    (number,) = [each for each, script in migrations() if "USING fts5" in script]
    with closing(sqlite3.connect(look.path, isolation_level=None)) as connection:
        for (name,) in look("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            if name.startswith("repository_search"):
                connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TABLE repository_search")
        with transaction(connection):
            connection.execute("UPDATE schema_version SET version = ?, views = ''", (number - 1,))
    later = [each for each, _ in migrations() if each > number]
    if not later:
        open_database(url).close()
        assert found(look, "walrus") == ["bitnami/nginx"]
        assert found(look, "bitnami") == ["bitnami/nginx", "bitnami/redis"]
        assert is_in_step(look)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("walrus", '"walrus"*'),
        ("two words", '"two" "words"*'),
        ('"two words"', '"two words"'),
        ('"two wor', '"two wor"'),
        ('a "b c" d', '"a" "b c" "d"*'),
        ("a OR NEAR(b) -c col:d ^e f*", '"a" "OR" "NEAR(b)" "-c" "col:d" "^e" "f*"*'),
        ("", '""'),
        ('"', '""'),
        ("\0", '""'),
    ],
    ids=repr,
)
def test_what_people_type_is_words(typed: str, asked: str, look: Look, url: str) -> None:
    assert search_words(typed) == asked
    open_database(url).close()
    assert found(look, asked) == []
