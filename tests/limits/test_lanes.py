"""By which exit a request goes, and what exits share."""

from __future__ import annotations

import pytest

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.headers import HubLimit
from dockerhub.limits.lanes import Lanes
from dockerhub.limits.openings import Openings
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.limits.pulls import PullBudget

NOW = 1000.0
OPEN = Openings({"a": 0.0, "b": 0.0, "c": 0.0})


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(lambda: Budget(per_minute=0))


def heard(lanes: Lanes, **left: int) -> None:
    for name, remaining in left.items():
        lanes.take(name, NOW)
        lanes.of(name).answered(HubLimit(100, remaining, int(NOW) + 60))  # type: ignore[arg-type]


def test_the_exit_with_the_most_left_is_taken(lanes: Lanes) -> None:
    heard(lanes, a=10, b=30, c=20)
    assert lanes.choose(NOW, OPEN) == "b"
    for _ in range(15):
        lanes.take("b", NOW)
    assert lanes.choose(NOW, OPEN) == "c"


def test_one_of_which_nothing_is_known_is_asked_first_and_alone(lanes: Lanes) -> None:
    heard(lanes, a=100)
    lanes.take("b", NOW)
    assert lanes.choose(NOW, Openings({"a": 0.0, "b": 0.0})) == "a"
    assert lanes.choose(NOW, OPEN) == "c"


def test_those_without_limits_take_turns(lanes: Lanes) -> None:
    for name in OPEN:
        lanes.of(name).heard(None)
    taken = []
    for _ in range(6):
        name = lanes.choose(NOW, OPEN)
        assert name is not None
        lanes.take(name, NOW)
        taken.append(name)
    assert taken == ["a", "b", "c"] * 2


@pytest.mark.parametrize("why", ["closed", "dead", "spent", "shut"])
def test_one_that_is_not_open_is_passed_over(lanes: Lanes, why: str) -> None:
    heard(lanes, a=90, b=50)
    exits = Openings({"a": NOW + 5 if why == "dead" else 0.0, "b": 0.0})
    if why == "closed":
        lanes.of("a").close_until(NOW + 60)
    if why == "spent":
        heard(lanes, a=0)
    if why == "shut":
        lanes.shut("a")
    assert lanes.choose(NOW, exits) == "b"
    assert lanes.opens_at(NOW, exits) == NOW


def test_it_opens_when_the_first_exit_does(lanes: Lanes) -> None:
    for name in "ab":
        lanes.of(name).heard(None)
    lanes.of("a").close_until(NOW + 60)
    assert lanes.opens_at(NOW, Openings({"a": 0.0, "b": NOW + 20})) == NOW + 20
    assert lanes.opens_at(NOW, Openings({"a": 0.0, "b": NEVER})) == NOW + 60
    assert lanes.opens_at(NOW, Openings({"b": NEVER})) == NEVER
    assert lanes.choose(NOW, Openings({"a": 0.0, "b": NOW + 20})) is None


def test_the_exit_to_avoid_is_taken_only_if_no_other_is_open(lanes: Lanes) -> None:
    heard(lanes, a=90, b=10)
    assert lanes.choose(NOW, Openings({"a": 0.0, "b": 0.0}), avoid=("a",)) == "b"
    assert lanes.choose(NOW, Openings({"a": 0.0}), avoid=("a",)) == "a"


def test_all_are_asked_once_all_are_shut_to_be_told_why(lanes: Lanes) -> None:
    heard(lanes, a=90, b=10)
    lanes.shut("a")
    lanes.shut("b")
    assert lanes.choose(NOW, Openings({"a": 0.0, "b": 0.0})) == "a"


def test_a_hold_holds_all(lanes: Lanes) -> None:
    heard(lanes, a=90)
    lanes.hold()
    assert (lanes.choose(NOW, OPEN), lanes.opens_at(NOW, OPEN)) == (None, NEVER)
    lanes.release()
    assert lanes.choose(NOW, OPEN) is not None


