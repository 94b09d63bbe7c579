from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN

if TYPE_CHECKING:
    from tests.commands.running import Commands

NOWHERE = "http://127.0.0.1:9"
AWAY = f"scrapy quota: {NOWHERE}: expected an answer, it cannot be reached"
RESERVE = "scrapy quota: the last 20 pulls of a window are left to others (DOCKERHUB_PULL_RESERVE)"
HEADER = ["service", "as", "limit", "left", "for", "a", "crawl", "resets", "charged", "to"]


def cells(out: str) -> dict[str, list[str]]:
    """Return the words of each row by its service."""
    header, *rows = out.splitlines()
    assert header.split() == HEADER
    names = ("Hub API", "pulls", "token service")
    return {name: row[len(name) :].split() for name, row in zip(names, rows, strict=True)}


def services(out: str) -> dict[str, Any]:
    return {one["service"]: one for one in json.loads(out)["services"]}


def test_each_service_has_a_row_and_no_pull_is_spent(commands: Commands) -> None:
    ended = commands.run("quota")

    assert ended.status == 0
    assert ended.lines == [RESERVE]
    found = cells(ended.out)
    assert found["Hub API"][:4] == ["anonymous", "180", "179", "179"]
    assert found["pulls"] == [
        "anonymous",
        "100",
        "in",
        "1",
        "h",
        "100",
        "80",
        "within",
        "1",
        "h",
        "127.0.x.x",
    ]
    assert found["token service"][:4] == ["anonymous", "3000", "2999", "2999"]
    assert commands.requests() == {
        "registry_base": 1,
        "registry_token": 1,
        "manifest": 1,
        "repository": 1,
    }
    assert commands.pulls() == 0
    assert not commands.database.exists()


def test_the_json_says_the_same(commands: Commands) -> None:
    ended = commands.run("quota", "--json", DOCKERHUB_PULL_RESERVE="30")

    assert ended.status == 0
    assert json.loads(ended.out)["signed_in"] is False
    found = services(ended.out)
    assert found["pulls"] | {"service": ""} == {
        "service": "",
        "is_limited": True,
        "limit": 100,
        "left": 100,
        "reserve": 30,
        "for_a_crawl": 70,
        "window_seconds": 3600,
        "resets_in_seconds": None,
        "exit": "direct",
        "charged_to": "127.0.x.x",
        "is_account_charged": False,
        "same_address_as": None,
        "problem": None,
    }
    assert 0 < found["Hub API"]["resets_in_seconds"] <= 62
    assert found["token service"]["limit"] == 3000


def test_an_account_is_told_apart_and_not_named(commands: Commands) -> None:
    commands.hub.options.account_pull_limit = Limit(200, 21_600)

    ended = commands.run("quota", **SIGNED_IN)

    assert ended.status == 0
    assert cells(ended.out)["pulls"] == [
        "signed",
        "in",
        "200",
        "in",
        "6",
        "h",
        "200",
        "180",
        "within",
        "6",
        "h",
        "the",
        "account",
        "a...",
    ]
    assert "secret" not in ended.out + ended.err
    assert "ada" not in ended.out + ended.err
    # One is the Hub's sign-in, and the token service is told who asks.
    assert commands.requests()["sign_in"] == 1


@pytest.mark.parametrize("headers", ["x", "plain", "both"])
def test_what_was_pulled_before_is_counted(commands: Commands, headers: str) -> None:
    commands.hub.options.pull_headers = headers  # type: ignore[assignment]
    commands.hub.options.pull_header_space = True
    commands.run("dockerfile", "acme/single", "--fetch")
    assert commands.pulls() > 0

    ended = commands.run("quota", "--json")

    assert services(ended.out)["pulls"]["left"] == 100 - commands.pulls()


def test_what_is_not_limited_says_so(commands: Commands) -> None:
    commands.hub.options.pull_limit = None
    commands.hub.options.limit = None
    commands.hub.options.auth_limit = None

    ended = commands.run("quota")

    assert (ended.status, ended.err) == (0, "")
    assert set(map(tuple, cells(ended.out).values())) == {("anonymous", "unlimited")}


def test_a_spent_limit_is_shown_and_not_waited_for(commands: Commands) -> None:
    commands.hub.options.limit = Limit(1, 600)
    commands.run("quota")

    ended = commands.run("quota", "--json")

    assert ended.status == 0
    assert ended.seconds < 10
    hub = services(ended.out)["Hub API"]
    assert (hub["left"], hub["problem"]) == (0, None)
    assert hub["resets_in_seconds"] > 500


