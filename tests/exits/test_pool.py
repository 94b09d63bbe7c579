from __future__ import annotations

import logging

import pytest

from dockerhub.exits.pool import ExitPool
from dockerhub.limits.budget import NEVER

START = 1_000.0


def pool(*names: str, jitter: float = 1.0) -> ExitPool:
    """Return a pool whose rests are 5, 10, 20 and at most 40 seconds, or half with jitter 0."""
    return ExitPool(names, base_seconds=5, cap_seconds=40, jitter=lambda: jitter)


def test_a_new_exit_may_be_used_and_is_not_proven() -> None:
    exits = pool("a:1")
    assert exits.opens_at("a:1", START) == START
    assert not exits.is_proven("a:1")
    assert exits.opens_at("b:1", START) == NEVER


def test_a_good_answer_proves_an_exit_once() -> None:
    exits = pool("a:1")
    assert exits.mark_good("a:1", START, sent=START - 1)
    assert not exits.mark_good("a:1", START, sent=START - 1)
    assert exits.is_proven("a:1")
    assert not exits.mark_good("b:1", START, sent=START - 1)


def test_rests_double_up_to_the_longest_and_begin_anew_after_a_good_answer() -> None:
    exits, now, rests = pool("a:1"), START, []
    for _ in range(5):
        rest = exits.mark_dead("a:1", now, sent=now)
        assert rest is not None
        rests.append(rest)
        now += rest
        assert exits.opens_at("a:1", now - 0.1) == now
        assert exits.opens_at("a:1", now) == now
    assert rests == [5, 10, 20, 40, 40]
    assert exits.mark_good("a:1", now, sent=now)
    assert exits.mark_dead("a:1", now, sent=now) == 5


@pytest.mark.parametrize(("jitter", "rest"), [(0.0, 2.5), (0.5, 3.75)])
def test_a_rest_is_never_less_than_half(jitter: float, rest: float) -> None:
    assert pool("a:1", jitter=jitter).mark_dead("a:1", START, sent=START) == rest


def test_a_death_is_counted_once_however_many_were_under_way() -> None:
    exits = pool("a:1")
    assert exits.mark_dead("a:1", START + 1, sent=START) == 5
    assert exits.mark_dead("a:1", START + 1, sent=START) is None
    assert exits.mark_dead("a:1", START + 2, sent=START + 0.5) is None
    assert exits.opens_at("a:1", START + 2) == START + 6
    # It is back, and then something comes that went before it died.
    assert exits.opens_at("a:1", START + 7) == START + 7
    assert exits.mark_dead("a:1", START + 7, sent=START + 0.5) is None
    assert exits.mark_dead("a:1", START + 8, sent=START + 7) == 10


def test_a_late_success_revives_nothing() -> None:
    exits = pool("a:1")
    exits.mark_dead("a:1", START + 1, sent=START)
    assert not exits.mark_good("a:1", START + 2, sent=START)
    assert exits.opens_at("a:1", START + 2) == START + 6
    assert exits.opens_at("a:1", START + 6) == START + 6
    assert not exits.mark_good("a:1", START + 6, sent=START)
    assert not exits.is_proven("a:1")
    assert exits.mark_good("a:1", START + 7, sent=START + 6)


@pytest.mark.parametrize(("asked", "rest"), [(0.0, 5.0), (3.0, 5.0), (60.0, 60.0)])
def test_what_is_asked_for_lengthens_a_rest_only(asked: float, rest: float) -> None:
    exits = pool("a:1")
    assert exits.mark_dead("a:1", START, sent=START, retry_after=asked) == rest
    assert exits.opens_at("a:1", START) == START + rest


def test_a_death_for_good_is_for_good() -> None:
    exits = pool("a:1", "b:1")
    assert exits.mark_dead("a:1", START, sent=START, forever=True) == NEVER
    assert exits.opens_at("a:1", START + 1e9) == NEVER
    assert "dead: 1" in str(exits)


def doubt(exits: ExitPool, name: str, sent: float, service: str = "hub") -> float | None:
    return exits.doubt(name, sent + 1, sent=sent, service=service)


def test_silence_is_the_services_fault_while_no_other_exit_has_an_answer() -> None:
    exits = pool("a:1", "b:1")
    exits.mark_good("b:1", START - 1, sent=START - 2, service="hub")
    assert [doubt(exits, "a:1", START + at) for at in range(6)] == [None] * 6
    exits.mark_good("b:1", START + 7, sent=START, service="hub")
    assert doubt(exits, "a:1", START + 8) == 5


