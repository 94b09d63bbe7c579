from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawl.forging import Forge
from tests.crawl.hostile_registry import TOOL
from tests.crawl.origins import Origin, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.standin import World


@pytest.fixture
def forge(hub_world: World) -> Forge:
    """What lays images into `solo/tool`."""
    return Forge(hub_world, TOOL)


@pytest.fixture
def evil() -> Iterator[Origin]:
    """An origin that nobody may be led to."""
    with origin() as made:
        yield made
