from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import BASE_NAME
from dockerhub.store.database import open_database
from tests.crawl.catalog_world import (
    DEPTH,
    SIGNS,
    catalog_world,
    discoveries,
    listed,
    names,
    searched,
)
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

__all__ = ["catalog_world", "discoveries"]

STATES = "SELECT state, COUNT(*) FROM catalog GROUP BY state ORDER BY state"


def stored(crawls: Crawls) -> set[str]:
    return {name for (name,) in rows(crawls.database, "SELECT full_name FROM repositories")}


def subjects(crawls: Crawls) -> list[tuple[str, str]]:
    return [
        *[("search", prefix) for prefix in searched(crawls)],
        *[("list", namespace) for namespace in listed(crawls)],
    ]


def test_finds_everything_and_asks_nothing_twice(discoveries: Crawls, catalog_world: World) -> None:
    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 0, ended.err
    assert stored(discoveries) == names(catalog_world)
    assert set(Counter(searched(discoveries)).values()) == {1}
    assert Counter(listed(discoveries)) == dict.fromkeys(
        {name.partition("/")[0] for name in names(catalog_world)}, 1
    )
    assert set(discoveries.requests()) == {"search", "namespace_list"}
    assert dict(rows(discoveries.database, STATES)).keys() == {"done", "split"}
    assert "nothing is left to ask; 0 prefixes, 0 namespaces wait" in ended.err
    assert "incomplete" not in ended.err


def test_splits_what_has_more_hits_than_may_be_seen(
    discoveries: Crawls, catalog_world: World
) -> None:
    discoveries.run("catalog", alphabet=SIGNS)

    found = rows(
        discoveries.database,
        "SELECT prefix, hits_said, hits_reached, requests, state FROM catalog",
    )
    for prefix, said, reached, requests, state in found:
        assert said == len(catalog_world.search(prefix)), prefix
        assert reached == min(said, DEPTH)
        assert requests == 1
        assert state == ("split" if said > DEPTH or (len(prefix) == 1 and said) else "done")
    children = {prefix + sign for prefix, *_, state in found if state == "split" for sign in SIGNS}
    assert {prefix for prefix, *_ in found} == children | set(SIGNS)


def test_says_what_it_brought_and_how_much_of_all_that_is(
    discoveries: Crawls, catalog_world: World
) -> None:
    ended = discoveries.run("catalog", alphabet=SIGNS)

    new = sum(n for (n,) in rows(discoveries.database, "SELECT new_repositories FROM catalog"))
    lists = "SELECT COUNT(*), SUM(new_repositories) FROM catalog_namespaces"
    [(count, listed_new)] = rows(discoveries.database, lists)
    searches = len(searched(discoveries))
    said = f"search {new} in {searches} ({new / searches:.2f})"
    assert f"{said}, lists {listed_new} in {count} ({listed_new / count:.2f})" in ended.err
    assert new + listed_new == len(names(catalog_world))
    assert "  coverage    " in ended.err


def test_again_costs_nothing_and_fresh_all_over_again(discoveries: Crawls) -> None:
    discoveries.run("catalog", alphabet=SIGNS)
    first = discoveries.requests()

    again = discoveries.run("catalog", alphabet=SIGNS)
    assert again.status == 0
    assert discoveries.requests() == {}

    fresh = discoveries.run("catalog", alphabet=SIGNS, fresh="1")
    assert fresh.status == 0
    assert discoveries.requests() == first


def test_ends_when_requests_bring_too_little(discoveries: Crawls, catalog_world: World) -> None:
    discoveries.settings["DOCKERHUB_CATALOG_MIN_YIELD"] = "1.5"

    ended = discoveries.run("catalog", alphabet=SIGNS, strict="1")

    assert ended.status == 3
    assert "the last requests brought fewer than 1.5 new repositories each" in ended.err
    prefixes, namespaces = (
        len(rows(discoveries.database, f"SELECT 1 FROM {view} WHERE state = 'waiting'"))
        for view in ("catalog", "catalog_namespaces")
    )
    assert prefixes + namespaces > 0
    assert f"incomplete  catalog: {prefixes} prefixes and {namespaces} namespaces" in ended.err
    assert 20 < len(stored(discoveries)) <= len(names(catalog_world))


def test_a_bound_ends_it_and_the_next_run_goes_on(
    discoveries: Crawls, catalog_world: World
) -> None:
    asked: Counter[tuple[str, str]] = Counter()
    for _ in range(3):
        ended = discoveries.run("catalog", alphabet=SIGNS, max_requests="30")
        assert ended.status == 0
        assert "30 requests were asked for" in ended.err
        assert sum(discoveries.requests().values()) == 30
        asked.update(subjects(discoveries))

    discoveries.run("catalog", alphabet=SIGNS)

    asked.update(subjects(discoveries))
    assert max(asked.values()) == 1
    assert stored(discoveries) == names(catalog_world)


def test_a_prefix_confines_it(discoveries: Crawls, catalog_world: World) -> None:
    ended = discoveries.run("catalog", prefix="ab", alphabet=SIGNS)

    assert ended.status == 0
    assert {prefix[:2] for prefix in searched(discoveries)} == {"ab"}
    hits = {state.full_name for state in catalog_world.search("ab")}
    assert stored(discoveries) >= hits
    assert {name.partition("/")[0] for name in hits} == set(listed(discoveries))
    assert "library" not in listed(discoveries)


