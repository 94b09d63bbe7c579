"""What is made of each answer of the token service, and of a registry without a challenge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.kinds import Kind
from tests.middlewares.desk import asked, refused
from tests.middlewares.registry import AUTH, REALM, REGISTRY, Registry, json_of, refusal, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from dockerhub.middlewares.token_desk import TokenDesk

FROM = f"registry token: expected one from {AUTH}, got"
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
    desk_of: Callable[..., TokenDesk], registry: Registry, pauses: list[float]
) -> None:
    registry.always("token", said(401))
    desk = desk_of(account=True)
    assert refused(desk) == f"registry token as ada: expected one from {AUTH}, got HTTP 401"
    assert desk.is_refused
    assert (registry.count("token"), pauses) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said(401), id="401"),
        pytest.param(said(403), id="403"),
        pytest.param(said(404), id="404"),
        pytest.param(said(302, Location="https://evil.example/"), id="302"),
    ],
)
def test_a_plain_no_is_no_matter_of_credentials_and_not_repeated(
    desk: TokenDesk, registry: Registry, answer: Response
) -> None:
    registry.say("token", answer)
    assert refused(desk) == f"{FROM} HTTP {answer.status}"
    assert (desk.is_refused, desk.why) == (False, Kind.BROKEN)
    assert registry.count("token") == 1
    assert asked(desk) == "t2"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_of({}), id="no token"),
        pytest.param(said(200, b""), id="nothing"),
        pytest.param(said(200, b"<html>"), id="a page for people"),
        pytest.param(json_of({"token": "a\nb: c"}), id="another header in it"),
        pytest.param(json_of({"token": 1}), id="a number"),
    ],
)
def test_an_answer_without_a_token_is_tried_three_times(
    desk: TokenDesk, registry: Registry, pauses: list[float], answer: Response
) -> None:
    registry.say("token", answer)
    assert asked(desk) == "t2"
    registry.always("token", answer)
    assert refused(desk) == (
        f"registry token: expected an answer from {AUTH}, got HTTP 200 without a token"
    )
    assert (registry.count("token"), pauses) == (2 + 3, [2, 2, 4])
    assert not desk.is_refused


PASSING = [
    pytest.param(said(500), "HTTP 500", id="500"),
    pytest.param(said(503), "HTTP 503", id="503"),
    pytest.param(said(429), "HTTP 429", id="429"),
    pytest.param(said(403, b"<html>"), "HTTP 403", id="a guard's page"),
    pytest.param(OSError("reset"), "OSError: reset", id="no answer"),
]


@pytest.mark.parametrize(("answer", "why"), PASSING)
@pytest.mark.parametrize("kind", ["base", "token"])
def test_what_may_pass_is_tried_three_times(
    desk: TokenDesk, registry: Registry, pauses: list[float],
    kind: str, answer: Response | Exception, why: str,
) -> None:  # fmt: skip
    registry.always(kind, answer)
    what, where = ("registry", REGISTRY) if kind == "base" else ("registry token", AUTH)
    assert refused(desk) == f"{what}: expected an answer from {where}, got {why}"
    assert (registry.count(kind), pauses) == (3, [2, 4])
    assert desk.why is Kind.BROKEN
    registry.always(kind, None)
    assert asked(desk) is not None


@pytest.mark.parametrize("kind", ["base", "token"])
def test_the_second_try_may_do(
    desk: TokenDesk, registry: Registry, pauses: list[float], kind: str
) -> None:
    registry.say(kind, said(502))
    assert asked(desk) is not None
    assert (registry.count(kind), pauses) == (2, [2])


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_asked_to(
    desk: TokenDesk, registry: Registry, pauses: list[float], status: int
) -> None:
    registry.say("token", said(status, Retry_After="30"), said(status, Retry_After="86400"))
    assert asked(desk) == "t3"
    assert pauses == [30, 900]


AWAY = [CannotResolveHostError("x"), DownloadConnectionRefusedError("x")]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_registry_that_cannot_be_reached_is_told_at_once(
    desk: TokenDesk, registry: Registry, pauses: list[float], error: Exception
) -> None:
    registry.always("base", error)
    assert refused(desk) == f"{REGISTRY}: expected an answer, it cannot be reached"
    assert (desk.why, registry.count("base"), pauses) == (Kind.UNREACHABLE, 1, [])


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_token_service_that_cannot_be_reached_may_come_back(
    desk: TokenDesk, registry: Registry, pauses: list[float], error: Exception
) -> None:
    registry.always("token", error)
    assert refused(desk) == f"{AUTH}: expected an answer, it cannot be reached"
    assert (desk.why, registry.count("token"), pauses) == (Kind.UNREACHABLE, 3, [2, 4])
    registry.always("token", None)
    assert asked(desk) is not None
    assert desk.why is Kind.BROKEN
