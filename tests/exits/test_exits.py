from __future__ import annotations

import base64
import logging
from itertools import count

import pytest

from dockerhub.exits.exits import Exits
from dockerhub.limits.budget import NEVER
from dockerhub.proxy import read_proxies

START = 1_000.0
STICKY = "http://u-{session}:5eCr37@gw:7000"


def exits(text: str, session_requests: int = 3) -> Exits:
    """Return exits whose sessions are called s1, s2 and so on, and rest 5 s at first."""
    numbers = count(1)
    return Exits(
        read_proxies(text),
        session_requests=session_requests,
        patience_seconds=600,
        backoff_base=5,
        backoff_cap=40,
        new_session=lambda: f"s{next(numbers)}",
        jitter=lambda: 1.0,
    )


def pair(ways: Exits, name: str) -> str:
    header = ways.authorization(name)
    assert header is not None
    return base64.b64decode(header.removeprefix(b"Basic ")).decode()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("a:1 b:1", ["a:1", "b:1"], id="hosts and ports"),
        pytest.param("a:1 direct", ["a:1", "direct"], id="a proxy and none"),
        pytest.param("direct direct", ["direct"], id="none"),
        pytest.param("a:1 a:2", ["a:1", "a:2"], id="two ports"),
        pytest.param("x:y@a:1 b:1 a:1", ["a:1#1", "b:1", "a:1#2"], id="two users"),
        pytest.param("[::1]:1", ["[::1]:1"], id="IPv6"),
        pytest.param(STICKY, ["gw:7000.1"], id="a session"),
        pytest.param(f"{STICKY} {STICKY}", ["gw:7000#1.1", "gw:7000#2.1"], id="two sessions"),
    ],
)
def test_names_say_where_and_not_who(text: str, names: list[str]) -> None:
    ways = exits(text)
    assert ways.names == names
    assert ways.is_single is (names == ["direct"])
    assert all(ways.is_current(name) for name in names)
    assert ways.open_at(START) == dict.fromkeys(names, START)


def test_without_proxies_direct_is_all_there_is_and_never_dies() -> None:
    ways = Exits()
    assert ways.names == ["direct"]
    assert ways.is_single
    assert (ways.address("direct"), ways.authorization("direct")) == (None, None)
    for at in range(5):
        assert ways.mark_dead("direct", START + at, sent=START) is None
        assert ways.doubt("direct", START + at, sent=START) is None
    assert ways.opens_at("direct", START) == START
    assert not ways.is_over("direct", is_spent=True)
    assert ways.renew("direct") == "direct"
    assert ways.best(START) == "direct"


def test_says_where_a_proxy_is_and_what_it_is_shown() -> None:
    ways = exits("http://ada:5eCr37@gw:7000 [::1]:1")
    assert ways.address("gw:7000") == "http://gw:7000"
    assert pair(ways, "gw:7000") == "ada:5eCr37"
    assert ways.address("[::1]:1") == "http://[::1]:1"
    assert ways.authorization("[::1]:1") is None


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("direct", "direct"),
        ("gw.example:7000", "gw.example:7000"),
        ("gw.example:7000.12", "gw.example:7000"),
        ("10.0.0.7:3128#2.1", "10.0.0.7:3128#2"),
        ("[::1]:1#2", "[::1]:1#2"),
    ],
)
def test_the_sessions_of_an_exit_are_counted_under_one_label(name: str, label: str) -> None:
    assert Exits().label(name) == label


def test_a_session_is_over_after_its_requests() -> None:
    ways = exits(STICKY)
    for _ in range(3):
        assert not ways.is_over("gw:7000.1")
        ways.took("gw:7000.1")
    assert ways.is_over("gw:7000.1")
    ways.gave_back("gw:7000.1")
    assert not ways.is_over("gw:7000.1")
    assert ways.is_over("gw:7000.1", is_spent=True)


def test_a_session_that_had_nothing_from_its_beginning_is_not_renewed_for_that() -> None:
    ways = exits(STICKY)
    assert not ways.is_over("gw:7000.1", is_spent=True)
    ways.took("gw:7000.1")
    assert not ways.is_over("gw:7000.1", is_spent=True)
    ways.took("gw:7000.1")
    assert ways.is_over("gw:7000.1", is_spent=True)


def test_what_is_no_session_is_never_over() -> None:
    ways = exits("a:1")
    for _ in range(9):
        ways.took("a:1")
    assert not ways.is_over("a:1", is_spent=True)
    assert ways.renew("a:1") == "a:1"
    assert ways.names == ["a:1"]


