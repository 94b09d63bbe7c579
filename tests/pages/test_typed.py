from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.pages.canned import CANNED
from dockerhub.pages.typed import check_typed


def looked_up(**typed: str) -> list[tuple[str, dict[str, str]]]:
    return [(each.statement, each.parameters) for each in check_typed(typed, tuple(typed))]


def test_empty_fields_are_never_wrong() -> None:
    for canned in CANNED.values():
        assert looked_up(**dict.fromkeys(canned.parameters, " ")) == []


def test_names_are_looked_up() -> None:
    assert looked_up(org=" acme ") == [("known_org", {"org": "acme"})]
    assert looked_up(repo="nginx", tag="") == [("known_repo", {"repo": "library/nginx"})]
    assert looked_up(repo="a/b", tag="1") == [
        ("known_repo", {"repo": "a/b"}),
        ("known_tag", {"repo": "a/b", "tag": "1"}),
    ]
    assert looked_up(image="a/b")[1] == ("known_tag", {"repo": "a/b", "tag": "latest"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("since", "gestern"),
        ("since", "3000-01-01"),
        ("days", "0"),
        ("days", "1.5"),
        ("days", "9" * 5000),
        ("kind", "tag_move"),
        ("repo", "a/b/c"),
        ("image", "a b"),
        ("tag", "a b"),
        ("digest", "sha256:12"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=rf"^{name}: expected .*, got "):
        looked_up(**{name: text})
