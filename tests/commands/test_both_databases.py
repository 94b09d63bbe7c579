"""The same rows on a PostgreSQL server and in a SQLite file: every command answers the same."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as parquet
import pytest

from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.sqlite_copy import copy_to_sqlite
from tests.commands.in_process import run_here
from tests.commands.test_narrow_terminals import ANSWERED, fill_all
from tests.store.made import Look, digest_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Server

_OFFLINE = ("plan", "--offline")
ASKED = [
    *(words for words in ANSWERED if words[0] != "store"),
    ("changes", "--since", "40d", "--repo", "acme/*,library/d*"),
    ("changes", "--since", "40d", "--kind", "tag_moved"),
    ("changes", "--repo", "nobody/*"),
    *(("report", name, "--org", "acme") for name in ("platforms", "popular", "shared", "stale")),
    ("report", "sizes", "--repo", "acme/base", "--tag", "1"),
    ("report", "coverage"),
    ("lineage", "acme/app:1.1", "--platform", "all"),
    ("lineage", "acme/app:1.0"),
    ("lineage", "acme/app:0.9"),
    ("lineage", "acme/base:1", "--dependents"),
    ("lineage", "--digest", digest_text("base 1 amd64")),
    ("lineage", "--layer", digest_text("none")),
    ("compare", "acme/app:1.0", "acme/app:1.1"),
    ("dockerfile", "acme/app:1.1"),
    ("trends", "--repo", "acme/app"),
    ("trends", "--org", "acme"),
    *(("usage", "--by", kind) for kind in ("user", "day")),
    ("usage", "--since", "40d", "--limit", "1"),
    (*_OFFLINE, "org", "-a", "org=acme", "-a", "depth=layers"),
    (*_OFFLINE, "tags", "-a", "repo=acme/app"),
    (*_OFFLINE, "catalog"),
]


class Both(NamedTuple):
    """One database twice."""

    server: str
    file: str


@pytest.fixture(scope="module")
def both(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Both:
    path = tmp_path_factory.mktemp("both") / "hub.db"
    url = postgres.database()
    fill_all(url)
    count = copy_to_sqlite(url, path)
    found = Both(url, f"sqlite:///{path}")
    assert count == sum(map(len, Look(found.file).everything().values())) - 1  # schema_version
    return found


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_an_answer_is_the_same(both: Both, words: tuple[str, ...]) -> None:
    if words[:2] == ("export", "--list") or words[0] == "dockerfile":
        more: tuple[str, ...] = ()
    else:
        more = ("--json",)
    said, expected = (run_here(url, *words, *more) for url in both)
    assert said == expected


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "sqlite"])
def test_every_view_is_exported_the_same(both: Both, tmp_path: Path, ending: str) -> None:
    folders = tmp_path / "server", tmp_path / "file"
    for url, folder in zip(both, folders, strict=True):
        run = run_here(url, "export", "everything", "--format", ending, "--output", str(folder))
        assert run.status == 0, run.err
    names = sorted(path.name for path in folders[1].iterdir())
    assert sorted(path.name for path in folders[0].iterdir()) == names
    assert {f"{name}.{ending}" for name, entry in data_dictionary().items() if entry.is_view} < {
        *names
    }
    for name in names:
        said, expected = (_rows(folder / name) for folder in folders)
        assert said == expected, name


@pytest.mark.parametrize(
    "words",
    [
        ("tags", "--org", "acme", "--since", "40d"),
        ("images", "--repo", "acme/app"),
        ("layers", "--repo", "*/w*"),
        ("events", "--format", "jsonl"),
        *((name,) for name in ("manifest", "image", "event", "usage", "repository_search")),
    ],
    ids=" ".join,
)
def test_what_is_chosen_is_exported_the_same(
    both: Both, tmp_path: Path, words: tuple[str, ...]
) -> None:
    found = []
    for place, url in enumerate(both):
        output = tmp_path / f"{place}.csv"
        run = run_here(url, "export", *words, "--output", str(output))
        assert run.status == 0, run.err
        found.append(_rows(output))
    assert found[0] == found[1]
    assert found[0] != []


def _rows(path: Path) -> list[Any]:
    """Return what a file holds, in an order of its own: a view says none."""
    rows: list[Any]
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(f"SELECT * FROM {path.stem}").fetchall()
    elif path.suffix == ".parquet":
        rows = parquet.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    else:
        rows = path.read_text(encoding="utf-8").splitlines()
    return sorted(rows, key=repr)