def test_the_third_silence_in_a_row_kills_where_others_have_answers() -> None:
    exits = pool("a:1", "b:1")
    assert doubt(exits, "a:1", START) is None
    exits.mark_good("b:1", START + 1, sent=START, service="hub")
    assert doubt(exits, "a:1", START + 2) is None
    exits.mark_good("a:1", START + 3, sent=START + 2, service="hub")
    assert [doubt(exits, "a:1", START + at) for at in (4, 5)] == [None, None]
    exits.mark_good("b:1", START + 6, sent=START + 5, service="hub")
    assert doubt(exits, "a:1", START + 6) == 5
    assert exits.opens_at("a:1", START + 7) == START + 12


def test_a_service_that_is_silent_is_no_word_about_the_exits() -> None:
    exits = pool("a:1", "b:1")
    for at in range(6):
        exits.mark_good("b:1", START + at, sent=START + at, service="hub")
        assert doubt(exits, "a:1", START + at, service="registry") is None
    assert doubt(exits, "c:1", START) is None


def test_a_doubt_from_before_a_death_is_none() -> None:
    exits = pool("a:1", "b:1")
    exits.mark_dead("a:1", START + 3, sent=START + 2)
    exits.opens_at("a:1", START + 8)
    exits.mark_good("b:1", START + 8, sent=START + 8, service="hub")
    assert [doubt(exits, "a:1", START + at) for at in (0, 1, 2)] == [None] * 3


def test_a_new_session_has_nothing_good_yet() -> None:
    exits = pool("gw:1.1", "b:1")
    exits.mark_good("gw:1.1", START, sent=START)
    exits.replace("gw:1.1", "gw:1.2")
    assert not exits.is_proven("gw:1.2")
    assert exits.opens_at("gw:1.2", START) == START
    assert exits.opens_at("gw:1.1", START) == NEVER
    assert not exits.mark_good("gw:1.1", START, sent=START)
    assert exits.mark_dead("gw:1.1", START, sent=START) is None


def test_a_new_session_waits_as_long_as_the_old_one() -> None:
    exits = pool("gw:1.1")
    exits.mark_dead("gw:1.1", START, sent=START)
    exits.replace("gw:1.1", "gw:1.2")
    assert exits.opens_at("gw:1.2", START) == START + 5
    assert exits.opens_at("gw:1.2", START + 5) == START + 5
    assert exits.mark_dead("gw:1.2", START + 6, sent=START + 5) == 10


def test_exits_of_one_host_and_port_are_told_apart() -> None:
    exits = pool("gw:1#1", "gw:1#2")
    exits.mark_dead("gw:1#1", START, sent=START)
    assert exits.opens_at("gw:1#2", START) == START
    assert exits.get_proxy("gw:1#2") == "gw:1#2"
    assert exits.get_proxy("gw:1") is None


def test_what_the_library_would_do_at_random_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="chosen"):
        pool("a:1").get_random()
    with pytest.raises(NotImplementedError, match="wait"):
        pool("a:1").reset()


def test_its_log_lines_have_names(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    exits = pool("gw:1#2.1")
    exits.mark_good("gw:1#2.1", START, sent=START)
    exits.mark_dead("gw:1#2.1", START, sent=START)
    assert caplog.messages == ["Proxy <gw:1#2.1> is GOOD", "GOOD proxy became DEAD: <gw:1#2.1>"]


def test_an_exit_that_fails_one_service_goes_on_with_others() -> None:
    exits = pool("a:1")
    exits.mark_good("a:1", START, sent=START, service="hub")
    assert exits.fail("a:1", START + 1, sent=START, service="registry") == 5
    # What was under way is no news.
    assert exits.fail("a:1", START + 2, sent=START, service="registry") == 0
    exits.mark_good("a:1", START + 6, sent=START + 6, service="hub")
    assert exits.fail("a:1", START + 7, sent=START + 7, service="registry") == 10
    # Nothing else came through since: it is the exit.
    assert exits.fail("a:1", START + 20, sent=START + 20, service="registry") is None
    exits.mark_dead("a:1", START + 20, sent=START + 20)
    assert exits.fail("a:1", START + 30, sent=START + 30, service="registry") is None


def test_a_good_answer_ends_the_doubling_of_that_service() -> None:
    exits = pool("a:1")
    for at, service in ((0, "hub"), (10, "registry")):
        exits.mark_good("a:1", START + at, sent=START + at, service=service)
        assert exits.fail("a:1", START + at + 1, sent=START + at, service="registry") == 5
