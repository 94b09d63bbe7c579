"""What the charts are drawn of, on a month whose story is known."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.pages.dashboards import TITLES, dashboards
from dockerhub.pages.functions import add_functions
from dockerhub.pages.notes import CHARTS as NOTED
from dockerhub.pages.starts import Starts, read_starts
from dockerhub.store.queries import load_queries
from tests.pages.world import DAYS, END
from tests.store.made import DAY

if TYPE_CHECKING:
    from pathlib import Path

STARTS = Starts("acme", "acme/app", "acme/web:2", "hub.db", 7)
CHARTS = {
    name: chart for board in dashboards(STARTS).values() for name, chart in board["charts"].items()
}


def drawn(connection: sqlite3.Connection, name: str, **parameters: str) -> list[dict[str, Any]]:
    given = {"org": "acme", "repo": "acme/app", "image": "acme/web:2"} | parameters
    cursor = connection.execute(CHARTS[name]["query"], given)
    names = [each[0] for each in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def test_each_dashboard_has_its_title_and_each_statement_its_chart() -> None:
    assert set(dashboards(STARTS)) == set(TITLES)
    parts = {"mine", "bases", "organisations"}
    assert set(load_queries("charts")) - parts == set(CHARTS)
    assert set(NOTED) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_what_is_drawn_is_there(connection: sqlite3.Connection, name: str) -> None:
    image = "debian:12" if name == "image_dependents" else "acme/web:2"
    rows = drawn(connection, name, image=image)
    encoding = CHARTS[name]["display"]["encoding"]
    fields = {
        each["field"]
        for channel in encoding.values()
        for each in (channel if isinstance(channel, list) else [channel])
    }
    assert rows
    assert fields <= set(rows[0])


def test_pulls_a_day(connection: sqlite3.Connection) -> None:
    rows = drawn(connection, "daily_pulls")
    assert {row["pulls"] for row in rows if row["repository"] == "app"} == {5000}
    assert len([row for row in rows if row["repository"] == "app"]) == DAYS
    assert drawn(connection, "growing")[0] == {"repository": "app", "pulls": 150_000}
    assert drawn(connection, "most_pulled")[0] == {"repository": "app", "pulls": 700_000}


def test_thirty_days_are_thirty(database: Path, tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(database)) as source,
        closing(sqlite3.connect(tmp_path / "hub.db")) as copy,
    ):
        source.backup(copy)
        add_functions(copy, read_starts(f"sqlite:///{database}"))
        # A day more than the crawls saw: 31 days are known then, of 5000 pulls each.
        copy.execute(
            "INSERT INTO pull_sample SELECT repository_id, day - 1, pull_count - 5000, 0"
            " FROM pull_sample AS s WHERE day = ? AND pull_count = 550000",
            (END // DAY - DAYS,),
        )
        rows = copy.execute(CHARTS["growing"]["query"], {"org": "acme"}).fetchall()
    assert rows[0] == ("app", 150_000)


def test_pushes_and_changes_a_week(connection: sqlite3.Connection) -> None:
    # Nothing of what was pushed over a year ago.
    assert sum(row["tags"] for row in drawn(connection, "pushed_tags")) == 5
    assert {"tag_moved", "tag_deleted"} <= {r["kind"] for r in drawn(connection, "weekly_events")}


def test_the_layers_of_an_image_by_who_brings_them(connection: sqlite3.Connection) -> None:
    rows = drawn(connection, "image_layers")
    left = rows[1]["brought_by"]
    assert left.startswith("acme/base:1 until 20")
    assert [(row["place"], row["bytes"], row["brought_by"]) for row in rows] == [
        (0, 30_000_000, "library/debian:12"),
        (1, 12_000_000, left),
        (2, 1_000, left),
        (3, 5_000_000, "the image itself"),
        (4, 2_000_000, "the image itself"),
    ]
    assert all(len(row["step"]) <= 80 and row["step"].isprintable() for row in rows)
    assert [(row["base"], row["bytes"]) for row in drawn(connection, "image_bases")] == [
        ("library/debian:12", 30_000_000),
        (left, 42_001_000),
    ]


def test_who_is_built_on_an_image(connection: sqlite3.Connection) -> None:
    assert drawn(connection, "image_dependents", image="debian:12") == [
        {"repository": "acme/app", "pulls": 700_000, "tags": 3},
        {"repository": "acme/base", "pulls": 50_000, "tags": 1},
        {"repository": "acme/web", "pulls": 30_000, "tags": 1},
    ]


def test_bytes_in_shared_layers(connection: sqlite3.Connection) -> None:
    rows = drawn(connection, "shared_bytes")
    # Each of two platforms: app 1.0 and 1.1 share their code; web's and base 2's own are alone.
    assert {row["layers"]: row["bytes"] for row in rows} == {
        "in one image": 2 * (5_000_000 + 2_000_000 + 12_500_000),
        "in several images": 2 * (30_000_000 + 12_000_000 + 1_000 + 8_000_000),
    }
    first = drawn(connection, "shared_layers")[0]
    assert (first["images"], first["saved"], first["step"]) == (
        4,
        90_000_000,
        "RUN make debian rootfs",
    )


def test_the_sizes_of_a_repository(connection: sqlite3.Connection) -> None:
    rows = drawn(connection, "sizes_by_tag")
    assert [row["tag"] for row in rows] == ["1.1", "1.1", "latest", "latest", "1.0", "1.0"]
    assert {row["bytes"] for row in rows} == {50_000_000, 48_000_000}
    assert len(drawn(connection, "sizes_over_time")) == 6
