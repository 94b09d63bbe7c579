from __future__ import annotations

import pytest

from dockerhub.walks.yields import Source, Yield, Yields


def test_only_the_last_requests_count_for_the_recent_yield() -> None:
    found = Yield(window=10)
    for _ in range(10):
        found.took(1, 5)
    assert (found.recent, found.overall) == (5, 5)

    for _ in range(10):
        found.took(1, 1)

    assert (found.recent, found.overall) == (1, 3)


def test_a_yield_is_told_from_the_first_request_on_but_counts_for_a_full_window() -> None:
    found = Yield(window=10)
    assert (found.recent, found.is_full) == (0, False)

    found.took(1, 7)

    assert (found.recent, found.is_full) == (7, False)


def test_a_source_is_over_when_a_whole_window_brought_too_little() -> None:
    yields = Yields(window=10, least=0.5)
    for _ in range(9):
        yields.of[Source.LISTS].took(1, 0)
    assert not yields.is_over(Source.LISTS)

    yields.of[Source.LISTS].took(1, 4)

    assert yields.is_over(Source.LISTS)
    assert yields.choose() is Source.SEARCH


def test_it_is_over_when_both_are() -> None:
    yields = Yields(window=10, least=0.5)
    for source in Source:
        yields.of[source].took(10, 1)

    assert yields.choose() is None


def test_with_nothing_asked_of_a_yield_it_is_never_over() -> None:
    yields = Yields(window=10, least=0)
    for source in Source:
        yields.of[source].took(1000, 0)

    assert yields.choose() is not None


@pytest.mark.parametrize("better", list(Source))
def test_what_brings_more_goes_on_and_the_other_has_a_turn_now_and_then(better: Source) -> None:
    yields = Yields(window=100, least=0.5)
    for source in Source:
        yields.of[source].took(100, 900 if source is better else 100)

    chosen = [yields.choose() for _ in range(100)]

    assert chosen.count(better) == 95


def test_what_was_hardly_tried_is_tried() -> None:
    yields = Yields(window=100, least=0.5)
    yields.of[Source.SEARCH].took(100, 500)

    assert yields.choose() is Source.LISTS
