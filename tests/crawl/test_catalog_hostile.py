"""Discoveries of a Hub whose counts are wrong, whose lists have no end, and beside another one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawl.catalog_world import SIGNS, catalog_world, discoveries, listed, names, searched
from tests.crawling import SIGNED_IN, environment, started
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin import World
    from tests.crawling import Crawls

__all__ = ["catalog_world", "discoveries"]

STATES = "SELECT state, COUNT(*) FROM catalog GROUP BY state"
REACH = "SELECT DISTINCT reach FROM catalog_prefix WHERE reach IS NOT NULL"
HIT = {"repo_name": "aaaa/app", "short_description": None, "star_count": 1, "pull_count": 1}


def stored(crawls: Crawls) -> set[str]:
    return {name for (name,) in rows(crawls.database, "SELECT full_name FROM repositories")}


def page_of(count: object, *, following: str = "") -> dict[str, object]:
    return {"count": count, "next": following, "previous": "", "results": [HIT]}


@pytest.mark.parametrize("count", [None, 30, 10**18])
def test_a_list_without_end_is_left_and_a_bound_is_kept(
    discoveries: Crawls, count: int | None
) -> None:
    following = "https://hub.docker.com/v2/search/repositories/?page=999999"
    body = page_of(count, following=following)
    discoveries.hub.script("/v2/search/", body=body, times=None)

    bounded = discoveries.run("catalog", prefix="a", alphabet="ab", max_requests="4")
    assert bounded.status == 0, bounded.err
    assert sum(discoveries.requests().values()) == 4
    ended = discoveries.run("catalog", prefix="a", alphabet="ab")

    assert ended.status == 0, ended.err
    assert len(searched(discoveries)) < 150
    assert "0 prefixes, 0 namespaces wait" in ended.err


def test_one_wrong_count_does_not_tell_how_much_may_be_seen(
    discoveries: Crawls, catalog_world: World
) -> None:
    discoveries.hub.script("query=b$", body=page_of(5000), times=None)

    discoveries.run("catalog", alphabet=SIGNS)

    assert rows(discoveries.database, REACH) == [(20,)]
    assert stored(discoveries) == names(catalog_world)


@pytest.mark.parametrize(
    "told", [lambda count: 10_000 if count > 20 else count, lambda _: 10_000], ids=["many", "all"]
)
def test_counts_that_stop_at_a_ceiling_hide_nothing(
    discoveries: Crawls, catalog_world: World, told: Callable[[int], int]
) -> None:
    true_hits = catalog_world.hits

    def said(*asked: object) -> tuple[int, object]:
        count, found = true_hits(*asked)  # type: ignore[arg-type]
        return told(count), found

    catalog_world.hits = said  # type: ignore[assignment, method-assign]

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 0
    assert len(searched(discoveries)) < 500
    assert stored(discoveries) == names(catalog_world)


def test_without_counts_a_search_that_heeds_no_sign_is_not_followed(discoveries: Crawls) -> None:
    hits = [HIT | {"repo_name": f"aaaa/p{number}"} for number in range(100)]
    discoveries.hub.script("/v2/search/", body={"next": "", "results": hits}, times=None)

    ended = discoveries.run("catalog", alphabet="abc")

    assert ended.status == 0
    assert len(searched(discoveries)) < 40
    assert dict(rows(discoveries.database, STATES)).keys() == {"split", "plateau"}


def test_rows_that_are_none_and_rows_that_come_twice(discoveries: Crawls) -> None:
    odd = ("../../etc", "a\x1b[31mb/x", "x" * 300 + "/y")
    hits = [*(HIT | {"repo_name": name} for name in odd), HIT, HIT, {"nope": 1}]
    hits += [HIT | {"repo_name": "bbbb/app", "pull_count": count} for count in (-5, 2**70)]
    body = {"count": -3, "next": "", "results": hits}
    discoveries.hub.script("/v2/search/", body=body, times=None)

    ended = discoveries.run("catalog", prefix="a", alphabet="a")

    assert ended.status == 0
    assert "\x1b" not in ended.err
    assert stored(discoveries) == {"aaaa/app"}
    assert "new         1 repositories" in ended.err


@pytest.mark.parametrize("bound", ["1", "7", "11"])
def test_a_bound_holds_where_lists_are_long(discoveries: Crawls, bound: str) -> None:
    discoveries.hub.options.search_depth = None
    discoveries.hub.options.max_page_size = 5

    ended = discoveries.run("catalog", alphabet=SIGNS, max_requests=bound)

    assert ended.status == 0, ended.err
    assert sum(discoveries.requests().values()) == int(bound)
    assert f"{bound} requests were asked for" in ended.err
    brought = "SELECT SUM(new_repositories) FROM catalog"
    assert f"new         {rows(discoveries.database, brought)[0][0]} repositories" in ended.err


def test_a_bound_holds_deeper_and_where_requests_are_made_again(discoveries: Crawls) -> None:
    discoveries.hub.script("/v2/search/", status=503, times=3)

    ended = discoveries.run("catalog", alphabet=SIGNS, depth="tags", max_requests="25")

    assert ended.status == 0, ended.err
    assert sum(discoveries.requests().values()) == 25
    assert "tag_list" in discoveries.requests()


def test_a_list_of_a_namespace_that_a_bound_broke_off_is_walked_again(
    discoveries: Crawls, catalog_world: World
) -> None:
    for number in range(12):
        catalog_world.add_repository(f"library/c{number}", tags=1)
    discoveries.hub.options.max_page_size = 5

    # One request is kept to ask whether it is true that there are no hits for x.
    discoveries.run("catalog", alphabet="x", max_requests="4")
    assert listed(discoveries) == ["library", "library"]
    discoveries.run("catalog", alphabet="x")

    assert listed(discoveries) == ["library"] * 3
    ended = "SELECT state FROM catalog_namespaces WHERE namespace = 'library'"
    assert rows(discoveries.database, ended) == [("done",)]


def test_a_second_one_is_refused_and_one_for_a_prefix_does_no_harm(
    discoveries: Crawls, catalog_world: World
) -> None:
    hub = discoveries.hub
    hub.options.account_limit = Limit(20, 1)
    env = environment(hub.url, discoveries.database, SIGNED_IN | discoveries.settings)
    given = ("crawl", "catalog", "-a", f"alphabet={SIGNS}")
    with started(*given, env=env, cwd=discoveries.folder) as first:
        deadline = time.monotonic() + 30
        while not hub.journal.of("search"):
            assert time.monotonic() < deadline
            assert first.poll() is None
            time.sleep(0.01)
        second = discoveries.run("catalog", alphabet="ab", max_requests="5")
        hub.options.account_limit = None
        other = discoveries.run("catalog", prefix="a", alphabet=SIGNS)
        _, said = first.communicate(60)

    assert second.status == 1
    assert "catalog: expected to be the only crawl of this into" in second.err
    assert (other.status, first.wait()) == (0, 0), said
    assert stored(discoveries) == names(catalog_world)
    new = "SELECT (SELECT SUM(new_repositories) FROM catalog), SUM(new_repositories)"
    [counts] = rows(discoveries.database, f"{new} FROM catalog_namespaces")
    assert sum(counts) == len(names(catalog_world))
