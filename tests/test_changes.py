"""What an event says, and the id that it keeps."""

from __future__ import annotations

import json

import pytest

from dockerhub.changes import (
    KINDS,
    Change,
    change_body,
    change_id,
    change_page,
    change_text,
    change_title,
)
from tests.store.made import NOW, digest, digest_text

MOVED = Change(
    number=7,
    kind="tag_moved",
    namespace="library",
    name="nginx",
    tag="1.27",
    seen=NOW,
    hub=NOW - 1,
    old=digest("a"),
    new=digest("b"),
    base=None,
    description="a server",
)
A, B = digest("a").hex()[:12], digest("b").hex()[:12]


def test_the_id_is_made_of_what_happened() -> None:
    """Written out: a feed's readers have it."""
    assert change_id(MOVED) == "urn:uuid:91226935-2fe5-5895-8e85-425fcfd88db6"


@pytest.mark.parametrize("other", [{"number": 8}, {"description": "another"}])
def test_what_is_no_fact_changes_no_id(other: dict[str, object]) -> None:
    assert change_id(MOVED._replace(**other)) == change_id(MOVED)  # type: ignore[arg-type]


def test_each_fact_makes_another_id() -> None:
    others = [
        *({"kind": "tag_created"}, {"namespace": "acme"}, {"name": "app"}, {"tag": "1.28"}),
        *({"tag": None}, {"seen": NOW + 1}, {"hub": None}, {"old": None}, {"new": digest("c")}),
        {"base": "library/debian:12"},
    ]
    ids = {change_id(MOVED._replace(**other)) for other in others}  # type: ignore[arg-type]

    assert len({*ids, change_id(MOVED)}) == len(others) + 1


@pytest.mark.parametrize(
    ("kind", "tag", "base", "title"),
    [
        ("tag_created", "1.27", None, f"library/nginx:1.27 is new and shows {B}"),
        ("tag_moved", "1.27", None, f"library/nginx:1.27 moved from {A} to {B}"),
        ("tag_deleted", "1.27", None, f"library/nginx:1.27 is gone; it showed {A}"),
        ("repository_appeared", None, None, "library/nginx appeared"),
        ("repository_gone", None, None, "library/nginx is gone"),
        (
            "base_outdated",
            "1.27",
            "library/debian:12",
            f"library/nginx:1.27 is built on library/debian:12, which moved from {A} to {B}",
        ),
    ],
)
def test_a_title_says_what_happened(
    kind: str, tag: str | None, base: str | None, title: str
) -> None:
    assert change_title(MOVED._replace(kind=kind, tag=tag, base=base)) == title
    assert kind in KINDS


def test_a_text_has_whole_digests() -> None:
    assert change_text(MOVED._replace(new=None)) == (
        f"library/nginx:1.27 moved from {digest_text('a')} to an unknown digest"
    )


@pytest.mark.parametrize(
    ("namespace", "name", "tag", "page"),
    [
        ("library", "nginx", None, "https://hub.docker.com/_/nginx"),
        ("library", "nginx", "1.27", "https://hub.docker.com/_/nginx/tags?name=1.27"),
        ("acme", "app", None, "https://hub.docker.com/r/acme/app"),
        ("acme", "app", "1", "https://hub.docker.com/r/acme/app/tags?name=1"),
        (
            "a/../b",
            "<c>",
            "d&e=f",
            "https://hub.docker.com/r/a%2F..%2Fb/%3Cc%3E/tags?name=d%26e%3Df",
        ),
    ],
)
def test_a_page_of_docker_hub(namespace: str, name: str, tag: str | None, page: str) -> None:
    assert change_page(MOVED._replace(namespace=namespace, name=name, tag=tag)) == page


def test_the_body_of_a_post() -> None:
    assert json.loads(change_body(MOVED)) == {
        "version": 1,
        "id": change_id(MOVED),
        "kind": "tag_moved",
        "repo_name": "library/nginx",
        "tag_name": "1.27",
        "seen_at": "2026-11-22T08:00:00.000000Z",
        "hub_at": "2026-11-22T07:59:59.999999Z",
        "old_digest": digest_text("a"),
        "new_digest": digest_text("b"),
        "base_image": None,
        "url": "https://hub.docker.com/_/nginx/tags?name=1.27",
        "text": f"library/nginx:1.27 moved from {A} to {B}",
    }


def test_what_is_not_known_is_null_in_a_body() -> None:
    body = json.loads(change_body(MOVED._replace(hub=None, old=None, new=None, tag=None)))

    nulls = [name for name, value in body.items() if value is None]
    assert nulls == ["tag_name", "hub_at", "old_digest", "new_digest", "base_image"]


def test_hostile_text_stays_plain() -> None:
    hostile = MOVED._replace(name="\x1b[31m<b>\u202e", tag="x\r\ny")

    assert change_title(hostile).startswith("library/ [31m<b> :x y moved")
    body = change_body(hostile)
    assert body.isascii()
    assert json.loads(body)["text"] == change_title(hostile)
    assert b"\x1b" not in body
    assert b"\n" not in body
