from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.limits.headers import LONGEST_WAIT_SECONDS
from dockerhub.limits.pull_headers import (
    PullLimit,
    ServiceLimit,
    read_pull_limit,
    read_service_limit,
    shortened_source,
)

NOW = 1_800_000_000.0
RECORDED = Path(__file__).parents[3] / "shared" / "recorded"


def said(limit: str | None, remaining: str | None, prefix: str = "") -> dict[str, str]:
    texts = {"limit": limit, "remaining": remaining}
    return {f"{prefix}ratelimit-{word}": text for word, text in texts.items() if text is not None}


@pytest.mark.parametrize("prefix", ["", "x-"])
@pytest.mark.parametrize(
    ("limit", "remaining", "expected"),
    [
        pytest.param("100;w=21600", "97;w=21600", PullLimit(100, 97, 21600), id="2020 to 2024"),
        pytest.param("100;w=3600", "0;w=3600", PullLimit(100, 0, 3600), id="spent"),
        pytest.param("200; w=3600", " 200 ;W = 3600 ", PullLimit(200, 200, 3600), id="spaces"),
        pytest.param("100;w=3600", "97", PullLimit(100, 97, 3600), id="one window told"),
        pytest.param("100", "97;w=3600", PullLimit(100, 97, 3600), id="the other window told"),
        pytest.param("100;w=60", "97;w=3600", PullLimit(100, 97, 3600), id="the longer window"),
        pytest.param("100;w=3600", "500;w=3600", PullLimit(100, 100, 3600), id="more than all"),
        pytest.param("0;w=3600", "0;w=3600", PullLimit(0, 0, 3600), id="limit 0"),
        pytest.param(None, "97;w=3600", PullLimit(97, 97, 3600), id="what remains alone"),
        pytest.param("100;w=3600", None, None, id="the limit alone"),
        pytest.param("180", "179", None, id="the Hub API's limit"),
        pytest.param("3000, 3000;w=60", "2999;w=60", None, id="the token service's limit"),
        pytest.param("100;w=3600", "-1;w=3600", None, id="below 0"),
        pytest.param("100;w=3600", "1.5;w=3600", None, id="a fraction"),
        pytest.param("100;w=3600", "9" * 30, None, id="huge"),
        pytest.param("9" * 5000, "1;w=3600", None, id="a huge limit"),
        pytest.param("many;w=3600", "1;w=3600", None, id="a limit in words"),
        pytest.param("100;w=0", "1;w=0", None, id="no window"),
        pytest.param("100;w=9999999", "1;w=9999999", None, id="a window of months"),
        pytest.param("100;w=-5", "1;w=-5", None, id="a window before now"),
        pytest.param("100;w=3600;x", "1;w=3600;x", None, id="more than is known"),
        pytest.param("\u0661;w=3600", "\u0661;w=3600", None, id="other digits"),
        pytest.param("", "", None, id="empty"),
        pytest.param(None, None, None, id="not said"),
    ],
)
def test_the_pull_limit_is_read_under_both_its_names(
    limit: str | None, remaining: str | None, expected: PullLimit | None, prefix: str
) -> None:
    assert read_pull_limit(said(limit, remaining, prefix)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param((100, 7), (100, 7), PullLimit(100, 7, 3600), id="agree"),
        pytest.param((100, 7), (200, 107), PullLimit(100, 7, 3600), id="the old leaves less"),
        pytest.param((200, 107), (100, 7), PullLimit(100, 7, 3600), id="the new leaves less"),
    ],
)
def test_of_two_limits_the_one_counts_that_leaves_less(
    old: tuple[int, int], new: tuple[int, int], expected: PullLimit
) -> None:
    headers = said(f"{old[0]};w=3600", f"{old[1]};w=3600")
    headers |= said(f"{new[0]};w=3600", f"{new[1]};w=3600", "x-")
    assert read_pull_limit(headers) == expected


def test_one_name_is_enough_where_the_other_cannot_be_read() -> None:
    headers = said("180", "3", "x-") | said("100;w=3600", "40;w=3600")
    assert read_pull_limit(headers) == PullLimit(100, 40, 3600)


def test_of_equals_the_longer_window_counts() -> None:
    headers = said("100;w=3600", "40;w=3600", "x-") | said("100;w=21600", "40;w=21600")
    assert read_pull_limit(headers) == PullLimit(100, 40, 21600)


