"""What a user may ask of an export, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.reports.export_request import Said, filters_of, read_request, selection_of
from dockerhub.store.dictionary import data_dictionary
from tests.store.made import DAY, NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

TAGS = data_dictionary()["tags"]


def formats(**said: Any) -> tuple[str, str | None]:
    request = read_request(Said(**said), NOW)
    return request.format, None if request.output is None else str(request.output)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"what": "tags"}, ("csv", "tags-2026-11-22.csv")),
        ({"what": "tags", "format": "jsonl"}, ("jsonl", "tags-2026-11-22.jsonl")),
        ({"what": "tags", "format": "sqlite"}, ("sqlite", "tags-2026-11-22.sqlite")),
        ({"what": "tags", "output": "a.PARQUET"}, ("parquet", "a.PARQUET")),
        ({"what": "tags", "output": "a/b.ndjson"}, ("jsonl", "a/b.ndjson")),
        ({"what": "tags", "output": "a.db"}, ("sqlite", "a.db")),
        ({"what": "tags", "output": "a.txt", "format": "csv"}, ("csv", "a.txt")),
        ({"what": "tags", "output": "a.csv", "format": "parquet"}, ("parquet", "a.csv")),
        ({"what": "tags", "output": "-"}, ("csv", None)),
        ({"what": "tags", "output": "-", "format": "jsonl"}, ("jsonl", None)),
        ({"what": "tag"}, ("csv", "tag-2026-11-22.csv")),
        ({"what": "everything"}, ("csv", "everything-2026-11-22")),
        ({"what": "everything", "output": "x.y"}, ("csv", "x.y")),
        ({"what": "snapshot"}, ("sqlite", "dockerhub-2026-11-22.db")),
        ({"what": "snapshot", "output": "a.db"}, ("sqlite", "a.db")),
        ({"what": "dictionary"}, ("md", "dictionary-2026-11-22.md")),
        ({"what": "dictionary", "output": "a.json"}, ("json", "a.json")),
        ({"what": "dictionary", "output": "-"}, ("md", None)),
    ],
)
def test_format_and_output(said: dict[str, Any], found: tuple[str, str | None]) -> None:
    assert formats(**said) == found


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"what": "tags", "output": "a.txt"}, "--output: expected a name that ends in .csv or .p"),
        ({"what": "tags", "output": "tags"}, "--output: expected a name that ends in .csv or .pa"),
        ({"what": "tags", "format": "xlsx"}, "--format: expected one of csv, parquet, jsonl, s"),
        ({"what": "tags", "format": "md"}, "--format: expected one of csv, parquet, jsonl, s"),
        ({"what": "snapshot", "format": "csv"}, '--format: expected sqlite, got "csv"'),
        ({"what": "snapshot", "output": "a.csv"}, "--output: expected a name that ends in .sqlit"),
        ({"what": "tags", "format": "parquet", "output": "-"}, "--output: expected a file: tags "),
        ({"what": "everything", "output": "-"}, "--output: expected a file: everything as csv ca"),
        ({"what": "snapshot", "output": "-"}, "--output: expected a file: snapshot as sqlite can"),
        ({"what": "everything", "columns": "a"}, "--columns: expected no such option with everyt"),
        ({"what": "snapshot", "org": "acme"}, "--org: expected no such option with snapshot"),
        ({"what": "dictionary", "since": "7d"}, "--since: expected no such option with dictionar"),
        ({"what": "tags", "is_raw": True, "format": "jsonl"}, "--raw: expected --format csv, whi"),
        ({"what": "tags", "since": "soon"}, "--since: expected a past time such as 7d, 24h or"),
        ({"what": "tags", "since": "2027-01-01"}, "--since: expected a past time such as 7d, "),
        ({"what": "images", "since": "7d"}, "--since: expected a filter that images has (--org, "),
        ({"what": "walks", "org": "acme"}, "--org: expected a filter that walks has (--since (s"),
        ({"what": "platform", "repo": "nginx"}, "--repo: expected a filter that platform has (no"),
        (
            {"what": "tags", "repo": "a b"},
            "--repo: expected a repository or a pattern, such as ngin",
        ),
        (
            {"what": "tags", "repo": "nginx:1"},
            "--repo: expected a repository or a pattern, such as",
        ),
        ({"what": "tags", "columns": "tag_name,nope"}, "--columns: expected columns of tags, eac"),
        ({"what": "tags", "columns": ""}, "--columns: expected columns of tags, each once: repo_"),
        ({"what": "tags", "columns": "status,status"}, "--columns: expected columns of tags, eac"),
        ({"what": "tags; DROP TABLE tag"}, "export: expected a table, a set (everything, snapsho"),
        ({"what": "sqlite_master"}, "export: expected a table, a set (everything, snapshot, dict"),
    ],
)
def test_mistakes_are_named(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_request(Said(**said), NOW)
    assert str(caught.value).startswith(message)


def test_a_namespace_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="--org: expected a user or an organisation"):
        read_request(Said(what="tags", org="../etc"), NOW)


def conditions(what: str, **said: str) -> Sequence[tuple[str, str, dict[str, object]]]:
    request = read_request(Said(what=what, **said), NOW)
    selection = selection_of(request, data_dictionary()[what])
    return [(*each[:2], dict(each.parameters)) for each in selection.conditions]


def test_filters_become_conditions_that_an_index_serves() -> None:
    assert conditions("tags") == []
    assert conditions("tags", repo="*") == []
    assert conditions("tags", org="acme") == [("org", "namespace", {"org": "acme"})]
    assert conditions("tag_moves", org="acme") == [
        ("repo_glob", "repo_name", {"glob": "acme/*", "least": "acme/", "most": "acme/\U0010ffff"})
    ]
    assert conditions("repositories", repo="nginx") == [
        ("org", "namespace", {"org": "library"}),
        ("repo", "full_name", {"repo": "library/nginx"}),
    ]
    assert conditions("tags", repo="b*/a?c")[0] == (
        "repo_glob",
        "repo_name",
        {"glob": "b*/a?c", "least": "b", "most": "b\U0010ffff"},
    )
    assert conditions("repository", org="acme") == [("org", "namespace", {"org": "acme"})]


@pytest.mark.parametrize(
    ("what", "column", "value"),
    [
        ("tags", "scraped_at", "2026-11-15T08:00:00.000000Z"),
        ("events", "seen_at", "2026-11-15T08:00:00.000000Z"),
        ("walks", "started_at", "2026-11-15T08:00:00.000000Z"),
        ("tag_moves", "moved_at", "2026-11-15T08:00:00.000000Z"),
        ("pull_history", "snapshot_date", "2026-11-15"),
        ("pull_usage", "hour", "2026-11-15T08:00:00.000000Z"),
        ("tag", "last_seen_at", NOW - 7 * DAY),
        ("pull_sample", "day", NOW // DAY - 7),
    ],
)
def test_since_looks_at_when_a_row_was_true(what: str, column: str, value: object) -> None:
    assert conditions(what, since="7d") == [("since", column, {"since": value})]


def test_the_filters_of_each_are_told() -> None:
    assert filters_of(TAGS) == ["--org", "--repo", "--since (scraped_at)"]
    assert filters_of(data_dictionary()["images"]) == ["--org", "--repo"]
    assert filters_of(data_dictionary()["platform"]) == []


def test_an_output_stays_as_it_was_said() -> None:
    assert read_request(Said(what="tags", output="../a.csv"), NOW).output == Path("../a.csv")
