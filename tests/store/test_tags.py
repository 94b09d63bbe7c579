from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.store import platforms
from tests.store.made import NOW, at, digest, digest_text, image, tag, tags

if TYPE_CHECKING:
    from dockerhub.items import TagRow
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

MOVES = (
    "SELECT t.name, s.digest, m.seen_from, m.seen_until, m.moved_at FROM tag_move AS m"
    " JOIN tag AS t ON t.id = m.tag_id JOIN image_set AS s ON s.id = m.image_set_id ORDER BY m.id"
)
SEEN = "SELECT first_seen_at, image_set_seen_at, last_seen_at FROM tag"


def test_first_seen_stays_and_last_seen_moves(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1")), tags(at(9), tag("1", status="inactive"))])
    assert look.one(SEEN) == (NOW, NOW, at(9))
    assert look.one("SELECT status FROM tag") == ("inactive",)


def test_a_push_leaves_a_move(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1", "old")), tags(at(5), tag("1", "old"))])
    tally = writer.write([tags(at(9), tag("1", "new", updated=at(7)))])
    assert look(MOVES) == [("1", digest("old"), NOW, at(5), at(9))]
    assert look.one(SEEN) == (NOW, at(9), at(9))
    assert tally["tags_moved"] == 1


def test_back_and_forth_gives_each_move(writer: Writer, look: Look) -> None:
    for number, shows in enumerate("abab"):
        writer.write([tags(at(number), tag("1", shows, updated=at(number)))])
    expected = [(name, at(n), at(n), at(n + 1)) for n, name in enumerate("aba")]
    assert look(MOVES) == [("1", digest(name), *times) for name, *times in expected]
    assert len(look("SELECT id FROM image_set")) == 2


@pytest.mark.parametrize(
    ("old", "new", "moves"),
    [
        pytest.param(tag("1", "a"), tag("1", "b", updated=at(5)), 1, id="pushed"),
        pytest.param(tag("1", None), tag("1", "a"), 0, id="digest filled in"),
        pytest.param(tag("1", "a"), tag("1", None), 0, id="digest withheld"),
        pytest.param(tag("1", None), tag("1", "a", updated=at(5)), 1, id="pushed, first digest"),
        pytest.param(tag("1", "a"), tag("1", "a", updated=at(5)), 0, id="the same pushed again"),
        pytest.param(tag("1", "a"), tag("1", "a", images=()), 0, id="images left out"),
        pytest.param(tag("1", "a"), tag("1", "b"), 0, id="no push"),
        pytest.param(
            tag("1", None), tag("1", None, updated=at(5)), 0, id="pushed, nothing else is told"
        ),
        pytest.param(
            tag("1", None),
            tag("1", None, updated=at(5), images=(image(size=7),)),
            1,
            id="pushed, other images",
        ),
    ],
)
def test_only_a_push_is_a_move(
    writer: Writer, look: Look, old: TagRow, new: TagRow, moves: int
) -> None:
    writer.write([tags(NOW, old), tags(at(9), new)])
    assert len(look(MOVES)) == moves
    assert look.one("SELECT digest FROM image_set WHERE id = (SELECT image_set_id FROM tag)") == (
        new.digest,
    )


def test_an_older_answer_changes_nothing(writer: Writer, look: Look) -> None:
    writer.write([tags(at(9), tag("1", "new", updated=at(7)))])
    before = look("SELECT * FROM tag")
    tally = writer.write([tags(at(5), tag("1", "old"))])
    assert (look("SELECT * FROM tag"), look(MOVES), tally["tags_moved"]) == (before, [], 0)


def test_tags_that_show_the_same_share_one_image_set(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, *[tag(str(number)) for number in range(50)])])
    writer.write([tags(at(1), tag("alias", status="inactive", full_size=None))])
    assert len(look("SELECT DISTINCT image_set_id FROM tag")) == 1
    assert len(look("SELECT * FROM image_set")) == len(look("SELECT * FROM image")) == 1
    assert look.one("SELECT first_seen_at FROM image_set") == (NOW,)


def test_images_keep_their_order(writer: Writer, look: Look) -> None:
    order = ("linux/s390x", "linux/amd64", "unknown/unknown", "linux/arm64/v8", "unknown/unknown")
    writer.write([tags(NOW, tag("1", images=tuple(map(image, order))))])
    found = look("SELECT image_index, platform FROM images ORDER BY image_index")
    assert found == list(enumerate(order))


def test_the_same_images_in_another_order_are_another_set(writer: Writer, look: Look) -> None:
    two = image(), image("linux/arm64/v8")
    writer.write([tags(NOW, tag("1", images=two), tag("2", images=two[::-1]))])
    assert look("SELECT architectures FROM tags ORDER BY tag_name") == [
        ("amd64|arm64",),
        ("arm64|amd64",),
    ]


@pytest.mark.parametrize("remembered", [10_000, 1], ids=["remembered", "forgotten"])
def test_a_platform_is_stored_once(
    writer: Writer, look: Look, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(platforms, "MOST_REMEMBERED", remembered)
    windows = image("windows/amd64", os_version="10.0.17763.1"), image("windows/amd64")
    shown = (image("linux/arm/v7"), *windows, image("linux/arm/v7", digest=None, size=None))
    writer.write([tags(NOW, tag("1", images=shown)), tags(NOW, tag("2", "x", images=shown))])
    assert look("SELECT os, architecture, variant, os_version FROM platform") == [
        ("linux", "arm", "v7", ""),
        ("windows", "amd64", "", "10.0.17763.1"),
        ("windows", "amd64", "", ""),
    ]
    assert len(look("SELECT * FROM image")) == 8


def test_a_tag_without_images_and_digest_is_a_tag(writer: Writer, look: Look) -> None:
    bare = tag("1", None, images=(), media_type=None, content_type=None, updated=None)
    writer.write([tags(NOW, bare)])
    sql = "SELECT tag_name, digest, image_count, architectures, last_updated FROM tags"
    assert look.one(sql) == ("1", None, 0, None, None)


def test_an_empty_page_names_the_repository(writer: Writer, look: Look) -> None:
    assert writer.write([tags(NOW)]) == {}
    assert look("SELECT full_name FROM repositories") == [("bitnami/nginx",)]
    assert look("SELECT * FROM image_set") == []


def test_a_name_twice_on_a_page_is_one_tag(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1", "a"), tag("1", "b"))])
    assert look("SELECT tag_name, digest FROM tags") == [("1", digest_text("b"))]


def test_tags_of_equal_names_in_two_repositories_are_two(writer: Writer, look: Look) -> None:
    other = tags(NOW, tag("1", "b"))
    writer.write([tags(NOW, tag("1", "a"))])
    repository = other.repository._replace(name="redis")
    writer.write([type(other)(seen=NOW, repository=repository, rows=other.rows)])
    assert look("SELECT repo_name, digest FROM tags ORDER BY repo_name") == [
        ("bitnami/nginx", digest_text("a")),
        ("bitnami/redis", digest_text("b")),
    ]
