"""A small Hub whose names are made of three letters, so that all prefixes can be gone through."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT, Crawls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNS = "abc"
DEPTH = 20


@pytest.fixture
def catalog_world() -> World:
    """81 namespaces of one or two repositories, and two official images."""
    world = World(seed=5)
    for place, letters in enumerate(product(SIGNS, repeat=4)):
        namespace = "".join(letters)
        for name in ("app", "cab", "bob-aa")[place % 3 :][: 1 + place % 2]:
            world.add_repository(f"{namespace}/{name}", tags=1)
    world.add_repository("library/alpine", tags=1)
    world.add_repository("library/busybox", tags=1)
    return world


@pytest.fixture
def discoveries(catalog_world: World, tmp_path: Path) -> Iterator[Crawls]:
    """Crawls of a Hub whose searches show 20 hits; they end when nothing is left."""
    with StandIn(catalog_world, accounts=ACCOUNT, search_depth=DEPTH) as hub:
        crawls = Crawls(hub, tmp_path)
        crawls.settings = {"DOCKERHUB_CATALOG_MIN_YIELD": "0", "DOCKERHUB_CATALOG_WINDOW": "20"}
        yield crawls


def names(world: World) -> set[str]:
    """Return the full names of all repositories."""
    return {state.full_name for state in world.states()}


def searched(crawls: Crawls) -> list[str]:
    """Return what the last crawl searched for, page by page."""
    return [each.query["query"] for each in crawls.hub.journal.of("search")]


def listed(crawls: Crawls) -> list[str]:
    """Return the namespaces that the last crawl listed, page by page."""
    return [each.path.split("/")[3] for each in crawls.hub.journal.of("namespace_list")]
