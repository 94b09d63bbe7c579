"""Where tokens are asked for, and with what; what is made of each answer."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.auth.credentials import Credentials
from dockerhub.errors import CredentialsError
from dockerhub.kinds import Kind
from dockerhub.middlewares import token_desk
from dockerhub.middlewares.token_desk import TokenDesk
from dockerhub.redact import Secret
from dockerhub.services import Services
from tests.middlewares.exchanges import HUB
from tests.middlewares.registry import (
    AUTH,
    BASIC,
    NGINX,
    REALM,
    REDIS,
    REGISTRY,
    SERVICE,
    Registry,
    json_of,
    refusal,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

BOTH = [str(REDIS), str(NGINX)]
FROM = f"registry token: expected one from {AUTH}, got"


@pytest.fixture
def waits() -> list[float]:
    """For how many seconds it paused."""
    return []


@pytest.fixture
def desk_of(
    crawler: Crawler, registry: Registry, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TokenDesk]:
    """Make a desk, with an account or without."""

    async def download(request: Request) -> Response:
        answer = registry(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    def make(*, account: bool = False) -> TokenDesk:
        engine: Any = crawler.engine
        engine.download_async = download
        who = Credentials("ada", Secret("secret")) if account else None
        return TokenDesk(crawler, Services(hub=HUB, registry=REGISTRY, auth=AUTH), who)

    monkeypatch.setattr(token_desk, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(token_desk, "backoff_seconds", lambda attempt, _: 2.0**attempt)
    return make


@pytest.fixture
def desk(desk_of: Callable[..., TokenDesk]) -> TokenDesk:
    return desk_of()


def asked(desk: TokenDesk, *repositories: str) -> str | None:
    """Return the token that it gets."""
    token = asyncio.run(desk.token(repositories or BOTH))
    return None if token is None else token.token.reveal()


def refused(desk: TokenDesk) -> str:
    """Return why it gets none."""
    with pytest.raises(CredentialsError) as caught:
        asked(desk)
    return str(caught.value)


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


def test_an_open_registry_is_asked_once(desk: TokenDesk, registry: Registry) -> None:
    registry.is_open = True
    assert [asked(desk), asked(desk)] == [None, None]
    assert desk.is_open
    assert registry.count("base") == 1


def test_what_it_learns_later_takes_the_place_of_that(desk: TokenDesk, registry: Registry) -> None:
    registry.is_open = True
    assert asked(desk) is None
    desk.learn(f'{REALM},scope="repository:a/b:pull",error="invalid_token"')
    assert (desk.is_open, asked(desk)) == (False, "t1")
    # What is no challenge teaches nothing.
    desk.learn('Basic realm="x"')
    assert asked(desk) == "t2"
    assert registry.count("base") == 1


NO_CHALLENGE = "registry https://registry.example: expected a challenge with a realm, got HTTP "


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param(refusal(None), 401, id="none"),
        pytest.param(refusal('Basic realm="x"'), 401, id="another scheme"),
        pytest.param(refusal("Bearer"), 401, id="without a realm"),
        pytest.param(refusal(REALM, 403), 403, id="another status"),
        pytest.param(said(404), 404, id="no registry"),
        pytest.param(said(302, Location="https://evil.example/"), 302, id="redirect"),
    ],
)
def test_a_registry_without_a_challenge_is_asked_again_by_the_next(
    desk: TokenDesk, registry: Registry, answer: Response, status: int
) -> None:
    registry.say("base", answer)
    assert refused(desk) == f"{NO_CHALLENGE}{status}"
    assert registry.count("token") == 0
    assert asked(desk) == "t1"


def test_wrong_credentials_are_refused(
    desk_of: Callable[..., TokenDesk], registry: Registry, waits: list[float]
) -> None:
    registry.always("token", said(401))
    desk = desk_of(account=True)
    assert refused(desk) == f"registry token as ada: expected one from {AUTH}, got HTTP 401"
    assert desk.is_refused
    assert (registry.count("token"), waits) == (1, [])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(said(401), f"{FROM} HTTP 401", id="401"),
        pytest.param(said(403), f"{FROM} HTTP 403", id="403"),
        pytest.param(said(404), f"{FROM} HTTP 404", id="404"),
        pytest.param(said(302, Location="https://evil.example/"), f"{FROM} HTTP 302", id="302"),
        pytest.param(
            json_of({}), "registry token: expected token in the answer, got none", id="no token"
        ),
        pytest.param(
            said(200, b"<html>"),
            "registry token: expected token in the answer, got none",
            id="a page for people",
        ),
        pytest.param(
            json_of({"token": "a\nb: c"}),
            "registry token: expected token in the answer, got none",
            id="another header in it",
        ),
    ],
)
def test_an_answer_without_a_token_is_no_matter_of_credentials(
    desk: TokenDesk, registry: Registry, answer: Response, message: str
) -> None:
    registry.say("token", answer)
    assert refused(desk) == message
    assert (desk.is_refused, desk.why) == (False, Kind.BROKEN)
    assert registry.count("token") == 1
    assert asked(desk) == "t2"


PASSING = [
    pytest.param(said(500), "HTTP 500", id="500"),
    pytest.param(said(503), "HTTP 503", id="503"),
    pytest.param(said(429), "HTTP 429", id="429"),
    pytest.param(OSError("reset"), "OSError: reset", id="no answer"),
]


@pytest.mark.parametrize(("answer", "why"), PASSING)
@pytest.mark.parametrize("kind", ["base", "token"])
def test_what_may_pass_is_tried_three_times(
    desk: TokenDesk, registry: Registry, waits: list[float],
    kind: str, answer: Response | Exception, why: str,
) -> None:  # fmt: skip
    registry.always(kind, answer)
    what, where = ("registry", REGISTRY) if kind == "base" else ("registry token", AUTH)
    assert refused(desk) == f"{what}: expected an answer from {where}, got {why}"
    assert (registry.count(kind), waits) == (3, [2, 4])
    assert desk.why is Kind.BROKEN
    registry.always(kind, None)
    assert asked(desk) is not None


@pytest.mark.parametrize("kind", ["base", "token"])
def test_the_second_try_may_do(
    desk: TokenDesk, registry: Registry, waits: list[float], kind: str
) -> None:
    registry.say(kind, said(502))
    assert asked(desk) is not None
    assert (registry.count(kind), waits) == (2, [2])


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_asked_to(
    desk: TokenDesk, registry: Registry, waits: list[float], status: int
) -> None:
    registry.say("token", said(status, Retry_After="30"), said(status, Retry_After="86400"))
    assert asked(desk) == "t3"
    assert waits == [30, 900]


AWAY = [CannotResolveHostError("x"), DownloadConnectionRefusedError("x")]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_registry_that_cannot_be_reached_is_told_at_once(
    desk: TokenDesk, registry: Registry, waits: list[float], error: Exception
) -> None:
    registry.always("base", error)
    assert refused(desk) == f"{REGISTRY}: expected an answer, it cannot be reached"
    assert (desk.why, registry.count("base"), waits) == (Kind.UNREACHABLE, 1, [])


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_token_service_that_cannot_be_reached_may_come_back(
    desk: TokenDesk, registry: Registry, waits: list[float], error: Exception
) -> None:
    registry.always("token", error)
    assert refused(desk) == f"{AUTH}: expected an answer, it cannot be reached"
    assert (desk.why, registry.count("token"), waits) == (Kind.UNREACHABLE, 3, [2, 4])
    registry.always("token", None)
    assert asked(desk) is not None
    assert desk.why is Kind.BROKEN


def test_a_desk_that_is_closed_asks_nobody(desk: TokenDesk, registry: Registry) -> None:
    desk.close("no more")
    assert refused(desk) == "no more"
    assert registry.asked == []
