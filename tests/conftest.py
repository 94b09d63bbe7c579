from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT, Crawls
from tests.postgres import programs, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Server


@pytest.fixture
def hub_world() -> World:
    """A small Docker Hub: an organisation with lists of every length, and official images."""
    world = World(seed=3)
    lengths = (0, 1, 99, 100, 101, 230)
    world.add_namespace("bitnami", repositories=12, tags=lambda place: lengths[place % 6])
    world.add_repository("library/nginx", tags=30)
    world.add_repository("library/alpine", tags=12)
    return world


@pytest.fixture
def standin_hub(hub_world: World) -> Iterator[StandIn]:
    with StandIn(hub_world, accounts=ACCOUNT) as running:
        yield running


@pytest.fixture
def crawls(standin_hub: StandIn, tmp_path: Path) -> Crawls:
    return Crawls(standin_hub, tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with running_server(found) as server:
        yield server
