from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from dockerhub.errors import StoreError
from dockerhub.store import database
from dockerhub.store.database import migrations, open_database, open_to_read, transaction
from tests.store.made import Look

ENGINES = ("sqlite",)
_INNER = ("sqlite_", "repository_search_")
"""tables that SQLite and its full-text index have for themselves"""
TABLES = [
    "absence",
    "annotation",
    "attestation",
    "attestation_base",
    "attestation_package",
    "build_step",
    "catalog_find",
    "catalog_namespace",
    "catalog_prefix",
    "config",
    "crawl",
    "event",
    "event_mark",
    "image",
    "image_set",
    "index_member",
    "instruction",
    "label",
    "layer",
    "manifest",
    "manifest_base",
    "manifest_layer",
    "media_type",
    "outdated_base",
    "package",
    "platform",
    "pull_sample",
    "repository",
    "repository_detail",
    "repository_search",
    "reread",
    "schema_version",
    "tag",
    "tag_move",
    "usage",
    "usage_caller",
    "usage_image",
    "usage_machine",
    "usage_report",
    "walk",
    "webhook",
]
VIEWS = [
    "attestations",
    "base_images",
    "build_steps",
    "catalog",
    "catalog_namespaces",
    "configs",
    "crawls",
    "daily_pulls",
    "events",
    "images",
    "labels",
    "layers",
    "lineage",
    "manifests",
    "outdated_bases",
    "packages",
    "platform_coverage",
    "pull_history",
    "pull_usage",
    "repositories",
    "repository_texts",
    "shared_layers",
    "stale_repositories",
    "tag_moves",
    "tag_sizes",
    "tags",
    "walks",
]


@pytest.fixture
def opened(url: str) -> Look:
    open_database(url).close()
    return Look(url)


def test_an_empty_database_gets_the_schema(opened: Look) -> None:
    named = "SELECT name FROM sqlite_master WHERE type = ? ORDER BY name"
    tables = [name for (name,) in opened(named, "table") if not name.startswith(_INNER)]
    assert tables == TABLES
    assert [name for (name,) in opened(named, "view")] == VIEWS
    assert opened.one("SELECT version FROM schema_version") == (migrations()[-1][0],)
    assert opened("PRAGMA integrity_check") == [("ok",)]
    assert opened("PRAGMA journal_mode") == [("wal",)]


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_and_its_columns_have_a_comment(opened: Look, name: str) -> None:
    script = "\n".join(sql for _, sql in migrations())
    made = rf"^-- {name}: \S.+\nCREATE (?:VIRTUAL )?TABLE {name} (?:USING fts5 )?\("
    assert re.search(made, script, re.MULTILINE)
    (sql,) = opened.one("SELECT sql FROM sqlite_master WHERE name = ?", name)
    for _, column, *_ in opened(f"PRAGMA table_info({name})"):
        # SQLite keeps no comment of a column that was added later: it stands in its migration.
        added = re.search(rf"^ALTER TABLE {name} ADD COLUMN {column} .*-- \S", script, re.MULTILINE)
        assert added or re.search(rf"^ +{column}\b.*-- \S", sql, re.MULTILINE), column


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_and_its_columns_have_a_comment(opened: Look, name: str) -> None:
    assert re.search(rf"^-- {name}: \S.+\nCREATE VIEW {name} AS", database.views(), re.MULTILINE)
    (sql,) = opened.one("SELECT sql FROM sqlite_master WHERE name = ?", name)
    for _, column, *_ in opened(f"PRAGMA table_info({name})"):
        assert re.search(rf"AS {column},? -- \S", sql), column


def test_opening_again_writes_nothing(opened: Look) -> None:
    before = Path(opened.path).stat().st_mtime_ns
    with closing(open_database(opened.url)) as connection:
        assert connection.total_changes == 0
    assert Path(opened.path).stat().st_mtime_ns == before


def test_changed_views_are_made_anew(opened: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(opened.path)) as connection:
        connection.execute("CREATE VIEW mine AS SELECT COUNT(*) AS number FROM tag")
    changed = database.views().replace("AS moved_at --", "AS left_at --")
    monkeypatch.setattr(database, "views", lambda: changed)
    open_database(opened.url).close()
    (cookie,) = opened.one("PRAGMA schema_version")
    names = [name for (name,) in opened("SELECT name FROM sqlite_master WHERE type = 'view'")]
    assert sorted(names) == sorted([*VIEWS, "mine"]), "a user's own views stay"
    assert "left_at" in {column for _, column, *_ in opened("PRAGMA table_info(tag_moves)")}
    open_database(opened.url).close()
    assert opened.one("PRAGMA schema_version") == (cookie,)


