"""A database to export from, and what was exported read back."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from dockerhub.contents import Package
from dockerhub.items import RepositoryDetail
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.reports.export import export
from dockerhub.reports.export_request import Said, read_request
from dockerhub.store.dictionary import Kind, data_dictionary
from dockerhub.store.writer import Writer
from tests.store.made import DAY, NOW, at, hit, page, row, step, tag, tags
from tests.store.made_contents import (
    attestation,
    attestation_manifest,
    base,
    config,
    layers,
    manifest,
    sbom,
    showing,
    steps,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dockerhub.reports.answers import Answer

LARGEST = 2**63 - 1
HOSTILE = "=cmd|'/C calc'!A1\x1b[2J\u202e<script>,\"quoted\"\r\nline two \u4e2d\u6587 \U0001f433"
LONG = "x" * 25_000
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx")


def fill(url: str) -> None:
    """Write an organisation, an official image, and hostile texts."""
    writer = Writer(url)
    writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=False, now=NOW)
    shown = showing(tag("1", "index", updated=NOW), "a", attested="holder")
    nginx = row("nginx", description=HOSTILE, pull_count=LARGEST, last_updated=None)
    official = hit()._replace(repository=RepositoryName("library", "redis"), description=None)
    writer.write([page(NOW, nginx, row("kafka", description=LONG), official)])
    writer.write(
        [
            tags(NOW, shown, tag("2", None, updated=None, full_size=None), tag("3", "old")),
            # Only a list that was seen before makes a tag's move an event.
            tags(at(10), tag("3", updated=NOW - 3 * DAY), walk=step(reason=StopReason.COMPLETE)),
            attestation_manifest("holder", "built", "sbom", subject="a", seen=NOW),
            attestation("built", "holder", bases=(base("golang:1", "go"),), seen=NOW),
            sbom("sbom", "holder", Package("=zlib", "1.3", "pkg:deb/zlib"), seen=NOW),
            manifest("a", *layers("l", "m"), config="config", platform="linux/arm64", seen=NOW),
            config("config", *steps(0, 1, created=NOW), labels=(("evil", "@x"),), seen=NOW),
        ]
    )
    writer.finish_crawl(
        now=at(20), reason="finished", request_count=3, pull_count=0, stats='{"a": 1}'
    )
    writer.close()


def detail(text: str, name: str = "nginx") -> RepositoryDetail:
    """Return a repository's own page with a long description."""
    return RepositoryDetail(
        seen=NOW,
        row=row(name),
        full_description=text,
        collaborator_count=None,
        immutable_tags_enabled=None,
        immutable_tags_rules=(),
    )


def exported(url: str, what: str, *, present: int = NOW, **said: Any) -> Answer | None:
    """Export as the command does."""
    return export(url, read_request(Said(what=what, **said), present))


def view_rows(url: str, what: str, more: str = "") -> list[tuple[Any, ...]]:
    """Return the rows as SQLite has them."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(f"SELECT * FROM {what} {more}").fetchall()


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="ascii").splitlines()
    return [json.loads(line) for line in lines]


def arrow_rows(what: str, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows of a view or table as Arrow gives them."""
    kinds = list(data_dictionary()[what].kinds.values())
    return [tuple(map(_arrow, row, kinds)) for row in rows]


def _arrow(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.DAY:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value).astimezone(UTC) if kind is Kind.MOMENT else value
