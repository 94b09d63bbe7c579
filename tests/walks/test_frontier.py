from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.walks.frontier import Frontier
from tests.walks.changing_list import ChangingList
from tests.walks.walking import SEEDS, change_less_than_a_page, often


def took(frontier: Frontier, *counts: int | None) -> list[bool]:
    """Give *frontier* full pages, with what each says of the whole list, and aim at the next."""
    found = []
    for count in counts:
        found.append(frontier.took(frontier.size, count, is_end=False))
        frontier.aim()
    return found


def aimed(frontier: Frontier) -> tuple[int, int]:
    """Return which rows are read next: from, and how many."""
    return (frontier.page - 1) * frontier.size, frontier.size


def test_page_follows_page() -> None:
    frontier = Frontier(2)
    assert (frontier.page, frontier.size, frontier.next_page) == (1, 2, 1)
    assert took(frontier, 6, 6) == [True, True]
    assert (frontier.page, frontier.next_page, frontier.is_at_end) == (3, 3, False)
    assert frontier.took(2, 6, is_end=True)
    assert frontier.is_at_end


@pytest.mark.parametrize("counts", [(6, 7, 9), (None, None, None), (6, None, 6)])
def test_a_list_that_does_not_shrink_has_no_gaps(counts: tuple[int | None, ...]) -> None:
    frontier = Frontier(2)
    assert all(took(frontier, *counts))
    assert (frontier.page, frontier.size) == (4, 2)


@pytest.mark.parametrize(
    ("count", "rows"), [(900, 400), (899, 299), (800, 200), (799, 199), (600, 0), (0, 0)]
)
def test_it_goes_back_as_many_rows_as_the_list_lost(count: int, rows: int) -> None:
    frontier = Frontier(100)
    took(frontier, 900, 900, 900)
    assert took(frontier, count) == [count == 900]
    assert frontier.next_page == rows // 100 + 1
    start, size = aimed(frontier)
    assert start <= rows < start + size


@pytest.mark.parametrize("lost", [1, 3, 20])
def test_pages_overlap_from_then_on_so_that_rows_may_go_without_a_gap(lost: int) -> None:
    frontier = Frontier(100)
    took(frontier, *[2000] * 10)
    assert took(frontier, 2000 - lost) == [False]
    assert took(frontier, 2000 - lost) == [True]
    counts = [2000 - lost * turn for turn in range(2, 8)]
    assert took(frontier, *counts) == [True] * 6
    assert frontier.size <= 100


def test_an_end_behind_a_gap_is_none() -> None:
    frontier = Frontier(2)
    took(frontier, 4)
    assert not frontier.took(1, 3, is_end=True)
    assert not frontier.is_at_end
    frontier.aim()
    assert aimed(frontier)[0] == 0


def test_a_page_past_the_end_makes_it_go_back_a_page() -> None:
    frontier = Frontier(2)
    took(frontier, 5, 5)
    frontier.back()
    frontier.aim()
    assert frontier.page == 2


def test_the_last_page_may_be_short() -> None:
    frontier = Frontier(2)
    took(frontier, 3)
    assert frontier.took(1, 3, is_end=True)
    assert frontier.is_at_end


def test_a_page_of_the_top_is_no_gap() -> None:
    frontier = Frontier(2)
    took(frontier, 6, 6)
    frontier.turn_to(1)
    assert (frontier.page, frontier.size) == (1, 2)
    assert took(frontier, 6) == [True]
    assert frontier.page == 3


@pytest.mark.parametrize(
    ("count", "page"), [(900, 6), (901, 6), (899, 5), (801, 5), (800, 5), (799, 4), (None, 6)]
)
def test_a_jump_goes_back_as_many_rows_as_the_list_lost_since(count: int | None, page: int) -> None:
    frontier = Frontier(100)
    took(frontier, count)
    frontier.jump(500, 900)
    assert frontier.next_page == page


def test_a_jump_before_any_page_hears_of_the_loss_with_the_next() -> None:
    frontier = Frontier(100)
    frontier.jump(500, 900)
    frontier.aim()
    assert frontier.page == 6
    assert took(frontier, 899) == [False]
    assert frontier.next_page == 5


@often
@given(st.integers(0, 60), st.integers(1, 6), st.integers(0, 6), SEEDS)
def test_every_row_before_it_was_read_if_it_was_there_and_was_not_moved(
    size: int, page_size: int, deletions: int, seed: int
) -> None:
    hub, random = ChangingList([f"row{n}" for n in range(size)]), Random(seed)
    frontier, read = Frontier(page_size), set[str]()
    for _ in range(60):
        start = (frontier.page - 1) * frontier.size
        names = hub.names[start : start + frontier.size]
        read.update(names)
        is_end = start + frontier.size >= len(hub.names)
        frontier.took(len(names), len(hub.names), is_end=is_end)
        before = (frontier.next_page - 1) * page_size
        assert hub.unmoved & set(hub.names[:before]) <= read
        assert not frontier.is_at_end or hub.unmoved <= read
        if frontier.is_at_end:
            return
        frontier.aim()
        change_less_than_a_page(hub, random, random.randint(0, deletions), page_size)


@often
@given(st.integers(0, 300), st.integers(10, 30), SEEDS)
def test_it_comes_to_the_end_though_a_row_goes_and_comes_behind_every_page(
    size: int, page_size: int, seed: int
) -> None:
    hub, random = ChangingList([f"row{n}" for n in range(size + 2)]), Random(seed)
    frontier, pages = Frontier(page_size), 0
    while not frontier.is_at_end:
        start = (frontier.page - 1) * frontier.size
        rows = len(hub.names[start : start + frontier.size])
        is_end = start + frontier.size >= len(hub.names)
        frontier.took(rows, len(hub.names), is_end=is_end)
        frontier.aim()
        if pages % 2:
            hub.insert()
        else:
            hub.delete(random.randrange(len(hub.names)))
        pages += 1
        assert pages <= 4 * (hub.longest // page_size + 1) + 10
