from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.items import WalkStep
from dockerhub.kinds import StopReason
from dockerhub.known import OpenWalk
from tests.walks.changing_list import KEY, ChangingList, new_walk, resumed

if TYPE_CHECKING:
    from dockerhub.walks.walk import Walk


def take(
    walk: Walk,
    names: str,
    count: int | None,
    *,
    more: bool = True,
    refused: int = 0,
    known: bool = False,
) -> WalkStep:
    """Take the page of the rows named by the letters of *names*."""
    return walk.take(
        list(names),
        kept=len(names),
        refused=refused,
        count=count,
        has_next=more,
        is_known=known,
    )


def test_a_walk_goes_to_the_end_of_a_list() -> None:
    walk = new_walk()
    assert walk.page == 1
    assert take(walk, "ab", 3) == WalkStep(
        key=KEY,
        started=7,
        is_full=True,
        subject_updated=5,
        pages=1,
        row_count=2,
        refused_count=0,
        first_count=3,
        last_count=3,
        next_page=2,
        stop_reason=None,
    )
    last = take(walk, "c", 3, more=False)
    assert (last.stop_reason, last.next_page) == (StopReason.COMPLETE, None)
    assert (last.pages, last.row_count, last.missing_count) == (2, 3, 0)


@pytest.mark.parametrize("count", [0, None])
def test_an_empty_list_is_complete(count: int | None) -> None:
    step = take(new_walk(), "", count, more=False)
    assert (step.stop_reason, step.row_count, step.pages) == (StopReason.COMPLETE, 0, 1)


def test_a_list_that_does_not_say_its_length_is_complete_at_its_end() -> None:
    walk = new_walk()
    take(walk, "ab", None)
    assert take(walk, "c", None, more=False).stop_reason is StopReason.COMPLETE


def test_an_empty_page_is_the_end_whatever_its_next_says() -> None:
    walk = new_walk()
    take(walk, "ab", 2)
    assert take(walk, "", 2, more=True).stop_reason is StopReason.COMPLETE


def test_a_page_past_the_end_is_the_end() -> None:
    walk = new_walk()
    take(walk, "ab", 2)
    step = walk.take_end()
    assert (step.stop_reason, step.pages, step.row_count) == (StopReason.COMPLETE, 1, 2)


def test_refused_rows_count_as_rows_that_came() -> None:
    walk = new_walk()
    take(walk, "a", 4, refused=1)
    step = take(walk, "", 4, refused=2, more=False)
    assert (step.stop_reason, step.row_count, step.refused_count) == (StopReason.COMPLETE, 4, 3)


def test_a_page_of_refused_rows_alone_is_not_the_end() -> None:
    step = take(new_walk(), "", 4, refused=2)
    assert (step.stop_reason, step.next_page) == (None, 2)


def test_a_list_that_drifts_once_is_walked_once_more() -> None:
    walk = new_walk()
    take(walk, "ab", 3)
    again = take(walk, "cd", 4, more=False)
    assert (again.stop_reason, again.next_page, again.row_count) == (None, 1, 0)
    assert walk.page == 1
    take(walk, "xa", 4)
    last = take(walk, "bc", 4, more=False)
    assert (last.stop_reason, last.pages, last.row_count) == (StopReason.COMPLETE, 4, 4)
    assert last.first_count == 4


def test_a_list_that_drifts_twice_says_so() -> None:
    walk = new_walk()
    for count in (2, 3):
        take(walk, "ab", count)
        step = take(walk, "", count + 1, more=False)
    assert (step.stop_reason, step.next_page) == (StopReason.DRIFTED, None)
    assert (step.row_count, step.last_count, step.missing_count) == (2, 4, 2)


@pytest.mark.parametrize(
    ("second", "counts"),
    [
        pytest.param("bc", (4, 4), id="a row came twice"),
        pytest.param("c", (4, 4), id="a row is missing"),
        pytest.param("cde", (4, 4), id="a row too many"),
        pytest.param("cd", (3, 4), id="the count grew"),
        pytest.param("cd", (5, 4), id="the count fell"),
    ],
)
def test_rows_and_counts_that_disagree_are_not_complete(
    second: str, counts: tuple[int, int]
) -> None:
    walk = new_walk()
    take(walk, "ab", counts[0])
    step = take(walk, second, counts[1], more=False)
    assert (step.stop_reason, step.next_page) == (None, 1)


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        pytest.param(["abc"], StopReason.MAX_TAGS, id="in the first page"),
        pytest.param(["ab", "cd"], StopReason.MAX_TAGS, id="in the second page"),
    ],
)
def test_a_walk_ends_with_as_many_rows_as_are_wanted(pages: list[str], reason: StopReason) -> None:
    walk = new_walk(max_rows=3)
    assert walk.room == 3
    steps = [take(walk, names, 100) for names in pages]
    assert [step.stop_reason for step in steps[:-1]] == [None] * (len(pages) - 1)
    assert (steps[-1].stop_reason, steps[-1].next_page, walk.room) == (reason, None, 0)


