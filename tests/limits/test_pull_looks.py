"""When a HEAD finds out what is left, and what its answer opens."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dockerhub.limits.budget import NEVER
from dockerhub.limits.pulls import PullBudget
from tests.limits.test_pulls import HOUR, LATER, NEXT, NOW, left, look, pull


@pytest.fixture
def spent() -> PullBudget:
    """A budget that has used what it may, all at one moment."""
    made = PullBudget(reserve=20, waits=True)
    for remaining in range(99, 19, -1):
        pull(made, NOW, left(remaining))
    return made


def test_before_the_first_pull_it_is_looked_once() -> None:
    budget = PullBudget(reserve=20, waits=True)
    look(budget, NOW, None)
    assert (budget.must_look(NOW), budget.has_heard, budget.opens_at(NOW)) == (False, False, NOW)
    other = PullBudget(reserve=20, waits=True)
    look(other, NOW, left(90))
    assert (other.must_look(NOW), other.left()) == (False, (70, 100, NEXT))


def test_nothing_goes_while_it_looks(spent: PullBudget) -> None:
    assert not spent.must_look(NEXT - 0.1)
    assert spent.must_look(NEXT)
    assert spent.begin_look(NEXT)
    assert (spent.must_look(NEXT), spent.opens_at(NEXT), spent.begin_look(NEXT)) == (
        True,
        NEVER,
        False,
    )
    spent.heard(left(100), NEXT + 1, is_look=True)
    assert spent.opens_at(NEXT + 1) == NEVER
    spent.end_look(NEXT + 1)
    assert (spent.must_look(NEXT + 1), spent.opens_at(NEXT + 1)) == (False, NEXT + 1)
    for _ in range(60):
        assert spent.opens_at(NEXT + 1) == NEXT + 1
        spent.take(NEXT + 1)


def test_it_does_not_look_while_a_pull_is_under_way(spent: PullBudget) -> None:
    spent.take(NEXT)
    assert spent.must_look(NEXT)
    assert not spent.begin_look(NEXT)
    assert spent.must_look(NEXT)
    spent.give_back()
    look(spent, NEXT, left(100))


def test_a_look_that_shows_nothing_new_costs_nothing_and_is_repeated(spent: PullBudget) -> None:
    now = NEXT
    for _ in range(30):
        assert spent.opens_at(now) == now
        look(spent, now, left(3))
        assert (spent.is_spent(now), spent.must_look(now)) == (True, False)
        now += LATER
    look(spent, now, left(21))
    assert (spent.is_spent(now), spent.left()[:2]) == (False, (1, 100))  # type: ignore[index]


def test_what_a_look_could_not_tell_one_pull_finds_out(spent: PullBudget) -> None:
    look(spent, NEXT, None)
    assert (spent.must_look(NEXT), spent.opens_at(NEXT)) == (False, NEXT)
    spent.take(NEXT)
    assert spent.opens_at(NEXT) == NEVER
    spent.answered(left(99), NEXT)
    assert (spent.opens_at(NEXT), spent.must_look(NEXT)) == (NEXT, False)


def test_a_look_before_the_window_is_surely_over_opens_nothing_if_it_tells_nothing() -> None:
    budget = PullBudget(reserve=20, waits=True)
    look(budget, NOW, left(20))
    for number in range(1, 8):
        look(budget, NOW + number * LATER, None)
        assert budget.is_spent(NOW + number * LATER)
    look(budget, NOW + 8 * LATER, None)
    # A whole window after the news, and not before, a pull finds out.
    assert budget.opens_at(NOW + 8 * LATER) == NEXT
    assert not budget.must_look(NEXT)


def test_at_most_eight_in_a_window_however_they_fall() -> None:
    """Of a sliding window pulls come back one by one, and others take some of them."""
    budget, now, at = PullBudget(reserve=20, waits=True), NOW, []
    for number in range(80):
        pull(budget, NOW + 40 * number, left(99 - number))
    while now < NOW + 20 * HOUR:
        now = budget.opens_at(now)
        if budget.must_look(now):
            at.append(now)
            look(budget, now, left(20 + len(at) % 3))
        else:
            pull(budget, now, left(20))
    assert len(at) > 100
    assert all(later - first >= HOUR for first, later in zip(at, at[8:], strict=False))


def test_pulls_that_come_back_one_by_one_are_waited_for_together() -> None:
    budget, now, at = PullBudget(reserve=20, waits=True), NOW, []
    for number in range(80):
        pull(budget, NOW + 40 * number, left(99 - number))
    for remaining in (21, 30, 30, 30):
        now = budget.opens_at(now)
        at.append(now)
        look(budget, now, left(remaining))
        for less in range(remaining - 1, 19, -1):
            pull(budget, now, left(less))
    assert at[0] == NEXT
    assert [later - first for first, later in pairwise(at)] == pytest.approx([440, 400, 400], 0.2)


def test_a_429_after_a_look_that_said_otherwise_lets_one_at_a_time_go(spent: PullBudget) -> None:
    look(spent, NEXT, left(90))
    pull(spent, NEXT, None)
    spent.spent(NEXT, None)
    assert spent.opens_at(NEXT) == NEXT + LATER
    look(spent, NEXT + LATER, left(90))
    spent.take(NEXT + LATER)
    assert spent.opens_at(NEXT + LATER) == NEVER
    spent.answered(left(89), NEXT + LATER)
    spent.went_well(sent=NEXT + LATER)
    spent.take(NEXT + LATER)
    assert spent.opens_at(NEXT + LATER) == NEXT + LATER
