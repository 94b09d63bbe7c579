from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> World:
    made = World(seed=7)
    made.add_namespace("bitnami", repositories=24, tags=40)
    made.add_namespace("library", repositories=6, tags=30)
    made.add_repository("bitnami/long", tags=1250)
    return made


@pytest.fixture
def hub(world: World) -> Iterator[StandIn]:
    with StandIn(world, accounts={"ada": "secret"}) as running:
        yield running
