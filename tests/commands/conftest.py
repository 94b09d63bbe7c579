from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, StandIn, World
from tests.commands.running import Commands
from tests.crawling import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world() -> World:
    """Repositories of four tags; all images of acme's are attested."""
    world = World(seed=3)
    plain = {"imageless": 0.0, "undigested": 0.0, "windows": False, "names_per_digest": 1}
    world.add_repository("library/nginx", tags=4, platforms=3, attestations=0.0, **plain)
    world.add_repository("acme/app0", tags=4, platforms=2, attestations=1.0, **plain)
    world.add_repository("library/alpine", tags=4, platforms=1, attestations=0.0, **plain)
    world.add_repository("acme/single", tags=4, platforms=1, attestations=0.0, **plain)
    return world


@pytest.fixture
def hub(world: World) -> Iterator[StandIn]:
    with StandIn(
        world, accounts=ACCOUNT, limit=Limit(180, 60), pull_limit=Limit(100, 3600)
    ) as running:
        yield running


@pytest.fixture
def commands(hub: StandIn, tmp_path: Path) -> Commands:
    return Commands(hub, tmp_path)
