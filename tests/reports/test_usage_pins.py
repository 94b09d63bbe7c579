from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, TagPage
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import answer_json
from dockerhub.reports.usage import usage_period
from dockerhub.reports.usage_pins import usage_pins
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.postgres import ON_BOTH
from tests.reports.usages import write
from tests.store.made import NGINX, NOW, at, digest, digest_text, image, tag, tags
from tests.store.made_contents import layers, manifest
from tests.store.test_usage import row as any_row

if TYPE_CHECKING:
    from dockerhub.items import Item

PUSHED = at(3000)
"""when the tag left `first`: between 08:00 and 09:00"""
_BY_TAG = ("repository_of", "tag_now", "tag_showing", "tag_that_left")
_SMALL = ("SCAN f",)
"""what was found already"""


def row(hour: int, **said: Any) -> Any:
    return any_row(hour, **{"repository": str(NGINX), "digest": digest("first"), **said})


def crawled(url: str, *items: Item) -> None:
    """Store a tag that moves from `first` to `second`, and more items."""
    first = tag("1.0", "first", updated=at(-7200), images=(image(digest=digest("first amd64")),))
    second = tag("1.0", "second", updated=PUSHED, images=(image(digest=digest("second amd64")),))
    with closing(Writer(url)) as writer:
        writer.write([tags(NOW, first), tags(at(3600), second), *items])


def pins(url: str) -> tuple[list[dict[str, Any]], list[str]]:
    with Questions(url, "usage_reading") as questions:
        said = answer_json(usage_pins(questions, usage_period(questions, None)))
    return said["rows"], said["notes"]


def states(url: str) -> list[tuple[Any, ...]]:
    return [(row["state"], row["tag"], row["pulls"], row["pulls_since"]) for row in pins(url)[0]]


@ON_BOTH
def test_a_digest_that_is_pulled_after_its_tag_left_it_is_a_stale_pin(url: str) -> None:
    crawled(url)
    write(url, row(-1, pulls=2), row(3, pulls=5))
    assert pins(url) == (
        [
            {
                "state": "stale pin", "repository": "bitnami/nginx", "tag": "1.0",
                "digest": digest_text("first"), "pulls": 7, "pulls_since": 5,
                "last_pulled_at": "2026-11-22T11:00:00.000000Z",
                "shows_now": digest_text("second"),
                "shown_since": "2026-11-22T08:50:00.000000Z",
                "since": "2026-11-22T08:50:00.000000Z",
                "base": None,
            }
        ],
        [],
    )  # fmt: skip


def test_what_was_pulled_while_its_tag_showed_it_has_moved_on(url: str) -> None:
    crawled(url)
    # The hour in which it moved says nothing: it may have been before.
    write(url, row(-1, pulls=2), row(0, pulls=1))
    assert states(url) == [("moved on", "1.0", 3, 0)]


@pytest.mark.parametrize("tag_name", ["1.0", None])
def test_a_pin_is_stale_since_its_tag_left_it_whatever_it_showed_later(
    url: str, tag_name: str | None
) -> None:
    third = tag("1.0", "third", updated=at(9 * 3600), images=(image(digest=digest("3 amd64")),))
    crawled(url, tags(at(10 * 3600), third))
    write(url, row(-1, pulls=2, tag=tag_name), row(3, pulls=5, tag=tag_name))
    (found,), _ = pins(url)
    assert (found["state"], found["pulls_since"]) == ("stale pin", 5)
    assert found["since"] == "2026-11-22T08:50:00.000000Z"
    assert found["shown_since"] == "2026-11-22T17:00:00.000000Z"
    assert found["shows_now"] == digest_text("third")


@ON_BOTH
def test_a_tag_that_came_back_and_left_again_left_it_the_second_time(url: str) -> None:
    first = tag("1.0", "first", updated=at(7200), images=(image(digest=digest("first amd64")),))
    third = tag("1.0", "third", updated=None, images=(image(digest=digest("3 amd64")),))
    crawled(url, tags(at(2.5 * 3600), first), tags(at(5.5 * 3600), third))
    write(url, row(3, pulls=5), row(6, pulls=1))
    (found,), _ = pins(url)
    # Hub does not say when it moved: we saw it at 13:30.
    assert (found["pulls_since"], found["since"]) == (1, "2026-11-22T13:30:00.000000Z")


def test_what_the_tag_shows_is_no_pin(url: str) -> None:
    crawled(url)
    write(
        url,
        row(3, digest=digest("second")),
        row(3, digest=digest("second amd64")),
        row(3, digest=digest("second"), tag=None),
        row(3, digest=digest("second amd64"), tag=None),
    )
    assert pins(url) == ([], [])


@ON_BOTH
def test_an_image_of_an_index_that_was_left_is_a_stale_pin(url: str) -> None:
    crawled(url)
    write(url, row(3, digest=digest("first amd64")), row(3, digest=digest("first amd64"), tag=None))
    assert states(url) == [("stale pin", "1.0", 1, 1)] * 2


