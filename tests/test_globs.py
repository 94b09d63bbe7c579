"""Names and patterns of repositories that a user may type."""

from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.globs import can_be_crawled, front_of, is_pattern, read_glob, read_org
from dockerhub.reports.scope import read_scope


def test_patterns() -> None:
    assert [is_pattern(text) for text in ("a", "a*", "a?", "[a]")] == [False, True, True, True]


@pytest.mark.parametrize(
    ("glob", "front"), [("*", ""), ("a/b", "a/b"), ("a/b*c", "a/b"), ("a?/b", "a"), ("a[bc]", "a")]
)
def test_what_every_match_begins_with(glob: str, front: str) -> None:
    assert front_of(glob) == front


@pytest.mark.parametrize(
    ("text", "namespace", "glob"),
    [
        ("*", None, "*"),
        ("nginx", None, "library/nginx"),
        ("nginx", "bitnami", "bitnami/nginx"),
        ("ng*", None, "library/ng*"),
        ("ng*", "bitnami", "bitnami/ng*"),
        ("docker.io/library/nginx", None, "library/nginx"),
        ("[!a-c]x/[!d]", None, "[^a-c]x/[^d]"),
    ],
)
def test_what_is_meant(text: str, namespace: str | None, glob: str) -> None:
    assert read_glob("--repo", text, namespace) == glob


@pytest.mark.parametrize("text", ["", "a/b/c", "a b*", "a/*/c", "[", "[]x", "*]", "/x*", "é*"])
def test_what_is_neither_is_refused(text: str) -> None:
    expected = "^--repo: expected a repository or a pattern, such as nginx or bitnami/[*], got "
    with pytest.raises(ArgumentError, match=expected):
        read_glob("--repo", text)


def test_a_tag_is_no_repository() -> None:
    with pytest.raises(ArgumentError, match='bitnami/[*], without a tag, got "nginx:1"'):
        read_glob("--repo", "nginx:1")


def test_old_names_with_capitals_are_asked_for_but_not_crawled() -> None:
    assert read_glob("--repo", "Bitnami/OldName") == "Bitnami/OldName"
    assert read_org("--org", "Bitnami") == "Bitnami"
    assert (can_be_crawled("bitnami/nginx"), can_be_crawled("Bitnami/OldName")) == (True, False)
    crawl = read_scope(None, "Bitnami/OldName").crawl()
    assert crawl == "scrapy crawl search -a query=OldName"
    assert read_scope("Bitnami", None).crawl() == "scrapy crawl search -a query=Bitnami"


@pytest.mark.parametrize("text", ["", "a/b", "..", "a b", "\x1b[31m"])
def test_what_is_no_organisation_is_refused_by_its_option(text: str) -> None:
    with pytest.raises(ArgumentError, match="^--org: expected a user or an organisation"):
        read_scope(text, None)
