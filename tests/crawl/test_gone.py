"""Endpoints that were removed: the old form of paths, and nothing believed that is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.spiders import GONE, NAMED, ORG, SEARCH, TAGS, TOOL, Spider, fill, noes
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import Gone
    from tests.crawling import Crawls

# What goes at once, and the answers that make it sure.
UNDER_WAY = 16
STRIKES: dict[Gone, int] = {"410": 1, "empty": 3, "no_results": 3, "empty_list": 3}
# An empty list of what may be empty is no sign of a removed endpoint.
TELLING: tuple[Gone, ...] = ("410", "empty", "no_results")
WORDS = {
    "namespace_list": "lists of repositories",
    "repository": "repositories",
    "tag_list": "lists of tags",
    "tag": "single tags",
}
MANY = Spider("org", {"org": "many"}, ("many",))


@pytest.fixture
def hub_world() -> World:
    world = World(seed=7)
    fill(world)
    world.add_namespace("many", repositories=80, tags=2, never_pushed=0)
    return world


@pytest.mark.parametrize("form", TELLING)
def test_the_old_form_is_used_where_the_new_one_is_removed(
    crawls: Crawls, hub_world: World, form: Gone
) -> None:
    kinds = ("namespace_list", "repository", "tag_list")
    crawls.hub.options.gone = {f"namespaces/{kind}": form for kind in kinds}

    ended = MANY.crawl(crawls, strict="1")

    assert ended.status == 0, ended.err
    MANY.assert_agrees(crawls.database, hub_world)
    assert ended.err.count("WARNING") == len(kinds)
    for kind in kinds:
        assert ended.err.count(f"Docker Hub has removed {WORDS[kind]}: not asked for any more") == 1
        asked = [each for each in crawls.hub.journal.of(kind) if each.fault == "gone"]
        most = STRIKES[form] + (0 if kind == "namespace_list" else UNDER_WAY)
        assert STRIKES[form] <= len(asked) <= most
        assert len(crawls.hub.journal.of(kind)) - len(asked) == (1 if kind in kinds[:1] else 80)


@pytest.mark.parametrize("form", ["410", "empty_list"])
def test_single_tags_and_pages_are_had_in_the_old_form(
    crawls: Crawls, hub_world: World, form: Gone
) -> None:
    crawls.hub.options.gone = {"namespaces/repository": form, "namespaces/tag": form}

    ended = NAMED.crawl(crawls, strict="1")

    assert ended.status == 0, ended.err
    NAMED.assert_agrees(crawls.database, hub_world)
    asked = crawls.hub.journal.faults()
    assert asked == {"gone": 2 * STRIKES[form]}
    assert ended.err.count("Docker Hub has removed") == 2


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("namespace_list", "410"),
        ("repository", "410"),
        ("repository", "empty_list"),
        ("tag_list", "410"),
        ("tag_list", "empty"),
        ("search", "410"),
        ("search", "no_results"),
    ],
)
def test_where_nothing_is_left_it_is_told_and_nothing_is_lost(
    crawls: Crawls, hub_world: World, kind: str, form: Gone
) -> None:
    spider = SEARCH if kind == "search" else MANY
    crawls.hub.options.gone = {kind: form}

    ended = spider.crawl(crawls, strict="1")

    assert ended.status in {1, 3}
    removed = "search" if kind == "search" else WORDS[kind]
    assert f"Docker Hub has removed {removed}" in ended.err
    asked = len(crawls.hub.journal.of(kind))
    forms = 1 if kind == "search" else 2
    assert asked <= forms * (STRIKES[form] + UNDER_WAY)
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert "complete" not in {
        reason
        for walked, reason in rows(crawls.database, "SELECT kind, stop_reason FROM walks")
        if {"tags": "tag_list", "repositories": "namespace_list"}.get(walked, walked) == kind
    }

    crawls.hub.options.gone = {}
    assert spider.crawl(crawls, strict="1").status == 0
    spider.assert_agrees(crawls.database, hub_world)


def test_tags_of_a_removed_endpoint_are_kept(crawls: Crawls, hub_world: World) -> None:
    MANY.crawl(crawls)
    known = rows(crawls.database, "SELECT * FROM tags")
    for repository in hub_world.repositories("many"):
        hub_world.push_tag(repository.full_name)
    crawls.hub.options.gone = {"tag_list": "410"}

    ended = MANY.crawl(crawls, strict="1")

    assert ended.status in {1, 3}
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, "SELECT * FROM tags") == known
    assert 2 <= noes(crawls.database)["removed endpoint"] <= 2 * (1 + UNDER_WAY)

    crawls.hub.options.gone = {}
    assert MANY.crawl(crawls, strict="1").status == 0
    MANY.assert_agrees(crawls.database, hub_world)


def test_an_empty_list_of_repositories_that_are_there_is_not_believed(
    crawls: Crawls, hub_world: World
) -> None:
    ORG.crawl(crawls)
    known = rows(crawls.database, "SELECT * FROM repositories")
    crawls.hub.options.gone = {"namespace_list": "empty_list"}

    ended = ORG.crawl(crawls, strict="1")

    assert ended.status == 1
    assert "an empty list, but what it showed before is there" in ended.err
    assert crawls.requests() == {"namespace_list": 1, "repository": 1}
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, "SELECT * FROM repositories") == known
    ends = rows(crawls.database, "SELECT stop_reason FROM walks WHERE kind = 'repositories'")
    assert ends == [("complete",), ("error",)]

    crawls.hub.options.gone = {}
    assert ORG.crawl(crawls, strict="1").status == 0
    assert crawls.requests() == {"namespace_list": 1}


def test_an_empty_list_of_tags_that_are_there_is_not_believed(
    crawls: Crawls, hub_world: World
) -> None:
    TAGS.crawl(crawls)
    known = rows(crawls.database, "SELECT * FROM tags")
    hub_world.push_tag(TOOL, "fresh")
    crawls.hub.options.gone = {"tag_list": "empty_list"}

    ended = TAGS.crawl(crawls, strict="1")

    assert ended.status == 1
    assert "an empty list, but what it showed before is there" in ended.err
    assert crawls.requests() == {"repository": 1, "tag_list": 1, "tag": 1}
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, "SELECT * FROM tags") == known

    crawls.hub.options.gone = {}
    assert TAGS.crawl(crawls, strict="1").status == 0
    TAGS.assert_agrees(crawls.database, hub_world)


def test_a_namespace_that_is_empty_now_is_believed(crawls: Crawls, hub_world: World) -> None:
    ORG.crawl(crawls, depth="repositories")
    for repository in list(hub_world.repositories("acme")):
        hub_world.delete_repository(repository.full_name)

    ended = ORG.crawl(crawls, depth="repositories")

    assert ended.status == 1
    assert "spider argument org=acme: expected a namespace with repositories" in ended.err
    # The witness that is not there, and one that is: so its 404 is believed.
    assert crawls.requests() == {"namespace_list": 1, "repository": 2}
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(0,)]
    assert rows(crawls.database, GONE) == [(0, 20)]


def test_tags_that_are_all_deleted_are_gone(crawls: Crawls, hub_world: World) -> None:
    TAGS.crawl(crawls)
    for tag in hub_world.tags(TOOL):
        hub_world.delete_tag(TOOL, tag.name)

    ended = TAGS.crawl(crawls, fresh="1", strict="1")

    assert ended.status == 0, ended.err
    assert crawls.requests()["tag_list"] == 1
    assert crawls.requests()["tag"] == 1
    assert crawls.requests()["repository"] <= 2
    assert rows(crawls.database, GONE) == [(232, 0)]
