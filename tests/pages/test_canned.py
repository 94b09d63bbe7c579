"""Each question that the pages ask by name, on a month whose story is known."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.moments import iso
from dockerhub.pages.canned import CANNED, USES, question, statement
from dockerhub.pages.functions import add_functions
from dockerhub.pages.starts import read_starts
from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.queries import load_queries
from dockerhub.store.sqlite import connect
from tests.benchmarks.lineage_world import ORGANISATION, SMALL, make_world
from tests.pages.world import DAYS, END, at_day
from tests.store.made import DAY, digest_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ask = Any


@pytest.fixture
def ask(connection: sqlite3.Connection) -> Ask:
    def asked(name: str, *columns: str, **given: object) -> list[tuple[Any, ...]]:
        parameters = dict.fromkeys(CANNED[name].parameters, "") | given
        cursor = connection.execute(statement(name), parameters)
        names = [each[0] for each in cursor.description]
        places = [names.index(column) for column in columns] or range(len(names))
        return [tuple(row[place] for place in places) for row in cursor]

    return asked


@pytest.fixture(scope="module")
def reported(
    database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    """The same with a pull usage report: two tokens in two hours."""
    path = tmp_path_factory.mktemp("reported") / "hub.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        hour = END // 3_600_000_000 * 3_600_000_000
        copy.executescript(
            f"""
            INSERT INTO usage_report (id, account, read_at) VALUES (1, 'acme', {END});
            INSERT INTO usage_caller (id, user_name, token_name)
            VALUES (1, 'ada', 'ci'), (2, 'ada', 'laptop');
            INSERT INTO usage_image (id, repository_name, is_private, tag_name)
            VALUES (1, 'acme/app', 0, '1.0'), (2, 'library/debian', 0, '12');
            INSERT INTO usage_machine (id, report_id, name) VALUES (1, 1, 'machine 1');
            INSERT INTO usage (
                hour, report_id, caller_id, image_id, machine_id, version_checks, pulls
            )
            VALUES
                ({hour}, 1, 1, 1, 1, 5, 40), ({hour}, 1, 1, 2, 1, 0, 30),
                ({hour - 3_600_000_000}, 1, 1, 1, 1, 1, 20), ({hour}, 1, 2, 1, 1, 2, 3);
            """
        )
        add_functions(copy, read_starts(f"sqlite:///{database}"))
        yield copy


@pytest.fixture(scope="module")
def leaves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Images of many organisations on bases of which each tag was pushed several times."""
    path = tmp_path_factory.mktemp("leaves") / "hub.db"
    url = f"sqlite:///{path}"
    make_world(url, images=6000, repositories=400)
    with closing(connect(path, read_only=True)) as connection:
        connection.execute("PRAGMA automatic_index = OFF")
        add_functions(connection, read_starts(url))
        yield connection


def test_each_question_is_known_and_each_known_one_is_asked() -> None:
    assert set(CANNED) == set(load_queries("pages"))
    # Datasette shows the question where a table or a view is of the same name.
    assert not set(CANNED) & set(data_dictionary())
    assert {canned.use for canned in CANNED.values()} == set(USES)
    assert all(question(name).endswith("?") for name in CANNED)
    for name, canned in CANNED.items():
        assert all(f":{parameter}" in statement(name) for parameter in canned.parameters), name
        assert all(f"{parameter}:" in canned.about for parameter in canned.parameters), name


def test_which_images_sit_on_an_outdated_base(ask: Ask) -> None:
    rows = ask("outdated", "repo_name", "tag_name", "platform", "base_image", org="acme")
    tags = [("acme/app", "1.0"), ("acme/app", "1.1"), ("acme/app", "latest"), ("acme/web", "2")]
    assert set(rows) == {
        (*tag, platform, "acme/base:1")
        for tag in tags
        for platform in ("linux/amd64", "linux/arm64")
    }
    assert ask("outdated", org="library") == []


@pytest.mark.parametrize("org", [ORGANISATION, SMALL, "library", "org1"])
def test_it_is_what_the_view_has(leaves: sqlite3.Connection, org: str) -> None:
    """The question looks up each base once for all images on it; the rows are the same."""
    columns = (
        "repo_name, tag_name, platform, base_image, days_behind, is_at_least, pushes_behind,"
        " moved_at, base_pushed_at, evidence"
    )
    view = leaves.execute(
        f"SELECT {columns} FROM outdated_bases WHERE namespace = ?"
        " ORDER BY days_behind DESC, repo_name, tag_name, platform, base_image, moved_at"
        " LIMIT 1001",
        (org,),
    )
    rows = leaves.execute(statement("outdated"), {"org": org}).fetchall()
    assert sorted(rows) == sorted(view)
    assert len(rows) > 20


def test_on_what_an_image_is_built(ask: Ask) -> None:
    columns = ("platform", "base_repo", "base_tag", "state", "shared_layers")
    rows = ask("lineage_of", *columns, image="acme/web:2")
    left = f"until {iso(at_day(25))[:10]}"
    assert rows == [
        ("linux/amd64", "library/debian", "12", "shows it now", 1),
        ("linux/amd64", "acme/base", "1", left, 3),
        ("linux/arm64", "library/debian", "12", "shows it now", 1),
        ("linux/arm64", "acme/base", "1", left, 3),
    ]


