"""Names beyond the cap: complete from the registry, with details crawl by crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

PYTHON = "library/python"
BLANK = "SELECT COUNT(*) FROM tags WHERE last_updated IS NULL"
ENDS = "SELECT kind, stop_reason, row_count, expected_count FROM walks ORDER BY kind"


@pytest.fixture
def cut(crawls: Crawls, hub_world: World) -> Crawls:
    """A repository of 2,600 tags, of which an anonymous caller is shown 400 at most."""
    hub_world.add_repository(PYTHON, tags=2600)
    crawls.hub.options.tag_cap = 100
    return crawls


def crawl(cut: Crawls, **more: str) -> tuple[int, str]:
    ended = cut.run("tags", repo="python", signed_in=False, strict="1", **more)
    return ended.status, ended.err


def test_all_names_come_and_details_of_as_many_as_a_crawl_may_ask(
    cut: Crawls, hub_world: World
) -> None:
    status, said = crawl(cut)

    names = {name for (name,) in rows(cut.database, "SELECT tag_name FROM tags")}
    assert names == {tag.name for tag in hub_world.tags(PYTHON)}
    [(blank,)] = rows(cut.database, BLANK)
    asked = cut.requests()
    assert asked.pop("tag_list") <= 16
    assert asked == {
        "repository": 1, "tag_names": 3, "tag": 200, "registry_base": 1, "registry_token": 1,
    }  # fmt: skip
    assert status == 3
    left = blank + 200
    assert f"details of {PYTHON}: 200 of {left} rows, {blank} missing: as many as one" in said
    assert "DOCKERHUB_USERNAME" in said
    assert f"tags of {PYTHON}" not in said
    assert rows(cut.database, ENDS)[:2] == [
        ("details", "budget_spent", 200, left),
        ("names", "complete", 2600, 2600),
    ]


def test_the_next_crawls_bring_the_rest_and_ask_no_list_again(
    cut: Crawls, hub_world: World
) -> None:
    cut.settings = {"DOCKERHUB_TAG_DETAILS": "800"}
    crawl(cut)
    [(left,)] = rows(cut.database, BLANK)

    status, _ = crawl(cut)
    assert (status, cut.requests()) == (3, {"repository": 1, "tag": 800})
    status, said = crawl(cut)

    assert (status, cut.requests()) == (0, {"repository": 1, "tag": left - 800})
    assert "incomplete" not in said
    assert_tags(cut.database, hub_world, PYTHON)
    status, _ = crawl(cut)
    assert (status, cut.requests()) == (0, {"repository": 1})


def test_a_tag_that_no_list_of_names_has_is_gone(cut: Crawls, hub_world: World) -> None:
    cut.settings = {"DOCKERHUB_TAG_DETAILS": "0"}
    crawl(cut)
    gone = [tag.name for tag in hub_world.tags(PYTHON)[1000:1200]]
    for name in gone:
        hub_world.delete_tag(PYTHON, name)

    crawl(cut, fresh="1")

    lost = rows(cut.database, "SELECT name FROM tag WHERE gone_at IS NOT NULL")
    assert sorted(name for (name,) in lost) == sorted(gone)


@pytest.mark.parametrize(
    "body",
    [b'{"name":"library/python","tags":["latest"]}', b'{"name":"library/python","tags":null}'],
)
def test_a_list_of_fewer_names_than_were_just_seen_proves_nothing(cut: Crawls, body: bytes) -> None:
    cut.hub.script(
        "/v2/library/python/tags/list", body=body, headers={"Content-Type": "application/json"}
    )

    status, said = crawl(cut)

    assert status == 3
    assert f"tags of {PYTHON}: " in said
    assert rows(cut.database, "SELECT stop_reason FROM walks WHERE kind = 'names'") == [
        ("drifted",)
    ]
    assert rows(cut.database, "SELECT COUNT(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]


def test_who_is_signed_in_needs_no_names(cut: Crawls, hub_world: World) -> None:
    assert cut.run("tags", repo="python", strict="1").status == 0
    assert cut.requests() == {"repository": 1, "tag_list": 26}


def test_signed_in_later_all_details_come_with_the_list(cut: Crawls, hub_world: World) -> None:
    crawl(cut)

    assert cut.run("tags", repo="python", strict="1").status == 0

    assert cut.requests() == {"repository": 1, "tag_list": 26}
    assert_tags(cut.database, hub_world, PYTHON)
