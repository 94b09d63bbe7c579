from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawl.catalog_world import SIGNS, catalog_world, discoveries, names, searched
from tests.postgres import ask

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls
    from tests.postgres import Server

__all__ = ["catalog_world", "discoveries"]


def test_a_discovery_into_postgresql(
    discoveries: Crawls, catalog_world: World, postgres: Server
) -> None:
    url = discoveries.settings["DOCKERHUB_DATABASE_URL"] = str(postgres.emptied())

    first = discoveries.run("catalog", alphabet=SIGNS, max_requests="40")
    assert first.status == 0, first.err
    before = set(searched(discoveries))
    rest = discoveries.run("catalog", alphabet=SIGNS)

    assert rest.status == 0, rest.err
    assert not before & set(searched(discoveries))
    stored = {name for (name,) in ask(url, "SELECT full_name FROM repositories")}
    assert stored == names(catalog_world)
    assert ask(url, "SELECT COUNT(*) FROM catalog WHERE state NOT IN ('done', 'split')") == [(0,)]
    assert ask(url, "SELECT COUNT(*) FROM catalog_find") == [(len(stored),)]