def test_a_base_whose_tag_is_gone_is_still_a_base(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        add_functions(copy, read_starts(f"sqlite:///{database}"))
        copy.execute("UPDATE tag SET gone_at = ? WHERE name = '12'", (at_day(28),))
        asked = {"image": "acme/web:2"}
        states = [row[3] for row in copy.execute(statement("lineage_of"), asked)]
        drawn = [row[0] for row in copy.execute(load_queries("charts")["image_bases"], asked)]
    gone, left = (
        f"{what} {iso(at_day(day))[:10]}" for what, day in (("gone since", 28), ("until", 25))
    )
    assert states == [gone, left] * 2
    assert drawn == [f"library/debian:12 {gone}", f"acme/base:1 {left}"]


def test_what_is_cut_can_be_seen() -> None:
    # Datasette shows 1,000 rows, and says of one more that there are more.
    for name in CANNED:
        last = statement(name).rpartition("LIMIT ")[2]
        assert not last.isdigit() or last == "1001", name
    assert "200 best" in CANNED["search"].about


def test_who_is_built_on_an_image(ask: Ask) -> None:
    assert ask("dependents", image="debian:12") == [
        ("acme/app", 700_000, 3),
        ("acme/base", 50_000, 1),
        ("acme/web", 30_000, 1),
    ]
    assert ask("dependents", image="acme/web:2") == []


def test_which_tags_show_a_digest(ask: Ask) -> None:
    both = [("acme/app", "1.1"), ("acme/app", "latest")]
    for shown, kind in (("app 1.1", "index"), ("app 1.1 arm64", "platform")):
        rows = ask("same_digest", "repo_name", "tag_name", "digest_of", digest=digest_text(shown))
        assert rows == [(*each, kind) for each in both]


def test_which_images_hold_a_layer(ask: Ask) -> None:
    layer = digest_text("base config amd64")
    rows = ask("with_layer", "repo_name", "tag_name", "layer_index", digest=layer)
    assert sorted(rows) == [
        ("acme/app", "1.0", 2),
        ("acme/app", "1.1", 2),
        ("acme/app", "latest", 2),
        ("acme/base", "1", 2),
        ("acme/web", "2", 2),
    ]


def test_which_layers_has_an_image(ask: Ask) -> None:
    rows = ask("layers_of", "platform", "layer_index", "size_bytes", image="acme/app:1.0")
    sizes = [30_000_000, 12_000_000, 1_000, 8_000_000]
    assert rows == [
        (platform, place, size)
        for platform in ("linux/amd64", "linux/arm64")
        for place, size in enumerate(sizes)
    ]


def test_what_has_changed_lately(ask: Ask) -> None:
    columns = ("kind", "repo_name", "tag_name")
    moved = ("tag_moved", "acme/base", "1")
    assert ask("changes", *columns)[0] == moved
    assert ask("changes", *columns, kind="tag_moved", org="acme", since="10d") == [moved]
    assert ask("changes", *columns, kind="tag_moved", org="library", since="10d") == []
    assert ask("changes", *columns, since="2d", kind="tag_moved") == []
    assert ask("history", "kind", "tag_name", repo="acme/base") == [("tag_moved", "1")]
    assert ("tag_deleted", "0.9") in ask("history", "kind", "tag_name", repo="acme/app")
    assert ask("history", "kind", repo="acme/app", tag="0.9")[0] == ("tag_deleted",)


def test_which_digests_a_tag_has_left(ask: Ask) -> None:
    rows = ask("left_digests", "tag_name", "digest", "seen_until", "moved_at", repo="acme/base")
    assert rows == [("1", digest_text("base 1"), iso(at_day(24)), iso(at_day(25)))]


def test_how_many_tags_were_pushed_week_by_week(ask: Ask) -> None:
    rows = ask("pushes", org="acme")
    assert sum(tags for _, tags, _ in rows) == 6
    assert rows == sorted(rows, reverse=True)


def test_other_names_of_one_image(ask: Ask) -> None:
    assert ask("other_names", repo="acme/app") == [(digest_text("app 1.1"), 2, "1.1, latest")]


def test_pulls_day_by_day(ask: Ask) -> None:
    rows = ask("pulls_by_day", "day", "pulls", "pull_count", repo="acme/app")
    assert len(rows) == DAYS + 1
    assert rows[0] == (iso(END)[:10], 5000, 700_000)
    assert rows[-1][1:] == (None, 550_000)
    # Nothing said: the most pulled one of acme, which has the most repositories.
    assert ask("pulls_by_day", "pull_count")[0] == (700_000,)


def test_what_grows_fastest(ask: Ask) -> None:
    columns = ("repo_name", "pulls", "pulls_a_day", "known_days")
    assert ask("growing", *columns, org="acme", days="10")[:2] == [
        ("acme/app", 50_000, 5000.0, 10),
        ("acme/base", 1_000, 100.0, 10),
    ]
    (first, *_) = ask("growing", "percent_more", org="acme")
    assert first == (round(150_000 * 100 / 550_000, 2),)


def test_days_that_are_unusual(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        add_functions(copy, read_starts(f"sqlite:///{database}"))
        # Pulls of 100 and 102 in turn, and 400 on the last day.
        today = END // DAY
        copy.execute(
            "UPDATE pull_sample SET pull_count = 1000 + 101 * (day - ?) + (day % 2)"
            " WHERE repository_id = (SELECT id FROM repository WHERE name = 'base')",
            (today - DAYS,),
        )
        copy.execute(
            "UPDATE pull_sample SET pull_count = pull_count + 300 WHERE day = ?"
            " AND repository_id = (SELECT id FROM repository WHERE name = 'base')",
            (today,),
        )
        rows = copy.execute(statement("unusual_days"), {"org": "acme"}).fetchall()
    ((name, day, pulls, median, score),) = rows
    assert (name, day) == ("acme/base", iso(END)[:10])
    assert (pulls - median, score) == pytest.approx((300, 0.6745 * 300), abs=2)


def test_sizes_by_tag_and_platform(ask: Ask) -> None:
    rows = ask("sizes", "tag_name", "platform", "size_bytes", repo="acme/web")
    assert rows == [("2", "linux/amd64", 50_000_000), ("2", "linux/arm64", 48_000_000)]


def test_what_is_stale_but_pulled(ask: Ask) -> None:
    assert ask("stale", org="acme") == []
    rows = ask("stale", "repo_name", "days_since_push", "days_since_pull", org="acme", days="20")
    assert rows[0] == ("acme/app", 30, 1)


def test_platforms(ask: Ask) -> None:
    rows = ask("platforms", "repo_name", "platform", "tag_count", org="acme")
    assert [(name, platform[:11], tags) for name, platform, tags in rows[:2]] == [
        ("acme/app", "linux/amd64", 3),
        ("acme/app", "linux/arm64", 3),
    ]


def test_shared_layers(ask: Ask) -> None:
    rows = ask("layers_shared", "digest", "image_count", "saved_bytes", org="acme")
    # Of base 2, both apps and web; each platform has its own.
    assert set(rows[:2]) == {
        (digest_text("debian rootfs amd64"), 4, 90_000_000),
        (digest_text("debian rootfs arm64"), 4, 90_000_000),
    }


def test_what_is_popular(ask: Ask) -> None:
    rows = ask("popular", "full_name", "pull_count", org="acme")
    assert rows[:2] == [("acme/app", 700_000), ("acme/base", 50_000)]


def test_which_images_contain_a_package(ask: Ask) -> None:
    columns = ("repo_name", "tag_name", "version")
    found = [("acme/app", "1.0", "3.0.15")]
    assert ask("packages_named", *columns, package="openssl") == found
    assert ask("packages_named", *columns, package="openssl", version="3.0.*") == found
    assert ask("packages_named", *columns, package="openssl", version="3.1*") == []


def test_which_lists_are_not_whole(ask: Ask) -> None:
    rows = ask("incomplete", "kind", "stop_reason", "expected_count")
    assert rows == [("tags", "anonymous_cap", 4000)]


def test_what_the_crawls_have_cost(ask: Ask) -> None:
    rows = ask("crawl_costs", "crawl", "spider", "minutes", "requests", "pulls")
    assert rows[0] == (31, "org", 1.5, 12, 2)
    assert len(rows) == 31


def test_a_search_ranks_and_shows_the_place(ask: Ask) -> None:
    assert ask("search", "full_name", q="debian") == [("library/debian",)]
    ((name, passage),) = ask("search", "full_name", "passage", q="walrus hand")
    assert name == "acme/funny"
    assert "[Walrus] [handbook] <script>" in passage


def test_tags_of_a_repository(ask: Ask) -> None:
    rows = ask("tags_of", "tag_name", "architectures", repo="acme/app")
    assert rows == [
        ("1.1", "amd64|arm64"),
        ("latest", "amd64|arm64"),
        ("1.0", "amd64|arm64|unknown"),
    ]


def test_which_token_spends_the_pulls(reported: sqlite3.Connection) -> None:
    rows = reported.execute(statement("spenders")).fetchall()
    assert [row[:6] for row in rows] == [("ada", "ci", 90, 70, 6, 2), ("ada", "laptop", 3, 3, 2, 1)]
    rows = reported.execute(statement("spending_hours"), {"token": "ci"}).fetchall()
    assert [(row[4], row[6]) for row in rows] == [
        ("acme/app", 40),
        ("library/debian", 30),
        ("acme/app", 20),
    ]


def test_names_are_read_as_everywhere(ask: Ask) -> None:
    for typed in ("debian", "docker.io/library/debian", "library/debian"):
        assert ask("tags_of", "tag_name", repo=typed) == [("12",)]
    assert ask("tags_of", repo="no such name!") == []