def test_a_hub_that_cannot_be_reached_leaves_the_others(commands: Commands) -> None:
    for account in ({}, SIGNED_IN):
        ended = commands.run("quota", DOCKERHUB_HUB_URL=NOWHERE, **account)

        assert ended.status == 1
        assert ended.lines == [RESERVE, AWAY]
        who = ["signed", "in"] if account else ["anonymous"]
        found = cells(ended.out)
        assert found["Hub API"] == [*who, "cannot", "be", "reached"]
        assert "100 in 1 h" in ended.out


def test_a_registry_that_cannot_be_reached_leaves_the_hub(commands: Commands) -> None:
    ended = commands.run("quota", DOCKERHUB_REGISTRY_URL=NOWHERE)

    assert ended.status == 1
    assert ended.lines == [AWAY]
    found = cells(ended.out)
    assert found["Hub API"][:2] == ["anonymous", "180"]
    assert found["pulls"] == ["anonymous", "cannot", "be", "reached"]
    assert found["token service"] == ["anonymous", "not", "asked"]


def test_nothing_is_known_without_a_network(commands: Commands) -> None:
    ended = commands.run("quota", DOCKERHUB_REGISTRY_URL=NOWHERE, DOCKERHUB_HUB_URL=f"{NOWHERE}0")

    assert ended.status == 1
    assert ended.lines == [AWAY, AWAY.replace(":9:", ":90:")]
    assert [row[-1] for row in cells(ended.out).values()] == ["reached", "reached", "asked"]


def test_a_token_service_elsewhere_is_not_believed(commands: Commands) -> None:
    ended = commands.run("quota", DOCKERHUB_AUTH_URL=NOWHERE)

    assert ended.status == 1
    assert "realm of the registry's challenge: expected a URL at" in ended.err
    assert cells(ended.out)["pulls"] == ["anonymous", "no", "token"]
    assert cells(ended.out)["Hub API"][:2] == ["anonymous", "180"]


@pytest.mark.parametrize(
    ("account", "message"),
    [
        pytest.param(
            {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "wrong"},
            "registry token as ada: expected one from {auth}, got HTTP 401",
            id="wrong",
        ),
        pytest.param(
            {"DOCKERHUB_USERNAME": "ada"},
            "environment: expected DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD,"
            " DOCKERHUB_PASSWORD is unset",
            id="half",
        ),
    ],
)
def test_credentials_that_are_refused_are_one_line(
    commands: Commands, account: dict[str, str], message: str
) -> None:
    ended = commands.run("quota", **account)

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [f"scrapy quota: {message.format(auth=commands.hub.auth_url)}"]
    # The third wrong password would lock the account.
    assert commands.requests().get("sign_in", 0) == 0
    assert commands.requests().get("registry_token", 0) <= 1


def test_a_service_that_is_down_says_so(commands: Commands) -> None:
    commands.hub.script("/v2/ratelimitpreview/test/manifests/latest", status=503, times=None)

    ended = commands.run("quota")

    assert ended.status == 1
    # What it said of the limit it said all the same, or not at all.
    assert cells(ended.out)["pulls"][:1] == ["anonymous"]


def test_a_service_that_never_answers_is_not_waited_for_long(commands: Commands) -> None:
    commands.hub.script("/token", status=429, headers={"Retry-After": "600"}, times=None)
    started = time.monotonic()

    ended = commands.run("quota", "-s", "CLOSESPIDER_TIMEOUT=2")

    assert time.monotonic() - started < 30
    assert ended.status == 1
    assert "expected all answers within" in ended.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nginx"], "expected no arguments, got nginx"),
        (["--jsn"], "expected no arguments, got --jsn"),
        (
            ["-s", "DOCKERHUB_PULL_RESERVE=many"],
            (
                "setting DOCKERHUB_PULL_RESERVE: expected a whole number of pulls, 0 or more,"
                ' got "many"'
            ),
        ),
        (
            ["-s", "DOCKERHUB_PASSWORD=secret"],
            'setting DOCKERHUB_PASSWORD: expected an environment variable, got "a setting (-s)"',
        ),
    ],
)
def test_misuse_is_told(commands: Commands, words: list[str], message: str) -> None:
    ended = commands.run("quota", *words)

    assert (ended.status, ended.out) == (2, "")
    assert ended.lines[-1].endswith(f": {message}")
    assert commands.requests() == {}


def test_a_name_with_escapes_does_not_reach_the_terminal(commands: Commands) -> None:
    headers = {
        "x-ratelimit-limit": "100;w=3600",
        "x-ratelimit-remaining": "97;w=3600",
        "docker-ratelimit-source": "\x9b2J\x85evil-name",
    }
    commands.hub.script("/v2/ratelimitpreview/", headers=headers, times=None)

    ended = commands.run("quota")

    assert ended.status == 0
    assert all(line.isprintable() for line in ended.out.splitlines())
    assert "evil" not in ended.out