@ON_BOTH
def test_a_pin_by_digest_alone_names_the_tag_that_left_it(url: str) -> None:
    crawled(url)
    write(url, row(3, tag=None, pulls=4))
    assert states(url) == [("stale pin", "1.0", 4, 4)]


def test_a_digest_that_another_tag_shows_is_no_stale_pin_without_a_tag(url: str) -> None:
    crawled(url, tags(at(3700), tag("old", "first", images=(image(digest=digest("first amd64")),))))
    write(url, row(3, tag=None), row(3, tag="1.0", pulls=2))
    assert states(url) == [("stale pin", "1.0", 2, 2)]


@ON_BOTH
def test_tags_and_repositories_that_are_gone(url: str) -> None:
    crawled(url, Absence(seen=at(4000), repository=NGINX, tag="1.0"))
    write(url, row(3), row(3, digest=digest("second"), tag=None, pulls=3))
    found, _ = pins(url)
    assert [(row["state"], row["tag"], row["since"]) for row in found] == [
        ("gone", "1.0", "2026-11-22T09:06:40.000000Z")
    ] * 2
    with closing(Writer(url)) as writer:
        writer.write([Absence(seen=at(5000), repository=NGINX, tag=None)])
    assert {row["since"] for row in pins(url)[0]} == {"2026-11-22T09:23:20.000000Z"}


def test_what_was_pulled_after_the_last_crawl_is_not_judged(url: str) -> None:
    crawled(url)
    write(url, row(5, digest=digest("third")))
    words = "1 image pulled after the last crawl of their tags: crawl again to judge"
    assert pins(url) == ([], [words])


def test_an_old_digest_that_was_never_seen_is_a_pin(url: str) -> None:
    crawled(url)
    write(url, row(-20, digest=digest("zeroth")))
    assert states(url) == [("moved on", "1.0", 1, 0)]


def test_what_is_not_crawled_is_told_with_the_crawl(url: str) -> None:
    crawled(url)
    write(url, row(1, repository="a/b"), row(1, repository="c/d", pulls=9), row(1, tag="none"))
    assert pins(url) == (
        [],
        [
            "1 image of which the database cannot tell what their tag was",
            "2 repositories are not crawled; run: scrapy crawl repos -a repos=c/d,a/b",
        ],
    )


def test_advice_leaves_out_what_no_crawl_takes_and_tells_what_is_private(url: str) -> None:
    write(url, row(1, repository="Old/Name"), row(1, repository="c/d", is_private=True))
    words = "2 repositories are not crawled; run: scrapy crawl repos -a repos=c/d"
    assert pins(url)[1] == [f"{words} (needs that account: c/d)"]


def test_version_checks_alone_are_no_pull(url: str) -> None:
    crawled(url)
    write(url, row(3, pulls=0, version_checks=60))
    assert pins(url) == ([], [])


@ON_BOTH
def test_what_is_built_on_a_base_that_has_moved_on(url: str) -> None:
    debian = RepositoryName("library", "debian")
    left = tag("12", "d", updated=at(-7200), images=(image(digest=digest("d amd64")),))
    now = tag("12", "e", updated=PUSHED, images=(image(digest=digest("e amd64")),))
    crawled(
        url,
        TagPage(seen=NOW, repository=debian, rows=(left,)),
        manifest("d amd64", *layers("d"), seen=NOW),
        manifest("second amd64", *layers("d", "app"), seen=NOW),
        TagPage(seen=at(3600), repository=debian, rows=(now,)),
    )
    write(url, row(3, digest=digest("second")), row(3, digest=digest("second"), tag=None))
    found, _ = pins(url)
    assert [(row["state"], row["tag"], row["base"], row["pulls"]) for row in found] == [
        ("old base", "1.0", "library/debian:12", 1)
    ] * 2


def test_asks_by_indexes(url: str) -> None:
    crawled(url)
    asked = {"repository": 1, "tag": "1.0", "digest": digest("first"), "name": "a/b"}
    with Questions(url, "usage_reading") as questions:
        for name in (*_BY_TAG, "left_bases", "layer_count", "told_bases"):
            plan = questions._connection.execute(
                f"EXPLAIN QUERY PLAN {questions._sql[name]}", asked
            ).fetchall()
            scans = [step[3] for step in plan if step[3].startswith("SCAN ")]
            assert [scan for scan in scans if scan not in _SMALL] == [], name


def test_pulls_of_one_image_are_counted_by_an_index(url: str) -> None:
    write(url, row(3))
    asked = {"image": 1, "since": 0, "moment": 0}
    with Questions(url, "usage_reading") as questions:
        sql = f"EXPLAIN QUERY PLAN {questions._sql['pulls_by_hour']}"
        (step,) = questions._connection.execute(sql, asked).fetchall()
    assert step[3] == "SEARCH u USING INDEX usage_image_hour (image_id=? AND hour>?)"
