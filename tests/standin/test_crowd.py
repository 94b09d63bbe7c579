from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from dockerhub.standin import StandIn, World
from dockerhub.standin.crowd import Crowd
from tests.standin.client import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 3000


@pytest.fixture(scope="module")
def world() -> World:
    world = World(seed=4)
    world.add_namespace("bitnami", repositories=3, tags=2)
    world.add_repository("library/nginx", tags=2)
    world.add_crowd(SIZE)
    return world


@pytest.fixture(scope="module")
def hub(world: World) -> Iterator[StandIn]:
    with StandIn(world, search_cap=None, search_depth=100) as running:
        yield running


def test_the_same_seed_makes_the_same_crowd() -> None:
    assert list(Crowd(500, 7).names()) == list(Crowd(500, 7).names())
    assert set(Crowd(500, 7).names()) != set(Crowd(500, 8).names())


def test_it_has_so_many_repositories_each_of_a_name_of_its_own(world: World) -> None:
    names = list(world.crowd.names())

    assert len(names) == len(set(names)) == len(world.crowd) == SIZE


def test_half_of_the_namespaces_have_one_repository_and_some_have_many(world: World) -> None:
    sizes = Counter(name.partition("/")[0] for name in world.crowd.names())
    ones = sum(size == 1 for size in sizes.values())

    assert 0.4 < ones / len(sizes) < 0.65
    assert max(sizes.values()) > 30
    assert set(sizes) == set(world.crowd.namespaces())


def test_a_search_shows_it_behind_the_others_the_most_pulled_first(hub: StandIn) -> None:
    page = ask(f"{hub.url}/v2/search/repositories/?query=nginx&page_size=100").json

    rows = page["results"]
    assert rows[0]["repo_name"] == "nginx"
    crowd = [row for row in rows if "bitnami" not in row["repo_name"] and "/" in row["repo_name"]]
    assert crowd
    pulls = [row["pull_count"] for row in crowd]
    assert pulls == sorted(pulls, reverse=True)


def test_no_more_than_the_depth_is_shown_and_the_count_told_all_the_same(
    hub: StandIn, world: World
) -> None:
    url = f"{hub.url}/v2/search/repositories/?query=a"
    pages = [ask(f"{url}&page_size=60&page={number}") for number in (1, 2, 3)]

    assert [len(page.json["results"]) for page in pages[:2]] == [60, 40]
    assert pages[0].json["count"] == len(world.search("a")) + len(world.crowd.search("a")) > 1000
    assert pages[1].json["next"] == ""
    assert pages[2].status == 404


def test_what_a_search_shows_is_what_lists_and_details_show(hub: StandIn, world: World) -> None:
    found = ask(f"{hub.url}/v2/search/repositories/?query=redis&page_size=100").json["results"]
    sizes = Counter(name.partition("/")[0] for name in world.crowd.names())
    hit = next(row for row in found if 1 < sizes[row["repo_name"].partition("/")[0]] < 50)
    namespace, _, name = hit["repo_name"].partition("/")

    listed = ask(f"{hub.url}/v2/namespaces/{namespace}/repositories?page_size=100").json
    [row] = [row for row in listed["results"] if row["name"] == name]
    detail = ask(f"{hub.url}/v2/namespaces/{namespace}/repositories/{quote(name)}").json

    for shown in (row, detail):
        assert shown["pull_count"] == hit["pull_count"]
        assert shown["star_count"] == hit["star_count"]
        assert (shown["description"] or None) == hit["short_description"]
    assert listed["count"] == sum(each.startswith(f"{namespace}/") for each in world.crowd.names())


def test_its_repositories_have_tags(hub: StandIn, world: World) -> None:
    name = next(iter(world.crowd.names()))
    namespace, _, repository = name.partition("/")

    page = ask(f"{hub.url}/v2/namespaces/{namespace}/repositories/{repository}/tags").json

    assert page["count"] == len(page["results"]) == world.repository(name).tag_count > 0


def test_unknown_names_are_not_there(hub: StandIn, world: World) -> None:
    namespace = world.crowd.namespaces()[0]

    assert ask(f"{hub.url}/v2/namespaces/nobodyatall/repositories").status == 404
    assert ask(f"{hub.url}/v2/namespaces/{namespace}/repositories/nosuchthing").status == 404
