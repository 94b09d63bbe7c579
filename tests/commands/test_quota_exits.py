"""`scrapy quota` where proxies are named: what each of them is told, and those that are none."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawl.gateway import END, Door, Gateway
from tests.crawling import SIGNED_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands.running import Commands

PASSWORD = "open-sesame"
NOBODY, NOBODY_ELSE = "127.0.0.1:9", "127.0.0.1:10"
RESERVE = "scrapy quota: the last 20 pulls of a window are left to others (DOCKERHUB_PULL_RESERVE)"
NONE = "scrapy quota: proxies: expected one that lets us through, got none:"
FORBIDDEN = b"HTTP/1.1 403 Filtered\r\nServer: tinyproxy/1.11.1\r\n" + END


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(PASSWORD) as made:
        yield made


def entry(gateway: Gateway, user: str, password: str = PASSWORD) -> str:
    return f"http://{user}:{password}@{gateway.name}"


def by_exit(out: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["service"], one["exit"]): one for one in json.loads(out)["services"]}


def test_each_exit_tells_what_it_is_told(commands: Commands, gateway: Gateway) -> None:
    users = ("anna", "bert")
    proxies = ",".join([*(entry(gateway, user) for user in users), "direct"])
    ended = commands.run("quota", "--json", DOCKERHUB_PROXIES=proxies)

    assert (ended.status, ended.err) == (0, "")
    found = by_exit(ended.out)
    names = [f"{gateway.name}#1", f"{gateway.name}#2", "direct"]
    assert list(found) == [
        (service, name) for service in ("Hub API", "pulls", "token service") for name in names
    ]
    # Each has a window of its own, of which one request is gone.
    assert {found["Hub API", name]["left"] for name in names} == {179}
    assert {found["token service", name]["left"] for name in names} == {2999}
    assert {found["pulls", name]["left"] for name in names} == {100}
    assert found["pulls", names[0]]["charged_to"] == "127.7.x.x"
    assert all(one["same_address_as"] is None for one in found.values())
    assert commands.pulls() == 0
    assert commands.requests()["manifest"] == 3
    assert not commands.database.exists()
    assert PASSWORD not in ended.out + ended.err
    assert not any(user in ended.out + ended.err for user in users)


def test_the_table_names_the_exits(commands: Commands, gateway: Gateway) -> None:
    ended = commands.run("quota", DOCKERHUB_PROXIES=entry(gateway, "anna"))

    assert (ended.status, ended.lines) == (0, [RESERVE])
    header, *rows = ended.out.splitlines()
    assert header.split()[:3] == ["service", "exit", "as"]
    assert [row.split("anonymous")[0].split()[-1] for row in rows] == [gateway.name] * 3


def test_direct_alone_is_no_exit_to_speak_of(commands: Commands) -> None:
    ended = commands.run("quota", DOCKERHUB_PROXIES="direct")

    assert ended.out.split()[:2] == ["service", "as"]
    assert commands.requests()["registry_base"] == 1


def test_two_exits_of_one_address_say_so(commands: Commands, gateway: Gateway) -> None:
    one, other = gateway.name, "localhost:" + gateway.name.partition(":")[2]
    proxies = f"{entry(gateway, 'anna')} http://anna:{PASSWORD}@{other}"

    for words in ([], ["--json"]):
        ended = commands.run("quota", *words, DOCKERHUB_PROXIES=proxies)
        assert ended.status == 0

    same = {name: found["same_address_as"] for (_, name), found in by_exit(ended.out).items()}
    assert same in ({one: None, other: one}, {one: other, other: None})
    ended = commands.run("quota", DOCKERHUB_PROXIES=proxies)
    assert ended.out.count("127.7.x.x (same as ") == 2


def test_a_sticky_entry_is_asked_by_one_session(commands: Commands, gateway: Gateway) -> None:
    proxies = ",".join([entry(gateway, "anna-{session}")] * 2)
    given = {"DOCKERHUB_PROXIES": proxies, "DOCKERHUB_PROXY_SESSION_REQUESTS": "1"}
    ended = commands.run("quota", "--json", **given)

    assert ended.status == 0
    assert {name for _, name in by_exit(ended.out)} == {
        f"{gateway.name}#1.1",
        f"{gateway.name}#2.1",
    }
    users = Counter(asked.user for asked in gateway.asked)
    assert len(users) == 2
    assert all(user.startswith("anna-") and "{" not in user for user in users)


def test_a_dead_exit_is_one_row_and_not_waited_for(commands: Commands, gateway: Gateway) -> None:
    with Door(FORBIDDEN) as door:
        wrong = entry(gateway, "bert", "wrong-words")
        proxies = f"{entry(gateway, 'anna')},{NOBODY},{wrong},{door.name}"
        ended = commands.run("quota", DOCKERHUB_PROXIES=proxies)

    assert ended.status == 1
    assert ended.seconds < 15
    rows = [" ".join(row.split()) for row in ended.out.splitlines()]
    assert rows[4:] == [
        f"all {NOBODY} anonymous cannot be connected to",
        f"all {gateway.name}#2 anonymous wants other credentials",
        f"all {door.name} anonymous forbids what was asked for",
    ]
    reserve, told = ended.lines
    assert reserve == RESERVE
    assert told == (
        "scrapy quota: proxies: expected all 4 exits to let us through, 3 did not:"
        f" {NOBODY} (cannot be connected to); {gateway.name}#2 (wants other credentials);"
        f" {door.name} (forbids what was asked for)"
    )
    assert "wrong-words" not in ended.out + ended.err
    assert len([asked for asked in gateway.asked if asked.user == "bert"]) == 0


def test_a_password_that_is_refused_is_told_once(commands: Commands) -> None:
    with Door(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\n" + END) as door:
        ended = commands.run("quota", DOCKERHUB_PROXIES=f"http://a:b@{door.name}")

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [f"{NONE} {door.name} (wants other credentials)"]
    assert door.connections == 1


def test_all_exits_dead_is_one_line_at_once(commands: Commands) -> None:
    for account in ({}, SIGNED_IN):
        given = {"DOCKERHUB_PROXIES": f"{NOBODY} {NOBODY_ELSE}", **account}
        ended = commands.run("quota", **given)

        assert (ended.status, ended.out) == (1, "")
        assert ended.lines == [f"{NONE} {NOBODY}, {NOBODY_ELSE} (cannot be connected to)"]
        assert ended.seconds < 10
        assert commands.requests() == {}
    ended = commands.run("quota", "--json", **given)
    assert {one["problem"] for one in by_exit(ended.out).values()} == {"cannot be connected to"}
    assert len(by_exit(ended.out)) == 6


@pytest.mark.parametrize(
    ("proxies", "where", "fault"),
    [
        ("htp://a:hunter2@10.0.0.1:3128", "setting DOCKERHUB_PROXIES, entry 1", "another scheme"),
        ("a:hunter2@10.0.0.1", "setting DOCKERHUB_PROXIES, entry 1", "no port"),
        (",", "setting DOCKERHUB_PROXIES", "no entry"),
    ],
)
def test_a_proxy_that_is_none_is_one_line(
    commands: Commands, proxies: str, where: str, fault: str
) -> None:
    ended = commands.run("quota", DOCKERHUB_PROXIES=proxies)

    assert (ended.status, ended.out) == (2, "")
    expected = "http://[user:password@]host:port or direct"
    assert ended.lines == [f'scrapy quota: {where}: expected {expected}, got "{fault}"']


def test_an_exit_that_reaches_one_service_only(commands: Commands, gateway: Gateway) -> None:
    registry = "http://127.0.0.1:9"
    proxies = {"DOCKERHUB_PROXIES": entry(gateway, "anna")}
    ended = commands.run("quota", "--json", DOCKERHUB_REGISTRY_URL=registry, **proxies)

    assert ended.status == 1
    found = by_exit(ended.out)
    assert found["Hub API", gateway.name]["left"] == 179
    assert found["pulls", gateway.name]["problem"] == "brings no answer"
    assert found["token service", gateway.name]["problem"] == "not asked"
    assert ended.lines == [
        f"scrapy quota: pulls: proxy {gateway.name}: expected a way through, it brings no answer"
    ]


def test_the_account_is_charged_by_whatever_exit(commands: Commands, gateway: Gateway) -> None:
    proxies = f"{entry(gateway, 'anna')},{entry(gateway, 'bert')}"
    ended = commands.run("quota", DOCKERHUB_PROXIES=proxies, **SIGNED_IN)

    assert ended.status == 0
    assert ended.out.count("the account a...") == 2
    assert ended.lines == [
        RESERVE,
        "scrapy quota: pulls are the account's: more exits make no more of them",
    ]
    assert commands.requests()["sign_in"] == 1
    assert "secret" not in ended.out + ended.err
    assert "ada" not in ended.out + ended.err


def test_credentials_that_are_refused_are_told_once_by_one_exit(
    commands: Commands, gateway: Gateway
) -> None:
    proxies = f"{entry(gateway, 'anna')},{entry(gateway, 'bert')}"
    account = {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "wrong"}
    ended = commands.run("quota", DOCKERHUB_PROXIES=proxies, **account)

    assert (ended.status, ended.out) == (1, "")
    where = commands.hub.auth_url
    assert ended.lines == [
        f"scrapy quota: registry token as ada: expected one from {where}, got HTTP 401"
    ]
    assert commands.requests()["registry_token"] == 1
    assert commands.requests().get("sign_in", 0) == 0