def service(limit: str, remaining: str, reset: str | None = None) -> dict[str, str]:
    headers = said(limit, remaining, "x-")
    return headers if reset is None else headers | {"x-ratelimit-reset": reset}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param(
            service("3000, 3000;w=60", "2999", "49"), ServiceLimit(3000, 2999, 49.0), id="recorded"
        ),
        pytest.param(
            service("3000, 3000;w=60, 90000;w=3600", "0", "1800000020"),
            ServiceLimit(3000, 0, 20.0),
            id="a moment",
        ),
        pytest.param(
            service("3000", "5", "1799999990"), ServiceLimit(3000, 5, 0.0), id="a moment gone by"
        ),
        pytest.param(
            service("3000", "5", "99999"),
            ServiceLimit(3000, 5, LONGEST_WAIT_SECONDS),
            id="at most a quarter of an hour",
        ),
        pytest.param(service("3000, 3000;w=60", "5"), ServiceLimit(3000, 5, 60.0), id="no reset"),
        pytest.param(
            service("3000;w=60", "5000;w=60", "soon"), ServiceLimit(3000, 3000, 60.0), id="in words"
        ),
        pytest.param(service("3000", "5"), None, id="neither reset nor window"),
        pytest.param(service("3000", "-5", "49"), None, id="below 0"),
        pytest.param(service("many, 3000;w=60", "5", "49"), None, id="a limit in words"),
        pytest.param({"x-ratelimit-limit": "3000"}, None, id="the limit alone"),
        pytest.param({}, None, id="not said"),
    ],
)
def test_the_token_services_limit_is_read(
    headers: dict[str, str], expected: ServiceLimit | None
) -> None:
    assert read_service_limit(headers, NOW) == expected


TEXTS = st.text(st.sampled_from("0123456789;=w, -.x\u0661"), max_size=30)


@settings(derandomize=True, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_no_header_breaks_the_readers(limit: str, remaining: str, reset: str) -> None:
    found = read_pull_limit(said(limit, remaining))
    assert found is None or 0 <= found.remaining <= found.limit
    of_service = read_service_limit(service(limit, remaining, reset), NOW)
    assert of_service is None or 0 <= of_service.reset_seconds <= LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("203.0.113.77", "203.0.x.x", id="IPv4"),
        pytest.param("203.0.113.0/24", "203.0.x.x", id="IPv4 prefix"),
        pytest.param("2600:6c5e:1340:1::", "2600:6c5e:...", id="IPv6 prefix, as recorded"),
        pytest.param("2600:6c5e:1340:1::/64", "2600:6c5e:...", id="IPv6 prefix with its length"),
        pytest.param("2001:db8::1", "2001:db8:...", id="IPv6"),
        pytest.param("::1", "0:0:...", id="IPv6 with zeros first"),
        pytest.param("::ffff:203.0.113.77", "203.0.x.x", id="IPv4 in IPv6"),
        pytest.param("aa244511-db56-4b1d-9536-8249869527c1", "aa2...", id="account's number"),
        pytest.param(" somebody ", "som...", id="account's name"),
        pytest.param("bobby", "bo...", id="short name"),
        pytest.param("bob", "b...", id="shorter name"),
        pytest.param("\x1b[31mred", "[3...", id="what a terminal acts on"),
        pytest.param("", "", id="not said"),
    ],
)
def test_of_whom_pulls_are_counted_for_only_the_beginning_is_shown(
    text: str, expected: str
) -> None:
    assert shortened_source(text) == expected


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the folder shared is absent")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("registry-ratelimit-head-anonymous-2021-11-14.http", PullLimit(100, 97, 21600)),
        ("registry-manifest-get-authenticated-2023.http", PullLimit(200, 197, 21600)),
        ("registry-404-manifest-unknown.http", PullLimit(100, 100, 21600)),
        ("registry-401-v2-base.http", None),
    ],
)
def test_recorded_limits_are_read(name: str, expected: PullLimit | None) -> None:
    head = (RECORDED / name).read_text(encoding="utf-8").partition("\n\n")[0]
    lines = [line.partition(":") for line in head.splitlines()[1:]]
    headers = {key.strip().lower(): value.strip() for key, _, value in lines}
    assert read_pull_limit(headers) == expected
