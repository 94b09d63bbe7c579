"""The same rows on a PostgreSQL server and in a SQLite file: every command answers the same."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pyarrow import parquet

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
    ("changes", "--since", "1m"),
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
    ("usage", "--since", "1m"),
    ("usage", "--per", "6h", "--pulls", "50"),
    (*_OFFLINE, "org", "-a", "org=acme", "-a", "depth=layers"),
    (*_OFFLINE, "tags", "-a", "repo=acme/app"),
    (*_OFFLINE, "search", "-a", "query=base"),
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


@pytest.mark.parametrize(
    "words", [("report", "sizes"), ("dockerfile", "acme/app:1.1")], ids=" ".join
)
def test_a_server_is_named_by_an_option_too(both: Both, words: tuple[str, ...]) -> None:
    none = "sqlite:///none.db"
    assert run_here(none, *words).status == 1
    named = run_here(none, *words, "--database", both.server)
    assert named == run_here(both.server, *words)
    assert named.status == 0


def test_a_feed_is_the_same(both: Both, tmp_path: Path) -> None:
    files = tmp_path / "server.xml", tmp_path / "file.xml"
    for url, file in zip(both, files, strict=True):
        assert run_here(url, "changes", "--feed", str(file)).status == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"<entry>" in files[0].read_bytes()


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


def test_both_are_kept_in_order_alike(both: Both, tmp_path: Path) -> None:
    asked = ("store", "prune", "--keep-days", "5", "--dry-run", "--json")
    said, expected = (run_here(url, *asked) for url in both)
    assert json.loads(said.out)["rows"] == json.loads(expected.out)["rows"] != []
    checked = [json.loads(run_here(url, "store", "check", "--json").out) for url in both]
    assert checked[0]["findings"] == checked[1]["findings"]
    names = [[row["check"] for row in each["checks"]["rows"]] for each in checked]
    assert names[0] == ["server", "references", *names[1][3:]]
    assert run_here(both.server, "store", "vacuum").status == 0


def test_a_backup_and_a_snapshot_of_a_server_are_files_like_any_other(
    both: Both, tmp_path: Path
) -> None:
    files = tmp_path / "backup.db", tmp_path / "snapshot.db"
    backup = run_here(both.server, "store", "backup", str(files[0]))
    snapshot = run_here(both.server, "export", "snapshot", "--output", str(files[1]))
    assert backup.status == snapshot.status == 0
    assert "a SQLite file that every command of this program reads" in backup.err
    for file in files:
        assert Look(f"sqlite:///{file}").everything() == Look(both.file).everything()
        assert file.read_bytes()[18:20] == b"\x01\x01", "no WAL database"
    assert sorted(tmp_path.iterdir()) == sorted(files)


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
