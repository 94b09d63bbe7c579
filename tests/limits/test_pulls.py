from __future__ import annotations

import pytest

from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import LONGEST_WAIT_SECONDS
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.limits.pulls import PullBudget

NOW = 1_000_000.0
HOUR = 3600
# An hour after an answer, and a second for the rounding of the window's beginning.
NEXT = NOW + HOUR + 1.05
# So long after news that our own pulls do not explain, a look is worth it.
LATER = HOUR / 8


def left(remaining: int, limit: int = 100, window: int = HOUR) -> PullLimit:
    return PullLimit(limit, remaining, window)


def pull(budget: PullBudget, now: float, answer: PullLimit | None) -> None:
    """Let one pull go and be answered at once."""
    assert budget.opens_at(now) == now
    budget.take(now)
    budget.answered(answer, now)


def look(budget: PullBudget, now: float, told: PullLimit | None) -> None:
    """Ask by HEAD instead of letting a pull go."""
    assert budget.opens_at(now) == now
    assert budget.must_look(now)
    assert budget.begin_look(now)
    if told is not None:
        budget.heard(told, now, is_look=True)
    budget.end_look(now)


@pytest.fixture
def budget() -> PullBudget:
    """A budget of 100 pulls an hour that leaves 20 to others, after its first answer."""
    made = PullBudget(reserve=20, waits=True)
    pull(made, NOW, left(99))
    return made


@pytest.fixture
def spent() -> PullBudget:
    """A budget that has used what it may, all at one moment."""
    made = PullBudget(reserve=20, waits=True)
    for remaining in range(99, 19, -1):
        pull(made, NOW, left(remaining))
    return made


def test_until_the_first_answer_one_pull_finds_out() -> None:
    budget = PullBudget(reserve=20, waits=False)
    assert (budget.has_heard, budget.left(), budget.is_spent(NOW)) == (False, None, False)
    assert budget.opens_at(NOW) == NOW
    budget.take(NOW)
    assert (budget.in_flight, budget.opens_at(NOW)) == (1, NEVER)
    budget.answered(left(99))
    assert (budget.in_flight, budget.has_heard, budget.opens_at(NOW)) == (0, True, NOW)
    assert budget.left() == (79, 100, NEXT)


@pytest.mark.parametrize("reserve", [0, 1, 20, 99])
def test_all_but_the_reserve_is_taken_and_no_more(reserve: int) -> None:
    budget, remaining = PullBudget(reserve=reserve, waits=False), 100
    while not budget.is_spent(NOW):
        remaining -= 1
        pull(budget, NOW, left(remaining))
    assert remaining == reserve


def test_many_go_at_once_until_the_reserve_is_near(budget: PullBudget) -> None:
    for taken in range(63):
        assert budget.opens_at(NOW) == NOW, taken
        budget.take(NOW)
    assert budget.left() == (16, 100, NEXT)
    assert budget.opens_at(NOW) == NEVER
    for remaining in range(98, 35, -1):
        assert budget.opens_at(NOW) == NEVER
        budget.answered(left(remaining))
    pull(budget, NOW, left(35))
    budget.take(NOW)
    assert budget.opens_at(NOW) == NEVER


def test_what_others_pull_is_seen_in_any_answer(budget: PullBudget) -> None:
    pull(budget, NOW, left(50))
    assert budget.left() == (30, 100, NEXT)
    pull(budget, NOW, left(5))
    assert (budget.left(), budget.is_spent(NOW)) == ((0, 100, NEXT), True)


def test_an_answer_that_was_overtaken_is_not_believed(budget: PullBudget) -> None:
    for _ in range(3):
        budget.take(NOW)
    for remaining in (96, 98, 97):
        budget.answered(left(remaining), NOW)
    assert budget.left() == (76, 100, NEXT)


