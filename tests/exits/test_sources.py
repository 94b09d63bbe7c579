from __future__ import annotations

import pytest

from dockerhub.exits.sources import Sources


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", True, id="the same IPv4 address"),
        pytest.param("192.0.2.7", " 192.0.2.7 ", True, id="with spaces"),
        pytest.param("192.0.2.7", "192.0.2.8", False, id="its neighbour"),
        pytest.param("192.0.2.7", "::ffff:192.0.2.7", True, id="IPv4 written as IPv6"),
        pytest.param("::ffff:192.0.2.7", "::ffff:192.0.2.8", False, id="neighbours so written"),
        pytest.param("2001:db8:1:2::7", "2001:db8:1:2:aaaa::8", True, id="one /64"),
        pytest.param("2001:db8:1:2::", "2001:DB8:1:2::/64", True, id="the prefix, written out"),
        pytest.param("2001:db8:1:2::7", "2001:db8:1:3::7", False, id="another /64"),
        pytest.param("ada", "ada", False, id="an account"),
        pytest.param(
            "8d9c2b1e-6d5c-4d3b-9b68-0d7b6b4bb5a1",
            "8d9c2b1e-6d5c-4d3b-9b68-0d7b6b4bb5a1",
            False,
            id="a number of an account",
        ),
        pytest.param("", "", False, id="nothing"),
        pytest.param("999.1.1.1", "999.1.1.1", False, id="garbage"),
    ],
)
def test_two_exits_are_one_if_their_addresses_are(one: str, other: str, are_one: bool) -> None:
    sources = Sources()
    assert sources.hear("a:1", one) is None
    assert sources.hear("b:1", other) == ("a:1" if are_one else None)
    assert sources.hear("a:1", one) is None


def test_the_first_that_had_an_address_is_named() -> None:
    sources = Sources()
    for name in ("a:1", "b:1", "c:1"):
        sources.hear(name, "192.0.2.7")
    assert sources.hear("c:1", "192.0.2.7") == "a:1"
    sources.forget("a:1")
    assert sources.hear("c:1", "192.0.2.7") is None
    assert sources.hear("b:1", "192.0.2.7") == "c:1"


def test_no_address_is_kept_in_clear() -> None:
    sources = Sources()
    sources.hear("a:1", "192.0.2.7")
    kept = repr(vars(sources))
    assert "192.0.2.7" not in kept
    assert r"\xc0\x00\x02\x07" not in kept
