from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.items import WalkStep
from dockerhub.kinds import StopReason
from dockerhub.known import OpenWalk
from tests.walks.changing_list import KEY, ChangingList, Stored, alive, new_walk, resumed

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
    met: bool = False,
    now: int = 0,
) -> WalkStep:
    """Take the page of the rows named by the letters of *names*."""
    return walk.take(
        list(names),
        kept=len(names),
        refused=refused,
        count=count,
        has_next=more,
        is_known=known,
        is_met=met,
        now=now,
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
        detail=None,
        began_again=None,
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


def test_a_walk_says_since_when_it_goes_again_from_the_top() -> None:
    walk = new_walk()
    assert take(walk, "ab", 4, now=20).began_again is None
    again = take(walk, "c", 4, more=False, now=21)
    assert (again.started, again.began_again) == (7, 22)
    assert take(walk, "ab", 3, now=22).began_again == 22
    last = take(walk, "c", 3, more=False, now=23)
    assert (last.stop_reason, last.began_again) == (StopReason.COMPLETE, 22)


def test_a_page_past_the_end_makes_it_go_again_too() -> None:
    walk = new_walk()
    take(walk, "ab", 3, now=20)
    again = walk.take_end(21)
    assert (again.next_page, again.began_again) == (1, 22)


def test_a_clock_that_was_put_back_does_not_make_it_begin_before_it_began() -> None:
    walk = new_walk()
    assert take(walk, "a", 2, more=False, now=6).began_again == 8


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


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        pytest.param((9, 9, 9), StopReason.UNCHANGED, id="the same"),
        pytest.param((9, 10, 11), StopReason.UNCHANGED, id="grown, rows came twice"),
        pytest.param((None, None, None), StopReason.UNCHANGED, id="not said"),
        pytest.param((9, 8, 8), None, id="shrunk"),
        pytest.param((9, 10, 9), None, id="grown, then shrunk"),
        pytest.param((9, 8, 9), None, id="shrunk, then grown"),
    ],
)
def test_a_walk_of_the_newest_under_which_a_list_shrank_goes_again_from_the_top(
    counts: tuple[int | None, ...], reason: StopReason | None
) -> None:
    walk = new_walk(is_full=False)
    take(walk, "ab", counts[0])
    take(walk, "cd", counts[1])
    step = take(walk, "ef", counts[2], known=True, now=20)
    assert (step.stop_reason, step.is_full) == (reason, False)
    if reason is None:
        assert (step.next_page, step.row_count, step.began_again) == (1, 0, 21)
        step = take(walk, "bc", 7, known=True, now=30)
        assert (step.stop_reason, step.is_full) == (StopReason.UNCHANGED, False)
        assert (step.row_count, step.began_again) == (2, 21)


def test_a_walk_of_the_newest_under_which_a_list_shrank_twice_says_so() -> None:
    walk = new_walk(is_full=False)
    for _ in range(2):
        take(walk, "ab", 9)
        step = take(walk, "cd", 8, known=True)
    assert (step.stop_reason, step.next_page, step.is_full) == (StopReason.DRIFTED, None, False)


def test_a_full_walk_goes_on_behind_what_is_known() -> None:
    assert take(new_walk(), "ab", 9, known=True).next_page == 2


def test_a_walk_of_the_newest_that_comes_to_the_end_was_a_full_one() -> None:
    step = take(new_walk(is_full=False), "ab", 2, more=False, known=True)
    assert (step.stop_reason, step.is_full) == (StopReason.COMPLETE, True)


def test_a_walk_that_was_killed_reads_the_top_and_goes_on_one_page_before() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 5, 6, 99), "abcdefghij")
    assert (walk.started, walk.page, walk.is_resuming) == (3, 1, True)
    assert take(walk, "xy", 14).next_page == 2
    assert walk.is_resuming
    step = take(walk, "za", 14, met=True)
    assert (step.next_page, step.pages, step.row_count) == (5, 7, 13)
    assert not walk.is_resuming
    assert take(walk, "hi", 14, met=True).next_page == 6
    assert take(walk, "jk", 14, more=False).stop_reason is StopReason.COMPLETE