def test_a_hyphen_brings_the_same_again_and_is_not_followed(discoveries: Crawls) -> None:
    discoveries.run("catalog", prefix="a", alphabet="ab-")

    found = "SELECT prefix, state, hits_said FROM catalog WHERE prefix IN ('a', 'a-')"
    (first, second) = sorted(rows(discoveries.database, found))
    assert first[:2] == ("a", "split")
    assert second == ("a-", "plateau", first[2])
    assert not any(prefix.startswith("a-") for prefix in searched(discoveries) if prefix != "a-")


def test_a_search_that_heeds_no_sign_does_not_keep_it_for_ever(discoveries: Crawls) -> None:
    hit = {"repo_name": "aaaa/app", "short_description": None, "star_count": 1, "pull_count": 1}
    page = {"count": 500, "next": "", "previous": "", "results": [hit]}
    discoveries.hub.script("/v2/search/", body=page, times=None)

    ended = discoveries.run("catalog", prefix="a", alphabet="ab")

    assert ended.status == 0
    assert len(searched(discoveries)) < 100
    assert dict(rows(discoveries.database, STATES))["plateau"] > 10


def test_how_many_hits_may_be_seen_is_met_once(discoveries: Crawls, catalog_world: World) -> None:
    discoveries.hub.options.search_depth = None
    discoveries.hub.options.search_cap = 1

    ended = discoveries.run("catalog", alphabet=SIGNS, signed_in=False)

    assert ended.status == 0
    assert discoveries.hub.journal.statuses()[403] <= 3
    assert [r for (r,) in rows(discoveries.database, "SELECT DISTINCT reach FROM catalog_prefix")]
    assert stored(discoveries) == names(catalog_world)


def test_base_images_that_stored_images_name_lead_to_their_namespaces(
    discoveries: Crawls, catalog_world: World
) -> None:
    for name in ("zeta/zed", "zeta/zip", "yota/zed"):
        catalog_world.add_repository(name, tags=1)
        catalog_world.edit_description(name, "")
    with closing(open_database(f"sqlite:///{discoveries.database}")) as connection:
        connection.execute("INSERT INTO config (id, digest, size, seen_at) VALUES (1, 'd', 1, 1)")
        for number, name in enumerate(("docker.io/zeta/zed:1", "quay.io/other/thing")):
            label = (1, BASE_NAME if not number else "x", name)
            connection.execute("INSERT INTO label VALUES (?, ?, ?)", label)

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 0
    assert stored(discoveries) == names(catalog_world) - {"yota/zed"}
    sources = "SELECT namespace, source FROM catalog_namespaces WHERE source <> 'search'"
    assert rows(discoveries.database, sources) == [("library", "official"), ("zeta", "lineage")]


def test_deeper_it_walks_the_tags_of_what_lists_show(
    discoveries: Crawls, catalog_world: World
) -> None:
    ended = discoveries.run("catalog", prefix="aa", alphabet=SIGNS, depth="tags")

    assert ended.status == 0
    assert "aaaa/app" in stored(discoveries)
    for name in stored(discoveries):
        assert_tags(discoveries.database, catalog_world, name)


@pytest.mark.parametrize(
    ("settings", "finding"),
    [
        ({"DOCKERHUB_PROXIES": "http://127.0.0.1:1,http://127.0.0.1:2"}, "several"),
        ({"DOCKERHUB_PROXIES": "http://u-{session}:p@127.0.0.1:1"}, "several"),
    ],
)
def test_it_shows_itself_as_one_visitor(
    discoveries: Crawls, settings: dict[str, str], finding: str
) -> None:
    discoveries.settings |= settings

    ended = discoveries.run("catalog", signed_in=False)

    assert ended.status == 1
    assert f"expected one exit (none or one proxy, without {{session}}), got {finding}" in ended.err
    assert discoveries.requests() == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prefix": "A b"}, "spider argument prefix: expected the beginning of a name"),
        ({"prefix": ""}, "spider argument prefix: expected the beginning of a name"),
        ({"alphabet": "a,b"}, "spider argument alphabet: expected small letters, digits"),
        ({"max_requests": "0"}, "spider argument max_requests: expected a whole number"),
        ({"org": "a"}, "spider catalog: expected an argument out of prefix, alphabet"),
    ],
)
def test_wrong_arguments_are_one_line(
    discoveries: Crawls, arguments: dict[str, str], message: str
) -> None:
    ended = discoveries.run("catalog", **arguments)

    assert (ended.status, len(ended.lines)) == (2, 1)
    assert message in ended.lines[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("DOCKERHUB_CATALOG_MIN_YIELD", "-1"), ("DOCKERHUB_CATALOG_WINDOW", "0")],
)
def test_wrong_settings_are_one_line(discoveries: Crawls, setting: str, value: str) -> None:
    ended = discoveries.run("catalog", "-s", f"{setting}={value}")

    assert (ended.status, len(ended.lines)) == (2, 1)
    assert setting in ended.lines[0]
