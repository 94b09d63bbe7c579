"""How long exits that fail are waited for."""

from __future__ import annotations

import pytest

from dockerhub.limits.budget import NEVER
from dockerhub.limits.openings import AWAITED, ONLY_DIRECT, Openings

NOW = 1000.0


def gives_up_at(lost: dict[str, float] | None = None, shut: str = "", **opens: float) -> float:
    told = Openings(opens, lost_at=lost or {}, patience_seconds=600)
    return told.gives_up_at([name for name in opens if name not in shut], NOW)


def test_without_proxies_there_is_nothing_to_give_up() -> None:
    assert ONLY_DIRECT.gives_up_at(["direct"], NOW) == NEVER


@pytest.mark.parametrize("opens", [0.0, NOW, AWAITED], ids=["open", "now", "tried"])
def test_one_that_is_open_or_tried_is_not_lost(opens: float) -> None:
    assert gives_up_at({"a": 1.0, "b": 1.0}, a=NOW + 5, b=opens) == NEVER


def test_patience_begins_when_the_last_of_them_failed() -> None:
    assert gives_up_at({"a": NOW - 50, "b": NOW - 20}, a=NOW + 5, b=NOW + 9) == NOW + 580


def test_one_that_is_dead_for_good_is_not_waited_for() -> None:
    assert gives_up_at({"a": NOW - 50, "b": NOW}, a=NOW + 5, b=NEVER) == NOW + 550
    assert gives_up_at(a=NEVER, b=NEVER) == NOW


def test_one_that_is_shut_is_not_waited_for() -> None:
    assert gives_up_at({"b": NOW - 50}, "a", a=NOW, b=NOW + 5) == NOW + 550
    assert gives_up_at({}, "a", a=NOW, b=NEVER) == NOW
    # What goes there is refused, and told why.
    assert gives_up_at({}, "ab", a=NOW, b=NOW + 5) == NEVER
    assert gives_up_at({}, "ab", a=NEVER, b=NEVER) == NOW


def test_one_that_fails_is_waited_for_a_while_by_what_others_cannot_do() -> None:
    opens = {"open": NOW, "tried": AWAITED, "failing": NOW + 5, "lost": NOW + 5, "dead": NEVER}
    told = Openings(opens, lost_at={"failing": NOW - 30, "lost": NOW - 31}, patience_seconds=600)
    assert [name for name in told if told.is_waited_for(name, NOW)] == ["open", "tried", "failing"]


def test_what_is_told_of_one_alone() -> None:
    told = Openings({"a": NOW + 5, "b": 0.0}, lost_at={"a": NOW}, patience_seconds=600)
    assert dict(told.only("a")) == {"a": NOW + 5}
    assert told.only("a").gives_up_at(["a"], NOW) == NOW + 600
