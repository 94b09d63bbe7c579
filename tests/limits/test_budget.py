from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.headers import LONGEST_WAIT_SECONDS, HubLimit
from tests.limits.window_server import Simulation

NOW = 1_000_000.0
RESET = 1_000_060
# A second for the rounding of the reset, and a bit.
OPENS = RESET + 1.05


@pytest.fixture
def budget() -> Budget:
    """A budget without a ceiling of ours, of a window with 3 requests left."""
    made = Budget(per_minute=0)
    made.take(NOW)
    made.answered(HubLimit(10, 3, RESET))
    return made


def test_until_the_first_answer_one_request_finds_out() -> None:
    budget = Budget(per_minute=0)
    assert budget.opens_at(NOW) == NOW
    budget.take(NOW)
    assert (budget.in_flight, budget.opens_at(NOW), budget.left()) == (1, NEVER, None)
    budget.answered(HubLimit(10, 9, RESET))
    assert (budget.in_flight, budget.opens_at(NOW), budget.left()) == (0, NOW, (9, 10, OPENS))


def test_a_service_without_a_limit_is_paced_by_our_ceiling_alone() -> None:
    budget = Budget(per_minute=120)
    budget.take(NOW)
    budget.answered(None)
    assert budget.left() is None
    assert budget.opens_at(NOW) == NOW + 0.5
    budget.take(NOW + 0.5)
    assert budget.opens_at(NOW + 0.7) == NOW + 1.0
    assert budget.opens_at(NOW + 30) == NOW + 30


def test_a_ceiling_makes_up_for_a_request_that_was_handed_out_late() -> None:
    budget = Budget(per_minute=60)
    budget.take(NOW)
    budget.answered(None)
    budget.take(NOW + 5)
    assert budget.opens_at(NOW + 5) == NOW + 6


def test_what_is_under_way_is_taken_from_what_is_left(budget: Budget) -> None:
    for _ in range(3):
        assert budget.opens_at(NOW) == NOW
        budget.take(NOW)
    assert budget.left() == (0, 10, OPENS)
    assert budget.opens_at(NOW) == OPENS


def test_a_request_that_was_never_sent_is_given_back(budget: Budget) -> None:
    for _ in range(3):
        budget.take(NOW)
    budget.give_back()
    assert budget.opens_at(NOW) == NOW


def test_a_request_without_an_answer_counts(budget: Budget) -> None:
    budget.take(NOW)
    budget.failed()
    assert (budget.in_flight, budget.left()) == (0, (2, 10, OPENS))


def test_a_request_without_an_answer_counts_beside_later_answers(budget: Budget) -> None:
    for _ in range(3):
        budget.take(NOW)
    budget.answered(HubLimit(10, 2, RESET))
    budget.failed()
    budget.answered(HubLimit(10, 1, RESET))
    assert budget.left() == (0, 10, OPENS)


def test_failures_alone_never_close_a_new_window_for_good(budget: Budget) -> None:
    for _ in range(25):
        assert budget.opens_at(OPENS) == OPENS
        budget.take(OPENS)
        budget.failed()
    budget.take(OPENS)
    assert budget.opens_at(OPENS) == NEVER
    budget.answered(HubLimit(100, 60, RESET + 60))
    assert budget.left() == (35, 100, OPENS + 60)


def test_the_lowest_of_answers_out_of_order_holds(budget: Budget) -> None:
    budget.take(NOW)
    budget.take(NOW)
    budget.answered(HubLimit(10, 1, RESET))
    budget.answered(HubLimit(10, 2, RESET))
    assert budget.left() == (1, 10, OPENS)


def test_what_others_used_is_seen_in_any_answer(budget: Budget) -> None:
    budget.heard(HubLimit(10, 0, RESET))
    assert budget.opens_at(NOW) == OPENS


def test_a_new_window_opens_when_the_reset_is_surely_over(budget: Budget) -> None:
    budget.heard(HubLimit(10, 0, RESET))
    assert budget.opens_at(OPENS - 0.01) == OPENS
    assert budget.opens_at(OPENS) == OPENS
    assert budget.left() == (10, 10, NEVER)


def test_a_late_answer_of_the_old_window_says_nothing_of_the_new(budget: Budget) -> None:
    assert budget.opens_at(OPENS) == OPENS
    budget.heard(HubLimit(10, 0, RESET))
    assert budget.left() == (10, 10, NEVER)
    budget.heard(HubLimit(10, 8, RESET + 60))
    assert budget.left() == (8, 10, OPENS + 60)
    budget.heard(HubLimit(10, 0, RESET))
    assert budget.left() == (8, 10, OPENS + 60)


def test_a_reset_is_read_on_the_servers_clock(budget: Budget) -> None:
    budget.clock.heard(NOW + 3600, NOW, NOW + 0.25)
    budget.heard(HubLimit(10, 0, RESET + 3600))
    assert budget.opens_at(NOW) == OPENS + 0.25


