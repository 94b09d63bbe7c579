from __future__ import annotations

import pytest

from dockerhub.kinds import Kind
from dockerhub.limits.breaker import DIRECT, FOREVER, Breaker, Way

NOW = 1_000_000.0
FOR_EVER = [kind for kind in Kind if kind is not Kind.ABUSE]


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(rest_seconds=300)


def rests(breaker: Breaker, times: int, begin: float = NOW) -> list[float | None]:
    """Return for how long it opens, tripped each time at the end of the rest before."""
    now, found = begin, []
    for _ in range(times):
        rest = breaker.trip(Kind.ABUSE, now)
        found.append(rest)
        now += rest or 0.0
    return found


def test_a_way_is_written_as_service_and_exit() -> None:
    assert str(Way("hub")) == "hub (direct)"
    assert str(Way("hub", "proxy-1")) == "hub (proxy-1)"
    assert Way("hub") == Way("hub", DIRECT)


def test_it_begins_closed(breaker: Breaker) -> None:
    assert breaker.kind is None
    assert not breaker.is_shut
    assert not breaker.heal()


@pytest.mark.parametrize(
    ("rest_seconds", "expected"),
    [
        pytest.param(300, [300, 600, 900, FOREVER], id="as it is set"),
        pytest.param(1, [1, 2, 4, FOREVER], id="a short one"),
        pytest.param(450.5, [450.5, 900, 900, FOREVER], id="a long one"),
        pytest.param(86_400, [900, 900, 900, FOREVER], id="a day"),
        pytest.param(0, [0, 0, 0, FOREVER], id="none"),
    ],
)
def test_rests_double_up_to_a_quarter_of_an_hour_and_end_with_the_third(
    rest_seconds: float, expected: list[float]
) -> None:
    assert rests(Breaker(rest_seconds=rest_seconds), 4) == expected


def test_while_it_is_open_nothing_more_is_told(breaker: Breaker) -> None:
    assert breaker.trip(Kind.ABUSE, NOW) == 300
    assert (breaker.kind, breaker.is_shut) == (Kind.ABUSE, False)
    told = [breaker.trip(Kind.ABUSE, NOW + after) for after in (0, 1, 150, 299.9)]
    assert told == [None] * 4
    # They counted for nothing: the next rest is the second.
    assert breaker.trip(Kind.ABUSE, NOW + 300) == 600


def test_after_the_last_rest_it_is_open_for_ever(breaker: Breaker) -> None:
    assert rests(breaker, 4)[-1] == FOREVER
    assert breaker.is_shut
    assert breaker.trip(Kind.ABUSE, NOW + 1e9) is None
    assert not breaker.heal()
    assert (breaker.kind, breaker.is_shut) == (Kind.ABUSE, True)


@pytest.mark.parametrize("kind", FOR_EVER)
def test_any_other_reason_shuts_it_for_ever(breaker: Breaker, kind: Kind) -> None:
    assert breaker.trip(kind, NOW) == FOREVER
    assert breaker.kind is kind
    assert breaker.trip(kind, NOW + 1e9) is None
    assert breaker.trip(Kind.ABUSE, NOW + 1e9) is None
    assert not breaker.heal()
    assert (breaker.kind, breaker.is_shut) == (kind, True)


@pytest.mark.parametrize("kind", [Kind.BOT_GUARD, Kind.BLOCKED])
def test_another_reason_after_a_rest_shuts_it_for_ever(breaker: Breaker, kind: Kind) -> None:
    breaker.trip(Kind.ABUSE, NOW)
    assert breaker.trip(kind, NOW + 300) == FOREVER
    assert not breaker.heal()


@pytest.mark.parametrize("kind", [Kind.BOT_GUARD, Kind.BLOCKED])
def test_another_reason_during_a_rest_shuts_it_for_ever(breaker: Breaker, kind: Kind) -> None:
    breaker.trip(Kind.ABUSE, NOW)
    assert breaker.trip(kind, NOW + 1) == FOREVER
    assert (breaker.kind, breaker.is_shut) == (kind, True)
    assert not breaker.heal()


@pytest.mark.parametrize("kind", [Kind.BOT_GUARD, Kind.BLOCKED])
def test_another_reason_that_was_under_way_when_a_rest_began_shuts_it_for_ever(
    breaker: Breaker, kind: Kind
) -> None:
    breaker.trip(Kind.ABUSE, NOW)
    assert breaker.trip(kind, NOW + 1, sent=NOW - 1) == FOREVER
    assert (breaker.kind, breaker.is_shut) == (kind, True)


def test_a_good_answer_closes_it_once_and_ends_the_doubling(breaker: Breaker) -> None:
    assert rests(breaker, 2) == [300, 600]
    assert breaker.heal()
    assert breaker.kind is None
    assert not breaker.heal()
    assert rests(breaker, 4, NOW + 3600) == [300, 600, 900, FOREVER]


@pytest.mark.parametrize("after", [1, 299.9, 300, 3600])
def test_a_refusal_that_was_under_way_when_a_rest_began_is_no_news(
    breaker: Breaker, after: float
) -> None:
    breaker.trip(Kind.ABUSE, NOW)
    assert breaker.trip(Kind.ABUSE, NOW + after, sent=NOW - 0.1) is None
    # It counted for nothing, and one that went since then counts.
    assert breaker.trip(Kind.ABUSE, NOW + 3600, sent=NOW + 300) == 600


def test_each_rest_asks_anew_what_was_under_way(breaker: Breaker) -> None:
    assert rests(breaker, 2) == [300, 600]
    assert breaker.trip(Kind.ABUSE, NOW + 3600, sent=NOW + 299.9) is None
    assert not breaker.heal(sent=NOW + 299.9)
    assert breaker.trip(Kind.ABUSE, NOW + 3600, sent=NOW + 300) == 900


def test_a_good_answer_to_what_was_under_way_when_a_rest_began_changes_nothing(
    breaker: Breaker,
) -> None:
    breaker.trip(Kind.ABUSE, NOW)
    assert not breaker.heal(sent=NOW - 0.1)
    assert breaker.kind is Kind.ABUSE
    assert breaker.trip(Kind.ABUSE, NOW + 300, sent=NOW + 300) == 600
    assert breaker.heal(sent=NOW + 300)
    assert breaker.kind is None
