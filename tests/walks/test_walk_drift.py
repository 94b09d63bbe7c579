"""A walk of a list that changes while it is walked, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerhub.kinds import StopReason
from tests.walks.changing_list import KEY, ChangingList, Stored, alive, is_catching_up, new_walk
from tests.walks.taking import take
from tests.walks.walking import SEEDS, SIZES, change, most_pages, moving, often, quiet

if TYPE_CHECKING:
    from dockerhub.items import WalkStep

OLDEST_FIRST = KEY._replace(ordering="")


def test_what_came_at_the_top_meanwhile_is_caught_up() -> None:
    walk = new_walk()
    take(walk, "ab", 4, pushed=(9, 8))
    step = take(walk, "bc", 4, more=False, pushed=(8, 7))
    assert (step.stop_reason, walk.page, is_catching_up(walk)) == (None, 1, True)
    last = take(walk, "da", 4, pushed=(10, 9))
    assert (last.stop_reason, last.began_again) == (StopReason.COMPLETE, None)
    assert (last.pages, last.row_count, last.first_count, last.last_count) == (3, 4, 4, 4)


@pytest.mark.parametrize("unknown", [11, None])
def test_a_catch_up_goes_on_until_a_row_that_was_not_pushed_since_the_round_began(
    unknown: int | None,
) -> None:
    walk = new_walk()
    take(walk, "ab", 4, pushed=(9, 8))
    take(walk, "bc", 4, more=False, pushed=(8, 7))
    assert take(walk, "yz", 5, pushed=(12, unknown)).stop_reason is None
    assert (walk.page, is_catching_up(walk)) == (2, True)


def test_a_catch_up_of_several_pages_is_followed_by_another() -> None:
    walk = new_walk()
    take(walk, "ab", 5, pushed=(9, 8))
    take(walk, "bc", 5, more=False, pushed=(8, 7))
    take(walk, "yz", 5, pushed=(12, 11))
    step = take(walk, "ab", 5, pushed=(9, 8))
    assert (step.stop_reason, step.row_count, walk.page) == (None, 5, 1)
    step = take(walk, "yz", 5, pushed=(12, 11))
    assert (step.stop_reason, walk.page) == (None, 2)


def test_a_count_that_changed_is_caught_up_though_all_rows_came() -> None:
    walk = new_walk()
    take(walk, "ab", 3, pushed=(9, 8))
    step = take(walk, "cd", 4, more=False, pushed=(7, 6))
    assert (step.stop_reason, walk.page) == (None, 1)
    last = take(walk, "ab", 4, pushed=(9, 8))
    assert (last.stop_reason, last.first_count, last.last_count) == (StopReason.COMPLETE, 3, 4)


def test_rows_too_many_make_it_go_again_from_the_top() -> None:
    walk = new_walk()
    take(walk, "ab", 3)
    again = take(walk, "cd", 3, more=False)
    assert (again.stop_reason, again.next_page, again.row_count) == (None, 1, 0)
    assert (walk.page, is_catching_up(walk)) == (1, False)
    take(walk, "xa", 4)
    last = take(walk, "bc", 4, more=False)
    assert (last.stop_reason, last.pages, last.row_count) == (StopReason.COMPLETE, 4, 4)
    assert last.first_count == 4


def test_a_walk_says_since_when_it_goes_again_from_the_top() -> None:
    walk = new_walk()
    assert take(walk, "ab", 2, now=20).began_again is None
    again = take(walk, "c", 2, more=False, now=21)
    assert (again.started, again.began_again) == (7, 22)
    assert take(walk, "ab", 3, now=22).began_again == 22
    last = take(walk, "c", 3, more=False, now=23)
    assert (last.stop_reason, last.began_again) == (StopReason.COMPLETE, 22)


def test_a_page_past_the_end_that_was_promised_is_not_the_end() -> None:
    walk = new_walk()
    take(walk, "ab", 3, now=20)
    step = walk.take_end(21)
    assert (step.stop_reason, walk.page) == (None, 1)


def test_a_clock_that_was_put_back_does_not_make_it_begin_before_it_began() -> None:
    walk = new_walk()
    assert take(walk, "ab", 1, more=False, now=6).began_again == 8


@pytest.mark.parametrize("key", [KEY, OLDEST_FIRST], ids=["newest first", "oldest first"])
def test_a_list_that_drifts_twice_says_so(key: object) -> None:
    walk = new_walk(key=key)  # type: ignore[arg-type]
    for _ in range(2):
        take(walk, "ab", 2)
        step = take(walk, "cde", 4, more=False)
    assert (step.stop_reason, step.next_page) == (StopReason.DRIFTED, None)
    assert (step.row_count, step.last_count, step.missing_count) == (5, 4, 0)


def test_a_list_whose_rows_are_never_whole_says_how_many_are_missing() -> None:
    walk = new_walk()
    reasons = [take(walk, "ab", 4, more=False, old=True) for _ in range(20)]
    last = next(step for step in reasons if step.stop_reason is not None)
    assert (last.stop_reason, last.missing_count) == (StopReason.DRIFTED, 2)
    assert last.pages <= 8


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
@pytest.mark.parametrize("key", [KEY, OLDEST_FIRST], ids=["newest first", "oldest first"])
def test_rows_and_counts_that_disagree_are_not_complete(
    second: str, counts: tuple[int, int], key: object
) -> None:
    walk = new_walk(key=key)  # type: ignore[arg-type]
    take(walk, "ab", counts[0])
    step = take(walk, second, counts[1], more=False)
    assert (step.stop_reason, walk.page) == (None, 1)


def test_a_count_that_fell_makes_it_go_back_to_the_page_before() -> None:
    walk = new_walk()
    take(walk, "ab", 9)
    take(walk, "cd", 9)
    step = take(walk, "fg", 8)
    assert (step.next_page, step.row_count, step.began_again) == (2, 6, None)


def test_a_list_in_another_order_goes_again_from_the_top_at_once() -> None:
    walk = new_walk(key=OLDEST_FIRST)
    take(walk, "ab", 4, now=20)
    step = take(walk, "bc", 4, more=False, now=21)
    assert (step.next_page, step.row_count, step.began_again) == (1, 0, 22)


def test_a_newcomer_at_the_end_of_a_list_makes_it_go_again_from_the_top() -> None:
    walk = new_walk(key=OLDEST_FIRST)
    take(walk, "ab", 4, now=20)
    step = take(walk, "de", 4, more=False, newcomers=True, now=21)
    assert (step.next_page, step.began_again) == (1, 22)
    assert walk.began_at is None


def script(hub: ChangingList, page_size: int, changes: dict[int, list[str]]) -> WalkStep:
    """Walk *hub*; *changes* are made behind the answers of these numbers.

    `-a` takes row a away, `^a` pushes it again, `+` pushes a new one.
    """
    stored, walk = Stored(), new_walk(page_size)
    for number in range(1, 1000):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            break
        for what in changes.get(number, []):
            if what == "+":
                hub.insert()
            else:
                place = hub.names.index(what[1:])
                (hub.delete if what[0] == "-" else hub.move)(place)
    assert hub.stayed <= alive(step, stored).keys()
    assert step.stop_reason is StopReason.COMPLETE
    return step


@pytest.mark.parametrize(
    ("names", "changes"),
    [
        pytest.param("abcde", {2: ["-a"]}, id="the only row of the last page moved up"),
        pytest.param(
            "abcdefgh", {1: ["-a"], 2: ["^h"]}, id="a push while the page before is read again"
        ),
        pytest.param(
            "abcdefgh",
            {1: ["^h"], 2: ["^g"], 3: ["^f"], 4: ["-d"], 6: ["-f"]},
            id="a deletion between two pages of the catch-up",
        ),
        pytest.param(
            "abcdefgh",
            {1: ["^h"], 2: ["^g"], 3: ["^f"], 6: ["^h", "-a", "+"]},
            id="a push between two pages of the catch-up",
        ),
    ],
)
def test_no_row_is_lost_to(names: str, changes: dict[int, list[str]]) -> None:
    script(ChangingList(list(names)), 2, changes)


def test_no_row_is_lost_to_a_page_of_pushes_and_as_many_deletions() -> None:
    changes = ["-a", "-b", "-c", "+", "+", "+", "^h"]
    script(ChangingList(list("abcdefgh")), 2, {1: changes})


@often
@given(st.booleans(), SIZES, st.integers(1, 6), SEEDS)
def test_a_list_that_changes_behind_every_page_loses_no_row(
    is_404: bool, size: int, page_size: int, seed: int
) -> None:
    hub = ChangingList([f"row{n}" for n in range(size)], is_404_past_the_end=is_404)
    stored = Stored()
    end, _, caught_up = moving(hub, stored, page_size, seed)
    assert end.stop_reason in (StopReason.COMPLETE, StopReason.DRIFTED)
    assert hub.unmoved <= stored.keys() <= hub.ever
    assert hub.asked <= most_pages(hub.longest, page_size)
    if end.stop_reason is StopReason.COMPLETE:
        assert hub.stayed <= alive(end, stored).keys()
        assert not caught_up or alive(end, stored) == hub.contents


@often
@given(SIZES, st.integers(1, 6), st.integers(1, 12), st.integers(1, 5), SEEDS)
def test_a_list_that_changes_once_is_complete(
    size: int, page_size: int, pages: int, changes: int, seed: int
) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    walk = new_walk(page_size)
    for _ in range(pages):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return
    change(hub, min(changes, page_size - 1), seed)
    end = quiet(hub, walk, stored)
    assert (end.stop_reason, end.last_count) == (StopReason.COMPLETE, len(hub.names))
    assert hub.stayed <= alive(end, stored).keys()
    # Twice from end to end, once back, and the top three times.
    assert hub.asked <= 2 * (hub.longest // page_size + 1) + 2 * 2 + 3


@often
@given(SIZES, st.integers(1, 6))
def test_a_list_that_does_not_change_costs_its_pages(size: int, page_size: int) -> None:
    hub, stored = ChangingList([f"row{n}" for n in range(size)]), Stored()
    end = quiet(hub, new_walk(page_size), stored)
    assert end.stop_reason is StopReason.COMPLETE
    assert alive(end, stored) == hub.contents
    assert hub.asked == max(1, -(-size // page_size))
