from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.limits.told import Told, hub_told, pulls_told, tokens_told

if TYPE_CHECKING:
    from collections.abc import Callable

DATE = "Sun, 22 Nov 2026 08:00:00 GMT"
SERVER = 1_795_334_400
OURS = SERVER + 500.0


def test_the_hub_tells_limit_and_reset_by_its_own_clock() -> None:
    headers = {
        "x-ratelimit-limit": "180",
        "x-ratelimit-remaining": "17",
        "x-ratelimit-reset": str(SERVER + 43),
        "x-ratelimit-ip": "192.0.2.77",
        "date": DATE,
    }

    assert hub_told(200, headers, OURS) == Told(180, 17, None, 43.0, "192.0.x.x")
    assert hub_told(429, headers, OURS) == hub_told(200, headers, OURS)
    del headers["date"]
    assert hub_told(200, headers, OURS).resets_seconds == 0.0


@pytest.mark.parametrize("name", ["x-ratelimit", "ratelimit"])
@pytest.mark.parametrize("status", [200, 404, 429])
def test_pulls_have_a_window_of_which_the_beginning_is_not_told(name: str, status: int) -> None:
    headers = {
        f"{name}-limit": "100;w=3600",
        f"{name}-remaining": "97;w=3600",
        "docker-ratelimit-source": "2001:db8:1:2::",
    }

    assert pulls_told(status, headers) == Told(100, 97, 3600, None, "2001:db8:...")


def test_the_token_service_has_a_reset_in_seconds() -> None:
    headers = {
        "x-ratelimit-limit": "3000, 3000;w=60",
        "x-ratelimit-remaining": "2999",
        "x-ratelimit-reset": "49",
    }

    assert tokens_told(200, headers, OURS) == Told(3000, 2999, None, 49.0)


def hub(status: int, headers: dict[str, str]) -> Told:
    return hub_told(status, headers, OURS)


def tokens(status: int, headers: dict[str, str]) -> Told:
    return tokens_told(status, headers, OURS)


@pytest.mark.parametrize("told", [hub, pulls_told, tokens])
def test_without_headers_nothing_is_limited(told: Callable[[int, dict[str, str]], Told]) -> None:
    assert told(200, {}) == Told()
    assert told(503, {}) == Told(problem="HTTP 503")
    assert told(200, {"x-ratelimit-remaining": "many"}) == Told(problem="not understood")


def test_who_is_charged_is_told_where_nothing_is_limited() -> None:
    told = pulls_told(200, {"docker-ratelimit-source": "somebody"})

    assert told.charged_to == "som..."


@pytest.mark.parametrize(
    ("source", "is_account"), [("192.0.2.77", False), ("2001:db8::/64", False), ("", False),
                               ("ada", True), ("0c6d2a6e-51f0-4ad6-8b22-8d4c1f9e2b51", True)]
)  # fmt: skip
def test_an_account_is_told_from_an_address(source: str, is_account: bool) -> None:
    assert pulls_told(200, {"docker-ratelimit-source": source}).is_account is is_account