def test_a_newer_database_is_refused_untouched(opened: Look) -> None:
    with closing(sqlite3.connect(opened.path)) as connection:
        connection.execute("UPDATE schema_version SET version = 99")
        connection.commit()
    before = Path(opened.path).read_bytes()
    with pytest.raises(StoreError) as caught:
        open_database(opened.url)
    assert str(caught.value) == (
        f"database {opened.path}: expected schema version {migrations()[-1][0]} or older, got 99;"
        " it was written by a newer version of dockerhub"
    )
    assert Path(opened.path).read_bytes() == before


def test_an_unfinished_migration_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [*migrations(), (2, "CREATE TABLE half (id);\n" * 2)]
    with monkeypatch.context() as patch:
        patch.setattr(database, "migrations", lambda: broken)
        with pytest.raises(StoreError, match="table half already exists"):
            open_database(url)
    assert Look(url)("SELECT name FROM sqlite_master") == []
    open_database(url).close()


def test_threads_that_open_first_at_once_do_not_clash(tmp_path: Path) -> None:
    failures: list[StoreError] = []
    at_once = threading.Barrier(6)

    def open_all() -> None:
        for number in range(25):
            at_once.wait()
            try:
                open_database(f"sqlite:///{tmp_path}/{number}.db").close()
            except StoreError as error:
                failures.append(error)

    threads = [threading.Thread(target=open_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


OPENER = """
import sys
from dockerhub.store.database import open_database
for line in sys.stdin:
    try:
        open_database(line.strip()).close()
        print("opened", flush=True)
    except Exception as error:
        print(repr(error), flush=True)
"""


def test_processes_that_open_first_at_once_do_not_clash(tmp_path: Path) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER],
            cwd=Path(database.__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = set()
    for number in range(25):
        for opener in openers:
            opener.stdin.write(f"sqlite:///{tmp_path}/{number}.db\n")  # type: ignore[union-attr]
            opener.stdin.flush()  # type: ignore[union-attr]
        said |= {opener.stdout.readline() for opener in openers}  # type: ignore[union-attr]
    for opener in openers:
        opener.communicate()
    assert said == {"opened\n"}


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "no#1.db", "é.db", ":memory:"])
def test_any_file_name_is_taken_as_it_is(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_database(f"sqlite:///{name}")):
        assert (tmp_path / name).is_file()
        open_to_read(f"sqlite:///{name}").close()
    assert [file.name for file in tmp_path.iterdir()] == [name]


SETTING = "setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE or postgresql://HOST/DATABASE, "


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("hub.db", SETTING + "got hub.db", id="a plain path"),
        pytest.param("mysql://ada:pw@db/hub", SETTING + "got mysql://***@db/hub", id="password"),
    ],
)
def test_other_urls_are_refused(url: str, message: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_database(url)
    assert str(caught.value) == message


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(StoreError) as caught:
        open_database("postgresql://ada:pw@127.0.0.1:1/hub")
    shown = str(caught.value)
    expected = "database postgresql://***@127.0.0.1:1/hub: expected a PostgreSQL server, connection"
    assert shown.startswith(expected)
    assert "\n" not in shown


def test_a_reader_cannot_write(opened: Look) -> None:
    with (
        closing(open_to_read(opened.url)) as connection,
        pytest.raises(sqlite3.OperationalError, match="attempt to write a readonly database"),
    ):
        connection.execute("DELETE FROM schema_version")


def test_a_commit_that_is_refused_leaves_the_connection_usable(tmp_path: Path) -> None:
    path = tmp_path / "rollback.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        connection.execute("CREATE TABLE t (n)")
        other.executescript("BEGIN; SELECT * FROM t;")
        with (
            pytest.raises(sqlite3.OperationalError, match="database is locked"),
            transaction(connection),
        ):
            connection.execute("INSERT INTO t VALUES (1)")
        other.execute("ROLLBACK")
        with transaction(connection):
            connection.execute("INSERT INTO t VALUES (2)")
        assert connection.execute("SELECT n FROM t").fetchall() == [(2,)]
