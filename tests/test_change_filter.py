"""Which changes somebody wants."""

from __future__ import annotations

import json

import pytest

from dockerhub.change_filter import ChangeFilter, read_filter
from dockerhub.errors import ArgumentError


@pytest.mark.parametrize(
    ("text", "globs"),
    [
        (None, ()),
        ("*", ()),
        ("*/*", ()),
        ("nginx,*", ()),
        ("nginx", ("library/nginx",)),
        ("*sql", ("library/*sql",)),
        ("bitnami/*", ("bitnami/*",)),
        ("nginx, bitnami/* ,nginx", ("bitnami/*", "library/nginx")),
        ("[!a]*/x?", ("[^a]*/x?",)),
        ("[!a-c]x", ("library/[^a-c]x",)),
        ("*/nginx", ("*/nginx",)),
    ],
)
def test_repositories(text: str | None, globs: tuple[str, ...]) -> None:
    assert read_filter(text, None) == ChangeFilter(globs)


@pytest.mark.parametrize(
    "text", ["", ",", "a/b/c", "nginx:1.27", "a b", "[", "[]x", "a]", "/x", "x/", "é", "x" * 256]
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="^--repo: expected a repository or a pattern"):
        read_filter(text, None)


def test_kinds_are_in_an_order_of_their_own() -> None:
    assert read_filter(None, "tag_moved, tag_created").kinds == ("tag_created", "tag_moved")


def test_a_kind_that_is_none_is_refused() -> None:
    expected = (
        "--kind: expected one of tag_created, tag_moved, tag_deleted, repository_appeared,"
        ' repository_gone, base_outdated, got "tag_gone"'
    )
    with pytest.raises(ArgumentError) as refused:
        read_filter(None, "tag_moved,tag_gone")
    assert str(refused.value) == expected


def test_the_same_in_another_order_is_the_same() -> None:
    one, other = (
        read_filter("a/b,nginx", "tag_moved,tag_created"),
        read_filter("nginx,a/b", "tag_created,tag_moved"),
    )

    assert one.key == other.key
    assert one.key != read_filter("a/b", "tag_moved,tag_created").key
    assert one.about == "a/b, library/nginx, tag_created, tag_moved"


def test_a_pattern_comes_with_the_names_between_which_it_lies() -> None:
    asked = read_filter("bitnami/ng*,*/x", None).parameters

    assert asked["kinds"] is None
    assert json.loads(asked["globs"] or "") == [
        {"glob": "*/x", "low": "", "high": "~"},
        {"glob": "bitnami/ng*", "low": "bitnami/ng", "high": "bitnami/ng~"},
    ]
