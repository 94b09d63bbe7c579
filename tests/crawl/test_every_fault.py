"""Each fault that passes, laid once over the endpoint that each spider lives by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.spiders import GONE, SPIDERS, fill
from tests.crawl.test_faults import HANGS_SHORT, PASSING
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import Fault
    from tests.crawling import Crawls

ENDPOINTS = {
    "org": "namespace_list",
    "search": "search",
    "repos": "namespace_list",
    "tags": "tag_list",
    "named": "tag",
}


@pytest.fixture
def hub_world() -> World:
    world = World(seed=5)
    fill(world)
    return world


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("spider", SPIDERS)
def test_no_spider_stores_a_fault_or_misses_a_row_by_it(
    crawls: Crawls, hub_world: World, spider: str, fault: Fault
) -> None:
    options = crawls.hub.options
    options.fault_kinds, options.fault_times = frozenset({ENDPOINTS[spider]}), 1
    options.faults = {fault: 1.0}

    ended = SPIDERS[spider].crawl(crawls, *HANGS_SHORT, strict="1")

    assert ended.status == 0, ended.err
    assert crawls.hub.journal.faults() == Counter({fault: 1})
    SPIDERS[spider].assert_agrees(crawls.database, hub_world)
    assert rows(crawls.database, GONE) == [(0, 0)]
