from __future__ import annotations

import json

import pytest

from dockerhub.auth.registry_claims import PullClaim
from dockerhub.auth.registry_token import (
    RegistryToken,
    TokenShelf,
    TokenWishes,
    read_registry_token,
)
from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret
from tests.auth.test_registry_claims import TOKEN, grant, jwt

NOW = 1_000_000.0


def answer(**said: object) -> bytes:
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (answer(token="a", access_token="b"), "a"),
        (answer(token="a"), "a"),
        (answer(access_token="b"), "b"),
        (answer(token=None, access_token="b"), "b"),
        (answer(token="", access_token="b"), "b"),
    ],
)
def test_the_token_stands_under_either_name(body: bytes, text: str) -> None:
    assert read_registry_token(body, NOW).token.reveal() == text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="no field"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"9" * 5000, id="a number without end"),
        pytest.param(answer(token=5), id="a number"),
        pytest.param(answer(token=""), id="empty"),
        pytest.param(answer(token="a\r\nX-Header: b"), id="a header in it"),
        pytest.param(answer(token="a b"), id="a space in it"),
        pytest.param(answer(token="\u00e9"), id="no ASCII"),
        pytest.param(answer(token="x" * 40_000), id="too long for a header"),
        pytest.param(answer(details="denied"), id="a reason"),
    ],
)
def test_an_answer_without_a_token_is_refused(body: bytes) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_registry_token(body, NOW)
    assert str(caught.value) == "registry token: expected token in the answer, got none"


@pytest.mark.parametrize(
    ("said", "life"),
    [
        pytest.param({"expires_in": 300}, 300.0, id="as recorded"),
        pytest.param({}, 60.0, id="not said"),
        pytest.param({"expires_in": None}, 60.0, id="null"),
        pytest.param({"expires_in": 0}, 60.0, id="none"),
        pytest.param({"expires_in": -5}, 60.0, id="below 0"),
        pytest.param({"expires_in": 2**70}, 60.0, id="2^70"),
        pytest.param({"expires_in": 10**400}, 60.0, id="beyond a float"),
        pytest.param({"expires_in": float("nan")}, 60.0, id="no number"),
        pytest.param({"expires_in": "soon"}, 60.0, id="in words"),
        pytest.param({"expires_in": True}, 60.0, id="true"),
        pytest.param({"expires_in": [300]}, 60.0, id="a list"),
        pytest.param({"expires_in": "300"}, 300.0, id="in a text"),
        pytest.param({"expires_in": 1}, 5.0, id="too short to be of use"),
        pytest.param({"expires_in": 86_400}, 3600.0, id="a day, which is not believed"),
        pytest.param(
            {"expires_in": 300, "issued_at": "1970-01-01T00:00:00Z"}, 300.0, id="another clock"
        ),
    ],
)
def test_a_token_lives_as_long_as_its_answer_says(said: dict[str, object], life: float) -> None:
    token = read_registry_token(answer(token="opaque", **said), NOW)
    assert (token.made_at, token.life_seconds, token.left(NOW + 1)) == (NOW, life, life - 1)


def test_what_the_claims_say_is_kept() -> None:
    claims = {"access": [grant("a/b", "100", "21600")]}
    token = read_registry_token(answer(token=jwt(claims)), NOW)
    assert token.pull_limit == PullClaim(100, 21600)
    opaque = read_registry_token(answer(token="opaque"), NOW)
    assert opaque.pull_limit is None


def test_a_token_does_not_show_itself() -> None:
    shown = repr(read_registry_token(answer(token="s3cret"), NOW))
    assert "token=Secret(***)" in shown
    assert "s3cret" not in shown


@pytest.mark.skipif(not TOKEN.is_file(), reason="the folder shared is absent")
def test_a_recorded_answer_is_read() -> None:
    token = read_registry_token(TOKEN.read_bytes(), NOW)
    assert (token.life_seconds, token.pull_limit) == (300.0, PullClaim(100, 21600))


def made(text: str = "t", life: float = 300.0, at: float = NOW) -> RegistryToken:
    return RegistryToken(Secret(text), at, life)


def test_before_the_first_token_a_repository_has_none() -> None:
    shelf = TokenShelf()
    shelf.drop("a/b")
    assert (shelf.header_for("a/b", NOW), shelf.is_due("a/b", NOW)) == (None, True)
    assert (shelf.generation("a/b"), shelf.age("a/b", NOW)) == (0, None)