def test_a_session_that_is_over_stays_known_while_it_has_requests_under_way() -> None:
    ways = exits(f"a:1 {STICKY} b:1")
    ways.took("gw:7000.1")
    ways.took("gw:7000.1")
    assert ways.renew("gw:7000.1") == "gw:7000.2"
    assert ways.names == ["a:1", "gw:7000.2", "b:1"]
    assert ways.is_known("gw:7000.1")
    assert not ways.is_current("gw:7000.1")
    assert not ways.is_over("gw:7000.1", is_spent=True)
    assert ways.renew("gw:7000.1") == "gw:7000.1"
    assert (pair(ways, "gw:7000.1"), pair(ways, "gw:7000.2")) == ("u-s1:5eCr37", "u-s2:5eCr37")
    assert ways.opens_at("gw:7000.1", START) == NEVER
    ways.done("gw:7000.1")
    assert ways.is_known("gw:7000.1")
    ways.done("gw:7000.1")
    assert not ways.is_known("gw:7000.1")
    ways.done("gw:7000.1")
    ways.gave_back("gw:7000.1")


def test_the_sessions_that_are_gone_are_told_by_the_next_renewal() -> None:
    ways = exits(STICKY)
    ways.took("gw:7000.1")
    ways.renew("gw:7000.1")
    assert ways.gone == []
    ways.done("gw:7000.1")
    ways.renew("gw:7000.2")
    assert ways.gone == ["gw:7000.1", "gw:7000.2"]
    ways.renew("gw:7000.3")
    assert ways.gone == ["gw:7000.3"]


def test_a_new_session_is_no_way_around_a_rest() -> None:
    ways = exits(STICKY)
    assert ways.mark_dead("gw:7000.1", START, sent=START) == 5
    ways.renew("gw:7000.1")
    assert ways.open_at(START) == {"gw:7000.2": START + 5}


def test_dead_exits_are_passed_over_and_waited_for() -> None:
    ways = exits("a:1 b:1")
    assert ways.mark_dead("a:1", START, sent=START, retry_after=60) == 60
    assert ways.open_at(START) == {"a:1": START + 60, "b:1": START}
    assert ways.mark_dead("b:1", START, sent=START, forever=True) == NEVER
    assert ways.best(START) == "a:1"


def test_the_best_exit_is_open_and_proven_and_has_the_least_to_do() -> None:
    ways = exits("a:1 b:1 c:1")
    assert ways.best(START) == "a:1"
    assert ways.mark_good("b:1", START, sent=START, service="hub")
    assert ways.is_proven("b:1")
    assert ways.best(START) == "b:1"
    ways.mark_good("c:1", START, sent=START)
    ways.took("b:1")
    assert ways.best(START) == "c:1"
    ways.mark_dead("c:1", START, sent=START)
    assert ways.best(START) == "b:1"


def test_silence_is_doubted() -> None:
    ways = exits("a:1 direct")
    ways.mark_good("direct", START, sent=START, service="hub")
    found = [ways.doubt("a:1", START + 1, sent=START, service="hub") for _ in range(3)]
    assert found == [None, None, 5]


def test_two_exits_of_one_address_are_found() -> None:
    ways = exits(f"a:1 b:1 {STICKY}")
    assert ways.hear_source("a:1", "192.0.2.7") is None
    assert ways.hear_source("b:1", "192.0.2.7") == "a:1"
    assert ways.hear_source("c:1", "192.0.2.9") is None
    assert ways.hear_source("gw:7000.1", "192.0.2.9") is None
    assert ways.hear_source("b:1", "192.0.2.9") == "gw:7000.1"
    # What is gone has no budget to share.
    ways.renew("gw:7000.1")
    assert ways.hear_source("gw:7000.2", "192.0.2.9") is None


def test_nothing_shows_a_user_or_a_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ways = exits(f"{STICKY} http://ada:5eCr37@gw:7001")
    for name in ways.names:
        ways.mark_good(name, START, sent=START)
        ways.mark_dead(name, START, sent=START)
    ways.renew("gw:7000.1")
    shown = f"{ways} {ways!r} {vars(ways)} {caplog.text}"
    assert "gw:7001" in shown
    assert "Exits(good: 0, dead: 2, unchecked: 0" in shown
    assert not any(secret in shown for secret in ("5eCr37", "u-", "ada", "'s1'", "'s2'"))
