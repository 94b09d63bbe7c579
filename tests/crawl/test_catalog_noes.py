from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawl.catalog_world import SIGNS, catalog_world, discoveries, listed, names, searched
from tests.crawl.test_faults import HANGS_SHORT, PASSING
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

__all__ = ["catalog_world", "discoveries"]


def stored(crawls: Crawls) -> set[str]:
    return {name for (name,) in rows(crawls.database, "SELECT full_name FROM repositories")}


def test_it_keeps_to_the_limit_that_answers_tell(discoveries: Crawls, catalog_world: World) -> None:
    discoveries.hub.options.account_limit = Limit(60, 1)

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 0
    assert 429 not in discoveries.hub.journal.statuses()
    assert stored(discoveries) == names(catalog_world)


def test_a_bot_guard_stops_it_and_what_waits_is_left(
    discoveries: Crawls, catalog_world: World
) -> None:
    discoveries.hub.options.bot_guard_after = 40

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 1
    assert len(discoveries.hub.journal.exchanges) < 80
    assert rows(discoveries.database, "SELECT COUNT(*) FROM catalog WHERE state = 'refused'") == [
        (0,)
    ]
    discoveries.hub.options.bot_guard_after = None
    assert discoveries.run("catalog", alphabet=SIGNS).status == 0
    assert stored(discoveries) == names(catalog_world)


def test_what_breaks_is_told_and_asked_again_by_the_next_run(
    discoveries: Crawls, catalog_world: World
) -> None:
    broken = "/v2/search/repositories/?page=1&page_size=100&query=ab"
    discoveries.settings["RETRY_TIMES"] = "1"
    discoveries.hub.script(rf"{broken.replace('?', chr(92) + '?')}$", status=500, times=None)

    ended = discoveries.run("catalog", "-s", "RETRY_TIMES=1", alphabet=SIGNS, strict="1")

    assert ended.status == 3
    assert "incomplete  search for ab: expected hits, got" in ended.err
    assert rows(discoveries.database, "SELECT state FROM catalog WHERE prefix = 'ab'") == [
        ("refused",)
    ]
    discoveries.hub.clear_script()
    assert discoveries.run("catalog", alphabet=SIGNS, strict="1").status == 0
    assert "ab" in searched(discoveries)
    assert stored(discoveries) == names(catalog_world)


@pytest.mark.parametrize("kind", ["search", "namespace_list"])
def test_what_fails_now_and_then_costs_requests_and_nothing_else(
    discoveries: Crawls, catalog_world: World, kind: str
) -> None:
    options = discoveries.hub.options
    options.fault_kinds, options.fault_times = frozenset({kind}), len(PASSING)
    options.faults = dict.fromkeys(PASSING, 1 / len(PASSING))

    ended = discoveries.run("catalog", *HANGS_SHORT, alphabet=SIGNS, strict="1")

    assert ended.status == 0, ended.err
    assert discoveries.hub.journal.faults().total() == len(PASSING)
    assert stored(discoveries) == names(catalog_world)
    new = "SELECT (SELECT SUM(new_repositories) FROM catalog), SUM(new_repositories)"
    [counts] = rows(discoveries.database, f"{new} FROM catalog_namespaces")
    assert sum(counts) == len(stored(discoveries))


def test_without_searches_the_lists_go_on(discoveries: Crawls, catalog_world: World) -> None:
    discoveries.run("catalog", alphabet=SIGNS, max_requests="6")
    discoveries.hub.script("/v2/search/", status=410, times=None)

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 1
    assert listed(discoveries)
    waiting = "SELECT COUNT(*) FROM catalog_namespaces WHERE state = 'waiting'"
    assert rows(discoveries.database, waiting) == [(0,)]
    discoveries.hub.clear_script()
    assert discoveries.run("catalog", alphabet=SIGNS).status == 0
    assert stored(discoveries) == names(catalog_world)


def test_a_namespace_that_is_gone_is_no_failure(discoveries: Crawls, catalog_world: World) -> None:
    discoveries.hub.script("/v2/namespaces/aaab/", status=404, times=None)

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 0, ended.err
    assert stored(discoveries) == names(catalog_world)
    state = "SELECT state FROM catalog_namespaces WHERE namespace = 'aaab'"
    assert rows(discoveries.database, state) == [("refused",)]


def test_an_unreachable_hub_ends_it(discoveries: Crawls) -> None:
    discoveries.settings["DOCKERHUB_HUB_URL"] = "http://127.0.0.1:1"

    ended = discoveries.run("catalog", alphabet=SIGNS, signed_in=False)

    assert ended.status == 1
    assert "it cannot be reached" in ended.err


NOTHING = {"count": 0, "next": "", "previous": "", "results": []}


def test_searches_that_show_nothing_any_more_are_not_believed(
    discoveries: Crawls, catalog_world: World
) -> None:
    hub = discoveries.hub
    discoveries.when_asked("search", 8, lambda: hub.script("/v2/search/", body=NOTHING, times=None))

    ended = discoveries.run("catalog", alphabet="abcdefgh")

    assert ended.status == 1
    assert "expected hits as before, got none" in ended.err
    longer = "SELECT COUNT(*) FROM catalog WHERE state = 'done' AND length(prefix) > 1"
    assert rows(discoveries.database, longer) == [(0,)]
    assert len(searched(discoveries)) < 45
    hub.clear_script()
    assert discoveries.run("catalog", alphabet="abcdefgh").status == 0
    assert stored(discoveries) == names(catalog_world)


def test_rare_prefixes_have_no_hits_and_are_believed(
    discoveries: Crawls, catalog_world: World
) -> None:
    ended = discoveries.run("catalog", max_requests="110")

    assert ended.status == 0
    empty = "SELECT COUNT(*) FROM catalog WHERE state = 'done' AND hits_said = 0"
    [(count,)] = rows(discoveries.database, empty)
    assert count > 20


def test_no_hits_for_any_letter_are_a_failure(discoveries: Crawls) -> None:
    discoveries.hub.script("/v2/search/", body=NOTHING, times=None)

    ended = discoveries.run("catalog", alphabet=SIGNS)

    assert ended.status == 1
    assert "search: expected hits for some prefix, got none for any" in ended.err
    discoveries.hub.clear_script()
    assert discoveries.run("catalog", alphabet=SIGNS).status == 0
    assert len(searched(discoveries)) > len(SIGNS)


def test_no_hits_for_one_prefix_are_said(discoveries: Crawls) -> None:
    ended = discoveries.run("catalog", prefix="zzzz")

    assert ended.status == 0
    assert "catalog: Docker Hub has no hits for zzzz" in ended.err
