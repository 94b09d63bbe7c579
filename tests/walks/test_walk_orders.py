"""A walk of a list that is cut goes on with its other orders."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.kinds import StopReason
from dockerhub.walks.orderings import TAG_ORDERINGS
from tests.walks.capped_list import CappedList, capped_walk, go_on, walk_capped
from tests.walks.changing_list import Stored, alive
from tests.walks.taking import take
from tests.walks.walking import SEEDS, often

REVERSED = "-last_updated"


def test_where_a_page_is_refused_the_next_order_begins() -> None:
    walk = capped_walk()
    take(walk, "ab", 9)
    take(walk, "cd", 9)
    step = walk.take_cap(20)
    assert (step.next_page, step.leg, step.reach, step.stop_reason) == (1, REVERSED, 4, None)
    assert (walk.page, walk.ordering, walk.is_first_ordering) == (1, REVERSED, False)
    assert take(walk, "ih", 9).next_page == 2
    step = take(walk, "gf", 9)
    assert (step.next_page, step.leg, step.row_count) == (1, "name", 8)


def test_a_page_that_is_known_to_be_refused_is_not_asked_for() -> None:
    walk = capped_walk()
    take(walk, "ab", 30)
    walk.take_cap(20)
    legs = [take(walk, names, 30).leg for names in ("yz", "mn")]
    assert legs == ["name", "-name"]
    end = take(walk, "op", 30)
    assert (end.stop_reason, end.next_page) == (StopReason.ANONYMOUS_CAP, None)
    assert (end.row_count, end.missing_count) == (8, 22)


def test_it_ends_as_soon_as_it_is_whole() -> None:
    walk = capped_walk()
    take(walk, "ab", 4)
    walk.take_cap(20)
    step = take(walk, "dc", 4)
    assert (step.stop_reason, step.row_count, step.is_full) == (StopReason.COMPLETE, 4, True)


def test_a_list_that_moved_is_not_whole_by_its_number_of_rows() -> None:
    walk = capped_walk()
    take(walk, "ab", 5)
    walk.take_cap(20)
    assert take(walk, "dc", 4).stop_reason is None


def test_an_order_that_the_list_ignores_is_left_at_once() -> None:
    walk = capped_walk()
    take(walk, "ab", 30)
    take(walk, "cd", 30)
    walk.take_cap(20)
    step = take(walk, "ab", 30)
    assert (step.next_page, step.leg) == (1, "name")


def test_an_order_that_is_refused_is_left_out() -> None:
    walk = capped_walk()
    take(walk, "ab", 30)
    walk.take_cap(20)
    step = walk.skip_ordering(21)
    assert (step.next_page, step.leg) == (1, "name")
    walk.skip_ordering(22)
    step = walk.skip_ordering(23)
    assert (step.stop_reason, step.missing_count) == (StopReason.ANONYMOUS_CAP, 28)


@pytest.mark.parametrize(
    ("signed_in", "reason"), [(True, StopReason.DEPTH_CAP), (False, StopReason.ANONYMOUS_CAP)]
)
def test_the_reason_says_who_was_cut(signed_in: bool, reason: StopReason) -> None:
    walk = capped_walk(signed_in=signed_in)
    step = walk.take_cap(20)
    assert (step.stop_reason, step.reach, step.next_page) == (reason, 0, None)


def test_a_walk_of_the_newest_that_is_cut_was_a_full_one() -> None:
    walk = capped_walk()
    walk.is_full = False
    take(walk, "ab", 30)
    assert walk.take_cap(20).is_full


def test_a_walk_of_so_many_rows_keeps_its_order() -> None:
    walk = capped_walk(max_rows=3)
    take(walk, "ab", 30)
    step = walk.take_cap(20)
    assert (step.stop_reason, step.leg) == (StopReason.ANONYMOUS_CAP, "last_updated")


def test_a_list_that_moved_and_may_be_whole_is_walked_once_more() -> None:
    walk = capped_walk()
    for turn, reason in [(0, None), (1, StopReason.ANONYMOUS_CAP)]:
        take(walk, "ab", 4)
        if turn == 0:
            walk.take_cap(20)
        for names in ("ac", "ad"):
            take(walk, names, 3)
        step = take(walk, "cb", 3, now=40)
        assert (step.stop_reason, step.began_again) == (reason, 41)
    assert step.reach == 2


@st.composite
def capped_lists(draw: st.DrawFn) -> tuple[CappedList, int]:
    """Return a list in which the orders have nothing to do with each other, and a page size."""
    size = draw(st.integers(1, 60))
    names = [f"row{n:02}" for n in range(size)]
    Random(draw(SEEDS)).shuffle(names)
    others = st.frozensets(st.sampled_from(TAG_ORDERINGS[1:]), max_size=2)
    hub = CappedList(
        names, cap=draw(st.integers(1, 30)), ignored=draw(others), refused=draw(others)
    )
    return hub, draw(st.integers(1, 6))


@often
@given(capped_lists())
def test_a_list_that_is_cut_brings_all_that_can_be_seen(made: tuple[CappedList, int]) -> None:
    hub, page_size = made
    stored = Stored()
    end, _ = walk_capped(hub, stored, page_size)
    assert_all_that_can_be_seen(hub, stored, page_size, end.stop_reason, end.missing_count)
    assert (hub.refusals <= 1, end.row_count, end.began_again) == (True, len(stored), None)
    assert hub.asked <= hub.most_requests(page_size)


@often
@given(capped_lists(), SEEDS)
def test_kills_cost_nothing_of_a_list_that_is_cut(made: tuple[CappedList, int], seed: int) -> None:
    hub, page_size = made
    stored = Stored()
    end, kills = walk_capped(hub, stored, page_size, Random(seed))
    size, visible = len(hub.names), hub.visible_rows(page_size)
    if size <= visible:
        assert (end.stop_reason, stored.keys()) == (StopReason.COMPLETE, set(hub.names))
    # After a kill it does not know the first page, and asks in an order that is ignored as well.
    assert size <= visible or hub.reachable(page_size) <= stored.keys()
    is_whole = len(stored) == size
    # What only more than two orders show is not called whole after a kill: it may have moved.
    has_inverse = REVERSED not in hub.ignored | hub.refused
    assert is_whole or size > 2 * visible or not has_inverse
    if not is_whole or (has_inverse and size <= 2 * visible):
        assert end.stop_reason is (StopReason.COMPLETE if is_whole else StopReason.ANONYMOUS_CAP)
    assert (end.last_count, end.missing_count) == (size, size - len(stored))
    # A second round may follow, whose pages overlap; each kill costs its top and a page again.
    most = hub.most_requests(page_size)
    assert hub.asked <= most + 3 * most // 2 + 3 * kills


def assert_all_that_can_be_seen(
    hub: CappedList, stored: Stored, page_size: int, reason: StopReason | None, missing: int
) -> None:
    """Assert that a walk brought what the list shows, and says how much it does not."""
    size, visible = len(hub.names), hub.visible_rows(page_size)
    expected = set(hub.names) if size <= visible else hub.reachable(page_size)
    assert stored.keys() == expected
    is_whole = len(expected) == size
    assert reason is (StopReason.COMPLETE if is_whole else StopReason.ANONYMOUS_CAP)
    assert missing == size - len(expected)
    has_inverse = REVERSED not in hub.ignored | hub.refused
    assert is_whole or size > 2 * visible or not has_inverse


def cut_and_killed() -> tuple[CappedList, Stored, object]:
    """Return a list of eight, four of which each order shows, of which six rows came."""
    hub, stored, walk = CappedList(list("abcdefgh"), cap=4), Stored(), capped_walk()
    for _ in range(4):
        step = hub.answer(walk, stored)
    assert (step.leg, step.next_page, stored.keys()) == (REVERSED, 2, set("abcdgh"))
    return hub, stored, step


@pytest.mark.parametrize("has_news", [True, False])
def test_rows_that_went_after_a_kill_do_not_make_it_whole(has_news: bool) -> None:
    hub, stored, step = cut_and_killed()
    hub.delete(0)
    hub.delete(0)
    walk = go_on(hub, step, stored, 2, has_news)  # type: ignore[arg-type]
    while (end := hub.answer(walk, stored)).stop_reason is None:
        pass
    assert (end.stop_reason, hub.stayed - stored.keys()) == (StopReason.COMPLETE, set())
    assert alive(end, stored) == hub.contents
