from __future__ import annotations

from typing import TYPE_CHECKING

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def test_one_run_for_all_that_somebody_watches_visits_each_once(
    crawls: Crawls, hub_world: World
) -> None:
    named = next(r.full_name for r in hub_world.repositories("bitnami") if r.tag_count == 101)
    (crawls.folder / "watch.txt").write_text(f"# ours\n{named}:1.0\nnginx  # the proxy\n\n")

    ended = crawls.run(
        "repos", repos=f"nginx,{named}", file="watch.txt", org="bitnami", query="nginx"
    )

    assert ended.status == 0
    hits = {state.full_name for state in hub_world.search("nginx")}
    alone = {name for name in hits | {"library/nginx"} if not name.startswith("bitnami/")}
    visited = [exchange.path for exchange in crawls.hub.journal.of("repository")]
    assert len(visited) == len(set(visited)) == 12 + len(alone)
    for name in {named, *alone}:
        assert_tags(crawls.database, hub_world, name)


def test_a_named_repository_that_its_list_does_not_show_is_visited_after_it(
    crawls: Crawls, hub_world: World
) -> None:
    ended = crawls.run("repos", repos="bitnami/hidden", org="bitnami", depth="repositories")

    assert ended.status == 1
    # It, and an official one before its 404 is believed.
    assert crawls.requests() == {"namespace_list": 1, "repository": 2}
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(12,)]


def test_a_repository_that_is_not_there_is_told_and_the_others_are_read(
    crawls: Crawls, hub_world: World
) -> None:
    ended = crawls.run("repos", repos="nginx,nosuch/thing")

    assert ended.status == 1
    assert "nosuch/thing got HTTP 404" in ended.err
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_a_watched_repository_that_vanished_is_gone(crawls: Crawls, hub_world: World) -> None:
    crawls.run("repos", repos="nginx")
    hub_world.delete_repository("library/nginx")

    crawls.run("repos", repos="nginx")

    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(0,)]
    assert rows(crawls.database, "SELECT name, gone_at IS NOT NULL FROM repository") == [
        ("nginx", 1)
    ]