def test_rows_that_are_not_wanted_leave_room() -> None:
    walk = new_walk(max_rows=2)
    walk.take(["a", "b"], kept=1, refused=0, count=9, has_next=True)
    assert walk.room == 1


def test_a_short_list_is_complete_before_the_wanted_number() -> None:
    step = take(new_walk(max_rows=9), "ab", 2, more=False)
    assert step.stop_reason is StopReason.COMPLETE
    assert new_walk().room is None


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


def test_a_walk_that_was_killed_reads_the_top_and_goes_on_one_page_before() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 5, 6, 99), "abcdefghij")
    assert (walk.started, walk.page, walk.has_seen("j"), walk.has_seen("k")) == (3, 1, True, False)
    assert take(walk, "xy", 14).next_page == 2
    step = take(walk, "za", 14)
    assert (step.next_page, step.pages, step.row_count) == (5, 7, 13)
    assert take(walk, "hi", 14).next_page == 6
    assert take(walk, "jk", 14, more=False).stop_reason is StopReason.COMPLETE


def test_a_walk_that_was_killed_early_just_goes_on() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 1, 2, 4), "ab")
    assert take(walk, "ab", 4).next_page == 2


@pytest.mark.parametrize(
    ("can_go_on", "next_page"), [(True, 2), (False, None)], ids=["later", "never"]
)
def test_a_walk_may_be_stopped(can_go_on: bool, next_page: int | None) -> None:
    walk = new_walk()
    take(walk, "ab", 9)
    step = walk.stop(StopReason.ERROR, "HTTP 500", can_go_on=can_go_on)
    assert (step.stop_reason, step.detail) == (StopReason.ERROR, "HTTP 500")
    assert (step.next_page, step.row_count, step.missing_count) == (next_page, 2, 7)


SIZES = st.integers(0, 40)
# Fewer changes than a page has rows: more than that a list does not change between two requests.
PAGE_SIZE, MOST_CHANGES = 5, 4


def run(hub: ChangingList, walk: Walk, changes: list[int], random: Random) -> tuple[str, set[str]]:
    """Walk to the end, with *changes*[n] changes behind page n, and return how it ended."""
    stored: set[str] = set()
    for page in range(100):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return step.stop_reason, stored
        if step.next_page == 1:
            stored.clear()
        for _ in range(changes[page] if page < len(changes) else 0):
            hub.change(random)
    raise AssertionError("the walk does not end")


@settings(derandomize=True, deadline=None, max_examples=200)
@given(SIZES, st.lists(st.sampled_from([0, 0, 1, 2]), max_size=2), st.integers(0, 2**32))
def test_a_list_that_changes_never_loses_a_row_unless_it_drifted(
    size: int, changes: list[int], seed: int
) -> None:
    hub = ChangingList([f"row{n}" for n in range(size)])
    reason, stored = run(hub, new_walk(PAGE_SIZE), changes, Random(seed))
    assert reason in (StopReason.COMPLETE, StopReason.DRIFTED)
    assert reason is StopReason.DRIFTED or hub.stayed <= stored


@settings(derandomize=True, deadline=None, max_examples=200)
@given(SIZES, st.integers(0, MOST_CHANGES), st.integers(1, 8), st.integers(0, 2**32))
def test_a_walk_that_was_killed_never_loses_a_row_unless_it_drifted(
    size: int, changes: int, pages: int, seed: int
) -> None:
    random, stored = Random(seed), set[str]()
    hub = ChangingList([f"row{n}" for n in range(size)])
    walk = new_walk(PAGE_SIZE)
    for _ in range(pages):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return
    for _ in range(changes):
        hub.change(random)
    reason, since = run(hub, resumed(step, stored, PAGE_SIZE), [], random)
    assert reason is StopReason.COMPLETE
    assert hub.stayed <= stored | since