def test_two_that_are_one_share_a_budget(lanes: Lanes) -> None:
    heard(lanes, a=40, b=30)
    for name in "aab":
        lanes.take(name, NOW)
    lanes.merge("a", "b")
    budget = lanes.of("a")
    assert lanes.of("b") is budget
    assert budget.in_flight == lanes.in_flight == 3
    assert lanes.left() == (27, 100, pytest.approx(NOW + 61.05))
    budget.answered(HubLimit(100, 29, int(NOW) + 60))  # type: ignore[arg-type]
    assert budget.in_flight == 2
    lanes.merge("b", "a")
    assert budget.in_flight == 2


def test_the_newer_window_counts_when_two_turn_out_to_be_one(lanes: Lanes) -> None:
    heard(lanes, a=5)
    lanes.take("b", NOW)
    lanes.of("b").answered(HubLimit(100, 80, int(NOW) + 120))  # type: ignore[arg-type]
    lanes.merge("a", "b")
    left = lanes.of("a").left()
    assert left is not None
    assert left[0] == 80


def test_where_an_account_pays_all_exits_share() -> None:
    lanes = Lanes(lambda: PullBudget(reserve=20, waits=False), is_shared=True)
    assert lanes.of("a") is lanes.of("b")
    lanes.of("a").heard(PullLimit(100, 20, 3600), NOW)  # type: ignore[arg-type, call-arg]
    assert lanes.is_spent(NOW, OPEN)
    assert not lanes.is_empty("a"), "another session of it would not help"


def test_pulls_are_spent_once_they_are_by_all_exits_that_are_there() -> None:
    lanes = Lanes(lambda: PullBudget(reserve=20, waits=False))
    lanes.of("a").heard(PullLimit(100, 20, 3600), NOW)  # type: ignore[arg-type, call-arg]
    lanes.of("b").heard(PullLimit(100, 21, 3600), NOW)  # type: ignore[arg-type, call-arg]
    both = Openings({"a": 0.0, "b": 0.0})
    assert not lanes.is_spent(NOW, both)
    assert lanes.choose(NOW, both) == "b"
    lanes.take("b", NOW)
    # The last one is under way: nothing goes by the other meanwhile, to be refused.
    assert lanes.choose(NOW, both) is None
    lanes.of("b").answered(PullLimit(100, 20, 3600), NOW)  # type: ignore[arg-type, call-arg]
    assert lanes.is_spent(NOW, both)
    assert lanes.choose(NOW, both) is not None
    # One that rests is waited for, one that does for long is not.
    lanes.of("c").heard(None)
    resting = {**both, "c": NOW + 30}
    assert lanes.choose(NOW, Openings(resting, lost_at={"c": NOW}, patience_seconds=600)) is None
    lost = {"c": NOW - 31}
    assert lanes.choose(NOW, Openings(resting, lost_at=lost, patience_seconds=600)) in both


def test_what_is_forgotten_begins_anew(lanes: Lanes) -> None:
    heard(lanes, a=0)
    lanes.shut("a")
    assert lanes.is_empty("a")
    lanes.forget("a")
    assert not lanes.is_empty("a")
    assert not lanes.is_shut("a")


def test_one_exit_leaves_places_to_the_others(lanes: Lanes) -> None:
    for name in OPEN:
        lanes.of(name).heard(None)
    for _ in range(6):
        lanes.take("c", NOW)
    lanes.of("a").close_until(NOW + 60)
    lanes.of("b").close_until(NOW + 60)
    # Five of sixteen: then somebody else's turn, even if that is later.
    assert lanes.choose(NOW, OPEN) is None
    assert lanes.choose(NOW, Openings({"c": 0.0, "a": NOW + 9})) == "c"


def test_strangers_may_be_the_same_exit(lanes: Lanes) -> None:
    heard(lanes, a=2)
    for name in "bc":
        lanes.take(name, NOW)
    assert lanes.choose(NOW, OPEN) is None
    lanes.of("b").answered(None)
    assert lanes.choose(NOW, OPEN) == "b"
    lanes.of("b").close_until(NOW + 60)
    assert lanes.choose(NOW, OPEN) == "a"