def test_more_than_before_is_believed_of_what_went_alone(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.take(NOW)
    budget.answered(left(40), NOW)
    budget.answered(left(99), NOW)
    assert budget.left() == (20, 100, NEXT)
    pull(budget, NOW + 10, left(97))
    assert budget.opens_at(NOW + 10) == NOW + 10
    assert budget.left() == (77, 100, NEXT + 10)


def test_answers_that_tell_no_limit_close_nothing_and_count_nothing(budget: PullBudget) -> None:
    for _ in range(200):
        pull(budget, NOW, None)
    assert budget.left() == (79, 100, NEXT)


def test_who_is_not_limited_pulls_without_end() -> None:
    budget = PullBudget(reserve=20, waits=True)
    pull(budget, NOW, None)
    for _ in range(500):
        assert budget.opens_at(NOW) == NOW
        budget.take(NOW)
    assert (budget.has_heard, budget.left(), budget.is_spent(NOW)) == (True, None, False)
    assert (budget.next_window_at(NOW), budget.why_spent(NOW)) == (NOW, None)


def test_an_error_does_not_tell_that_there_is_no_limit() -> None:
    budget = PullBudget(reserve=20, waits=True)
    budget.take(NOW)
    budget.answered(None, is_data=False)
    assert (budget.in_flight, budget.has_heard) == (0, False)
    budget.take(NOW)
    assert budget.opens_at(NOW) == NEVER


def test_a_pull_that_was_never_sent_is_given_back(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.give_back()
    assert (budget.in_flight, budget.left()) == (0, (79, 100, NEXT))


def test_a_pull_without_an_answer_counts_until_a_newer_answer(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.take(NOW)
    budget.failed()
    budget.answered(left(98), NOW)
    assert (budget.in_flight, budget.left()) == (0, (77, 100, NEXT))
    pull(budget, NOW, left(97))
    assert budget.left() == (77, 100, NEXT)


def test_a_pull_without_an_answer_may_have_been_the_last(budget: PullBudget) -> None:
    pull(budget, NOW, left(21))
    budget.take(NOW)
    budget.failed()
    assert (budget.is_spent(NOW), budget.next_window_at(NOW)) == (True, NEXT)
    # A HEAD may tell earlier that it was not counted.
    assert budget.opens_at(NOW) == NOW + LATER


def test_after_many_without_an_answer_it_is_looked_earlier(budget: PullBudget) -> None:
    for _ in range(79):
        assert budget.opens_at(NOW) == NOW
        budget.take(NOW)
        budget.failed()
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, NOW + HOUR / 8)
    pull(budget, NOW + HOUR / 8, left(90))
    assert (budget.is_spent(NOW + HOUR / 8), budget.left()) == (False, (70, 100, NEXT))


def test_who_waits_goes_on_in_the_next_window_one_at_a_time(spent: PullBudget) -> None:
    assert (spent.is_spent(NOW), spent.opens_at(NOW), spent.next_window_at(NOW)) == (
        True,
        NEXT,
        NEXT,
    )
    assert spent.opens_at(NEXT - 0.1) == NEXT
    assert (spent.is_spent(NEXT), spent.opens_at(NEXT)) == (False, NEXT)
    spent.take(NEXT)
    assert (spent.is_spent(NEXT), spent.opens_at(NEXT)) == (False, NEVER)
    spent.answered(left(99))
    for _ in range(60):
        assert spent.opens_at(NEXT) == NEXT
        spent.take(NEXT)


def test_who_does_not_wait_lets_flow_what_is_refused() -> None:
    budget = PullBudget(reserve=20, waits=False)
    pull(budget, NOW, left(20))
    for _ in range(30):
        assert (budget.opens_at(NOW), budget.is_spent(NOW)) == (NOW, True)
        budget.take(NOW)
        budget.give_back()
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEXT, False)
    budget.take(NEXT)
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEVER, False)
    budget.answered(left(19))
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEXT, True)


def test_a_pull_that_was_too_early_is_followed_by_a_whole_window(spent: PullBudget) -> None:
    look(spent, NEXT, None)
    spent.take(NEXT)
    spent.answered(left(19))
    assert spent.next_window_at(NEXT) == NEXT + HOUR + 1.05
    # Not so the next look.
    assert spent.opens_at(NEXT) == NEXT + LATER
    assert spent.must_look(NEXT + LATER)


def test_pulls_that_leave_a_sliding_window_are_taken_bit_by_bit() -> None:
    budget = PullBudget(reserve=20, waits=True)
    for minute in range(3):
        pull(budget, NOW + 60 * minute, left(22 - minute))
    at = [NEXT, NEXT + 60, NEXT + 120]
    for moment in at:
        assert budget.opens_at(moment - 1) == moment
        pull(budget, moment, left(20))
    # A minute passed between them, an hour since.
    assert budget.opens_at(at[-1]) == at[0] + HOUR + 1.05


