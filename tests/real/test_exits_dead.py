"""Exits that are dead: left alone, looked after now and then, and at last given up."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.gateway import END, WANTED, Door
from tests.real.exits import SOON, ExitCrawls, assert_whole, plain, said_of
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

PATIENCE = 6
FORBIDDEN = b"HTTP/1.1 403 Filtered\r\nServer: tinyproxy/1.11.1\r\n" + END
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nProxy-Agent: gate\r\n" + END
GOOD_FINISH = ("finished", "completed")
UNDER_WAY = 16
# Of three exits; backoff is jittered: 1 s, then 2 s at most, until the patience is over.
MOST_LOOKS = 3 * (2 + 2 * PATIENCE)
ENDS = "SELECT finish_reason FROM crawls ORDER BY crawl DESC LIMIT 1"


@pytest.fixture
def hub_world() -> World:
    world = World(seed=7)
    plain(world, 30, tags=3)
    return world


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        made.settings["DOCKERHUB_PROXY_PATIENCE"] = str(PATIENCE)
        yield made


def errors(err: str) -> list[str]:
    return [line for line in err.splitlines() if " ERROR: " in line]


@pytest.mark.parametrize("then", ["refused", "forbidden"])
def test_when_all_die_the_crawl_waits_gives_up_and_is_taken_up_again(
    exits: ExitCrawls, hub_world: World, then: str
) -> None:
    proxies = [exits.add() for _ in range(3)]
    doors: list[Door] = []

    def kill_all() -> None:
        for each in proxies:
            each.kill()
            if then == "forbidden":
                doors.append(Door(FORBIDDEN, each.port))

    exits.when_asked("repository", 8, kill_all)

    ended = exits.run("org", *SOON, org="acme", signed_in=False, strict="1")

    for door in doors:
        door.shut()
    assert ended.status == 1
    assert len(errors(ended.err)) == 1, ended.err
    assert re.search(r"exit|prox", errors(ended.err)[0])
    assert PATIENCE <= ended.seconds < PATIENCE + 6
    assert rows(exits.database, ENDS)[0][0] not in GOOD_FINISH
    assert rows(exits.database, "SELECT COUNT(gone_at) FROM repository") == [(0,)]
    assert len(exits.hub.journal.exchanges) < 30
    # What was under way finds it out; after that one at a time.
    assert sum(door.connections for door in doors) <= UNDER_WAY + MOST_LOOKS

    for each in proxies:
        each.restart()
    exits.crawl()


def test_one_that_comes_back_is_used_again(exits: ExitCrawls, hub_world: World) -> None:
    only = exits.add()
    exits.settings["DOCKERHUB_PROXY_PATIENCE"] = "30"

    def die_for_a_while() -> None:
        only.kill()
        exits.later(2.5, only.restart)

    exits.when_asked("repository", 8, die_for_a_while)

    ended = exits.crawl()

    assert said_of(only.name, ended)
    assert ended.seconds < 15


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        pytest.param(FORBIDDEN, True, id="forbids"),
        pytest.param(BAD_GATEWAY, True, id="bad gateway"),
        pytest.param(WANTED + END, False, id="other credentials"),
        pytest.param(None, True, id="nobody listens"),
        pytest.param(b"", None, id="hangs up"),
    ],
)
def test_exits_that_are_dead_from_the_start_are_not_stormed(
    exits: ExitCrawls, answer: bytes | None, waits: bool | None
) -> None:
    with ExitStack() as stack:
        doors = [stack.enter_context(Door(answer or b"")) for _ in range(3)]
        for door in doors:
            exits.name_exit(f"http://{door.name}")
            if answer is None:
                door.shut()
        options = (*SOON, "-s", "RETRY_TIMES=1")
        ended = exits.run("org", *options, org="acme", signed_in=False)

    assert ended.status == 1
    assert errors(ended.err), ended.err
    assert exits.hub.journal.exchanges == []
    if answer is not None:
        least = 1 if waits is None else 3
        most = 3 if waits is False else MOST_LOOKS
        assert least <= sum(door.connections for door in doors) <= most
    if waits is True:
        assert PATIENCE <= ended.seconds < PATIENCE + 6
        assert re.search(r"exit|prox", errors(ended.err)[0])
    if waits is False:
        assert ended.seconds < PATIENCE, "nothing that time could heal"


def test_the_wrong_password_is_told_once_and_the_others_carry_on(
    exits: ExitCrawls, hub_world: World
) -> None:
    users = {"user": "the-right-word"}
    good = [exits.add(), exits.add("user", "the-right-word", users=users)]
    # tinyproxy says 407 to who names no user, and 401 to a wrong password.
    bad = [exits.add(users=users), exits.add("user", "a-wrong-word", users=users)]

    ended = exits.crawl()

    assert exits.remotes() == {each.address for each in good}
    for each, status in zip(bad, ("407", "401"), strict=True):
        assert each.passed() == []
        assert len(each.asked()) == 1, "dead for good"
        told = said_of(each.name, ended)
        assert re.search(rf"{status}|credentials|password", told), ended.err
        assert len(told.splitlines()) == 1
    for word in ("the-right-word", "a-wrong-word"):
        assert word not in ended.err


def test_gateways_that_fail_in_every_way_beside_one_that_works(
    exits: ExitCrawls, hub_world: World
) -> None:
    answers = (FORBIDDEN, BAD_GATEWAY, WANTED + END, b"", b"SSH-2.0-none\r\n")
    with ExitStack() as stack:
        doors = [stack.enter_context(Door(answer)) for answer in answers]
        for door in doors:
            exits.name_exit(f"http://{door.name}")
        exits.name_exit("http://127.0.0.1:1")
        good = exits.add()

        exits.crawl()

        assert_whole(exits, hub_world)
        assert exits.remotes() == {good.address}
        # One that hangs up is doubted three times before it is dead.
        assert sum(door.connections for door in doors) <= 40
