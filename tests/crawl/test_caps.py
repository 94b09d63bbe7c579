"""What Docker Hub shows without signing in: as much of it as there is, and the rest is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin.orders import in_order
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

ENDS = (
    "SELECT stop_reason, row_count, expected_count FROM walks"
    " WHERE kind IN ('tags', 'repositories')"
)
# Nobody listens there: what the registry could tell beyond the cap is not to be had.
NO_REGISTRY = dict.fromkeys(("DOCKERHUB_REGISTRY_URL", "DOCKERHUB_AUTH_URL"), "http://127.0.0.1:9")
ADVICE = "  advice      sign in to see the rest: set DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD"
PYTHON = "library/python"

# Two pages of 99 rows begin before row 100.
REACH = 198
ORDERINGS = ("", "name", "-name", "last_updated", "-last_updated", "pull_count", "-pull_count")


def reachable(world: World, namespace: str) -> set[str]:
    """Return the repositories that some order shows before its cap."""
    with world.lock:
        states = world.states(namespace)
        return {
            state.full_name
            for ordering in ORDERINGS
            for state in in_order(list(states), ordering or None, world.growth)[:REACH]
        }


@pytest.mark.parametrize(
    ("repositories", "requests"),
    [
        pytest.param(198, 2, id="twice the cap"),
        # The page that is refused, both orders by name, which are not asked where the cap was met.
        pytest.param(280, 7, id="280"),
        pytest.param(396, 7, id="as many as an order and its inverse show"),
    ],
)
def test_a_list_under_twice_the_cap_is_whole(
    crawls: Crawls, hub_world: World, repositories: int, requests: int
) -> None:
    hub_world.add_namespace("huge", repositories=repositories, tags=0)

    ended = crawls.run("org", org="huge", depth="repositories", signed_in=False, strict="1")

    assert ended.status == 0, ended.err
    assert crawls.requests()["namespace_list"] <= requests
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(repositories,)]
    assert rows(crawls.database, ENDS) == [("complete", repositories, repositories)]
    assert sum(exchange.status == 403 for exchange in crawls.hub.journal.exchanges) <= 1


def test_of_a_longer_list_all_that_is_shown_is_read_and_the_rest_is_told(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_namespace("huge", repositories=500, tags=1, never_pushed=0)

    ended = crawls.run("org", org="huge", depth="repositories", signed_in=False, strict="1")

    shown = reachable(hub_world, "huge")
    stored = {row[0] for row in rows(crawls.database, "SELECT full_name FROM repositories")}
    assert (ended.status, stored) == (3, shown)
    assert len(shown) > 396
    gap = f"{len(shown)} of 500 rows, {500 - len(shown)} missing"
    assert f"  incomplete  repositories of huge: {gap}: " in ended.err
    assert ADVICE in ended.err
    assert rows(crawls.database, ENDS) == [("anonymous_cap", len(shown), 500)]
    assert crawls.requests() == {"namespace_list": 2 * len(ORDERINGS) + 1}


def test_the_same_list_is_whole_when_signed_in(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace("huge", repositories=500, tags=0)
    assert crawls.run("org", org="huge", depth="repositories", signed_in=False).status == 0

    ended = crawls.run("org", org="huge", depth="repositories", strict="1")

    assert (ended.status, crawls.requests()) == (0, {"namespace_list": 5})
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(500,)]


def test_tags_beyond_the_cap_are_read_from_the_other_ends(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=2400)

    crawls.run("tags", repo="python", signed_in=False, strict="1")

    # By time alone 2 x 1089; the orders by name bring what lies between.
    [(stored,)] = rows(crawls.database, "SELECT COUNT(*) FROM tags")
    assert stored == 2400
    assert_tags(crawls.database, hub_world, PYTHON)


def test_tags_that_no_order_shows_are_told(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=6000)
    crawls.settings = NO_REGISTRY

    ended = crawls.run("tags", repo="python", signed_in=False, strict="1")

    [(stored,)] = rows(crawls.database, "SELECT COUNT(*) FROM tags")
    assert 2 * 1089 <= stored < 6000
    assert ended.status == 3
    assert f"tags of {PYTHON}: {stored} of 6000 rows, {6000 - stored} missing: " in ended.err
    assert ADVICE in ended.err
    assert rows(crawls.database, ENDS) == [("anonymous_cap", stored, 6000)]
    truth = {tag.name for tag in hub_world.tags(PYTHON)}
    assert {row[0] for row in rows(crawls.database, "SELECT tag_name FROM tags")} <= truth
    # Eleven pages of 99 in each of four orders, and the one that was refused.
    assert crawls.requests() == {"repository": 1, "tag_list": 45}


def test_tags_under_twice_the_cap_are_whole(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=2100)

    ended = crawls.run("tags", repo="python", signed_in=False, strict="1")

    assert ended.status == 0
    assert_tags(crawls.database, hub_world, PYTHON)
    # Eleven pages, the one that was refused, and as many from the other end as are missing.
    assert crawls.requests() == {"repository": 1, "tag_list": 12 + 11}


def test_orders_that_docker_hub_does_not_know_are_done_without(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_repository(PYTHON, tags=1500)
    refused = {"fields": {"ordering": ["Invalid ordering value"]}, "text": "Invalid"}
    crawls.hub.script(r".*ordering=(-last_updated|-?name)", status=400, body=refused, times=None)
    crawls.settings = NO_REGISTRY

    ended = crawls.run("tags", repo="python", signed_in=False, strict="1")

    assert ended.status == 3
    assert rows(crawls.database, ENDS) == [("anonymous_cap", 1089, 1500)]
    assert crawls.requests() == {"repository": 1, "tag_list": 12 + 3}


def test_a_capped_repository_costs_little_when_it_has_changed(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_repository(PYTHON, tags=6000)
    crawls.settings = NO_REGISTRY
    crawls.run("tags", repo="python", signed_in=False)
    assert crawls.run("tags", repo="python", signed_in=False, strict="1").status == 0
    assert crawls.requests() == {"repository": 1}
    hub_world.push_tag(PYTHON, "fresh")

    ended = crawls.run("tags", repo="python", signed_in=False)

    assert (ended.status, crawls.requests()) == (0, {"repository": 1, "tag_list": 1})
    assert rows(crawls.database, "SELECT COUNT(*) FROM tags WHERE tag_name = 'fresh'") == [(1,)]


def test_nothing_is_gone_because_it_is_not_shown_without_signing_in(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_repository(PYTHON, tags=2400)
    assert crawls.run("tags", repo="python").status == 0

    crawls.run("tags", repo="python", signed_in=False, fresh="1")

    assert rows(crawls.database, "SELECT COUNT(*) FROM tags") == [(2400,)]


def test_the_hits_of_a_search_have_one_order(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace("huge", repositories=260, tags=0)

    ended = crawls.run("search", query="huge", depth="repositories", signed_in=False, strict="1")

    assert ended.status == 3
    assert "search of huge: 198 of 260 rows, 62 missing: " in ended.err
    assert ADVICE in ended.err


def test_a_count_that_may_be_cut_is_not_complete(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=1000)
    crawls.settings = NO_REGISTRY

    ended = crawls.run("tags", repo="python", signed_in=False, strict="1")

    assert ended.status == 3
    assert "a count of exactly 1000 may be a cut one" in ended.err
    assert crawls.run("tags", repo="python", strict="1").status == 0
