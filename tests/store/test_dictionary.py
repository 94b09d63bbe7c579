"""The data dictionary: what a fresh database really has, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dockerhub.store.database import open_database
from dockerhub.store.dictionary import Kind, data_dictionary
from dockerhub.store.schema_comments import read_tables, read_views
from tests.store.made import Look

ENGINES = ("sqlite",)

DICTIONARY = data_dictionary()
# The tables that SQLite keeps for itself, and those behind a full-text table, are not ours.
NAMES = """
    SELECT name, type FROM sqlite_master AS t
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND NOT EXISTS (
        SELECT 1 FROM sqlite_master AS v
        WHERE v.sql LIKE 'CREATE VIRTUAL TABLE %' AND t.name GLOB v.name || '_*'
    )
"""


@pytest.fixture
def fresh(url: str) -> Look:
    open_database(url).close()
    return Look(url)


def test_it_has_what_a_fresh_database_has_and_nothing_else(fresh: Look) -> None:
    found = {
        name: (kind == "view", [column for _, column, *_ in fresh(f"PRAGMA table_info({name})")])
        for name, kind in fresh(NAMES)
    }
    told = {name: (entry.is_view, list(entry.columns)) for name, entry in DICTIONARY.items()}
    assert told == found


@pytest.mark.parametrize("name", DICTIONARY)
def test_everything_in_it_has_a_comment(name: str) -> None:
    entry = DICTIONARY[name]
    assert entry.name == name
    assert entry.about.strip()
    assert [column for column, about in entry.columns.items() if not about.strip()] == []


@pytest.mark.parametrize("name", DICTIONARY)
def test_the_kind_of_every_column_is_known(name: str) -> None:
    """Of an expression that it cannot tell, such as a quotient, CAST(... AS ...) tells it."""
    kinds = DICTIONARY[name].kinds
    assert list(kinds) == list(DICTIONARY[name].columns)
    assert [column for column, kind in kinds.items() if kind is Kind.UNKNOWN] == []


def test_comments_and_kinds_are_those_of_the_schema() -> None:
    tags, tag = DICTIONARY["tags"], DICTIONARY["tag"]
    assert tags.about == "the tags that are there now"
    assert tag.about == "what a tag is now"
    assert tags.columns["full_size"] == "compressed bytes of one platform"
    assert tag.columns["registry_digest"] == "digest that the registry's HEAD said"
    kinds = {name: tags.kinds[name] for name in ("tag_name", "full_size", "scraped_at", "digest")}
    assert list(kinds.values()) == [Kind.TEXT, Kind.INTEGER, Kind.MOMENT, Kind.TEXT]
    assert tags.kinds["image_count"] is Kind.INTEGER
    assert tags.kinds["architectures"] is Kind.TEXT
    assert tag.kinds["registry_digest"] is Kind.BLOB
    assert tag.kinds["last_seen_at"] is Kind.INTEGER
    assert DICTIONARY["pull_history"].kinds["snapshot_date"] is Kind.DAY
    assert DICTIONARY["layers"].kinds["instruction"] is Kind.TEXT
    assert DICTIONARY["base_images"].kinds["evidence"] is Kind.TEXT


def test_it_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DICTIONARY["tags"] = DICTIONARY["tag"]  # type: ignore[index]
    with pytest.raises(TypeError):
        DICTIONARY["tags"].columns["tag_name"] = ""  # type: ignore[index]


TABLES = """\
-- thing: a thing
CREATE TABLE thing (
    id INTEGER PRIMARY KEY, -- its number
    word TEXT NOT NULL DEFAULT ',', -- its word, (any) of 'them'
    other_id INTEGER REFERENCES other (id), -- the other
    UNIQUE (id, word)
);
CREATE INDEX thing_word ON thing (word)
    WHERE word IS NOT NULL; -- for those with a word
-- thing: one column more
ALTER TABLE thing ADD COLUMN weight REAL; -- its weight
-- old: what was
CREATE TABLE old (
    id INTEGER -- its number
);
DROP TABLE old;
-- finder: finds things
CREATE VIRTUAL TABLE finder USING fts5 (
    word, -- the word
    tokenize = 'unicode61' -- how words are told apart
);
"""


def test_tables_are_read_with_what_was_added_and_dropped() -> None:
    tables = read_tables(TABLES)
    read = {name: (table.about, dict(table.columns)) for name, table in tables.items()}
    assert read == {
        "thing": (
            "a thing",
            {
                "id": ("its number", "INTEGER PRIMARY KEY"),
                "word": ("its word, (any) of 'them'", "TEXT NOT NULL DEFAULT ','"),
                "other_id": ("the other", "INTEGER REFERENCES other (id)"),
                "weight": ("its weight", "REAL"),
            },
        ),
        "finder": ("finds things", {"word": ("the word", "")}),
    }
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)


VIEWS = """\
-- views --
-- heavy: things that are heavy
CREATE VIEW heavy AS
WITH most AS (
    SELECT MAX(weight) AS weight -- not one of its columns
    FROM thing
)
SELECT
    t.word || ', FROM' AS word, -- the word, as AS is
    (
        SELECT COUNT(*) -- how many
        FROM thing AS s WHERE s.weight < t.weight
    ) AS lighter, -- how many are lighter
    t.weight AS weight -- its weight
FROM thing AS t
UNION ALL
SELECT '', 0, 0 AS none; -- not one either
-- light: the others
CREATE VIEW light AS
SELECT t.id AS id -- its number
FROM thing AS t;
"""


def test_of_a_view_the_first_select_counts() -> None:
    views = read_views(VIEWS)
    read = {
        name: (view.about, {key: column.about for key, column in view.columns.items()})
        for name, view in views.items()
    }
    assert read == {
        "heavy": (
            "things that are heavy",
            {
                "word": "the word, as AS is",
                "lighter": "how many are lighter",
                "weight": "its weight",
            },
        ),
        "light": ("the others", {"id": "its number"}),
    }
    assert views["heavy"].columns["word"].said == "t.word || ', FROM'"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES + VIEWS)
