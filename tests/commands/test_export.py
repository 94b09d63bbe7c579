"""`scrapy export` as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from dockerhub.moments import iso, now
from dockerhub.standin import StandIn, World
from dockerhub.store.dictionary import data_dictionary
from tests.crawling import environment, forked, services, started
from tests.reports.exported import HOSTILE, fill, read_csv

if TYPE_CHECKING:
    from tests.crawling import Ended

PASSWORD = "correct-horse-battery-staple"


@dataclass(frozen=True)
class Exports:
    """Exports of one database into one folder."""

    folder: Path
    database: Path

    def environment(self) -> dict[str, str]:
        return environment("http://127.0.0.1:2", self.database)

    def run(self, *words: str, status: int = 0) -> Ended:
        """Run `scrapy export` and assert how it ended."""
        ended = forked("export", *words, env=self.environment(), cwd=self.folder)
        assert "Traceback" not in ended.err, ended.err
        assert "Warning" not in ended.err, ended.err
        assert ended.status == status, ended.err
        return ended

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    folder = tmp_path / "here"
    folder.mkdir()
    fill(f"sqlite:///{tmp_path / 'hub.db'}")
    return Exports(folder, tmp_path / "hub.db")


def test_a_view_is_written_under_its_name_and_the_day(exports: Exports) -> None:
    ended = exports.run("tags")
    name = f"tags-{iso(now())[:10]}.csv"
    assert exports.names() == [name]
    assert [row[1] for row in read_csv(exports.folder / name)] == ["tag_name", "1", "2", "3"]
    size = (exports.folder / name).stat().st_size
    assert ended.out.splitlines()[0].split() == ["what", "file", "row_count", "size"]
    assert ended.out.splitlines()[1].split()[:3] == ["tags", name, "3"]
    again = exports.run("tags", status=2)
    assert "--output: expected a name that is free, or --force to replace what" in again.err
    said = json.loads(exports.run("tags", "--force", "--json").out)
    assert said == {
        "rows": [{"what": "tags", "file": name, "row_count": 3, "size": size}],
        "notes": [],
    }


def test_a_pipe_gets_rows_and_nothing_else(exports: Exports) -> None:
    ended = exports.run("repositories", "--output", "-", "--repo", "bitnami/nginx")
    (header, row) = csv.reader(io.StringIO(ended.out, newline=""))
    assert row[header.index("pull_count")] == str(2**63 - 1)
    assert row[header.index("description")].startswith("'=cmd|'/C calc'!A1 [2J <script>,")
    assert not set(ended.out) & {"\x1b", "\u202e"}
    lines = exports.run("tags", "--output", "-", "--format", "jsonl", "--columns", "tag_name").out
    assert lines == '{"tag_name": "1"}\n{"tag_name": "2"}\n{"tag_name": "3"}\n'
    assert exports.names() == []


def test_raw_leaves_what_a_spreadsheet_would_run(exports: Exports) -> None:
    only = ("--repo", "bitnami/nginx", "--columns", "description", "--output", "it.csv")
    exports.run("repositories", "--raw", *only)
    assert read_csv(exports.folder / "it.csv") == [["description"], [HOSTILE]]


def test_a_pipe_that_is_closed_early_has_seen_enough(exports: Exports) -> None:
    reading, writing = os.pipe()
    words = ("export", "repositories", "--output", "-")
    os.close(reading)
    with started(*words, env=exports.environment(), cwd=exports.folder, stdout=writing) as run:
        os.close(writing)
        assert run.communicate(timeout=60) == ("", "")
    assert run.returncode == 0


def test_an_output_that_is_full_is_one_line(exports: Exports) -> None:
    words = ("export", "repositories", "--output", "-")
    with Path("/dev/full").open("wb") as full:
        file = full.fileno()
        with started(*words, env=exports.environment(), cwd=exports.folder, stdout=file) as run:
            _, said = run.communicate(timeout=60)
    assert run.returncode == 1
    assert said.splitlines() == [
        "scrapy export: standard output: expected to write, No space left on device"
    ]


def test_everything_and_a_snapshot(exports: Exports) -> None:
    exports.run("everything", "--format", "parquet", "--output", "all")
    views = {name for name, entry in data_dictionary().items() if entry.is_view}
    files = {path.stem for path in (exports.folder / "all").glob("*.parquet")}
    assert files == views
    assert parquet.read_metadata(exports.folder / "all" / "tags.parquet").num_rows == 3
    exports.run("snapshot", "--output", "copy.db")
    again = exports.run("tags", "--output", "-", "--database", "copy.db")
    assert again.out == exports.run("tags", "--output", "-").out


def test_what_can_be_exported_is_listed_without_a_database(exports: Exports) -> None:
    ended = exports.run("--list", "--database", "none.db")
    lines = {line.split()[0]: line for line in ended.out.splitlines()}
    assert lines["tags"].split("  ")[0] == "tags"
    assert "the tags that are there now" in lines["tags"]
    assert lines["tags"].endswith("--org, --repo, --since (scraped_at)")
    assert {"everything", "snapshot", "dictionary", *data_dictionary()} <= set(lines)
    said = json.loads(exports.run("--list", "--json").out)
    assert said["rows"][1] == {
        "name": "snapshot",
        "kind": "set",
        "about": "the whole database as of one moment",
        "filters": None,
    }
    ended = exports.run("dictionary", "--output", "-", "--database", "none.db")
    assert ended.out.startswith("# Data dictionary\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), 'export: expected a view, a table or a set; scrapy export --list shows them, got "no'),
        (("nope",), "export: expected a table, a set (everything, snapshot, dictionary) or a view"),
        (("tags", "tag"), "expected a view, a table or a set; scrapy export --list shows them; g"),
        (("tags", "--since", "soon"), "--since: expected a past time such as 7d, 24h or "),
        (
            ("tags", "--org", "a/b"),
            "--org: expected a user or an organisation, such as bitnami, got",
        ),
        (("tags", "--output", "no/it.csv"), "--output: expected a file in a folder that exists, g"),
        (("snapshot", "--output", "../hub.db", "--force"), "--output: expected another file than "),
    ],
)
def test_mistakes_are_told_in_a_line(
    exports: Exports, words: tuple[str, ...], message: str
) -> None:
    ended = exports.run(*words, status=2)
    assert message in ended.err
    assert exports.names() == []


def test_without_an_answer_the_crawl_is_named(exports: Exports) -> None:
    ended = exports.run("tags", "--org", "grafana", status=1)
    assert ended.out == ""
    (line,) = ended.lines
    assert line == (
        "scrapy export: tags: expected rows of grafana, there are none;"
        " run: scrapy crawl org -a org=grafana"
    )
    ended = exports.run("tags", "--database", "none.db", status=1)
    assert ended.lines[0].startswith("scrapy export: database none.db: expected one, there is no")
    assert exports.names() == []


def test_help_has_an_example(exports: Exports) -> None:
    ended = exports.run("--help")
    assert "scrapy export tags --org bitnami --format parquet" in " ".join(ended.out.split())


def test_no_export_holds_a_password_or_a_token(tmp_path: Path) -> None:
    world = World(seed=3)
    world.add_repository("acme/app", tags=3, platforms=2, attestations=1.0)
    with StandIn(world, accounts={"eve": PASSWORD}) as hub:
        database = tmp_path / "hub.db"
        login = {"DOCKERHUB_USERNAME": "eve", "DOCKERHUB_PASSWORD": PASSWORD}
        env = environment(hub.url, database, services(hub) | login)
        more = ("-a", "org=acme", "-a", "depth=configs", "-L", "DEBUG")
        ended = forked("crawl", "org", *more, env=env, cwd=tmp_path)
        tokens = [token.encode() for token in hub.accounts._tokens]
    assert ended.status == 0, ended.err
    assert tokens
    folder = tmp_path / "here"
    folder.mkdir()
    exports = Exports(folder, database)
    exports.run("everything", "--format", "jsonl", "--output", "all")
    exports.run("crawl", "--output", "crawl.csv")
    exports.run("snapshot", "--output", "copy.db")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert (folder / "all" / "crawls.jsonl").read_text().count('"signed_in": 1') == 1
    for file in files:
        content = file.read_bytes()
        for secret in (PASSWORD.encode(), *tokens, *[t.rsplit(b".", 1)[1] for t in tokens]):
            assert secret not in content, file
