"""The README is true: its tables are held against the code, its queries are run."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from dockerhub import settings
from dockerhub.arguments import SHARED_ARGUMENTS
from dockerhub.auth.credentials import PASSWORD, USERNAME
from dockerhub.store.database import open_database
from tests.crawling import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.+?)```", README, re.DOTALL)


def table(header: str) -> list[list[str]]:
    """Return the cells of the table whose header line begins with *header*."""
    lines = README[README.index(f"\n| {header} |") :].strip().splitlines()
    body = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        body.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return body


def names(cells: list[list[str]], column: int = 0) -> list[str]:
    """Return the words in backticks of a column."""
    return [word for row in cells for word in re.findall(r"`([^`]+)`", row[column])]


def loader() -> SpiderLoader:
    return SpiderLoader.from_settings(get_project_settings())


def test_the_spiders_are_those_of_the_code() -> None:
    assert sorted(names(table("spider"))) == sorted(loader().list())


def test_the_arguments_of_each_spider_are_those_of_the_code() -> None:
    spiders = loader()
    for row in table("spider"):
        (name,) = names([row])
        assert names([row], 2) == list(spiders.load(name).ARGUMENTS)


def test_the_shared_arguments_are_those_of_the_code() -> None:
    assert names(table("argument")) == list(SHARED_ARGUMENTS)


def test_the_settings_are_those_of_the_code() -> None:
    ours = {name for name in dir(settings) if name.startswith("DOCKERHUB_")}

    assert set(names(table("setting"))) == ours | {USERNAME, PASSWORD}


def test_the_defaults_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in table("setting"):
        if row[1].startswith("`"):
            (name,) = names([row])
            assert getattr(settings, name) == row[1].strip("`")


def test_the_commands_are_those_of_the_code() -> None:
    files = [
        file
        for file in (CHECKOUT / "dockerhub" / "commands").glob("[a-z]*.py")
        if "class Command(" in file.read_text(encoding="utf-8")
    ]

    documented = {name.split()[1] for name in names(table("command")) if name.startswith("scrapy")}
    assert documented == {file.stem for file in files}


@pytest.mark.parametrize(("header", "kind"), [("view", "view"), ("table", "table")])
def test_the_tables_are_those_of_the_schema(tmp_path: Path, header: str, kind: str) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/hub.db")) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,))
        # SQLite and its full-text index have tables for themselves.
        inner = ("sqlite_", "repository_search_")
        schema = {row[0] for row in found if not row[0].startswith(inner)}

    assert {name for row in table(header) for name in names([row])[:1]} == schema


@pytest.mark.parametrize("query", QUERIES)
def test_the_example_queries_run(tmp_path: Path, query: str) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/hub.db")) as connection:
        assert connection.execute(query).fetchall() == []


def test_there_are_four_example_queries() -> None:
    assert len(QUERIES) == 4
    assert all(sqlite3.complete_statement(query) for query in QUERIES)