def test_what_was_pulled_before_us_is_gone_when_our_first_pull_is() -> None:
    budget = PullBudget(reserve=20, waits=True)
    pull(budget, NOW, left(21))
    pull(budget, NOW + 1000, left(17))
    # Four are missing, and one more is to be left; of us only two were seen.
    assert budget.next_window_at(NOW + 1000) == NEXT + 1000
    assert budget.opens_at(NOW + 1000) == NOW + 1000 + LATER


def test_others_that_pull_make_us_wait_for_as_many() -> None:
    budget = PullBudget(reserve=20, waits=True)
    for minute in range(10):
        pull(budget, NOW + 60 * minute, left(30 - minute))
    pull(budget, NOW + 600, left(17))
    # By then 4 of ours will have left the window, so that 21 are there.
    assert budget.opens_at(NOW + 600) == NEXT + 180


def test_the_tokens_claim_counts_until_a_header_comes() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(100, 21600)
    assert budget.left() == (80, 100, NEVER)
    budget.take(NOW)
    assert (budget.left(), budget.opens_at(NOW)) == ((79, 100, NEVER), NEVER)
    budget.answered(left(199, limit=200), NOW)
    assert budget.left() == (179, 200, NEXT)


@pytest.mark.parametrize("claim", [(-1, 3600), (100, 0), (100, -5), (100, 10**9)])
def test_a_claim_that_makes_no_sense_is_none(claim: tuple[int, int]) -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(*claim)
    assert budget.left() is None


def test_a_claim_limits_nobody_whom_the_registry_does_not_limit() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(10, 3600)
    pull(budget, NOW, None)
    assert (budget.left(), budget.is_spent(NOW)) == (None, False)


@pytest.mark.parametrize(
    ("claim", "asked", "seconds"),
    [
        pytest.param(None, None, 3601.05, id="an hour where nobody says"),
        pytest.param((100, 21600), None, 21601.05, id="the window of the claim"),
        pytest.param((100, 21600), 900.0, 21601.05, id="not sooner than that"),
        pytest.param(None, 7200.0, 7200.0, id="as long as it asks"),
        pytest.param(None, 1e12, 7 * 86_400, id="a week at most"),
    ],
)
def test_a_429_without_a_limit_closes_for_a_window(
    claim: tuple[int, int] | None, asked: float | None, seconds: float
) -> None:
    budget = PullBudget(reserve=20, waits=True)
    if claim is not None:
        budget.claimed(*claim)
    pull(budget, NOW, None)
    budget.spent(NOW, asked)
    opens = NOW + seconds
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, opens)
    budget.take(opens)
    assert budget.opens_at(opens) == NEVER
    budget.answered(None)
    budget.went_well(sent=opens)
    budget.take(opens)
    assert budget.opens_at(opens) == opens


def test_a_429_in_a_known_window_closes_until_more_than_the_reserve_is_there() -> None:
    budget = PullBudget(reserve=2, waits=True)
    for second in range(5):
        pull(budget, NOW + second, left(50 - second))
    pull(budget, NOW + 5, None)
    budget.spent(NOW + 5, 30.0)
    assert (budget.is_spent(NOW + 5), budget.left()) == (True, (0, 100, NEXT + 2))
    assert budget.opens_at(NOW + 5) == NEXT + 2


def test_a_429_that_asks_for_longer_gets_it(spent: PullBudget) -> None:
    spent.spent(NOW, 5000.0)
    assert spent.opens_at(NOW) == NOW + 5000


def test_a_429_to_a_pull_that_finds_out_is_followed_by_a_whole_window(spent: PullBudget) -> None:
    pull(spent, NEXT, None)
    spent.spent(NEXT, None)
    assert spent.next_window_at(NEXT) == NEXT + HOUR + 1.05
    assert spent.opens_at(NEXT) == NEXT + LATER
    pull(spent, NEXT + HOUR + 1.05, left(99))
    assert spent.opens_at(NEXT + HOUR + 2) == NEXT + HOUR + 2


def test_what_was_under_way_at_a_429_opens_nothing(budget: PullBudget) -> None:
    for _ in range(3):
        budget.take(NOW)
    budget.answered(None)
    budget.spent(NOW, None)
    budget.answered(left(40))
    budget.answered(left(39))
    assert (budget.is_spent(NOW), budget.left()) == (True, (0, 100, NEXT))


