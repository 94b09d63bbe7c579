"""The pull budget: the reserve is never touched, and nothing is pulled twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawl.spiders import stats
from tests.crawling import Crawls
from tests.truth import rows
from tests.truth_contents import assert_configs, assert_layers, images_of

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn, World

WINDOW = 3600.0


@pytest.fixture
def limited(crawls: Crawls, hub_world: World) -> Crawls:
    """120 images of 10 repositories to be proven, and 100 pulls an hour."""
    hub_world.add_namespace(
        "acme", repositories=10, tags=12, never_pushed=0, imageless=0, undigested=0,
        attestations=0, windows=False,
    )  # fmt: skip
    crawls.hub.options.pull_limit = Limit(100, WINDOW)
    crawls.settings = {"DOCKERHUB_LAYERS_FROM": "registry"}
    return crawls


def crawl(crawls: Crawls, depth: str = "layers", **more: str) -> str:
    ended = crawls.run("org", org="acme", depth=depth, signed_in=False, **more)
    assert ended.status == 0, ended.err
    assert 429 not in crawls.hub.journal.statuses()
    return ended.err


def pass_a_window(crawls: Crawls) -> None:
    clock = crawls.hub.options.clock
    crawls.hub.options.clock = lambda: clock() + WINDOW


def wanted(world: World) -> set[str]:
    return {
        digest for one in world.repositories("acme") for digest in images_of(world, one.full_name)
    }


@pytest.mark.parametrize("headers", ["x", "plain"])
def test_window_after_window_all_but_the_reserve_is_taken_and_nothing_twice(
    limited: Crawls, hub_world: World, headers: str
) -> None:
    limited.hub.options.pull_headers = headers
    pulled: list[str] = []
    left = len(wanted(hub_world))
    assert left == 120
    while left:
        said = crawl(limited)
        now = [reference for _, reference in limited.hub.journal.pulls()]
        assert len(now) == min(80, left)
        left -= len(now)
        pulled += now
        assert (f"  left        {left} manifests to the next run: " in said) is (left > 0)
        assert stats(limited.database).get("dockerhub/pulls/left", 0) == left
        assert rows(limited.database, "SELECT pulls FROM crawls ORDER BY crawl DESC LIMIT 1") == [
            (len(now),)
        ]
        pass_a_window(limited)

    assert sorted(pulled) == sorted(wanted(hub_world))
    crawl(limited)
    assert limited.requests() == {"namespace_list": 1}
    for one in hub_world.repositories("acme"):
        assert_layers(limited.database, hub_world, one.full_name)


def test_what_is_left_makes_a_strict_crawl_incomplete(limited: Crawls) -> None:
    ended = limited.run("org", org="acme", depth="layers", signed_in=False, strict="1")
    assert ended.status == 3


def test_without_pulls_layers_still_come_from_hub(limited: Crawls, hub_world: World) -> None:
    limited.settings = {}
    crawl(limited, depth="configs")

    assert len(limited.hub.journal.pulls()) == 80
    for one in hub_world.repositories("acme"):
        assert_layers(limited.database, hub_world, one.full_name)

    pass_a_window(limited)
    crawl(limited, depth="configs")
    for one in hub_world.repositories("acme"):
        assert_configs(limited.database, hub_world, one.full_name)


def test_a_window_that_others_have_used_up_is_left_alone(limited: Crawls) -> None:
    limited.hub.options.pull_limit = Limit(15, WINDOW)

    said = crawl(limited)

    assert limited.hub.journal.pulls() == []
    assert "  left        120 manifests to the next run" in said


def test_where_nothing_is_limited_all_is_taken(limited: Crawls, hub_world: World) -> None:
    limited.hub.options.pull_limit = None

    said = crawl(limited)

    assert len(limited.hub.journal.pulls()) == 120
    assert "left" not in said


def test_it_waits_for_the_next_window_if_it_is_told_to(limited: Crawls, hub_world: World) -> None:
    limited.hub.options.pull_limit = Limit(100, 6)
    limited.settings |= {"DOCKERHUB_PULL_WAIT": "true"}

    crawl(limited)

    assert sorted(reference for _, reference in limited.hub.journal.pulls()) == sorted(
        wanted(hub_world)
    )
    for window in limited.hub.journal.pull_windows():
        assert window.counted <= 80


@pytest.fixture
def beside(limited: Crawls, tmp_path: Path, standin_hub: StandIn) -> Crawls:
    """Another crawl of the same, from the same address, into a database of its own."""
    other = Crawls(standin_hub, tmp_path / "other")
    other.folder.mkdir()
    other.settings = dict(limited.settings)
    return other


AT_ONCE = 16


def run_together(*crawls: Crawls, at_once: int = AT_ONCE) -> None:
    ended = []
    most = "-s", f"CONCURRENT_REQUESTS={at_once}"

    def run(each: Crawls) -> None:
        ended.append(each.run("org", *most, org="acme", depth="layers", signed_in=False))

    threads = [threading.Thread(target=run, args=[each]) for each in crawls]
    for thread in threads:
        thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    assert [each.status for each in ended] == [0] * len(crawls)


@pytest.mark.parametrize("at_once", [1, 16])
def test_two_crawls_on_one_address_go_below_the_reserve_by_what_one_has_under_way(
    limited: Crawls, beside: Crawls, standin_hub: StandIn, at_once: int
) -> None:
    """The other one subtracts what it has under way itself."""
    run_together(limited, beside, at_once=at_once)

    [window] = standin_hub.journal.pull_windows()
    # Near the reserve one at a time goes, as far as a crawl knows: it is seldom more than one.
    assert 80 <= window.counted <= 80 + at_once
    assert window.refused == 0


def test_two_crawls_that_wait_look_for_the_next_window_by_what_costs_no_pull(
    limited: Crawls, beside: Crawls, standin_hub: StandIn
) -> None:
    limited.hub.options.pull_limit = Limit(100, 6)
    for each in (limited, beside):
        each.settings["DOCKERHUB_PULL_WAIT"] = "true"

    run_together(limited, beside)

    windows = standin_hub.journal.pull_windows()
    assert sum(window.counted for window in windows) == 2 * 120
    # 80 and 80, and what is left; beyond that what one of them has under way, and no more.
    assert max(window.counted for window in windows) <= 80 + AT_ONCE
    assert sum(window.refused for window in windows) == 0
    heads = [each for each in standin_hub.journal.exchanges if each.method == "HEAD"]
    assert len(windows) <= len(heads) <= 2 * 8 * len(windows)


def test_signed_in_the_account_is_charged(limited: Crawls) -> None:
    limited.hub.options.account_pull_limit = Limit(60, WINDOW)

    ended = limited.run("org", org="acme", depth="layers")

    assert ended.status == 0
    assert len(limited.hub.journal.pulls()) == 40
    accounts = {each.account for each in limited.hub.journal.of("manifest")}
    assert accounts == {"ada"}
