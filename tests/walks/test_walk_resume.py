"""A walk that was killed goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.kinds import StopReason
from dockerhub.known import OpenWalk
from tests.walks.changing_list import (
    PUSHED,
    ChangingList,
    Stored,
    alive,
    is_catching_up,
    left_by,
    new_walk,
)
from tests.walks.taking import take
from tests.walks.walking import (
    SEEDS,
    SIZES,
    change,
    killed,
    most_pages,
    moving,
    often,
    quiet,
    resumed,
)

if TYPE_CHECKING:
    from dockerhub.walks.walk import Walk

LEFT = OpenWalk(3, True, 5, 6, 12, "last_updated", first_count=12, subject_updated=PUSHED)

# When the first and the last row of a page were pushed.
NEW, OLD = (PUSHED + 9, PUSHED + 8), (PUSHED + 7, PUSHED)


def left_behind(left: OpenWalk = LEFT, names: str = "abcdefghij", **said: int) -> Walk:
    walk = new_walk(**said)
    walk.resume(left, list(names))
    return walk


def test_it_reads_the_top_and_goes_on_where_it_was() -> None:
    walk = left_behind()
    assert (walk.started, walk.page, walk.is_resuming) == (3, 1, True)
    head = take(walk, "xy", 14, pushed=NEW)
    assert (walk.page, walk.is_resuming) == (2, True)
    assert (head.next_page, head.leg) == (6, "last_updated"), "another kill loses nothing"
    assert head.subject_updated == PUSHED
    step = take(walk, "za", 15, pushed=OLD)
    assert (step.next_page, step.pages, step.row_count) == (6, 7, 13)
    assert (walk.page, walk.is_resuming) == (6, False)
    assert take(walk, "hi", 15).next_page == 7
    assert take(walk, "jk", 15).next_page == 8


@pytest.mark.parametrize(
    ("count", "next_page"), [(12, 6), (11, 5), (10, 5), (9, 4), (8, 4), (5, 2), (20, 6)]
)
def test_it_goes_back_as_many_rows_as_the_list_lost_meanwhile(count: int, next_page: int) -> None:
    assert take(left_behind(), "ab", count, pushed=OLD).next_page == next_page


def test_it_goes_back_from_there_if_the_list_loses_more() -> None:
    walk = left_behind()
    take(walk, "ab", 12, pushed=OLD)
    assert take(walk, "mn", 9).next_page == 4


def test_a_walk_that_was_killed_early_just_goes_on() -> None:
    walk = left_behind(LEFT._replace(pages=1, next_page=2, last_count=4), "ab")
    assert take(walk, "ab", 4, pushed=OLD).next_page == 2


def test_names_alone_do_not_make_it_jump() -> None:
    walk = left_behind()
    pages = []
    for names, known, pushed in [("ij", False, NEW), ("ab", True, (None, None)), ("cd", True, OLD)]:
        take(walk, names, 12, known=known, pushed=pushed)
        pages.append(walk.page)
    assert pages == [2, 3, 6]


def test_it_goes_back_in_the_top_too_if_rows_go_there() -> None:
    walk = left_behind()
    take(walk, "xy", 14, pushed=NEW)
    take(walk, "za", 13, pushed=OLD)
    assert (walk.page, walk.is_resuming) == (1, True)


def test_a_second_kill_in_the_top_forgets_no_row_that_went() -> None:
    step = take(left_behind(), "xy", 9, pushed=NEW)
    walk = new_walk()
    walk.resume(left_by(step), list("abcdefghijxy"))
    assert take(walk, "ab", 9, pushed=OLD).next_page == 4


@pytest.mark.parametrize("is_full", [True, False], ids=["full", "newest"])
def test_without_news_it_goes_on_at_once(is_full: bool) -> None:
    walk = new_walk()
    walk.resume(LEFT._replace(is_full=is_full), list("abcdefghij"), has_news=False)
    assert (walk.page, walk.is_resuming, walk.is_full) == (6, False, is_full)
    step = take(walk, "kl", 12, more=False, pushed=(4, 3))
    assert (step.stop_reason, step.row_count, step.pages) == (StopReason.COMPLETE, 12, 6)


@pytest.mark.parametrize(("count", "next_page"), [(11, 5), (9, 4), (1, 1)])
def test_without_news_it_goes_back_as_many_rows_as_the_list_lost(
    count: int, next_page: int
) -> None:
    walk = new_walk()
    walk.resume(LEFT, list("abcdefghij"), has_news=False)
    assert take(walk, "l", count, more=False).next_page == next_page


def test_without_news_a_list_that_ends_before_is_not_complete() -> None:
    walk = new_walk()
    walk.resume(LEFT, list("abcdefghij"), has_news=False)
    step = walk.take_end()
    assert (step.stop_reason, step.last_count) == (None, 12)
    assert walk.page < 6


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(LEFT._replace(next_page=None), id="no page to go on with"),
        pytest.param(LEFT._replace(leg="size"), id="an order that is not asked for any more"),
        pytest.param(LEFT._replace(is_full=False), id="a walk of the newest"),
    ],
)
def test_a_walk_that_cannot_jump_goes_page_by_page(left: OpenWalk) -> None:
    walk = left_behind(left)
    assert (walk.is_full, walk.is_resuming) == (left.is_full, False)
    assert take(walk, "ab", 12, pushed=OLD).next_page == 2


@pytest.mark.parametrize("has_news", [True, False])
def test_a_walk_without_a_page_to_go_on_with_begins_at_the_top(has_news: bool) -> None:
    walk = new_walk()
    walk.resume(LEFT._replace(next_page=None), list("abcdefghij"), has_news=has_news)
    assert (walk.page, walk.is_resuming) == (1, False)


def test_a_walk_that_was_not_killed_does_not_jump() -> None:
    walk = new_walk()
    assert (walk.is_resuming, walk.settled_until, walk.had_rows) == (False, None, False)
    assert take(walk, "ab", 12, pushed=OLD).next_page == 2


def test_a_walk_that_goes_again_from_the_top_jumps_no_more() -> None:
    walk = left_behind()
    assert take(walk, "xy", 2, more=False).next_page == 1
    assert not walk.is_resuming
    assert take(walk, "ab", 12, pushed=OLD).next_page == 2


def test_it_goes_on_in_the_order_in_which_it_was() -> None:
    orderings = ("last_updated", "-last_updated", "name")
    walk = new_walk(orderings=orderings)
    left = LEFT._replace(pages=7, next_page=3, last_count=40, leg="-last_updated", reach=10)
    walk.resume(left, list("abcdefghijklmn"))
    assert (walk.ordering, walk.is_first_ordering) == ("last_updated", True)
    step = take(walk, "ab", 40, pushed=OLD)
    assert (step.next_page, step.leg, step.reach) == (3, "-last_updated", 10)
    assert (walk.ordering, walk.page) == ("-last_updated", 3)
    assert [take(walk, names, 40).next_page for names in ("op", "qr")] == [4, 5]
    step = take(walk, "st", 40)
    assert (step.next_page, step.leg) == (1, "name")


def test_it_stores_no_more_rows_than_are_wanted() -> None:
    walk = left_behind(LEFT._replace(last_count=99), max_rows=12)
    assert walk.room == 2
    assert take(walk, "ab", 99, pushed=OLD).next_page == 6
    assert walk.room == 2
    step = take(walk, "kl", 99)
    assert (step.stop_reason, step.next_page, walk.room) == (StopReason.MAX_TAGS, None, 0)


def test_what_came_to_the_top_meanwhile_counts_as_wanted() -> None:
    walk = left_behind(LEFT._replace(last_count=99), max_rows=12)
    take(walk, "xa", 100, pushed=NEW)
    assert (walk.page, walk.room) == (2, 1)
    assert take(walk, "bc", 100, pushed=OLD).next_page == 6
    step = take(walk, "jk", 100)
    assert (step.stop_reason, walk.room) == (StopReason.MAX_TAGS, 0)


def test_pages_that_are_shorter_than_was_asked_do_not_make_it_jump_too_far() -> None:
    walk = left_behind(LEFT._replace(last_count=20), page_size=4)
    assert take(walk, "ab", 20, pushed=OLD).next_page == 6


def test_a_kill_in_a_catch_up_loses_no_row() -> None:
    hub, stored = ChangingList(list("abcdefgh")), Stored()
    walk = new_walk(2)
    for change_it in (lambda: hub.move(7), lambda: hub.move(7), hub.insert, lambda: None):
        assert hub.ask(walk, stored).stop_reason is None
        change_it()
    while not is_catching_up(walk):
        hub.ask(walk, stored)
    step = hub.ask(walk, stored)
    # A row goes that was read, so that the number of rows tells nothing.
    hub.delete(hub.names.index("b"))
    end = quiet(hub, resumed(hub, step, stored, new_walk(2)), stored)
    assert end.stop_reason is StopReason.COMPLETE
    assert alive(end, stored) == hub.contents


def test_a_row_that_moves_after_a_kill_is_not_taken_for_one_that_went_before() -> None:
    hub, stored, walk = ChangingList(list("abcd")), Stored(), new_walk(2)
    step = hub.ask(walk, stored)
    hub.move(hub.names.index("d"))
    hub.delete(hub.names.index("b"))
    walk = resumed(hub, step, stored, new_walk(2))
    hub.ask(walk, stored)
    hub.move(hub.names.index("c"))
    end = quiet(hub, walk, stored)
    assert end.stop_reason is StopReason.COMPLETE
    assert alive(end, stored) == hub.contents


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
    end = quiet(hub, walk, stored)
    assert (end.stop_reason, end.started, end.last_count) == (
        StopReason.COMPLETE,
        7,
        len(hub.names),
    )
    assert alive(end, stored) == hub.contents


@often
@given(SIZES, st.integers(1, 6), SEEDS)
def test_kills_of_a_walk_of_a_list_that_changes_lose_no_row(
    size: int, page_size: int, seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    end, kills, caught_up = moving(hub, stored, page_size, seed, most_kills=4)
    assert end.stop_reason in (StopReason.COMPLETE, StopReason.DRIFTED)
    assert hub.unmoved <= stored.keys() <= hub.ever
    assert hub.asked <= (kills + 1) * most_pages(hub.longest, page_size)
    if end.stop_reason is StopReason.COMPLETE:
        assert hub.stayed <= alive(end, stored).keys()
        assert not caught_up or alive(end, stored) == hub.contents
