from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, StandIn, World
from tests.standin.client import ask, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = "/v2/namespaces/bitnami/repositories"
NOW = 1_800_000_007.25


@pytest.fixture
def now() -> list[float]:
    return [NOW]


@pytest.fixture
def limited(world: World, now: list[float]) -> Iterator[StandIn]:
    with StandIn(
        world, accounts={"ada": "secret"}, limit=Limit(3, 60), clock=lambda: now[0]
    ) as hub:
        yield hub


def test_no_limit_sends_no_headers(hub: StandIn) -> None:
    assert not [name for name in ask(hub.url + LIST).headers if "ratelimit" in name]


def test_every_answer_tells_the_budget(limited: StandIn) -> None:
    answers = [ask(limited.url + path) for path in (LIST, "/v2/repositories/none", "/other")]
    assert [answer.status for answer in answers] == [200, 404, 599]
    told = [answer.headers["x-ratelimit-remaining"] for answer in answers]
    assert told == ["2", "1", "0"]
    assert answers[0].headers["x-ratelimit-limit"] == "3"
    assert answers[0].headers["x-ratelimit-reset"] == "1800000068"
    assert answers[0].headers["x-ratelimit-ip"] == "127.0.0.1"


def test_window_starts_with_its_first_request(limited: StandIn, now: list[float]) -> None:
    statuses = [ask(limited.url + LIST).status for _ in range(4)]
    now[0] += 59.9
    statuses.append(ask(limited.url + LIST).status)
    now[0] += 0.1
    statuses.append(ask(limited.url + LIST).status)
    assert statuses == [200, 200, 200, 429, 429, 200]
    first, second = limited.journal.windows()
    assert (first.started_at, first.counted, first.limit, first.refused) == (NOW, 3, 3, 2)
    assert (second.started_at, second.counted, second.refused) == (NOW + 60, 1, 0)


def test_aligned_window_starts_at_a_multiple(limited: StandIn) -> None:
    limited.options.window, limited.options.reset = "aligned", "floor"
    assert ask(limited.url + LIST).headers["x-ratelimit-reset"] == "1800000060"


@pytest.mark.parametrize(
    ("form", "name", "value"),
    [
        ("seconds", "retry-after", "60"),
        ("epoch", "retry-after", "1800000068"),
        ("date", "retry-after", "Fri, 15 Jan 2027 08:01:08 GMT"),
        ("x-epoch", "x-retry-after", "1800000068"),
        ("none", "retry-after", None),
        ("zero", "retry-after", "0"),
        ("past", "retry-after", "Fri, 15 Jan 2027 07:00:07 GMT"),
        ("x-seconds", "x-retry-after", "60"),
        ("garbage", "retry-after", "soon"),
        ("far", "retry-after", "864000"),
    ],
)
def test_forms_of_retry_after(limited: StandIn, form: str, name: str, value: str | None) -> None:
    limited.options.retry_after = form  # type: ignore[assignment]
    answer = [ask(limited.url + LIST) for _ in range(4)][-1]
    assert (answer.status, answer.headers.get(name)) == (429, value)
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_bodies_of_a_429(limited: StandIn) -> None:
    assert [ask(limited.url + LIST) for _ in range(4)][-1].body == b"429 Too Many Requests\n"
    limited.options.refusal = "json"
    assert ask(limited.url + LIST).json == {"detail": "Rate limit exceeded", "error": False}


def test_accounts_have_windows_of_their_own(limited: StandIn) -> None:
    limited.options.account_limit = Limit(5, 60)
    headers = signed_in(limited.url)
    told = [ask(limited.url + LIST, headers=h).headers for h in (headers, headers, None)]
    assert [each["x-ratelimit-remaining"] for each in told] == ["4", "3", "1"]
    sources = [window.source for window in limited.journal.windows()]
    assert sources == ["127.0.0.1", "account:ada"]


def test_accounts_may_be_unlimited(limited: StandIn) -> None:
    limited.options.account_limit = None
    headers = signed_in(limited.url)
    answers = [ask(limited.url + LIST, headers=headers) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    assert "x-ratelimit-limit" not in answers[0].headers


def test_clear_keeps_the_open_window(limited: StandIn, now: list[float]) -> None:
    ask(limited.url + LIST)
    limited.journal.clear()
    assert len(limited.journal.windows()) == 1
    now[0] += 60
    limited.journal.clear()
    assert limited.journal.windows() == []


@pytest.mark.parametrize(("requests", "seconds"), [(0, 60), (1, 0)])
def test_refuses_impossible_limits(requests: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="expected positive numbers"):
        Limit(requests, seconds)
