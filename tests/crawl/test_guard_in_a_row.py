"""Pages of a guard are no guard while good answers come between them: redirects are such, too."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World

if TYPE_CHECKING:
    from tests.crawling import Crawls


@pytest.fixture
def hub_world() -> World:
    world = World(seed=13)
    world.add_namespace("acme", repositories=12, tags=6, never_pushed=0, imageless=0)
    return world


def test_pages_with_redirects_between_them_pass(crawls: Crawls) -> None:
    options = crawls.hub.options
    options.fault_kinds, options.faults = frozenset({"blob"}), {"html_403": 0.06}

    ended = crawls.run("org", org="acme", depth="configs", strict="1")

    places = [at for at, each in enumerate(crawls.hub.journal.of("blob")) if each.fault]
    assert len(places) >= 3
    assert max(later - earlier for earlier, later in pairwise(places)) > 5
    assert ended.status == 0, ended.err
