"""`scrapy store` as a user runs it: on what crawls brought, while they go on, before the next."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.moments import DAY
from dockerhub.standin import Limit, StandIn, World
from dockerhub.store.database import open_database
from dockerhub.store.writer import Writer
from tests.crawling import ACCOUNT, SIGNED_IN, Crawls, Ended, environment, forked, started
from tests.store.made import at, page, row, step, tag, tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Store:
    """`scrapy store` on one database."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.environment = environment("http://127.0.0.1:2", database)

    def run(self, *words: str, status: int = 0) -> Ended:
        folder = self.database.parent
        ended = forked("store", *words, env=self.environment, cwd=folder)
        assert "Traceback" not in ended.err, ended.err
        assert "Warning" not in ended.err, ended.err
        assert ended.status == status, ended.err + ended.out
        return ended

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def change(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def copies(self) -> list[str]:
        return sorted(path.name for path in self.database.parent.glob("*-*.db"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A database with two tags of a repository whose name says evil things."""
    writer = Writer(f"sqlite:///{tmp_path / 'hub.db'}")
    writer.begin_crawl("tags", "{}", signed_in=True, now=at(0))
    writer.write([page(at(0), row(description="<script>\x1b[31m"))])
    walk = step("tags", "complete", row_count=2)  # type: ignore[arg-type]
    writer.write([tags(at(0), tag("1"), tag("2"), walk=walk)])
    writer.finish_crawl(now=at(0), reason="finished", request_count=1, pull_count=0, stats="{}")
    writer.close()
    return Store(tmp_path / "hub.db")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["mend"], 'store: expected one of check, backup, vacuum, prune, got "mend"'),
        ([], "expected check, backup [FILE], vacuum or prune; got none"),
        (["check", "x"], 'store check: expected nothing behind it, got "x"'),
        (["prune"], 'store prune: expected --keep-days N, got "none"'),
        (
            ["prune", "--keep-days", "0"],
            '--keep-days: expected a whole number from 1 to 36500, got "0"',
        ),
        (["check", "--force"], '--force: expected it with store backup, got "store check"'),
        (["vacuum", "--dry-run"], '--dry-run: expected it with store prune, got "store vacuum"'),
        (
            ["check", "--quick", "--full"],
            '--quick: expected it alone, got "--full beside it"',
        ),
        (
            ["backup", "hub.db", "--force"],
            'store backup: expected another file than the database itself, got "hub.db"',
        ),
        (
            ["backup", "hub.db-wal", "--force"],
            'store backup: expected another file than the database itself, got "hub.db-wal"',
        ),
        (
            ["backup", "none/x.db"],
            'store backup: expected a file in a folder that exists, got "none/x.db"',
        ),
        (
            ["backup", "x.db", "--keep", "2"],
            '--keep: expected a folder in place of FILE, or none, got "x.db"',
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(store: Store, words: list[str], line: str) -> None:
    ended = store.run(*words, status=2)
    assert line in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("words", [["check"], ["backup"], ["vacuum"], ["prune", "--keep-days=9"]])
def test_without_a_database_it_says_what_brings_one(tmp_path: Path, words: list[str]) -> None:
    ended = Store(tmp_path / "none.db").run(*words, status=1)
    assert "none.db: expected one, there is no such file; crawl first" in ended.err
    assert list(tmp_path.glob("*.db*")) == []


# check


def test_a_good_database(store: Store) -> None:
    ended = store.run("check")
    lines = ended.out.splitlines()
    assert lines[0].split() == ["check", "about", "findings", "seconds"]
    names = [line.split()[0] for line in lines[1:]]
    assert names == [
        *("file", "references", "search", "counts", "events", "order", "numbers", "images"),
        "chains",
    ]
    assert {line.split()[-2] for line in lines[1:]} == {"0"}


def test_findings_are_lines_and_the_status_is_1(store: Store) -> None:
    store.change(
        "DELETE FROM tag WHERE name = '2'",
        "UPDATE repository SET name = 'a' || char(27) || '[31mb', gone_at = 1",
    )
    ended = store.run("check", status=1)
    assert "\x1b" not in ended.out + ended.err
    (line,) = [line for line in ended.out.splitlines() if line.startswith("bitnami/a")]
    assert "[31mb: expected moments in their order, got 2026-11-22T08:00:00Z," in line
    said = json.loads(store.run("check", "--json", status=1).out)
    assert {one["check"] for one in said["findings"]["rows"]} == {"order"}
    assert set(said["findings"]["rows"][0]) == {"check", "place", "expected", "found"}
    assert len(said["checks"]["rows"]) == 9


def test_work_that_goes_on_is_a_note(store: Store) -> None:
    writer = Writer(f"sqlite:///{store.database}")
    writer.begin_crawl("tags", "{}", signed_in=True, now=at(1))
    writer.close()
    ended = store.run("check", "--quick")
    assert "1 crawl is not finished, the oldest since 2026-11-22T08:00Z: tags, num" in ended.err


# backup


def test_a_copy_is_named_by_its_moment_and_old_ones_go(store: Store) -> None:
    folder = store.database.parent
    others = ["hub-2026-01-01.db", "other-2026-01-01-000000.db", "hub-2026-01-01-000000.sqlite"]
    old = [f"hub-2026-01-0{number}-000000.db" for number in range(1, 5)]
    for name in (*others, *old):
        (folder / name).write_text("mine")
    ended = store.run("backup", "--keep", "2")
    (name,) = [name for name in store.copies() if name not in {*others, *old}]
    assert re.fullmatch(r"hub-\d{4}-\d\d-\d\d-\d{6}\.db", name)
    assert store.copies() == sorted([old[3], name, *others[:2]])
    assert (folder / others[2]).exists()
    assert "deleted 3 older copies" in ended.err
    columns = ended.out.splitlines()[1].split()
    assert columns[0] == name
    assert columns[-1] == "3"
    with closing(sqlite3.connect(folder / name)) as copy:
        assert copy.execute("SELECT COUNT(*) FROM tag").fetchone() == (2,)
    Store(folder / name).run("check")


def test_a_copy_replaces_nothing_unless_it_is_told_to(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    ended = store.run("backup", "copy.db", status=2)
    assert "store backup: expected a name that is free, or --force to replace what is" in ended.err
    assert (tmp_path / "copy.db").read_text() == "mine"
    said = json.loads(store.run("backup", "copy.db", "--force", "--json").out)["rows"]
    assert said[0]["file"] == "copy.db"
    assert said[0]["size"] == (tmp_path / "copy.db").stat().st_size
    (tmp_path / "copies").mkdir()
    store.run("backup", "copies")
    assert len(list((tmp_path / "copies").iterdir())) == 1


# vacuum


def test_free_pages_are_given_back(store: Store) -> None:
    store.change("CREATE TABLE mine (text)", "INSERT INTO mine VALUES (zeroblob(3000000))")
    store.change("DROP TABLE mine")
    before = store.database.stat().st_size
    said = json.loads(store.run("vacuum", "--json").out)["rows"][0]
    assert said["before"] == before
    assert said["free"] > 3_000_000
    assert said["after"] == store.database.stat().st_size < before - 2_900_000
    store.run("check")


def test_who_writes_is_not_held_up(store: Store) -> None:
    with closing(open_database(f"sqlite:///{store.database}")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        ended = store.run("vacuum", status=1)
    assert "expected nobody else to write to it, somebody does" in ended.err


# prune, and what the next crawl costs


@pytest.fixture
def hub_world() -> World:
    world = World(seed=5)
    world.add_namespace("bitnami", repositories=8, tags=lambda place: (0, 1, 5, 120)[place % 4])
    world.add_repository("library/nginx", tags=6, platforms=2)
    return world


@pytest.fixture
def hub(hub_world: World) -> Iterator[StandIn]:
    with StandIn(hub_world, accounts=ACCOUNT) as running:
        yield running


def sorted_names(world: World) -> list[str]:
    """Return the names of the repositories of bitnami."""
    return sorted(state.name for state in world.repositories("bitnami"))


def age(database: Path, days: int) -> None:
    """Make everything in *database* so many days older, but what Hub says."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'usage%'"
            )
        ]
        for table in tables:
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                is_ours = column in {
                    *("started_at", "finished_at", "first_seen_at", "last_seen_at", "gone_at"),
                    *("seen_at", "seen_from", "seen_until", "moved_at", "back_at", "listed_at"),
                    *("image_set_seen_at", "fetched_at"),
                }
                if is_ours:
                    connection.execute(f"UPDATE {table} SET {column} = {column} - ?", (days * DAY,))
        connection.commit()


RUNS = (
    ("org", {"org": "bitnami"}, True),
    ("tags", {"repo": "nginx", "depth": "layers"}, False),
    ("tags", {"repo": "nginx", "tags": "*1*"}, True),
)


def run_all(crawls: Crawls) -> list[list[tuple[str, str]]]:
    """Run all crawls, and return what each has asked for."""
    asked = []
    for spider, given, signed_in in RUNS:
        assert crawls.run(spider, signed_in=signed_in, **given).status == 0
        exchanges = crawls.hub.journal.exchanges
        asked.append(sorted((one.path, str(sorted(one.query.items()))) for one in exchanges))
    return asked


def test_the_next_crawls_cost_what_they_cost_without_it(
    hub: StandIn, hub_world: World, tmp_path: Path
) -> None:
    crawls = Crawls(hub, tmp_path)
    crawls.settings["DOCKERHUB_FULL_WALK_DAYS"] = "7"
    for days in (3, 5, 3, 1):
        run_all(crawls)
        hub_world.press(4, namespace="bitnami", created=1)
        hub_world.press(1, namespace="library")
        if days == 1:
            hub_world.delete_repository("bitnami/" + sorted_names(hub_world)[0])
        age(crawls.database, days)
    run_all(crawls)
    hub_world.press(2, namespace="bitnami")
    age(crawls.database, 1)
    shutil.copy(crawls.database, tmp_path / "as-it-was.db")
    store = Store(crawls.database)
    store.run("check", "--full")

    dry = json.loads(store.run("prune", "--keep-days", "4", "--dry-run", "--json").out)["rows"]
    done = json.loads(store.run("prune", "--keep-days", "4", "--json").out)["rows"]

    assert dry == done
    counts = {one["table"]: one["rows"] for one in done}
    gone = {"walk", "crawl", "event", "tag", "image_set", "image", "manifest", "manifest_layer"}
    assert set(counts) >= {*gone, "layer"}, counts
    store.run("check", "--full")
    pruned = run_all(crawls)
    crawls.database = tmp_path / "as-it-was.db"
    assert pruned == run_all(crawls)
    assert sum(map(len, pruned)) > 5


# A crawl at the same time, and a kill


def test_while_a_crawl_goes_on(hub: StandIn, tmp_path: Path) -> None:
    """It is copied and checked, is not vacuumed, and prune takes nothing of it."""
    hub.options.account_limit = Limit(4, 1)
    env = environment(hub.url, tmp_path / "hub.db", SIGNED_IN)
    crawl = started("crawl", "org", "-a", "org=bitnami", env=env, cwd=tmp_path)
    store = Store(tmp_path / "hub.db")
    try:
        deadline = time.monotonic() + 30
        while not hub.journal.of("tag_list"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        ended = store.run("vacuum", status=1)
        assert "expected no crawl under way, there is one; let it end, or stop it" in ended.err
        store.run("check", "--quick")
        store.run("backup", "copy.db")
        store.run("prune", "--keep-days", "1")
        assert crawl.poll() is None
    finally:
        hub.options.account_limit = None
        _, said = crawl.communicate(timeout=60)
    assert crawl.returncode == 0, said
    assert store.ask("SELECT finish_reason FROM crawl") == [("finished",)]
    store.run("check", "--full")
    Store(tmp_path / "copy.db").run("check", "--full")
    store.run("vacuum")
