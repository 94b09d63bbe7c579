"""A walk of a list that does not change."""

from __future__ import annotations

import pytest

from dockerhub.items import WalkStep
from dockerhub.kinds import StopReason
from tests.walks.changing_list import KEY, new_walk
from tests.walks.taking import take


def test_a_walk_goes_to_the_end_of_a_list() -> None:
    walk = new_walk()
    assert (walk.page, walk.is_at_its_start) == (1, True)
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
        detail=None,
        began_again=None,
        leg="last_updated",
        reach=None,
    )
    assert not walk.is_at_its_start
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


@pytest.mark.parametrize("count", [2, None])
def test_a_page_past_the_end_is_the_end(count: int | None) -> None:
    walk = new_walk()
    take(walk, "ab", count)
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


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(["abc"], id="in the first page"),
        pytest.param(["ab", "cd"], id="in the second page"),
        pytest.param(["ab", "bc"], id="a row came twice"),
    ],
)
def test_a_walk_ends_with_as_many_rows_as_are_wanted(pages: list[str]) -> None:
    walk = new_walk(max_rows=3)
    assert walk.room == 3
    steps = [take(walk, names, 100) for names in pages]
    assert [step.stop_reason for step in steps[:-1]] == [None] * (len(pages) - 1)
    assert (steps[-1].stop_reason, steps[-1].next_page) == (StopReason.MAX_TAGS, None)
    assert walk.room == 0


def test_rows_that_are_not_wanted_leave_room() -> None:
    walk = new_walk(max_rows=2)
    take(walk, "ab", 9, wanted="a")
    assert walk.room == 1


def test_a_wanted_row_that_comes_twice_leaves_room_once() -> None:
    walk = new_walk(max_rows=4)
    take(walk, "ab", 9)
    take(walk, "bc", 10)
    assert walk.room == 1
    take(walk, "bc", 10)
    assert walk.room == 1


def test_a_short_list_is_complete_before_the_wanted_number() -> None:
    step = take(new_walk(max_rows=9), "ab", 2, more=False)
    assert step.stop_reason is StopReason.COMPLETE
    assert new_walk().room is None


@pytest.mark.parametrize(
    ("can_go_on", "next_page"), [(True, 2), (False, None)], ids=["later", "never"]
)
def test_a_walk_may_be_stopped(can_go_on: bool, next_page: int | None) -> None:
    walk = new_walk()
    take(walk, "ab", 9)
    step = walk.stop(StopReason.ERROR, "HTTP 500", can_go_on=can_go_on)
    assert (step.stop_reason, step.detail) == (StopReason.ERROR, "HTTP 500")
    assert (step.next_page, step.row_count, step.missing_count) == (next_page, 2, 7)


def test_a_list_that_goes_on_past_its_count_is_not_followed_for_ever() -> None:
    walk = new_walk()
    steps = [take(walk, "a", 1) for _ in range(20)]
    ended = next(step for step in steps if step.stop_reason is not None)
    assert ended.stop_reason is StopReason.ERROR
    assert ended.detail is not None
    assert ended.detail.endswith("of a list of 1 says that it goes on")
    assert ended.pages == 15


def test_a_list_without_a_count_ends_when_it_brings_nothing_new() -> None:
    walk = new_walk()
    steps = [take(walk, "a", None) for _ in range(4)]
    assert [step.stop_reason for step in steps] == [None, None, None, StopReason.ERROR]
    assert steps[-1].detail == "3 pages brought nothing new"


def test_a_list_that_leads_elsewhere_is_not_complete() -> None:
    walk = new_walk()
    walk.is_cut = True
    step = take(walk, "a", 2, more=False)
    assert (step.stop_reason, step.detail) == (StopReason.ERROR, "its next link leads elsewhere")


def test_a_list_that_leads_elsewhere_behind_its_last_row_is_complete() -> None:
    walk = new_walk()
    walk.is_cut = True
    assert take(walk, "a", 1, more=False).stop_reason is StopReason.COMPLETE


@pytest.mark.parametrize(
    ("signed_in", "count", "reason"),
    [
        (False, 1000, StopReason.ANONYMOUS_CAP),
        (False, 999, StopReason.COMPLETE),
        (False, 1001, StopReason.COMPLETE),
        (True, 1000, StopReason.COMPLETE),
    ],
)
def test_a_count_of_exactly_1000_may_be_a_cut_one_for_anonymous_callers(
    signed_in: bool, count: int, reason: StopReason
) -> None:
    walk = new_walk(2000, key=KEY._replace(signed_in=signed_in))
    names = [str(number) for number in range(count)]
    step = walk.take(names, wanted=names, refused=0, count=count, has_next=False)
    assert (step.stop_reason, step.row_count) == (reason, count)
    is_cut = reason is StopReason.ANONYMOUS_CAP
    assert step.detail == ("a count of exactly 1000 may be a cut one" if is_cut else None)
