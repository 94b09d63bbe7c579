from __future__ import annotations

import base64
import json

import pytest

from dockerhub.standin import StandIn, World
from tests.standin.client import ask, signed_in

LIST = "/v2/namespaces/bitnami/repositories"


def test_token_says_when_it_ends(world: World) -> None:
    with StandIn(world, accounts={"ada": "secret"}, clock=lambda: 1_000.0) as hub:
        token = signed_in(hub.url)["Authorization"].removeprefix("Bearer ")
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["sub"], claims["iat"], claims["exp"]) == ("ada", 1_000, 1_600)
    assert hub.accounts.issued_count == 1


def test_old_login_gives_a_token_too(hub: StandIn) -> None:
    credentials = {"username": "ada", "password": "secret"}
    token = ask(f"{hub.url}/v2/users/login", method="POST", body=credentials).json["token"]
    for scheme in ("Bearer", "JWT"):
        headers = {"Authorization": f"{scheme} {token}"}
        assert ask(hub.url + LIST, headers=headers).status == 200
    assert [exchange.account for exchange in hub.journal.of("namespace_list")] == ["ada", "ada"]


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_wrong_secret_is_401(hub: StandIn, secret: str) -> None:
    body = {"identifier": "ada", "secret": secret}
    answer = ask(f"{hub.url}/v2/auth/token", method="POST", body=body)
    assert (answer.status, answer.json) == (
        401,
        {"detail": "Incorrect authentication credentials"},
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"identifier":"ada"}', b"\xff"])
def test_malformed_sign_in_is_400(hub: StandIn, body: bytes) -> None:
    answer = ask(f"{hub.url}/v2/auth/token", method="POST", body=body)
    assert (answer.status, answer.json) == (
        400,
        {"errinfo": {}, "message": "malformed request"},
    )


def test_token_ends_after_its_time(world: World) -> None:
    now = [5_000.0]
    with StandIn(world, accounts={"ada": "secret"}, token_seconds=600, clock=lambda: now[0]) as hub:
        headers = signed_in(hub.url)
        now[0] += 599
        assert ask(hub.url + LIST, headers=headers).status == 200
        now[0] += 1
        assert ask(hub.url + LIST, headers=headers).status == 401
    assert [exchange.token for exchange in hub.journal.of("namespace_list")] == ["good", "expired"]
    assert hub.journal.stray_tokens == []


def test_all_tokens_can_be_ended(hub: StandIn) -> None:
    headers = signed_in(hub.url)
    hub.expire_tokens()
    answer = ask(hub.url + LIST, headers=headers)
    assert (answer.status, answer.json["message"]) == (401, "unauthorized")
    assert ask(hub.url + LIST, headers=signed_in(hub.url)).status == 200


def test_foreign_token_is_401_and_stray(hub: StandIn) -> None:
    assert ask(hub.url + LIST, headers={"Authorization": "Bearer other"}).status == 401
    assert len(hub.journal.stray_tokens) == 1


def test_token_on_sign_in_is_stray(hub: StandIn) -> None:
    body = {"identifier": "ada", "secret": "secret"}
    headers = signed_in(hub.url)
    answer = ask(f"{hub.url}/v2/auth/token", method="POST", body=body, headers=headers)
    assert answer.status == 200
    assert len(hub.journal.stray_tokens) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_token_endpoint_may_be_gone(hub: StandIn, status: int) -> None:
    hub.options.token_endpoint_status = status
    assert ask(f"{hub.url}/v2/auth/token", method="POST", body={}).status == status
