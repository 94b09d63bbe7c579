"""Each exit has a budget of its own, and uses it; what one cannot do the others do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, World
from tests.real.certificate import Certificate
from tests.real.exits import ACME, DIRECT, ExitCrawls, full_windows, plain, said_of
from tests.real.nginx import Nginx
from tests.truth_contents import assert_configs, assert_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

LIMIT = Limit(10, 1.5)


@pytest.fixture
def hub_world() -> World:
    return World(seed=7)


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        yield made


@pytest.mark.parametrize("fourth", ["forbids", "dies"])
def test_three_use_up_their_windows_while_a_fourth_is_of_no_use(
    exits: ExitCrawls, hub_world: World, fourth: str
) -> None:
    plain(hub_world, 44)
    exits.hub.options.limit = LIMIT
    good = [exits.add() for _ in range(3)]
    bad = exits.add(forbids=fourth == "forbids")
    if fourth == "dies":
        exits.when_asked("repository", 20, bad.kill)

    ended = exits.crawl()

    windows = exits.hub.journal.windows()
    for each in good:
        full = full_windows(windows, each.address)
        assert full
        assert all(one.counted >= 0.95 * one.limit for one in full), windows
    assert sum(one.refused for one in windows) == 0
    assert 429 not in exits.hub.journal.statuses()
    assert said_of(bad.name, ended)
    if fourth == "forbids":
        assert bad.address not in exits.remotes()
        # It is looked after, and no more.
        assert 1 <= len(bad.asked()) <= 10


def test_two_proxies_with_one_address_have_one_budget(exits: ExitCrawls, hub_world: World) -> None:
    plain(hub_world, 12)
    exits.hub.options.limit = LIMIT
    one = exits.add()
    other = exits.add(address=one.address)

    exits.crawl()

    windows = exits.hub.journal.windows()
    assert {each.source for each in windows} == {one.address}
    assert sum(each.refused for each in windows) == 0
    assert all(each.counted >= 0.95 * each.limit for each in full_windows(windows, one.address))
    assert 429 not in exits.hub.journal.statuses()
    assert min(len(one.asked()), len(other.asked())) >= 1


def test_our_own_ceiling_holds_for_each_exit_from_the_first_second(
    exits: ExitCrawls, hub_world: World, tmp_path: Path
) -> None:
    """The limit of nginx is told by nothing but its 429s: 10 a second.

    It lets a second's worth come early: a busy machine brings together what went apart.
    """
    plain(hub_world, 45)
    for _ in range(3):
        exits.add()
    with Nginx(exits.hub.url, tmp_path / "nginx", rate="10r/s", burst=9) as nginx:
        exits.settings |= {"DOCKERHUB_HUB_URL": nginx.url, "DOCKERHUB_HUB_RATE": "600"}
        exits.crawl()
        passed = nginx.passed()

    assert {each.status for each in passed} == {200}
    addresses = [each.address for each in passed]
    assert set(addresses) == {each.address for each in exits.proxies}
    # All three at once: one budget for all would be 10 a second.
    assert busiest_second(exits) > 15
    assert max(map(addresses.count, set(addresses))) <= 0.45 * len(addresses)


def busiest_second(exits: ExitCrawls) -> int:
    """Return how many requests came to the stand-in within one second at most."""
    moments = [each.at for each in exits.hub.journal.exchanges]
    return max(sum(start <= at < start + 1 for at in moments) for start in moments)


def test_a_cap_over_all_exits_and_services(exits: ExitCrawls, hub_world: World) -> None:
    plain(hub_world, 8, tags=3)
    for _ in range(3):
        exits.add()
    exits.settings["DOCKERHUB_TOTAL_RATE"] = "1200"

    exits.crawl(depth="configs")

    assert len(exits.hub.journal.exchanges) >= 60
    # 20 a second, one more at the edge, and what came to the stand-in a moment late.
    assert busiest_second(exits) <= 24
    assert len(exits.remotes()) == 3


def test_the_way_without_a_proxy_may_be_one_of_them(
    exits: ExitCrawls, hub_world: World, tmp_path: Path
) -> None:
    plain(hub_world, 10)
    proxy = exits.add()
    exits.name_exit("direct", DIRECT)
    entries = exits.settings.pop("DOCKERHUB_PROXIES").split(",")
    listed = tmp_path / "proxies.txt"
    listed.write_text("\n".join(["# ways out", "", *entries, ""]), encoding="utf-8")
    exits.settings["DOCKERHUB_PROXY_FILE"] = str(listed)
    exits.hub.options.limit = Limit(60, 60)

    exits.crawl()

    assert exits.remotes() == {DIRECT, proxy.address}
    assert min(exits.shares().values()) >= 3


@pytest.fixture
def tls(exits: ExitCrawls, tmp_path: Path) -> Iterator[list[Nginx]]:
    """Everything by https, so that proxies see a CONNECT and no more; the crawl checks it."""
    hub, certificate = exits.hub, Certificate(tmp_path / "certificate")
    with (
        Nginx(hub.url, tmp_path / "hub", certificate=certificate) as api,
        Nginx(hub.auth_url, tmp_path / "auth", certificate=certificate) as auth,
        Nginx(hub.cdn_url, tmp_path / "cdn", certificate=certificate) as cdn,
        Nginx(
            hub.registry_url,
            tmp_path / "registry",
            certificate=certificate,
            moved={hub.auth_url: auth.url, hub.cdn_url: cdn.url},
        ) as registry,
    ):
        exits.settings |= {
            "DOCKERHUB_HUB_URL": api.url,
            "DOCKERHUB_AUTH_URL": auth.url,
            "DOCKERHUB_REGISTRY_URL": registry.url,
            "SSL_CERT_FILE": str(certificate.chain),
        }
        yield [api, auth, cdn, registry]


def test_through_tunnels(exits: ExitCrawls, hub_world: World, tls: list[Nginx]) -> None:
    plain(hub_world, 12, tags=3)
    good = [exits.add(), exits.add("user", "the-right-word", users={"user": "the-right-word"})]
    bad = [
        exits.add(forbids=True),
        exits.add("user", "not-the-word", users={"user": "the-right-word"}),
        exits.add(users={"user": "the-right-word"}),
    ]

    ended = exits.crawl(signed_in=True, depth="configs")

    for one in hub_world.repositories(ACME):
        assert_layers(exits.database, hub_world, one.full_name)
        assert_configs(exits.database, hub_world, one.full_name)
    assert exits.remotes() == {each.address for each in good}
    assert {each.method for proxy in exits.proxies for each in proxy.asked()} == {"CONNECT"}
    assert all(front.passed() for front in tls)
    assert all(said_of(each.name, ended) for each in bad)
    # Who wants other credentials is not asked again.
    assert [len(each.asked()) for each in bad[1:]] == [1, 1]
