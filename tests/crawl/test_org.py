from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from tests.truth import assert_repositories, assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def pages(world: World, page_size: int = 100) -> int:
    return sum(ceil(repo.tag_count / page_size) for repo in world.repositories("bitnami"))


def test_stores_what_the_hub_has(crawls: Crawls, hub_world: World) -> None:
    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    assert_repositories(crawls.database, hub_world, "bitnami")
    for repository in hub_world.repositories("bitnami"):
        assert_tags(crawls.database, hub_world, repository.full_name)


def test_costs_a_request_for_100_rows_and_one_a_description(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.run("org", org="bitnami")

    assert crawls.requests() == {
        "namespace_list": 1,
        "repository": 12,
        "tag_list": pages(hub_world),
    }
    assert crawls.hub.accounts.issued_count == 1


def test_costs_the_lists_alone_when_nothing_changed(crawls: Crawls) -> None:
    crawls.run("org", org="bitnami")
    before = rows(crawls.database, "SELECT * FROM tag")

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    assert crawls.requests() == {"namespace_list": 1}
    assert rows(crawls.database, "SELECT * FROM tag") == before


def test_costs_a_page_and_a_description_for_what_changed(crawls: Crawls, hub_world: World) -> None:
    crawls.run("org", org="bitnami")
    long_ones = [r.full_name for r in hub_world.repositories("bitnami") if r.tag_count == 230]
    for name in long_ones:
        hub_world.push_tag(name, "fresh")
        hub_world.push_tag(name, hub_world.tags(name)[50].name)

    crawls.run("org", org="bitnami")

    changed = len(long_ones)
    assert crawls.requests() == {
        "namespace_list": 1,
        "repository": changed,
        "tag_list": changed,
    }
    for name in long_ones:
        assert_tags(crawls.database, hub_world, name)
    moves = rows(crawls.database, "SELECT repo_name FROM tag_moves")
    assert sorted(moves) == sorted((name,) for name in long_ones)


def test_depth_repositories_costs_the_lists_alone(crawls: Crawls) -> None:
    crawls.run("org", org="bitnami", depth="repositories")

    assert crawls.requests() == {"namespace_list": 1}
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(12,)]


def test_fresh_walks_in_full_and_sees_what_was_deleted(crawls: Crawls, hub_world: World) -> None:
    crawls.run("org", org="bitnami")
    name = next(r.full_name for r in hub_world.repositories("bitnami") if r.tag_count == 230)
    gone = hub_world.tags(name)[120].name
    hub_world.delete_tag(name, gone)
    crawls.run("org", org="bitnami")
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]

    ended = crawls.run("org", org="bitnami", fresh="1")

    assert ended.status == 0
    assert "1 tag gone" in ended.err
    assert_tags(crawls.database, hub_world, name)
    assert rows(crawls.database, "SELECT name FROM tag WHERE gone_at IS NOT NULL") == [(gone,)]


def test_a_repository_that_is_not_listed_any_more_is_gone(crawls: Crawls, hub_world: World) -> None:
    crawls.run("org", org="bitnami", depth="repositories")
    gone = next(iter(hub_world.repositories("bitnami"))).full_name
    hub_world.delete_repository(gone)

    crawls.run("org", org="bitnami", depth="repositories")

    assert_gone = "SELECT namespace || '/' || name FROM repository WHERE gone_at IS NOT NULL"
    assert rows(crawls.database, assert_gone) == [(gone,)]


def test_anonymous_is_a_full_citizen(crawls: Crawls, hub_world: World) -> None:
    ended = crawls.run("org", org="bitnami", signed_in=False)

    assert ended.status == 0
    assert crawls.requests() == {
        "namespace_list": 1,
        "repository": 12,
        "tag_list": pages(hub_world, 99),
    }
    for repository in hub_world.repositories("bitnami"):
        assert_tags(crawls.database, hub_world, repository.full_name)


def test_every_walk_leaves_a_row(crawls: Crawls, hub_world: World) -> None:
    crawls.run("org", org="bitnami")

    walked = sum(1 for repo in hub_world.repositories("bitnami") if repo.tag_count)
    assert rows(
        crawls.database,
        "SELECT kind, stop_reason, COUNT(*), SUM(row_count), SUM(expected_count) FROM walks"
        " GROUP BY kind, stop_reason ORDER BY kind",
    ) == [
        ("repositories", "complete", 1, 12, 12),
        ("tags", "complete", walked, 1062, 1062),
    ]


def test_the_old_form_of_paths_is_used_where_the_new_one_is_removed(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.script("/v2/namespaces/", status=410, times=None)

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    for what in ("lists of repositories", "repositories", "lists of tags"):
        assert ended.err.count(f"Docker Hub has removed {what}: not asked for any more") == 1
        assert ended.err.count(f"the old form of paths is used for {what}\n") == 1
    for repository in hub_world.repositories("bitnami"):
        assert_tags(crawls.database, hub_world, repository.full_name)


def test_a_body_whose_compression_is_broken_is_asked_for_again(
    crawls: Crawls, hub_world: World
) -> None:
    name = next(r.full_name for r in hub_world.repositories("bitnami") if r.tag_count == 99)
    path = f"/v2/namespaces/bitnami/repositories/{name.partition('/')[2]}/tags"
    crawls.hub.script(path, headers={"Content-Encoding": "gzip"}, body=b"{no gzip", times=1)

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    assert_tags(crawls.database, hub_world, name)