def test_a_walk_that_was_killed_early_just_goes_on() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 1, 2, 4), "ab")
    assert take(walk, "ab", 4, met=True).next_page == 2


def test_names_alone_do_not_make_a_resumed_walk_jump() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 5, 6, 99), "abcdefghij")
    assert take(walk, "ij", 12).next_page == 2
    assert take(walk, "ab", 12, known=True).next_page == 3
    assert take(walk, "cd", 12, met=True).next_page == 5


def test_a_walk_without_a_page_to_go_on_with_goes_page_by_page() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 5, None, 99), "abcdefghij")
    assert not walk.is_resuming
    assert take(walk, "ab", 12, met=True).next_page == 2


def test_a_walk_of_the_newest_that_was_killed_goes_page_by_page() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, False, 5, 6, 99), "abcdefghij")
    assert (walk.is_full, walk.is_resuming) == (False, False)
    assert take(walk, "ab", 12, met=True).next_page == 2


def test_a_walk_that_was_not_killed_does_not_jump() -> None:
    walk = new_walk()
    assert (walk.is_resuming, walk.resumed, walk.settled_until, walk.had_rows) == (
        False,
        None,
        None,
        False,
    )
    assert take(walk, "ab", 12, met=True).next_page == 2


def test_a_walk_that_goes_again_from_the_top_jumps_no_more() -> None:
    walk = new_walk()
    walk.resume(OpenWalk(3, True, 5, 6, 99), "abcdefghij")
    assert take(walk, "xy", 2, more=False).next_page == 1
    assert not walk.is_resuming
    assert take(walk, "ab", 12, met=True).next_page == 2


def test_a_resumed_walk_ends_with_as_many_rows_as_are_wanted() -> None:
    walk = new_walk(max_rows=12)
    walk.resume(OpenWalk(3, True, 5, 6, 99), "abcdefghij")
    take(walk, "xa", 99)
    assert walk.room == 10
    # It passes over the pages 3 and 4, whose rows were kept before the kill.
    assert take(walk, "bc", 99, met=True).next_page == 5
    assert walk.room == 4
    assert take(walk, "hi", 99).next_page == 6
    assert walk.room == 2
    step = take(walk, "jk", 99)
    assert (step.stop_reason, step.next_page, walk.room) == (StopReason.MAX_TAGS, None, 0)


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
PAGE_SIZE, EXAMPLES = 5, 200


def run(hub: ChangingList, walk: Walk, stored: Stored, changes: list[int], seed: int) -> WalkStep:
    """Walk to the end, with *changes*[n] changes behind page n, and return the last step."""
    random = Random(seed)
    for page in range(1000):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return step
        for _ in range(changes[page] if page < len(changes) else 0):
            hub.change(random)
    raise AssertionError("the walk does not end")


def killed(hub: ChangingList, walk: Walk, stored: Stored, pages: int) -> WalkStep | None:
    """Walk *pages* pages and return the last step, None if the walk ended before."""
    for _ in range(pages):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return None
    return step


def change(hub: ChangingList, changes: int, seed: int) -> None:
    random = Random(seed)
    for _ in range(changes):
        hub.change(random)


def delete_newest(hub: ChangingList, rows: int) -> None:
    for _ in range(min(rows, len(hub.names))):
        hub.delete(0)


def has_all(stored: Stored, hub: ChangingList) -> bool:
    """Tell whether every row of the list stands in the database as it is."""
    return hub.contents.items() <= {name: tag[:2] for name, tag in stored.items()}.items()


SEEDS = st.integers(0, 2**32)
often = settings(derandomize=True, deadline=None, max_examples=EXAMPLES)


