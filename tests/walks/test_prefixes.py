from __future__ import annotations

import pytest

from dockerhub.catalog_targets import ALPHABET
from dockerhub.items import Find, RepositoryRow
from dockerhub.names import RepositoryName
from dockerhub.walks.prefixes import (
    begins_so,
    find_of,
    is_ceiling,
    is_cut_short,
    longer_prefixes,
    words_of,
)


def row(full_name: str, description: str | None = None) -> RepositoryRow:
    return RepositoryRow(RepositoryName.of(full_name), description, 1, 1)


def test_words_end_at_hyphens_dots_and_slashes_but_not_at_underscores() -> None:
    assert words_of("Ada/my-app_1.x Ünïcode!") == ["ada", "my", "app_1", "x", "ünïcode"]


@pytest.mark.parametrize(
    ("prefix", "full_name", "description", "found"),
    [
        ("ad", "ada/web", None, Find(by_owner=True, by_name=False, is_namesake=False)),
        ("we", "ada/my-web", None, Find(by_owner=False, by_name=True, is_namesake=False)),
        ("we", "ada/app", "A website", Find(by_owner=False, by_name=True, is_namesake=False)),
        ("ad", "ada/ada-web", None, Find(by_owner=True, by_name=True, is_namesake=True)),
        ("my-we", "ada/my-web", None, Find(by_owner=False, by_name=True, is_namesake=False)),
        # What nothing explains, the search saw in something else of its own.
        ("zz", "ada/web", None, Find(by_owner=False, by_name=True, is_namesake=False)),
        (None, "ada/adapter", None, Find(by_owner=False, by_name=False, is_namesake=True)),
    ],
)
def test_in_which_ways_a_hit_was_found(
    prefix: str | None, full_name: str, description: str | None, found: Find
) -> None:
    assert find_of(row(full_name, description), prefix) == found


def test_longer_prefixes_have_hits_as_often_as_their_sign_follows() -> None:
    hits = [row("alba/web"), row("alto/web"), row("zoe/alpine", "all"), row("a/l")]

    found = dict(longer_prefixes("al", 400, hits, "bptlz"))

    assert list(found) == ["alb", "alp", "alt", "all", "alz"]
    assert found["alb"] == found["alt"] == found["alp"] == found["all"]
    assert 85 < found["alb"] < 95
    assert 0 < found["alz"] < 5


def test_a_sign_counts_once_a_hit() -> None:
    once = longer_prefixes("al", 100, [row("alba/web")], "b")
    twice = longer_prefixes("al", 100, [row("alba/albatros-web")], "b")

    assert once == twice


def test_all_signs_of_the_alphabet_are_gone_through() -> None:
    assert [prefix for prefix, _ in longer_prefixes("x", 10, [], ALPHABET)] == [
        f"x{sign}" for sign in ALPHABET
    ]


@pytest.mark.parametrize(
    ("prefix", "is_short"), [("my-", True), ("my.", True), ("my", False), ("my_", False)]
)
def test_a_sign_that_ends_a_word_is_not_seen(prefix: str, is_short: bool) -> None:
    assert is_cut_short(prefix) == is_short


def test_after_a_hyphen_the_last_word_goes_on() -> None:
    found = dict(longer_prefixes("my-we", 100, [row("ada/my-web")], "ab"))

    assert found["my-web"] > found["my-wea"]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, False), (999, False), (1001, False), (1000, True), (10_000, True)]
)
def test_round_counts_are_where_counting_stopped(count: int, expected: bool) -> None:
    assert is_ceiling(count) is expected


@pytest.mark.parametrize(
    ("prefix", "expected"), [("we", True), ("ad", True), ("si", True), ("x-si", True), ("z", False)]
)
def test_hits_tell_whether_a_search_heeded_a_prefix(prefix: str, expected: bool) -> None:
    assert begins_so(prefix, [row("bob/app"), row("ada/my-web", "A site")]) is expected
