from __future__ import annotations

import base64
import json

import pytest

from dockerhub.auth.hub_token import (
    LIFE_SECONDS,
    HubToken,
    read_token,
    reason_given,
    token_life,
)
from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret

NOW = 1_000_000.0


def jwt(claims: bytes) -> Secret:
    coded = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    return Secret(f"e30.{coded}.c2ln")


def lasting(seconds: float) -> Secret:
    return jwt(json.dumps({"iat": 100, "exp": 100 + seconds}).encode())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"access_token":"a.b.c"}', "a.b.c"),
        (b'{"token":"old"}', "old"),
        (b'{"access_token":"a","token":"b"}', "a"),
        (b'{"access_token":null,"token":"b"}', "b"),
    ],
)
def test_the_token_of_either_endpoint_is_read(body: bytes, text: str) -> None:
    assert read_token(body).reveal() == text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="no field"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b'{"access_token":""}', id="empty"),
        pytest.param(b'{"token":""}', id="empty, old endpoint"),
        pytest.param(b'{"access_token":5}', id="a number"),
        pytest.param(b'{"access_token":"a\\r\\nX-Header: b"}', id="a header in it"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"detail":"2FA required","login_2fa_token":"t"}', id="two factors"),
    ],
)
def test_an_answer_without_a_token_is_refused(body: bytes) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_token(body)
    assert str(caught.value) == "sign-in: expected access_token in the answer, got none"


@pytest.mark.parametrize(
    ("token", "life"),
    [
        pytest.param(lasting(300), 300.0, id="5 minutes"),
        pytest.param(lasting(86400), LIFE_SECONDS, id="a day, which is not believed"),
        pytest.param(lasting(-5), 1.0, id="over already"),
        pytest.param(jwt(b'{"exp":900}'), LIFE_SECONDS, id="no beginning"),
        pytest.param(jwt(b'{"exp":"x","iat":0}'), LIFE_SECONDS, id="no number"),
        pytest.param(jwt(b'{"exp":null,"iat":0}'), LIFE_SECONDS, id="null"),
        pytest.param(jwt(b"[]"), LIFE_SECONDS, id="a list"),
        pytest.param(jwt(b"\xff"), LIFE_SECONDS, id="no JSON"),
        pytest.param(jwt(b'{"exp":NaN,"iat":0}'), 1.0, id="not a number"),
        pytest.param(jwt(b'{"exp":' + b"9" * 400 + b',"iat":0}'), LIFE_SECONDS, id="endless"),
        pytest.param(Secret("e30.!!!.c2ln"), LIFE_SECONDS, id="no base64"),
        pytest.param(Secret("opaque"), LIFE_SECONDS, id="no JWT"),
    ],
)
def test_a_token_lives_as_long_as_it_says_and_ten_minutes_at_most(
    token: Secret, life: float
) -> None:
    assert token_life(token) == life


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b'{"detail":"Incorrect"}', " (Incorrect)", id="detail"),
        pytest.param(b'{"message":"unauthorized"}', " (unauthorized)", id="message"),
        pytest.param(b'{"detail":"","message":"no"}', " (no)", id="the first that says something"),
        pytest.param(b'{"detail":"\\u001b[31mred"}', " ([31mred)", id="control characters"),
        pytest.param(b'{"detail":{"why":"no"}}', "", id="no text"),
        pytest.param(b'["no"]', "", id="a list"),
        pytest.param(b"no", "", id="no JSON"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"[" * 100_000, "", id="deep"),
        pytest.param(b'{"secret":"hunter2"}', "", id="the request"),
        pytest.param(b'{"detail":"no, hunter2"}', "", id="the password in its words"),
        pytest.param(b'{"detail":"no, hunt\\u0065r2"}', "", id="the password, written otherwise"),
    ],
)
def test_a_reason_is_what_the_answer_says_and_never_the_password(body: bytes, reason: str) -> None:
    assert reason_given(body, Secret("hunter2")) == reason


def test_a_long_reason_is_cut() -> None:
    body = b'{"detail":"' + b"x" * 500 + b'"}'
    assert reason_given(body, Secret("hunter2")) == f" ({'x' * 97}...)"


def test_ten_minutes_are_the_documented_life() -> None:
    assert LIFE_SECONDS == 600


def test_before_the_first_token_there_is_none() -> None:
    token = HubToken()
    assert (token.generation, token.is_due(NOW), token.is_over(NOW)) == (0, True, True)
    with pytest.raises(CredentialsError) as caught:
        token.header()
    assert str(caught.value) == "sign-in: expected a token, got none"


@pytest.mark.parametrize(
    ("age", "is_due", "is_over"),
    [
        (0, False, False),
        (479, False, False),
        (480, True, False),
        (599, True, False),
        (600, True, True),
    ],
)
def test_a_token_is_renewed_at_eight_of_ten_minutes(
    age: float, is_due: bool, is_over: bool
) -> None:
    token = HubToken()
    token.put(Secret("opaque"), NOW)
    assert (token.is_due(NOW + age), token.is_over(NOW + age)) == (is_due, is_over)


def test_a_short_token_is_renewed_in_its_own_time() -> None:
    token = HubToken()
    token.put(lasting(100), NOW)
    assert [token.is_due(NOW + age) for age in (79, 80)] == [False, True]


def test_every_token_has_a_number() -> None:
    token = HubToken()
    token.put(Secret("first"), NOW)
    token.put(Secret("second"), NOW)
    assert (token.generation, token.header()) == (2, "Bearer second")


def test_a_token_that_is_no_longer_taken_is_forgotten() -> None:
    token = HubToken()
    token.put(Secret("first"), NOW)
    token.drop()
    assert (token.generation, token.is_due(NOW), token.is_over(NOW)) == (1, True, True)
    with pytest.raises(CredentialsError):
        token.header()
    token.put(Secret("second"), NOW)
    assert (token.generation, token.header()) == (2, "Bearer second")