@often
@given(SIZES, st.lists(st.sampled_from([0, 0, 1, 2]), max_size=2), SEEDS)
def test_a_list_that_changes_never_loses_a_row_unless_it_drifted(
    size: int, changes: list[int], seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    step = run(hub, new_walk(PAGE_SIZE), stored, changes, seed)
    assert step.stop_reason in (StopReason.COMPLETE, StopReason.DRIFTED)
    assert step.stop_reason is StopReason.DRIFTED or hub.stayed <= alive(step, stored).keys()


@often
@given(
    SIZES,
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(1, 8), st.integers(0, 30)), min_size=1, max_size=3),
    SEEDS,
)
def test_a_walk_that_was_killed_leaves_every_row_as_the_list_has_it(
    size: int, page_size: int, kills: list[tuple[int, int]], seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    walk = new_walk(page_size)
    for pages, changes in kills:
        step = killed(hub, walk, stored, pages)
        if step is None:
            return
        change(hub, changes, seed)
        walk = resumed(hub, step, stored, new_walk(page_size))
    end = run(hub, walk, stored, [], seed)
    assert (end.stop_reason, end.started, end.last_count) == (
        StopReason.COMPLETE,
        7,
        len(hub.names),
    )
    assert alive(end, stored) == hub.contents


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
    run(hub, new_walk(page_size), stored, [], seed)
    for turn in range(2):
        settled = hub.clock
        change(hub, before, seed + turn)
        other = new_walk(other_page_size, max_rows=most, started=hub.tick())
        run(hub, other, stored, [], seed)
        change(hub, after, seed - turn)
        walk = new_walk(page_size, is_full=False, started=hub.tick(), settled_until=settled)
        end = run(hub, walk, stored, [], seed)
        assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE)
        assert has_all(stored, hub)


@often
@given(SIZES, st.integers(1, 6), st.tuples(st.integers(1, 12), st.integers(0, 4)), SEEDS)
def test_a_walk_of_the_newest_loses_no_row_when_others_are_deleted_meanwhile(
    size: int, page_size: int, changes: tuple[int, int], seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    run(hub, new_walk(page_size), stored, [], seed)
    settled = hub.clock
    change(hub, changes[0], seed)
    walk = new_walk(page_size, is_full=False, started=hub.tick(), settled_until=settled)
    end = hub.ask(walk, stored)
    delete_newest(hub, changes[1])
    if end.stop_reason is None:
        end = run(hub, walk, stored, [], seed)
        assert has_all(stored, hub)
    assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE)


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
    run(hub, new_walk(page_size), stored, [], seed)
    settled = hub.clock
    change(hub, changes[0], seed)
    walk = new_walk(page_size, is_full=False, started=hub.tick(), settled_until=settled)
    step = killed(hub, walk, stored, pages)
    if step is None:
        return
    delete_newest(hub, changes[1])
    change(hub, changes[2], seed + 1)
    again = new_walk(page_size, is_full=False, started=hub.tick(), settled_until=settled)
    end = run(hub, resumed(hub, step, stored, again), stored, [], seed)
    assert end.stop_reason in (StopReason.UNCHANGED, StopReason.COMPLETE)
    assert has_all(stored, hub)


def test_a_list_that_goes_on_past_its_count_is_not_followed_for_ever() -> None:
    walk = new_walk()
    steps = [take(walk, "a", 1) for _ in range(20)]
    ended = next(step for step in steps if step.stop_reason is not None)
    assert ended.stop_reason is StopReason.ERROR
    assert ended.detail is not None
    assert ended.detail.endswith("of a list of 1 says that it goes on")
    assert ended.pages <= 13


def test_a_list_without_a_count_ends_when_it_brings_nothing_new() -> None:
    walk = new_walk()
    reasons = [take(walk, "a", None).stop_reason for _ in range(4)]
    assert reasons == [None, None, None, StopReason.ERROR]


def test_a_list_that_leads_elsewhere_is_not_complete() -> None:
    walk = new_walk()
    walk.is_cut = True
    step = take(walk, "a", 2, more=False)
    assert (step.stop_reason, step.detail) == (StopReason.ERROR, "its next link leads elsewhere")
