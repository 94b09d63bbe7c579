"""What the registry says of tags: their digests and their names, beside what Hub lists."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence
from dockerhub.kinds import StopReason
from dockerhub.media_types import OCI_INDEX
from tests.store.made import NGINX, NOW, SECOND, at, digest, digest_text, image, step, tag, tags
from tests.store.made_contents import head, names

if TYPE_CHECKING:
    from dockerhub.items import TagRow
    from dockerhub.store.reader import Reader
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

MOVES = (
    "SELECT s.digest, m.seen_from, m.seen_until, m.moved_at FROM tag_move AS m"
    " JOIN image_set AS s ON s.id = m.image_set_id ORDER BY m.id"
)
SEEN = "SELECT first_seen_at, image_set_seen_at, last_seen_at, listed_at, gone_at FROM tag"
SAID = "SELECT digest, media_type, last_updated, image_count FROM tags"
REGISTRY = "SELECT registry_digest, registry_media_type FROM tag"
OLD = tag("1", None, media_type=None)


def test_a_digest_makes_a_tag(writer: Writer, look: Look) -> None:
    assert writer.write([head(NOW)]) == {"tags_new": 1}
    assert look.one(SAID) == (digest_text("first"), OCI_INDEX, None, 0)
    assert look.one(SEEN) == (NOW, NOW, NOW, None, None)
    before = look.everything()
    assert writer.write([head(NOW)]) == Counter()
    assert look.everything() == before


def test_names_make_tags(writer: Writer, look: Look) -> None:
    assert writer.write([names(NOW, "1", "2", "2"), names(NOW)]) == {"tags_new": 2}
    assert look(SAID) == [(None, None, None, 0)] * 2
    assert look("SELECT DISTINCT image_set_id FROM tag") == [(1,)]
    before = look.everything()
    assert writer.write([names(NOW, "1", "2")]) == Counter()
    assert look.everything() == before


def test_a_page_of_names_may_be_long(writer: Writer, look: Look) -> None:
    many = tuple(f"v{number}" for number in range(2500))
    assert writer.write([names(NOW, *many)]) == {"tags_new": 2500}
    assert writer.write([names(at(1), *many, "last")]) == {"tags_new": 1}
    assert look.one("SELECT COUNT(*), MIN(last_seen_at) FROM tag") == (2501, at(1))


def test_what_hub_listed_stays_when_the_registry_names_it(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1")), names(at(5), "1")])
    assert look.one(SEEN) == (NOW, NOW, at(5), NOW, None)
    assert look.one(SAID)[0] == digest_text("first")


@pytest.mark.parametrize("item", [names(at(9), "1"), head(at(9))], ids=["name", "digest"])
def test_who_is_named_is_back(writer: Writer, look: Look, item: Any) -> None:
    writer.write([tags(NOW, tag("1")), Absence(seen=at(5), repository=NGINX, tag="1"), item])
    assert look.one(SEEN) == (NOW, NOW, at(9), NOW, None)
    assert look("SELECT gone_at, back_at FROM absence") == [(at(5), at(9))]


@pytest.mark.parametrize(
    "item", [names(at(3), "1"), head(at(3), shows="old")], ids=["name", "digest"]
)
def test_an_older_answer_changes_nothing(writer: Writer, look: Look, item: Any) -> None:
    writer.write([tags(at(5), tag("1"))])
    before = look("SELECT * FROM tag")
    assert writer.write([item]) == Counter()
    assert look("SELECT * FROM tag") == before
    writer.write([Absence(seen=at(6), repository=NGINX, tag="1")])
    before = look("SELECT * FROM tag")
    writer.write([item])
    assert look("SELECT * FROM tag") == before
    assert look("SELECT * FROM tag_move") == look("SELECT * FROM absence") == []


def test_a_name_keeps_a_tag_from_being_lost(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1"), tag("2")), names(at(9), "1")])
    whole = step(reason=StopReason.COMPLETE, started=NOW + 8 * SECOND)
    assert writer.write([tags(at(10), tag("3"), walk=whole)])["tags_gone"] == 1
    assert look("SELECT name FROM tag WHERE gone_at IS NULL ORDER BY name") == [("1",), ("3",)]


def test_what_the_registry_names_was_not_seen_in_hubs_list(writer: Writer, reader: Reader) -> None:
    writer.write([tags(NOW, tag("1")), names(at(5), "1", "2"), head(at(6), "3")])
    assert reader.seen_tags(NGINX, NOW) == ["1"]
    assert reader.seen_tags(NGINX, at(1)) == []
    known = reader.known_tag(NGINX, "1")
    assert known is not None
    assert known.last_seen == NOW


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        pytest.param(tag("1", None), True, id="no digest"),
        pytest.param(tag("1", "first"), True, id="the same"),
        pytest.param(tag("1", "other"), False, id="another one"),
    ],
)
def test_hub_lists_a_tag_that_the_registry_told(
    writer: Writer, look: Look, listed: TagRow, kept: bool
) -> None:
    writer.write([head(NOW), tags(at(5), listed)])
    assert look.one(REGISTRY) == ((digest("first"), OCI_INDEX) if kept else (None, None))
    shown = digest_text("first") if kept else digest_text("other")
    assert look.one(SAID)[0] == shown
    moves = [] if kept else [(digest("first"), NOW, NOW, at(5))]
    assert look(MOVES) == moves
    assert look.one(SEEN)[3] == at(5)


def test_a_name_that_hub_describes_has_not_moved(writer: Writer, look: Look) -> None:
    writer.write([names(NOW, "1"), tags(at(5), tag("1"))])
    assert look(MOVES) == []
    assert look.one(SAID) == (digest_text("first"), OCI_INDEX, "2026-11-22T08:00:00.000000Z", 1)


@pytest.mark.parametrize(
    ("listed", "kept", "moves"),
    [
        pytest.param(OLD, True, 0, id="the same again"),
        pytest.param(OLD._replace(last_updated=at(5)), False, 1, id="pushed, no digest"),
        pytest.param(tag("1", "first", updated=at(5)), True, 0, id="pushed, the same digest"),
        pytest.param(tag("1", "other", updated=at(5)), False, 1, id="pushed, another digest"),
        pytest.param(tag("1", "first"), True, 0, id="the digest filled in"),
        pytest.param(tag("1", "other"), False, 0, id="another digest, no push"),
    ],
)
def test_a_push_makes_old_what_the_registry_said(
    writer: Writer, look: Look, listed: TagRow, kept: bool, moves: int
) -> None:
    writer.write([tags(NOW, OLD), head(at(1))])
    assert look.one(SAID)[:2] == (digest_text("first"), OCI_INDEX)
    shows_else = listed._replace(images=(image(size=7),))
    writer.write([tags(at(9), listed if listed.last_updated == NOW else shows_else)])
    assert look.one(REGISTRY) == ((digest("first"), OCI_INDEX) if kept else (None, None))
    # What it left is told with the digest that only the registry knew.
    assert look(MOVES) == [(digest("first"), NOW, at(1), at(9))] * moves


def test_the_registry_sees_a_move_before_hub_lists_it(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1", "old")), head(at(5), shows="new")])
    assert look(MOVES) == [(digest("old"), NOW, NOW, at(5))]
    assert look.one(SAID) == (digest_text("new"), OCI_INDEX, None, 0)
    assert look.one(SEEN) == (NOW, at(5), at(5), None, None)
    assert look.one("SELECT full_size, last_pushed_at, status FROM tag") == (None, None, "active")
    tally = writer.write([tags(at(9), tag("1", "new", updated=at(4)))])
    assert tally["tags_moved"] == 0
    assert look.one(SAID)[::2] == (digest_text("new"), "2026-11-22T08:00:04.000000Z")


def test_a_tag_moves_on_in_the_registry_alone(writer: Writer, look: Look) -> None:
    for number, shows in enumerate("aab"):
        writer.write([head(at(number), shows=shows)])
    assert look(MOVES) == [(digest("a"), NOW, at(1), at(2))]
    assert look.one(SAID)[0] == digest_text("b")
    assert look.one(SEEN)[1] == at(2)


def test_the_images_of_what_was_left_are_kept(writer: Writer, look: Look) -> None:
    shown = (image("linux/arm64/v8", digest=None), image("windows/amd64", os_version="10"))
    writer.write([tags(NOW, OLD._replace(images=shown)), head(at(1)), head(at(2), shows="new")])
    assert look(MOVES) == [(digest("first"), NOW, at(1), at(2))]
    (kept,) = look.one("SELECT image_set_id FROM tag_move")
    found = look(
        "SELECT i.digest, p.os, p.variant, p.os_version FROM image AS i"
        " JOIN platform AS p ON p.id = i.platform_id WHERE i.image_set_id = ?",
        kept,
    )
    assert found == [(None, "linux", "v8", ""), (digest("windows/amd64"), "windows", "", "10")]
    types = look.one("SELECT media_type, content_type FROM image_set WHERE id = ?", kept)
    assert types == (OCI_INDEX, "image")


def test_the_registry_repeats_what_hub_said(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1", media_type="as listed")), head(at(1))])
    assert (look(MOVES), look.one(SAID)[:2]) == ([], (digest_text("first"), "as listed"))
    assert look.one(SEEN) == (NOW, NOW, at(1), NOW, None)


def test_signature_tags_are_tags(writer: Writer, look: Look, reader: Reader) -> None:
    signature = f"sha256-{'0' * 64}.sig"
    writer.write([names(NOW, signature, "1"), tags(at(1), tag("2")), names(at(2), "3")])
    assert look.one("SELECT COUNT(*) FROM tags") == (4,)
    assert reader.contents.undetailed(NGINX, 9) == (["1", "3"], 2)
    assert reader.contents.undetailed(NGINX, 1) == (["1"], 2)
    writer.write([tags(at(3), tag("1", None, updated=None, images=()))])
    assert reader.contents.undetailed(NGINX, 9) == (["3"], 1)
    writer.write([Absence(seen=at(4), repository=NGINX, tag="3")])
    assert reader.contents.undetailed(NGINX, 9) == ([], 0)


def test_known_digests(writer: Writer, reader: Reader) -> None:
    writer.write([tags(NOW, tag("hub", "a"), OLD, tag("gone", "c")), names(NOW, "name")])
    writer.write([head(NOW, "head", "b"), Absence(seen=at(1), repository=NGINX, tag="gone")])
    asked = ["hub", "1", "name", "head", "gone", "unknown"]
    known = {"hub": digest("a"), "head": digest("b")}
    assert reader.contents.known_digests(NGINX, asked) == known
    assert reader.contents.known_digests(NGINX, []) == {}
