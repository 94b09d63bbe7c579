"""Pulls are an address's, or an account's: more exits make more of the first alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, World
from tests.crawl.spiders import stats
from tests.real.exits import ACME, ExitCrawls, assert_whole
from tests.truth_contents import assert_layers, images_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn
    from dockerhub.standin.windows import Window

HOUR = Limit(100, 3600)
"""of which 20 are left to others"""
IMAGES = 240


@pytest.fixture
def hub_world() -> World:
    world = World(seed=3)
    world.add_namespace(
        ACME, repositories=20, tags=12, never_pushed=0, imageless=0, undigested=0, attestations=0,
        windows=False,
    )  # fmt: skip
    assert sum(len(images_of(world, one.full_name)) for one in world.repositories(ACME)) == IMAGES
    return world


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        made.settings["DOCKERHUB_LAYERS_FROM"] = "registry"
        made.hub.options.pull_limit = HOUR
        yield made


def crawl(exits: ExitCrawls, *, signed_in: bool = False, lost: int = 0) -> list[Window]:
    """Crawl; of the pulls at most so many are *lost* on the way, and left to the next run."""
    ended = exits.run("org", org=ACME, depth="layers", signed_in=signed_in)
    assert ended.status == 0, ended.err
    assert_whole(exits, exits.hub.world)
    pulled = exits.hub.journal.pulls()
    assert len(set(pulled)) == len(pulled), "nothing is pulled twice"
    assert 429 not in exits.hub.journal.statuses()
    left = stats(exits.database).get("dockerhub/pulls/left", 0)
    assert IMAGES - len(pulled) <= left <= IMAGES - len(pulled) + lost
    return exits.hub.journal.pull_windows()


def test_without_an_account_each_exit_has_its_own(exits: ExitCrawls, hub_world: World) -> None:
    addresses = {exits.add().address for _ in range(3)}

    windows = crawl(exits)

    assert {each.source: each.counted for each in windows} == dict.fromkeys(addresses, 80)
    for one in hub_world.repositories(ACME):
        assert_layers(exits.database, hub_world, one.full_name)


def test_signed_in_more_exits_make_no_more_pulls(exits: ExitCrawls) -> None:
    for _ in range(3):
        exits.add()

    [window] = crawl(exits, signed_in=True)

    assert (window.source, window.counted, window.refused) == ("account:ada", 80, 0)
    pulled = [each.remote for each in exits.hub.journal.exchanges if each.charged]
    assert len(set(pulled)) == 3, "all of them take part"


@pytest.mark.parametrize("count", [2, 3])
def test_proxies_with_one_address_have_its_pulls_alone(exits: ExitCrawls, count: int) -> None:
    address = exits.add().address
    for _ in range(count - 1):
        exits.add(address=address)

    [window] = crawl(exits)

    # A HEAD by each says so before the first pull.
    assert (window.counted, window.refused) == (80, 0)


def test_one_that_others_have_used_up_is_passed_over(exits: ExitCrawls) -> None:
    spent, *others = [exits.add() for _ in range(3)]
    window = exits.hub._pulls.window(spent.address, None)
    assert window is not None
    window.counted = 75

    windows = crawl(exits)

    counted = {each.source: each.counted for each in windows}
    assert counted == {spent.address: 80} | {each.address: 80 for each in others}


def test_an_exit_that_dies_leaves_its_pulls_to_nobody(exits: ExitCrawls) -> None:
    """What another address may pull is no concern of this one's."""
    dies, *others = [exits.add() for _ in range(3)]
    exits.when_asked("manifest", 60, dies.kill)

    windows = crawl(exits, lost=16)

    counted = {each.source: each.counted for each in windows}
    assert [counted[each.address] for each in others] == [80, 80]
    assert counted[dies.address] < 60
