from __future__ import annotations

from typing import TYPE_CHECKING

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def test_stores_and_visits_each_hit_official_ones_under_library(
    crawls: Crawls, hub_world: World
) -> None:
    hits = {state.full_name for state in hub_world.search("nginx")}

    ended = crawls.run("search", query="nginx")

    assert ended.status == 0
    assert "library/nginx" in hits
    stored = rows(crawls.database, "SELECT full_name, pull_count, last_updated FROM repositories")
    assert {name for name, _, _ in stored} == hits
    for name in hits:
        assert_tags(crawls.database, hub_world, name)
    assert crawls.requests()["repository"] == len(hits)
    assert "namespace_list" not in crawls.requests()


def test_visits_without_changes_cost_a_request_a_hit(crawls: Crawls, hub_world: World) -> None:
    hits = len(list(hub_world.search("nginx")))
    crawls.run("search", query="nginx")

    crawls.run("search", query="nginx")

    assert crawls.requests() == {"search": 1, "repository": hits}


def test_pages_of_hits_end_at_the_empty_next(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace("widgets", repositories=150, tags=0)

    ended = crawls.run("search", query="widgets", depth="repositories")

    assert ended.status == 0
    assert crawls.requests() == {"search": 2}
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(150,)]


def test_a_search_without_hits_ends_well_and_says_so(crawls: Crawls) -> None:
    ended = crawls.run("search", query="nothinglikethis")

    assert ended.status == 0
    assert "search nothinglikethis: Docker Hub has no hits" in ended.err
