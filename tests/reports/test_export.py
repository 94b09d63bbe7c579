"""Exports: each format read back and held against the rows of its view."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from dockerhub.errors import ArgumentError, StoreError
from dockerhub.redact import harmless, not_run
from dockerhub.reports import export_parquet
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.dictionary import dictionary_markdown
from dockerhub.reports.export_list import exportable
from dockerhub.store.database import open_database
from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.writer import Writer
from tests.reports.exported import (
    FORMULAS,
    HOSTILE,
    LARGEST,
    LONG,
    arrow_rows,
    detail,
    exported,
    fill,
    read_csv,
    read_jsonl,
    view_rows,
)
from tests.store.made import DAY, NOW, at, page, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VIEWS = [name for name, entry in data_dictionary().items() if entry.is_view]
# What takes other crawls than the tests write, or none.
EMPTY = {"pull_usage", "shared_layers", "lineage", "outdated_bases", "catalog"}
EMPTY |= {"catalog_namespaces"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'hub.db'}"
    fill(url)
    return url


def cells(rows: Sequence[tuple[Any, ...]]) -> list[list[str]]:
    """Return rows as CSV has them."""
    return [["" if value is None else cell(value) for value in row] for row in rows]


def cell(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return not_run(harmless(value)) if isinstance(value, str) else str(value)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_the_same_in_every_format(filled: str, tmp_path: Path, view: str) -> None:
    rows, columns = view_rows(filled, view), list(data_dictionary()[view].columns)
    assert rows or view in EMPTY
    if not rows:
        with pytest.raises(NotAnswered):
            exported(filled, view, output=str(tmp_path / "it.csv"))
        return
    for ending in ("csv", "jsonl", "parquet", "sqlite"):
        output = tmp_path / f"it.{ending}"
        answer = exported(filled, view, output=str(output))
        assert answer is not None
        assert answer.rows == [(view, str(output), len(rows), output.stat().st_size)]
    assert read_csv(tmp_path / "it.csv") == [columns, *cells(rows)]
    assert [tuple(each.values()) for each in read_jsonl(tmp_path / "it.jsonl")] == rows
    assert list(read_jsonl(tmp_path / "it.jsonl")[0]) == columns
    table = parquet.read_table(tmp_path / "it.parquet")
    assert table.column_names == columns
    assert list(zip(*table.to_pydict().values(), strict=True)) == arrow_rows(view, rows)
    assert view_rows(f"sqlite:///{tmp_path / 'it.sqlite'}", view) == rows


def test_a_table_of_digests_is_the_same_in_every_format(filled: str, tmp_path: Path) -> None:
    rows = view_rows(filled, "layer")
    assert all(len(digest) == 32 for _, digest, _ in rows)
    for ending in ("csv", "jsonl", "parquet", "sqlite"):
        exported(filled, "layer", output=str(tmp_path / f"it.{ending}"))
    assert read_csv(tmp_path / "it.csv")[1:] == cells(rows)
    assert [each["digest"] for each in read_jsonl(tmp_path / "it.jsonl")] == [
        digest.hex() for _, digest, _ in rows
    ]
    table = parquet.read_table(tmp_path / "it.parquet")
    assert list(zip(*table.to_pydict().values(), strict=True)) == rows
    assert view_rows(f"sqlite:///{tmp_path / 'it.sqlite'}", "layer") == rows


def test_parquet_is_typed_and_says_what_its_columns_mean(filled: str, tmp_path: Path) -> None:
    exported(filled, "repositories", output=str(tmp_path / "r.parquet"))
    exported(filled, "pull_history", output=str(tmp_path / "h.parquet"))
    schema = parquet.read_schema(tmp_path / "r.parquet")
    assert schema.field("full_name").type == pa.string()
    assert schema.field("pull_count").type == pa.int64()
    assert schema.field("is_official").type == pa.int64()
    assert schema.field("scraped_at").type == pa.timestamp("us", tz="UTC")
    assert parquet.read_schema(tmp_path / "h.parquet").field("snapshot_date").type == pa.date32()
    assert schema.field("star_count").metadata == {b"comment": b"stars"}
    said = json.loads(parquet.read_metadata(tmp_path / "r.parquet").metadata[b"dockerhub"])
    entry = data_dictionary()["repositories"]
    assert said == {
        "name": "repositories",
        "about": "the repositories that are visible now",
        "columns": dict(entry.columns),
    }
    table = parquet.read_table(tmp_path / "r.parquet").to_pylist()
    nginx = next(each for each in table if each["name"] == "nginx")
    assert nginx["pull_count"] == LARGEST
    assert nginx["description"] == HOSTILE
    assert nginx["last_updated"] is None
    assert nginx["scraped_at"].timestamp() * 1_000_000 == NOW


def test_moments_of_every_age_are_exact_in_parquet(url: str, tmp_path: Path) -> None:
    moments = {"zero": -62_135_596_800_000_000, "before": -1, "odd": 1_767_986_449_733_138}
    writer = Writer(url)
    writer.write([page(NOW, *[row(name, last_updated=said) for name, said in moments.items()])])
    writer.close()
    exported(url, "repositories", output=str(tmp_path / "r.parquet"))
    table = parquet.read_table(tmp_path / "r.parquet")
    found = table.column("last_updated").cast(pa.int64()).to_pylist()
    assert dict(zip(table.column("name").to_pylist(), found, strict=True)) == moments


def test_long_texts_make_row_groups_shorter(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_parquet, "_ROWS_AT_ONCE", 4)
    monkeypatch.setattr(export_parquet, "_GROUP_BYTES", 150_000)
    writer = Writer(url)
    writer.write([page(NOW, *[row(f"r{place}") for place in range(10)])])
    writer.write([detail(LONG, f"r{place}") for place in range(10)])
    writer.close()
    exported(url, "repositories", output=str(tmp_path / "r.parquet"))
    exported(url, "pull_history", output=str(tmp_path / "h.parquet"))
    metadata = parquet.read_metadata(tmp_path / "r.parquet")
    groups = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    assert groups == [8, 2]
    assert parquet.read_metadata(tmp_path / "h.parquet").num_row_groups == 1


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_runs_no_formula_and_raw_keeps_it(url: str, tmp_path: Path, formula: str) -> None:
    writer = Writer(url)
    writer.write([page(NOW, row("nginx", description=formula, star_count=-5))])
    writer.close()
    wanted = "description,star_count"
    exported(url, "repositories", output=str(tmp_path / "a.csv"), columns=wanted)
    exported(url, "repositories", output=str(tmp_path / "raw.csv"), columns=wanted, is_raw=True)
    shown = " x" if formula == "\rx" else f"'{formula}"
    assert read_csv(tmp_path / "a.csv")[1] == [shown, "-5"]
    assert read_csv(tmp_path / "raw.csv")[1] == [formula, "-5"]


def test_hostile_text_is_harmless_in_csv_and_whole_elsewhere(filled: str, tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"repo": "bitnami/nginx", "columns": "description"}
    for ending in ("csv", "jsonl", "parquet", "sqlite"):
        exported(filled, "repositories", output=str(tmp_path / f"it.{ending}"), **wanted)
    raw = (tmp_path / "it.csv").read_bytes()
    assert raw == (
        b'description\r\n"\'=cmd|\'/C calc\'!A1 [2J <script>,""quoted"" \nline two '
        + '\u4e2d\u6587 \U0001f433"\r\n'.encode()
    )
    assert (tmp_path / "it.jsonl").read_text("ascii").isprintable() is False  # its line feed
    assert (tmp_path / "it.jsonl").read_text("ascii")[:-1].isprintable()
    assert read_jsonl(tmp_path / "it.jsonl") == [{"description": HOSTILE}]
    assert parquet.read_table(tmp_path / "it.parquet").to_pylist() == [{"description": HOSTILE}]
    assert view_rows(f"sqlite:///{tmp_path / 'it.sqlite'}", "repositories") == [(HOSTILE,)]


def test_25_000_characters_stay(filled: str, tmp_path: Path) -> None:
    output = tmp_path / "it.csv"
    exported(filled, "repositories", output=str(output), repo="bitnami/kafka")
    assert read_csv(output)[1][3] == LONG


@pytest.mark.parametrize(
    ("what", "said", "names"),
    [
        ("repositories", {"org": "bitnami"}, {"bitnami/nginx", "bitnami/kafka"}),
        ("repositories", {"org": "library"}, {"library/redis"}),
        ("repositories", {"repo": "redis"}, {"library/redis"}),
        ("repositories", {"repo": "*"}, {"bitnami/nginx", "bitnami/kafka", "library/redis"}),
        ("repositories", {"repo": "bitnami/k*"}, {"bitnami/kafka"}),
        ("repositories", {"repo": "*/[kr]*"}, {"bitnami/kafka", "library/redis"}),
        ("repositories", {"org": "bitnami", "repo": "nginx"}, {"bitnami/nginx"}),
        ("tags", {"repo": "bitnami/nginx"}, {"bitnami/nginx"}),
        ("layers", {"org": "bitnami"}, {"bitnami/nginx"}),
        ("pull_history", {"org": "library"}, {"library/redis"}),
    ],
)
def test_rows_are_filtered_by_repository(
    filled: str, tmp_path: Path, what: str, said: dict[str, str], names: set[str]
) -> None:
    exported(filled, what, output=str(tmp_path / "it.jsonl"), **said)
    column = "full_name" if what == "repositories" else "repo_name"
    assert {each[column] for each in read_jsonl(tmp_path / "it.jsonl")} == names


@pytest.mark.parametrize(
    ("what", "since", "count"),
    [
        ("tags", "2026-11-22T08:00:00", 3),
        ("tags", "2026-11-22T08:00:00.000001", 1),
        ("tags", "2026-11-22T08:00:11", 0),
        ("tag", "2026-11-22T08:00:10", 1),
        ("pull_history", "2026-11-22", 3),
        ("pull_sample", "2026-11-22", 3),
        ("crawls", "2026-11-22T08:00:00Z", 1),
    ],
)
def test_rows_are_filtered_by_time(
    filled: str, tmp_path: Path, what: str, since: str, count: int
) -> None:
    output = tmp_path / "it.csv"
    exported(filled, what, output=str(output), since=since, present=at(60))
    assert len(read_csv(output)) == 1 + count


def test_columns_come_in_the_order_asked_for(filled: str, tmp_path: Path) -> None:
    output = tmp_path / "it.csv"
    exported(filled, "tags", output=str(output), columns="tag_name, repo_name", since="1d")
    assert read_csv(output) == [
        ["tag_name", "repo_name"],
        *[[number, "bitnami/nginx"] for number in "123"],
    ]


def test_names_are_made_of_view_and_day(filled: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    made = [
        exported(filled, "tags"),
        exported(filled, "tags", format="parquet"),
        exported(filled, "everything", format="jsonl"),
        exported(filled, "snapshot"),
        exported(filled, "dictionary"),
        exported(filled, "dictionary", format="json"),
    ]
    files = [str(answer.rows[0][1]).split("/")[0] for answer in made if answer is not None]
    assert files == [
        "tags-2026-11-22.csv",
        "tags-2026-11-22.parquet",
        "everything-2026-11-22",
        "dockerhub-2026-11-22.db",
        "dictionary-2026-11-22.md",
        "dictionary-2026-11-22.json",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_everything_is_every_view_with_the_dictionary(filled: str, tmp_path: Path) -> None:
    answer = exported(filled, "everything", output=str(tmp_path / "all"))
    assert answer is not None
    files = {path.name for path in (tmp_path / "all").iterdir()}
    assert files == {"DICTIONARY.md", *(f"{view}.csv" for view in VIEWS)}
    counts = {row[0]: row[2] for row in answer.rows}
    assert counts == {view: len(view_rows(filled, view)) for view in VIEWS}
    assert (tmp_path / "all" / "DICTIONARY.md").read_text("utf-8") == dictionary_markdown()
    assert answer.notes == ()


def test_everything_filtered_leaves_out_what_cannot_be(filled: str, tmp_path: Path) -> None:
    answer = exported(filled, "everything", output=str(tmp_path / "all"), org="library")
    assert answer is not None
    counts = {row[0]: row[2] for row in answer.rows}
    assert counts["repositories"] == 1
    assert counts["tags"] == 0
    assert not {"walks", "crawls", "manifests"} & set(counts)
    (note,) = answer.notes
    assert note.startswith("left out, for they do not know these filters: walks, crawls, manif")
    assert not (tmp_path / "all" / "walks.csv").exists()


def test_everything_forced_keeps_what_it_does_not_know(filled: str, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    exported(filled, "everything", output=str(folder))
    (folder / "tags.csv").write_text("old")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ArgumentError, match="--force to replace"):
        exported(filled, "everything", output=str(folder))
    assert (folder / "tags.csv").read_text() == "old"
    exported(filled, "everything", output=str(folder), force=True)
    assert len(read_csv(folder / "tags.csv")) == 4
    assert (folder / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_an_empty_view_names_the_crawl_that_would_fill_it(url: str, tmp_path: Path) -> None:
    open_database(url).close()
    output = tmp_path / "it.csv"
    for what, said, crawl in (
        ("tags", {}, "scrapy crawl org -a org=bitnami"),
        ("tags", {"org": "grafana"}, "scrapy crawl org -a org=grafana"),
        ("layers", {"repo": "redis"}, "scrapy crawl tags -a repo=library/redis -a depth=layers"),
        ("labels", {"org": "acme"}, "scrapy crawl org -a org=acme -a depth=configs"),
        ("pull_usage", {}, "scrapy usage REPORT.csv"),
    ):
        with pytest.raises(NotAnswered) as caught:
            exported(url, what, output=str(output), **said)
        assert caught.value.crawl == crawl
    with pytest.raises(NotAnswered):
        exported(url, "everything", output=str(tmp_path / "all"))
    assert [path.name for path in tmp_path.iterdir() if "hub.db" not in path.name] == []


def test_no_news_is_an_export_without_rows(filled: str, tmp_path: Path) -> None:
    later = {"since": "1d", "present": NOW + 30 * DAY}
    for ending in ("csv", "jsonl", "parquet", "sqlite"):
        exported(filled, "tags", output=str(tmp_path / f"it.{ending}"), **later)
    assert read_csv(tmp_path / "it.csv") == [list(data_dictionary()["tags"].columns)]
    assert read_jsonl(tmp_path / "it.jsonl") == []
    assert parquet.read_table(tmp_path / "it.parquet").num_rows == 0
    assert view_rows(f"sqlite:///{tmp_path / 'it.sqlite'}", "tags") == []
    exported(filled, "tag_moves", output=str(tmp_path / "moves.csv"), org="library")
    assert len(read_csv(tmp_path / "moves.csv")) == 1


def test_events_are_exported_without_rows_once_there_was_a_second_look(
    url: str, tmp_path: Path
) -> None:
    output = tmp_path / "events.csv"
    for second in (0, 60):
        with closing(Writer(url)) as writer:
            writer.begin_crawl("org", "{}", signed_in=True, now=at(second))
            writer.write([page(at(second + 1), row("redis"))])
            writer.finish_crawl(
                now=at(second + 2), reason="finished", request_count=1, pull_count=0, stats="{}"
            )
        if second == 0:
            with pytest.raises(NotAnswered, match="expected what two crawls saw"):
                exported(url, "events", output=str(output))
            assert not output.exists()
    exported(url, "events", output=str(output))
    assert read_csv(output) == [list(data_dictionary()["events"].columns)]
    exported(url, "events", output=str(tmp_path / "of.csv"), repo="bitnami/redis")
    with pytest.raises(NotAnswered, match="expected what two crawls saw"):
        exported(url, "events", output=str(tmp_path / "none.csv"), repo="nginx")


def test_without_a_database_there_is_one_line(tmp_path: Path) -> None:
    for what in ("tags", "everything", "snapshot"):
        with pytest.raises(StoreError, match="there is no such file; crawl first"):
            exported(f"sqlite:///{tmp_path}/no.db", what, output=str(tmp_path / "it.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_export_keeps_the_comments(filled: str, tmp_path: Path) -> None:
    exported(filled, "pull_history", output=str(tmp_path / "it.db"))
    with closing(sqlite3.connect(tmp_path / "it.db")) as connection:
        (sql,) = connection.execute("SELECT sql FROM sqlite_master").fetchone()
    assert sql.splitlines()[0].endswith("-- pulls and stars of each repository, day by day")
    assert '    "snapshot_date" TEXT -- the day' in sql.splitlines()


def test_what_can_be_exported_is_listed_with_its_filters() -> None:
    listed = {row[0]: row[1:] for row in exportable().rows}
    assert list(listed)[:3] == ["everything", "snapshot", "dictionary"]
    tables = [name for name in data_dictionary() if name not in VIEWS]
    assert list(listed)[3:] == [*VIEWS, *tables]
    tags = "the tags that are there now"
    assert listed["tags"] == ("view", tags, "--org, --repo, --since (scraped_at)")
    assert listed["images"][2] == "--org, --repo"
    assert listed["walks"][2] == "--since (started_at)"
    assert listed["platform"][2] is None
