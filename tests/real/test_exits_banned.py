"""What Docker closes to one exit, or one service closes to all, stops nobody else."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dockerhub.standin import World
from tests.crawl.gateway import Door
from tests.real.exits import DIRECT, ExitCrawls, plain, said_of
from tests.truth_contents import assert_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

UNDER_WAY = 16
HUB = frozenset({"namespace_list", "repository", "tag_list", "tag", "tag_images"})
REGISTRY = frozenset({"manifest", "blob"})


@pytest.fixture
def hub_world() -> World:
    return World(seed=7)


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        yield made


@pytest.mark.parametrize("ban", ["bot guard", "block", "registry guard"])
def test_the_others_carry_the_load_of_one_that_is_banned(
    exits: ExitCrawls, hub_world: World, ban: str
) -> None:
    plain(hub_world, 20, tags=3)
    banned, *good = [exits.add() for _ in range(3)]
    options = exits.hub.options
    if "guard" in ban:
        options.guarded_addresses, options.bot_guard_after = frozenset({banned.address}), 5
        options.guarded_services = frozenset({"registry" if ban == "registry guard" else "hub"})
    else:
        options.blocked_addresses, options.block_after = frozenset({banned.address}), 12
        options.block, options.blocked_services = "404", frozenset({"hub"})

    ended = exits.crawl("-s", "RETRY_TIMES=1", depth="configs")

    for one in hub_world.repositories("acme"):
        assert_layers(exits.database, hub_world, one.full_name)
    fault = "bot_guard" if "guard" in ban else "block"
    refused = [each for each in exits.hub.journal.exchanges if each.fault == fault]
    assert {each.remote for each in refused} == {banned.address}
    # Each 404 that is doubted has two probes.
    assert 3 <= len(refused) <= (3 + UNDER_WAY if "guard" in ban else 3 * (UNDER_WAY + 1))
    kinds = REGISTRY if ban == "registry guard" else HUB
    good_ones = (each for each in exits.hub.journal.exchanges if each.fault is None)
    shares = Counter(each.remote for each in good_ones if each.kind in kinds)
    assert min(shares[each.address] for each in good) > shares[banned.address]
    assert said_of(banned.name, ended), ended.err
    assert ended.err.count(" ERROR: ") == 0
    assert not any(said_of(each.name, ended) for each in good)


def test_when_all_are_banned_the_crawl_ends_as_it_does_without_proxies(
    exits: ExitCrawls, hub_world: World
) -> None:
    plain(hub_world, 20)
    for _ in range(3):
        exits.add()
    exits.hub.options.bot_guard_after = 5

    ended = exits.run("org", org="acme", signed_in=False)

    assert ended.status == 1
    assert "guard against robots" in ended.err
    assert ended.err.count(" ERROR: ") == 1
    assert exits.hub.journal.faults()["bot_guard"] <= 3 * 3 + 2 * UNDER_WAY

    exits.hub.options.bot_guard_after = None
    exits.crawl()


class Pause(NamedTuple):
    """A service that answers 429 for a while, and what the other is asked meanwhile."""

    pattern: str
    begins_with: str
    """the kind of exchange"""
    number: int
    """of how many of that kind it begins with the last"""
    closed: frozenset[str]
    """kinds that it hits"""
    open: frozenset[str]
    setting: str
    """what paces the other one: 10 a second in all"""
    repositories: int
    """so that there is enough to do for the other one, and not more"""


PAUSES = {
    "hub": Pause("/v2/namespaces/", "tag_list", 8, HUB, REGISTRY, "DOCKERHUB_REGISTRY_RATE", 12),
    "registry": Pause(
        "/v2/acme/[^/]+/(manifests|blobs)/", "manifest", 6, REGISTRY, HUB, "DOCKERHUB_HUB_RATE", 20
    ),
}
PAUSE_SECONDS = 2.0


@pytest.mark.parametrize("count", [0, 3], ids=["direct", "three exits"])
@pytest.mark.parametrize("pause", PAUSES.values(), ids=PAUSES)
def test_a_service_that_pauses_does_not_hold_up_the_others(
    exits: ExitCrawls, hub_world: World, pause: Pause, count: int
) -> None:
    plain(hub_world, pause.repositories, tags=3)
    exits.go_direct()
    for _ in range(count):
        exits.add()
    ways = max(1, count)
    exits.settings |= {pause.setting: str(600 / ways), "DOCKERHUB_LAYERS_FROM": "registry"}
    began: list[float] = []

    def close() -> None:
        began.append(time.time())
        told = {"Retry-After": str(int(PAUSE_SECONDS) + 1)}
        exits.hub.script(pause.pattern, status=429, headers=told, body="no", times=None)
        exits.later(PAUSE_SECONDS, exits.hub.clear_script)

    exits.when_asked(pause.begins_with, pause.number, close)

    exits.crawl(depth="configs")

    start, end = began[0], began[0] + PAUSE_SECONDS
    meanwhile = [each for each in exits.hub.journal.exchanges if start < each.at < end]
    refused = [each for each in meanwhile if each.status == 429]
    assert {each.kind for each in refused} <= pause.closed
    # Each exit is told for itself: what one refusal leaves free may go by another meanwhile.
    assert 1 <= len(refused) <= UNDER_WAY + 2 * count
    assert len({each.remote for each in refused}) <= ways
    moments = [each.at for each in meanwhile if each.kind in pause.open]
    assert len(moments) >= 0.8 * PAUSE_SECONDS * 10
    assert max(later - earlier for earlier, later in pairwise([start, *moments, end])) < 0.7


def test_the_environment_names_no_exit(exits: ExitCrawls, hub_world: World) -> None:
    plain(hub_world, 3)
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    with Door() as door:
        exits.settings |= dict.fromkeys(names, f"http://{door.name}")
        exits.go_direct()
        exits.crawl(depth="configs")
        assert exits.remotes() == {DIRECT}

        exits.settings |= {"no_proxy": "127.0.0.1", "NO_PROXY": "*"}
        proxy = exits.add()
        exits.database.unlink()
        exits.crawl(depth="configs")
        assert exits.remotes() == {proxy.address}
        assert door.connections == 0


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
def test_everything_goes_by_the_exits(exits: ExitCrawls, hub_world: World, signed_in: bool) -> None:
    plain(hub_world, 6, tags=3)
    addresses = {exits.add().address for _ in range(2)}
    exits.settings["DOCKERHUB_LAYERS_FROM"] = "registry"

    exits.crawl(depth="configs", signed_in=signed_in)

    exchanges = exits.hub.journal.exchanges
    assert {each.remote for each in exchanges} == addresses
    kinds = {each.kind for each in exchanges}
    asked = {"namespace_list", "tag_list", "registry_base", "registry_token", "blob", "cdn"}
    assert kinds >= asked | {"manifest"}
    assert ("sign_in" in kinds) is signed_in
    passed = sum(len(each.asked()) for each in exits.proxies)
    assert passed == len(exchanges)
