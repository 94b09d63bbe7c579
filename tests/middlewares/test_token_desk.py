"""Where tokens are asked for, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.middlewares.desk import asked, refused
from tests.middlewares.registry import AUTH, BASIC, REALM, REGISTRY, SERVICE, Registry, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.middlewares.token_desk import TokenDesk


def test_the_registry_says_where_and_for_whom_tokens_are_had(
    desk: TokenDesk, registry: Registry
) -> None:
    assert asked(desk) == "t1"
    base, token = registry.asked
    assert base.url == f"{REGISTRY}/v2/"
    assert token.url == (
        f"{AUTH}/token?service={SERVICE}"
        "&scope=repository:bitnami/redis:pull&scope=repository:bitnami/nginx:pull"
    )


def test_the_challenge_is_asked_for_once(desk: TokenDesk, registry: Registry) -> None:
    assert [asked(desk, "a/b"), asked(desk, "c/d"), asked(desk, "e/f")] == ["t1", "t2", "t3"]
    assert registry.count("base") == 1


def test_credentials_go_to_the_token_service_alone(
    desk_of: Callable[..., TokenDesk], registry: Registry
) -> None:
    asked(desk_of(account=True))
    assert [each.authorization for each in registry.asked] == [None, BASIC]


def test_without_an_account_none_go_anywhere(desk: TokenDesk, registry: Registry) -> None:
    asked(desk)
    assert [each.authorization for each in registry.asked] == [None, None]


ELSEWHERE = [
    pytest.param("https://evil.example/token", id="another host"),
    pytest.param("http://auth.example/token", id="another scheme"),
    pytest.param("https://auth.example:8443/token", id="another port"),
    pytest.param("https://auth.example.evil.example/token", id="a longer host"),
    pytest.param("https://registry.example/token", id="the registry itself"),
    pytest.param("/token", id="no host"),
]


@pytest.mark.parametrize("realm", ELSEWHERE)
@pytest.mark.parametrize("account", [True, False], ids=["signed in", "anonymous"])
def test_a_realm_elsewhere_is_never_asked(
    desk_of: Callable[..., TokenDesk], registry: Registry, realm: str, account: bool
) -> None:
    registry.challenge = f'Bearer realm="{realm}",service="x"'
    desk = desk_of(account=account)
    message = f'realm of the registry\'s challenge: expected a URL at {AUTH}, got "{realm}"'
    assert [refused(desk), refused(desk)] == [message, message]
    assert [(each.url, each.authorization) for each in registry.asked] == [
        (f"{REGISTRY}/v2/", None)
    ]
    # It is the registry that is not believed, not the account.
    assert not desk.is_refused


def test_a_secret_in_a_realm_is_not_shown(desk: TokenDesk, registry: Registry) -> None:
    registry.challenge = 'Bearer realm="https://ada:s3cret@evil.example/?key=s3cret"'
    assert refused(desk) == (
        f"realm of the registry's challenge: expected a URL at {AUTH},"
        ' got "https://***@evil.example/?key=***"'
    )


@pytest.mark.parametrize("body", [b"{}", b""], ids=["an object", "nothing"])
def test_an_open_registry_is_asked_once(desk: TokenDesk, registry: Registry, body: bytes) -> None:
    registry.always("base", said(200, body))
    assert [asked(desk), asked(desk)] == [None, None]
    assert desk.is_open
    assert registry.count("base") == 1


def test_a_page_for_people_is_no_open_registry(desk: TokenDesk, registry: Registry) -> None:
    registry.say("base", said(200, b"<html>"))
    assert asked(desk) == "t1"
    assert (desk.is_open, registry.count("base")) == (False, 2)


def test_what_it_learns_later_takes_the_place_of_that(desk: TokenDesk, registry: Registry) -> None:
    registry.is_open = True
    assert asked(desk) is None
    desk.learn(f'{REALM},scope="repository:a/b:pull",error="invalid_token"')
    assert (desk.is_open, asked(desk)) == (False, "t1")
    # What is no challenge teaches nothing.
    desk.learn('Basic realm="x"')
    assert asked(desk) == "t2"
    assert registry.count("base") == 1


def test_a_desk_that_is_closed_asks_nobody(desk: TokenDesk, registry: Registry) -> None:
    desk.close("no more")
    assert refused(desk) == "no more"
    assert registry.asked == []
