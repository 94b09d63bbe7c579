"""A long rest of a budget, and how it is felt out afterwards whether it is over."""

from __future__ import annotations

import pytest

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.headers import HubLimit

NOW = 1_000_000.0
ENDS = NOW + 300


@pytest.fixture
def budget() -> Budget:
    """A budget that had answers, at the beginning of a rest."""
    made = Budget(per_minute=0)
    made.heard(HubLimit(180, 170, int(NOW) + 30))
    made.rest(300.0, NOW)
    return made


def test_nothing_goes_before_a_rest_is_over(budget: Budget) -> None:
    assert budget.opens_at(NOW) == ENDS
    assert budget.opens_at(ENDS - 0.1) == ENDS
    assert budget.opens_at(ENDS) == ENDS


def test_after_a_rest_one_request_at_a_time_finds_out(budget: Budget) -> None:
    budget.take(ENDS)
    assert budget.opens_at(ENDS) == NEVER
    budget.answered(None)
    assert budget.opens_at(ENDS) == ENDS
    budget.take(ENDS)
    assert budget.opens_at(ENDS + 60) == NEVER


def test_the_first_answer_that_is_no_429_ends_it(budget: Budget) -> None:
    budget.take(ENDS)
    budget.answered(None)
    budget.went_well()
    for _ in range(16):
        assert budget.opens_at(ENDS) == ENDS
        budget.take(ENDS)


@pytest.mark.parametrize("sent", [NOW, NOW + 300], ids=["with the rest", "since"])
def test_an_answer_to_what_went_since_the_rest_began_ends_it(budget: Budget, sent: float) -> None:
    budget.take(ENDS)
    budget.answered(None)
    budget.went_well(sent=sent)
    for _ in range(16):
        assert budget.opens_at(ENDS) == ENDS
        budget.take(ENDS)


def test_an_answer_to_what_went_before_the_rest_does_not_end_it(budget: Budget) -> None:
    budget.went_well(sent=NOW - 0.1)
    budget.take(ENDS)
    assert budget.opens_at(ENDS) == NEVER
    budget.answered(None)
    # Each rest asks anew.
    budget.rest(600.0, ENDS)
    budget.went_well(sent=ENDS - 0.1)
    budget.take(ENDS + 600)
    assert budget.opens_at(ENDS + 600) == NEVER


@pytest.mark.parametrize("how", ["failed", "give_back"])
def test_without_an_answer_it_goes_on(budget: Budget, how: str) -> None:
    budget.take(ENDS)
    getattr(budget, how)()
    assert budget.opens_at(ENDS) == ENDS
    budget.take(ENDS)
    assert budget.opens_at(ENDS) == NEVER


def test_those_under_way_come_home_first(budget: Budget) -> None:
    for _ in range(3):
        budget.take(NOW)
    for _ in range(3):
        assert budget.opens_at(ENDS) == NEVER
        budget.answered(None)
    assert budget.opens_at(ENDS) == ENDS


def test_a_shorter_wait_during_a_rest_changes_nothing(budget: Budget) -> None:
    assert budget.slow_down(30.0, NOW + 10) is None
    assert budget.opens_at(NOW + 10) == ENDS
    budget.rest(50.0, NOW + 10)
    assert budget.opens_at(NOW + 10) == ENDS


def test_a_rest_and_a_hold_are_lifted_apart(budget: Budget) -> None:
    budget.hold()
    assert budget.opens_at(ENDS) == NEVER
    budget.release()
    assert budget.opens_at(NOW) == ENDS