def test_a_closed_budget_stays_closed_for_the_longest_that_was_asked(budget: Budget) -> None:
    budget.close_until(NOW + 30)
    budget.close_until(NOW + 20)
    assert budget.opens_at(NOW) == NOW + 30
    assert budget.opens_at(NOW + 30) == NOW + 30


def test_refusals_in_a_row_double_the_wait() -> None:
    budget, now, waits = Budget(per_minute=0), NOW, []
    for _ in range(12):
        wait = budget.slow_down(0.0, now)
        assert wait is not None
        assert budget.opens_at(now) == now + wait
        waits.append(wait)
        now += wait
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, *[LONGEST_WAIT_SECONDS] * 2]


def test_refusals_without_end_keep_to_the_longest_wait() -> None:
    budget = Budget(per_minute=0)
    waits = [budget.slow_down(0.0, NOW + 1000 * number) for number in range(2000)]
    assert waits[-1] == LONGEST_WAIT_SECONDS


def test_a_good_answer_ends_the_doubling(budget: Budget) -> None:
    assert [budget.slow_down(0.0, NOW), budget.slow_down(0.0, NOW + 1)] == [1, 2]
    budget.went_well()
    assert budget.slow_down(0.0, NOW + 3) == 1


def test_more_than_the_least_is_waited_as_it_is_asked(budget: Budget) -> None:
    assert budget.slow_down(30.0, NOW) == 30
    assert budget.opens_at(NOW) == NOW + 30
    assert budget.slow_down(1.5, NOW + 30) == 2


def test_refusals_while_it_is_closed_are_no_more_than_one(budget: Budget) -> None:
    assert budget.slow_down(0.0, NOW) == 1
    assert [budget.slow_down(0.0, NOW + 0.5) for _ in range(15)] == [None] * 15
    assert budget.opens_at(NOW) == NOW + 1
    assert budget.slow_down(20.0, NOW + 0.5) is None
    assert budget.opens_at(NOW) == NOW + 20.5
    assert budget.slow_down(0.0, NOW + 20.5) == 2


def test_a_hold_lasts_until_it_is_lifted(budget: Budget) -> None:
    budget.hold()
    assert budget.opens_at(NOW + 10) == NEVER
    budget.release()
    assert budget.opens_at(NOW + 10) == NOW + 10


SEEDS = st.integers(0, 2**32)


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    """Servers whose window can be used up by the client before it ends."""
    limit, concurrency = draw(st.integers(5, 60)), draw(st.integers(1, 32))
    window = draw(st.sampled_from([10.0, 12.5, 20.0, 60.0]))
    # A window is known to be open up to 3.1 s late; what is left of it has to do.
    trips = limit / concurrency + 12
    return {
        "limit": limit,
        "concurrency": concurrency,
        "window": window,
        "slowest": draw(st.floats(0.001, (window - 3.5) / trips)),
        "rounds": draw(st.sampled_from([math.floor, math.ceil])),
        "ahead": draw(st.sampled_from([0.0, 0.0, 3600.4, -86400.7, 7.9])),
        "starts_at": draw(st.floats(0, 60)),
    }


@settings(derandomize=True, deadline=None, max_examples=60)
@given(servers(), SEEDS)
def test_full_windows_are_used_and_never_overdrawn(server: dict[str, Any], seed: int) -> None:
    simulation = Simulation(Random(seed), **server)
    simulation.run(windows=4)
    assert simulation.refused == {}
    assert simulation.most_in_flight <= server["concurrency"]
    windows = simulation.full_windows()
    assert len(windows) >= 2
    for number in windows:
        assert simulation.ours[number] >= 0.95 * server["limit"]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(servers(), SEEDS, st.floats(0.05, 0.25))
def test_lost_answers_never_overdraw(server: dict[str, Any], seed: int, lost: float) -> None:
    server["limit"] += 40  # so many are never lost one after the other
    simulation = Simulation(Random(seed), lost=lost, **server)
    # What goes before the first answer cannot know of a limit.
    simulation.budget.heard(HubLimit(server["limit"], 1, 0))
    simulation.run(windows=4)
    assert simulation.refused == {}
    assert sum(simulation.ours.values()) >= server["limit"]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(servers(), SEEDS, st.floats(0.1, 0.9))
def test_beside_others_no_more_is_refused_than_they_took_unseen(
    server: dict[str, Any], seed: int, share: float
) -> None:
    others = share * server["limit"] / server["window"]
    simulation = Simulation(Random(seed), others=others, **server)
    simulation.run(windows=4)
    for number in simulation.full_windows():
        taken = simulation.ours[number] + simulation.theirs[number]
        assert taken >= 0.95 * server["limit"]
        assert simulation.refused[number] <= simulation.theirs[number]


def test_sixty_requests_in_ten_seconds_are_used_to_the_last() -> None:
    simulation = Simulation(Random(1), limit=60, window=10.0, concurrency=16, slowest=0.2)
    simulation.run(windows=6)
    assert {simulation.ours[number] for number in simulation.full_windows()} == {60}
    assert simulation.refused == {}
