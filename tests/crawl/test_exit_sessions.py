"""Gateways that give each user an address of its own: users are exits, and so are sessions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, World
from tests.crawl.gateway import Gateway
from tests.real.exits import ExitCrawls, full_windows, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

PASSWORD = "open-sesame"
ADDRESSES = tuple(f"127.7.0.{number}" for number in range(1, 100))


@pytest.fixture
def hub_world() -> World:
    return World(seed=7)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(PASSWORD) as made:
        yield made


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        yield made


def name_user(exits: ExitCrawls, gateway: Gateway, user: str) -> None:
    exits.name_exit(f"http://{user}:{PASSWORD}@{gateway.name}", *ADDRESSES)


def requests(gateway: Gateway) -> Counter[str]:
    """Return how many requests each user made."""
    return Counter(each.user for each in gateway.asked)


def assert_not_told(exits: ExitCrawls, err: str, gateway: Gateway) -> None:
    assert PASSWORD not in err
    for user in gateway.addresses:
        assert user not in err
        assert user.encode() not in exits.database.read_bytes()


def test_two_users_of_one_gateway_are_two_exits(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 32)
    exits.hub.options.limit = Limit(10, 1.5)
    for user in ("customer-anna", "customer-bert"):
        name_user(exits, gateway, user)

    ended = exits.crawl("-s", "LOG_LEVEL=DEBUG")

    assert set(gateway.addresses) == {"customer-anna", "customer-bert"}
    windows = exits.hub.journal.windows()
    for address in gateway.addresses.values():
        full = full_windows(windows, address)
        assert full
        assert all(one.counted >= 0.95 * one.limit for one in full), windows
    assert 429 not in exits.hub.journal.statuses()
    assert_not_told(exits, ended.err, gateway)


def test_the_same_entry_twice_is_one_exit(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 3)
    for _ in range(2):
        name_user(exits, gateway, "customer-anna")

    exits.crawl()

    assert set(gateway.addresses) == {"customer-anna"}


def test_a_session_is_renewed_after_so_many_requests(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 30)
    exits.settings["DOCKERHUB_PROXY_SESSION_REQUESTS"] = "12"
    exits.hub.options.limit = Limit(100, 60)
    name_user(exits, gateway, "customer-{session}")

    ended = exits.crawl("-s", "LOG_LEVEL=DEBUG")

    made = requests(gateway)
    assert all(user.startswith("customer-") and "{" not in user for user in made)
    assert max(made.values()) <= 12
    assert list(made.values())[:-1] == [12] * (len(made) - 1)
    assert sum(made.values()) == len(exits.hub.journal.exchanges)
    assert_not_told(exits, ended.err, gateway)


def test_a_session_whose_budget_is_spent_is_renewed_at_once(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 30)
    exits.hub.options.limit = Limit(10, 60)
    name_user(exits, gateway, "customer-{session}")

    ended = exits.crawl()

    assert ended.seconds < 20, "no window was waited for"
    assert 429 not in exits.hub.journal.statuses()
    assert max(requests(gateway).values()) <= 10
    assert len(gateway.addresses) <= 9


def test_each_entry_with_sessions_is_a_session_of_its_own(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 20)
    exits.hub.options.limit = Limit(100, 60)
    for _ in range(3):
        name_user(exits, gateway, "customer-{session}")

    exits.crawl()

    made = requests(gateway)
    assert len(made) == 3
    assert min(made.values()) >= 8


def test_a_gateway_that_is_gone_takes_all_its_sessions_along(
    exits: ExitCrawls, hub_world: World, gateway: Gateway
) -> None:
    plain(hub_world, 20)
    proxy = exits.add()
    name_user(exits, gateway, "customer-{session}")
    name_user(exits, gateway, "customer-{session}")
    exits.when_asked("repository", 8, gateway.shut)

    exits.crawl()

    # Each session finds it out once; no new ones are made to go the same way.
    assert proxy.address in exits.remotes()
    assert len(gateway.addresses) <= 4
