"""When a post is tried again."""

from __future__ import annotations

import pytest

from dockerhub.webhooks.retries import is_broken, seconds_to_wait


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 408, 410])
def test_a_status_is_final(status: int) -> None:
    assert not is_broken(status)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_a_status_may_change(status: int) -> None:
    assert is_broken(status)


@pytest.mark.parametrize(
    ("tries", "chance", "seconds"),
    [(1, 0.0, 0.5), (1, 1.0, 1.0), (2, 0.0, 1.0), (3, 0.5, 3.0), (4, 1.0, 8.0)],
)
def test_waits_double_with_jitter(tries: int, chance: float, seconds: float) -> None:
    assert seconds_to_wait(tries, chance, {}, 0.0) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Thu, 01 Jan 1970 00:00:42 GMT", 32.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("soon", 0.5),
        ("-3", 0.5),
        ("1e9", 0.5),
        ("", 0.5),
    ],
)
def test_the_receiver_says_how_long(text: str, seconds: float) -> None:
    assert seconds_to_wait(1, 0.0, {"Retry-After": text}, 10.0) == seconds
