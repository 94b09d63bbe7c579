from __future__ import annotations

import pytest

from dockerhub.standin.search_index import SearchIndex

TEXTS = ["ada/my-app The A of all", "bob/app_one", "bob/myapp", "carl/web-my old App"]


@pytest.fixture
def index() -> SearchIndex:
    return SearchIndex(TEXTS)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("my", [0, 2, 3]),
        ("app", [0, 1, 3]),
        ("APP", [0, 1, 3]),
        ("bob", [1, 2]),
        # A word in the middle of another is not found.
        ("pp", []),
        ("one", []),
        # A hyphen is not seen at the end, and between words it is a space.
        ("my-", [0, 2, 3]),
        ("my-app", [0, 3]),
        ("app my", [0, 3]),
        ("app_", [1]),
        ("", []),
        ("-", []),
    ],
)
def test_words_are_found_by_their_beginnings(
    index: SearchIndex, query: str, places: list[int]
) -> None:
    assert index.find(query) == places


def test_longer_prefixes_and_the_word_itself_are_all_there_is(index: SearchIndex) -> None:
    longer = {place for sign in "abcdefghijklmnopqrstuvwxyz_" for place in index.find(f"my{sign}")}

    assert longer == {2}
    assert set(index.find("my")) - longer == {0, 3}


def test_results_are_kept_only_for_a_while(index: SearchIndex) -> None:
    for number in range(200):
        index.find(f"a{number}")

    assert index.find("bob") == [1, 2]
    assert len(index._found) <= 65