def test_a_head_tells_what_is_left_before_the_first_pull() -> None:
    budget = PullBudget(reserve=20, waits=True)
    budget.heard(left(20), NOW)
    assert (budget.has_heard, budget.is_spent(NOW)) == (True, True)
    assert (budget.next_window_at(NOW), budget.opens_at(NOW)) == (NEXT, NOW + LATER)
    other = PullBudget(reserve=20, waits=True)
    other.heard(None)
    assert (other.has_heard, other.opens_at(NOW)) == (True, NOW)


def test_a_head_that_shows_less_is_believed_always(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.heard(left(30), NOW)
    assert budget.left() == (9, 100, NEXT)


def test_a_head_that_shows_more_is_believed_when_no_pull_is_about(spent: PullBudget) -> None:
    spent.heard(left(100), NOW + 299)
    assert spent.is_spent(NOW + 299)
    spent.heard(left(100))
    assert spent.is_spent(NOW + 300)
    spent.heard(left(100), NOW + 301)
    assert (spent.is_spent(NOW + 301), spent.opens_at(NOW + 301)) == (False, NOW + 301)
    spent.take(NOW + 301)
    spent.answered(left(30), NOW + 301)
    spent.take(NOW + 302)
    spent.heard(left(100), NOW + 900)
    assert spent.left() == (9, 100, NEXT + 301)


@pytest.mark.parametrize(("limit", "reserve"), [(10, 20), (20, 20), (0, 0), (0, 5)])
def test_a_window_within_the_reserve_is_spent_from_the_start(limit: int, reserve: int) -> None:
    budget = PullBudget(reserve=reserve, waits=False)
    budget.heard(left(limit, limit=limit), NOW)
    for now in (NOW, NEXT, NOW + 10 * HOUR):
        assert (budget.is_hopeless, budget.is_spent(now), budget.opens_at(now)) == (True, True, now)
    assert budget.why_spent(NOW) == (
        f"pulls: expected more than the {reserve} left to others (DOCKERHUB_PULL_RESERVE),"
        f" got a limit of {limit} in 1 h 0 min"
    )


def test_who_waits_looks_at_a_window_within_the_reserve_and_pulls_nothing() -> None:
    budget, now = PullBudget(reserve=20, waits=True), NOW
    pull(budget, NOW, left(9, limit=10))
    for _ in range(20):
        assert budget.opens_at(now) == now + LATER
        now += LATER
        look(budget, now, left(10, limit=10))


def test_it_says_why_no_pull_may_go(budget: PullBudget) -> None:
    assert budget.why_spent(NOW) is None
    pull(budget, NOW, left(18))
    # When there are pulls again for sure, though it is looked earlier.
    assert budget.why_spent(NOW + 420) == (
        "pulls: expected more than the 20 left to others (DOCKERHUB_PULL_RESERVE),"
        " got 18 of 100; again in 53 min 1 s"
    )
    assert budget.why_spent(NEXT) is None


def test_it_says_that_a_429_was_heard() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.spent(NOW, None)
    assert budget.why_spent(NOW) == (
        "pulls: expected some, the registry says that none is left; again in 1 h 0 min"
    )


def test_holds_and_closings_are_those_of_a_budget(budget: PullBudget) -> None:
    budget.hold()
    assert budget.opens_at(NOW) == NEVER
    budget.release()
    assert budget.opens_at(NOW) == NOW
    budget.close_until(NOW + 5)
    assert budget.opens_at(NOW) == NOW + 5
    assert [budget.slow_down(0.0, NOW + 5), budget.slow_down(0.0, NOW + 6)] == [1, 2]
    budget.went_well()
    budget.rest(30.0, NOW + 8)
    assert budget.opens_at(NOW + 8) == NOW + 38
    budget.take(NOW + 38)
    assert budget.opens_at(NOW + 38) == NEVER
    budget.clock.heard(NOW + 500, NOW, NOW)
    assert budget.clock.offset() == 500


def test_what_is_refused_need_not_rest() -> None:
    budget = PullBudget(reserve=20, waits=False)
    pull(budget, NOW, left(20))
    budget.rest(LONGEST_WAIT_SECONDS, NOW)
    assert budget.opens_at(NOW) == NOW
    budget.hold()
    assert budget.opens_at(NOW) == NEVER


def test_a_longer_window_counts_from_the_answer_that_tells_it(budget: PullBudget) -> None:
    pull(budget, NOW + 10, left(20, window=21600))
    assert budget.opens_at(NOW + 10) == NOW + 21600 + 1.05
