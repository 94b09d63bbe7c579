"""The pure parts of a plan: spans, pages of lists, time."""

from __future__ import annotations

import pytest

from dockerhub.reports.plan_lists import Paging
from dockerhub.reports.plan_spans import NOTHING, Span, about, known, mean_of, some_of, total
from dockerhub.reports.plan_time import Budget


def test_a_sum_is_known_if_all_of_it_is() -> None:
    assert known(2) + known(3) == Span(5, 5, 5, is_known=True)
    assert known(2) + about(3) == Span(5, 5, 5)
    assert total([known(1), Span(0, 1, 2)]) == Span(1, 2, 3)
    assert total([]) == NOTHING


def test_times() -> None:
    assert Span(1, 2, 3).times(1, 2, 3) == Span(1, 4, 9)
    assert known(2).times(3, 3, 3) == known(6)
    assert Span(0.4, 1.6, 2.1).whole() == (0, 2, 3)


def test_some_of_many() -> None:
    assert some_of(0, 0.5) == NOTHING
    assert some_of(100, 0.1) == Span(3, 10, 17)
    assert some_of(10, 0) == Span(0, 0, 1)
    assert some_of(2, 1).high == 2


def test_a_mean_of_few_may_be_far_off() -> None:
    assert mean_of([1, 3], 10) == Span(0, 20, 60)
    low, likely, high, is_known = mean_of([1, 1, 1, 3, 3, 3], 10)
    assert (likely, is_known) == (20, False)
    assert 0 < low < likely < high < 40


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (10_000, 100)])
def test_a_list_that_is_not_cut(count: int, pages: int) -> None:
    assert Paging(100, None).pages(count) == known(pages)


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (198, known(2)),
        # Two pages and the one that is refused, two by name, at most two the other way round.
        (280, Span(4, 7, 15)),
        (500, Span(7, 15, 15)),
        (1387, known(15)),
    ],
)
def test_a_list_of_repositories_that_is_cut(count: int, pages: Span) -> None:
    assert Paging(99, 100, 7).pages(count) == pages


@pytest.mark.parametrize(
    ("count", "pages"),
    [(1089, known(11)), (1090, known(13)), (1500, known(17)), (2178, known(23))],
)
def test_a_list_of_tags_that_is_cut(count: int, pages: Span) -> None:
    assert Paging(99, 1000, 4, is_inverse_next=True).pages(count) == pages


def test_a_search_shows_two_pages() -> None:
    assert Paging(99, 100, 1).pages(10_000) == known(3)
    assert Paging(99, 100, 1).shown(10_000) == 198


@pytest.mark.parametrize(
    ("budget", "requests", "exits", "seconds"),
    [
        (Budget(None), 1000, 1, None),
        (Budget(120), 240, 1, 120),
        (Budget(120), 240, 2, 60),
        (Budget(120, 180, 180, 60), 240, 1, 120),
        # 180 at once, the rest once the window is over.
        (Budget(None, 180, 180, 30), 240, 1, 30),
        (Budget(None, 180, 0, 30), 361, 1, 30 + 2 * 60),
        (Budget(None, 80, 10, None, 3600), 100, 1, 2 * 3600),
        (Budget(None, 80, 10, None, 3600), 10, 1, 0),
    ],
)
def test_time(budget: Budget, requests: int, exits: int, seconds: float | None) -> None:
    assert budget.seconds(requests, exits) == seconds