@pytest.mark.parametrize(
    ("age", "is_due", "is_sent"),
    [
        (0, False, True),
        (239, False, True),
        (240, True, True),
        (299, True, True),
        (299.5, True, False),
        (300, True, False),
    ],
)
def test_a_token_is_renewed_at_four_fifths_of_its_life(
    age: float, is_due: bool, is_sent: bool
) -> None:
    shelf = TokenShelf()
    shelf.put(["a/b"], made(), NOW)
    now = NOW + age
    header = "Bearer t" if is_sent else None
    assert (shelf.is_due("a/b", now), shelf.header_for("a/b", now)) == (is_due, header)
    assert shelf.age("a/b", now) == age


def test_one_token_serves_all_that_it_was_asked_for() -> None:
    shelf = TokenShelf()
    shelf.put(["a/b", "c/d"], made("one"), NOW)
    shelf.put(iter(["c/d"]), made("two"), NOW)
    assert [shelf.header_for(name, NOW) for name in ("a/b", "c/d", "e/f")] == [
        "Bearer one",
        "Bearer two",
        None,
    ]


def test_the_number_of_a_token_grows() -> None:
    shelf, numbers = TokenShelf(), []
    for _ in range(3):
        shelf.put(["a/b"], made(), NOW)
        numbers.append(shelf.generation("a/b"))
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0


def test_a_token_that_is_no_longer_taken_is_forgotten_and_its_number_is_not() -> None:
    shelf = TokenShelf()
    shelf.put(["a/b", "c/d"], made(), NOW)
    number = shelf.generation("a/b")
    shelf.drop("a/b")
    assert (shelf.header_for("a/b", NOW), shelf.is_due("a/b", NOW)) == (None, True)
    assert (shelf.age("a/b", NOW), shelf.generation("a/b")) == (None, number)
    assert shelf.header_for("c/d", NOW) == "Bearer t"
    shelf.put(["a/b"], made(), NOW)
    assert shelf.generation("a/b") > number


def test_the_repositories_used_longest_ago_are_forgotten() -> None:
    shelf = TokenShelf(most=2)
    shelf.put(["a/b", "c/d"], made(), NOW)
    number = shelf.generation("c/d")
    shelf.header_for("a/b", NOW)
    shelf.put(["e/f"], made(), NOW)
    assert [shelf.header_for(name, NOW) for name in ("a/b", "c/d", "e/f")] == [
        "Bearer t",
        None,
        "Bearer t",
    ]
    assert shelf.generation("c/d") == 0
    shelf.put(["c/d"], made(), NOW)
    assert shelf.generation("c/d") > number


def test_ten_thousand_repositories_are_kept() -> None:
    shelf = TokenShelf()
    shelf.put([f"a/{number}" for number in range(10_001)], made(), NOW)
    assert (shelf.generation("a/0"), shelf.header_for("a/1", NOW)) == (0, "Bearer t")


def test_a_clock_that_was_set_back_makes_no_token_younger() -> None:
    shelf = TokenShelf()
    shelf.put(["a/b"], made(at=NOW + 1000), NOW)
    assert shelf.age("a/b", NOW + 10) == 10


def test_an_age_before_the_token_was_made_is_below_0() -> None:
    shelf = TokenShelf()
    shelf.put(["a/b"], made(), NOW)
    assert shelf.age("a/b", NOW - 2) == -2


def test_wishes_are_handed_out_in_batches_and_once() -> None:
    wishes = TokenWishes()
    assert [wishes.want(name) for name in ("a", "b", "c", "a")] == [True, True, True, False]
    assert wishes.next_batch(2) == ["a", "b"]
    assert [wishes.want(name) for name in ("a", "c", "d")] == [False, False, True]
    assert [wishes.is_wanted(name) for name in ("a", "d", "e")] == [True, True, False]
    assert [wishes.next_batch(10), wishes.next_batch(10)] == [["c", "d"], []]


def test_what_is_done_may_be_wanted_again() -> None:
    wishes = TokenWishes()
    wishes.want("a")
    wishes.done(wishes.next_batch(1))
    assert not wishes.is_wanted("a")
    assert wishes.want("a")
    wishes.done(["a", "never wanted"])
    assert (wishes.is_wanted("a"), wishes.next_batch(1)) == (False, [])


@pytest.mark.parametrize("most", [0, -1])
def test_an_empty_batch_is_empty(most: int) -> None:
    wishes = TokenWishes()
    wishes.want("a")
    assert wishes.next_batch(most) == []
    assert wishes.next_batch(1) == ["a"]
