"""Walks of the newest rows, which end where the last walk had been."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.kinds import StopReason
from tests.walks.changing_list import ChangingList, Stored, new_walk
from tests.walks.taking import take
from tests.walks.walking import SEEDS, SIZES, change, has_all, killed, often, quiet, resumed

if TYPE_CHECKING:
    from dockerhub.walks.walk import Walk


def test_a_walk_of_the_newest_ends_after_the_page_that_is_known() -> None:
    walk = new_walk(is_full=False)
    assert take(walk, "ab", 9).stop_reason is None
    step = take(walk, "cd", 9, known=True)
    assert (step.stop_reason, step.is_full, step.next_page) == (StopReason.UNCHANGED, False, None)


def test_a_full_walk_goes_on_behind_what_is_known() -> None:
    assert take(new_walk(), "ab", 9, known=True).next_page == 2


def test_a_walk_of_the_newest_that_comes_to_the_end_was_a_full_one() -> None:
    step = take(new_walk(is_full=False), "ab", 2, more=False, known=True)
    assert (step.stop_reason, step.is_full) == (StopReason.COMPLETE, True)


@pytest.mark.parametrize(
    ("counts", "next_page"),
    [
        pytest.param((9, 9, 9), None, id="the same"),
        pytest.param((9, 10, 11), None, id="grown, rows came twice"),
        pytest.param((None, None, None), None, id="not said"),
        pytest.param((9, 9, 8), 2, id="shrunk"),
        pytest.param((9, 9, 7), 2, id="shrunk by a page"),
        pytest.param((9, 9, 6), 1, id="shrunk by more"),
        pytest.param((9, 10, 9), 2, id="grown, then shrunk"),
    ],
)
def test_a_walk_of_the_newest_under_which_a_list_shrank_goes_back(
    counts: tuple[int | None, ...], next_page: int | None
) -> None:
    walk = new_walk(is_full=False)
    take(walk, "ab", counts[0])
    take(walk, "cd", counts[1])
    step = take(walk, "ef", counts[2], known=True, now=20)
    assert step.stop_reason is (StopReason.UNCHANGED if next_page is None else None)
    assert (step.next_page, step.is_full, step.began_again) == (next_page, False, None)


def test_a_page_that_is_known_behind_a_gap_ends_nothing() -> None:
    walk = new_walk(is_full=False)
    take(walk, "ab", 9)
    assert take(walk, "de", 8, known=True).next_page == 1
    step = take(walk, "bc", 8, known=True)
    assert (step.stop_reason, step.row_count) == (StopReason.UNCHANGED, 5)


def later_walk(hub: ChangingList, page_size: int, settled: int) -> Walk:
    return new_walk(
        page_size,
        is_full=False,
        started=hub.tick(),
        settled_until=settled,
        subject_updated=hub.pushed,
    )


@often
@given(
    SIZES,
    st.integers(1, 6),
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 6), st.integers(1, 20)),
    SEEDS,
)
def test_a_walk_of_the_newest_leaves_every_row_as_the_list_has_it(
    size: int, page_size: int, between: tuple[int, int, int, int], seed: int
) -> None:
    before, after, other_page_size, most = between
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    quiet(hub, new_walk(page_size), stored)
    for turn in range(2):
        settled = hub.clock
        change(hub, before, seed + turn)
        other = new_walk(other_page_size, max_rows=most, started=hub.tick())
        quiet(hub, other, stored)
        change(hub, after, seed - turn)
        walk = later_walk(hub, page_size, settled)
        end = quiet(hub, walk, stored)
        assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE)
        assert has_all(stored, hub)


@often
@given(SIZES, st.integers(1, 6), st.integers(1, 12), st.lists(st.integers(0, 4)), SEEDS)
def test_a_walk_of_the_newest_loses_no_row_when_others_are_deleted_meanwhile(
    size: int, page_size: int, changes: int, deleted: list[int], seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    quiet(hub, new_walk(page_size), stored)
    settled, random = hub.clock, Random(seed)
    change(hub, changes, seed)
    walk = later_walk(hub, page_size, settled)
    for rows in deleted:
        end = hub.ask(walk, stored)
        if end.stop_reason is not None:
            break
        for _ in range(min(rows, len(hub.names))):
            hub.delete(random.randrange(len(hub.names)))
    else:
        end = quiet(hub, walk, stored)
    assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE, StopReason.DRIFTED)
    assert has_all(stored, hub)


@often
@given(
    SIZES,
    st.integers(1, 6),
    st.integers(1, 8),
    st.tuples(st.integers(0, 30), st.integers(0, 8), st.integers(0, 4)),
    SEEDS,
)
def test_a_walk_of_the_newest_that_was_killed_leaves_every_row_as_the_list_has_it(
    size: int, page_size: int, pages: int, changes: tuple[int, int, int], seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    quiet(hub, new_walk(page_size), stored)
    settled = hub.clock
    change(hub, changes[0], seed)
    walk = later_walk(hub, page_size, settled)
    step = killed(hub, walk, stored, pages)
    if step is None:
        return
    for _ in range(min(changes[1], len(hub.names))):
        hub.delete(0)
    change(hub, changes[2], seed + 1)
    again = later_walk(hub, page_size, settled)
    end = quiet(hub, resumed(hub, step, stored, again), stored)
    assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE)
    assert has_all(stored, hub)
