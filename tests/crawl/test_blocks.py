"""Blocks: what is answered as if it were not there, or broken, and true 404s among good answers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawl.spiders import (
    GONE,
    REPOS,
    SPIDERS,
    TAGS,
    TOOL,
    Spider,
    fill,
    noes,
)
from tests.crawling import ACCOUNT, Crawls
from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin.guard import Block

UNDER_WAY = 16
FEW_TRIES = ("-s", "RETRY_TIMES=1")
PLANNED = 61
ENDS = "SELECT finish_reason FROM crawls ORDER BY crawl DESC LIMIT 1"


def made() -> World:
    world = World(seed=11)
    fill(world)
    return world


@pytest.fixture
def hub_world() -> World:
    return made()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that the spiders ask for."""
    with StandIn(made(), accounts=ACCOUNT) as hub:
        crawls = Crawls(hub, tmp_path_factory.mktemp("full"))
        assert REPOS.crawl(crawls).status == 0
        return crawls.database


def assert_blocked(crawls: Crawls, ended_err: str) -> None:
    """Assert that a crawl said once that it is blocked, in words and rows, and lost nothing."""
    errors = [line for line in ended_err.splitlines() if " ERROR: " in line]
    assert len(errors) == 1, ended_err
    assert "this address is blocked, or the service is down" in errors[0]
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, ENDS) == [("blocked",)]
    assert noes(crawls.database)["blocked"] >= 1


@pytest.mark.parametrize("mode", ["404", "500"])
@pytest.mark.parametrize("name", SPIDERS)
def test_a_block_from_the_start_loses_nothing(
    crawls: Crawls, hub_world: World, full: Path, name: str, mode: Block
) -> None:
    shutil.copy(full, crawls.database)
    crawls.hub.options.block = mode

    ended = SPIDERS[name].crawl(crawls, *FEW_TRIES)

    assert ended.status == 1
    assert_blocked(crawls, ended.err)
    # One at a time until the first answer, then what was found by it goes on no further.
    begun = 3 if name == "repos" else 1
    assert sum(crawls.requests().values()) <= 2 * begun * (2 if mode == "500" else 1)
    walks = rows(
        crawls.database,
        "SELECT stop_reason FROM walks WHERE started_at >= (SELECT MAX(started_at) FROM crawls)",
    )
    assert walks
    assert set(walks) == {("blocked",)}

    crawls.hub.options.block = None
    assert SPIDERS[name].crawl(crawls, strict="1").status == 0
    REPOS.assert_agrees(crawls.database, hub_world)


@pytest.mark.parametrize(
    ("name", "after", "mode"),
    [
        ("org", 5, "404"),
        ("org", 12, "404"),
        ("org", 20, "500"),
        ("search", 1, "500"),
        ("search", 15, "404"),
        ("repos", 9, "404"),
        ("tags", 2, "404"),
        ("tags", 2, "500"),
        ("named", 2, "404"),
    ],
)
def test_a_block_in_mid_crawl_loses_nothing(
    crawls: Crawls, hub_world: World, name: str, after: int, mode: Block
) -> None:
    # The requests to sign in count, too.
    crawls.hub.options.block_after = after + 1
    crawls.hub.options.block = mode

    ended = SPIDERS[name].crawl(crawls, *FEW_TRIES)

    assert ended.status == 1
    assert_blocked(crawls, ended.err)
    blocked = crawls.hub.journal.faults()["block"]
    # What was under way, and two probes for each; what is broken is asked for once more, and
    # meanwhile the others are tried.
    assert blocked <= (3 * (UNDER_WAY + 1) if mode == "404" else 2 * (PLANNED + UNDER_WAY))
    ((requests,),) = rows(crawls.database, "SELECT requests FROM crawls")
    assert requests == len(crawls.hub.journal.exchanges)

    crawls.hub.options.block = None
    assert SPIDERS[name].crawl(crawls, strict="1").status == 0
    SPIDERS[name].assert_agrees(crawls.database, hub_world)


@pytest.mark.parametrize("after", [3, 9, 18, 25])
def test_a_block_over_a_full_database_loses_nothing(
    crawls: Crawls, hub_world: World, full: Path, after: int
) -> None:
    shutil.copy(full, crawls.database)
    for repository in hub_world.repositories("acme"):
        hub_world.push_tag(repository.full_name, "fresh")
    names = ",".join(one.full_name for one in hub_world.repositories("acme"))
    crawls.hub.options.block_after = after + 1
    crawls.hub.options.block = "404"

    ended = crawls.run("repos", repos=names)

    assert ended.status == 1
    assert_blocked(crawls, ended.err)


def test_true_404s_among_good_answers_are_believed(
    crawls: Crawls, hub_world: World, full: Path
) -> None:
    shutil.copy(full, crawls.database)
    known = [one.full_name for one in hub_world.repositories("acme")]
    lost = {known[3], known[11], known[19]}
    for name in lost:
        hub_world.delete_repository(name)

    ended = crawls.run("repos", repos=",".join(known))

    assert ended.status == 1
    assert all(f"{name} got HTTP 404" in ended.err for name in lost)
    asked = [each.path for each in crawls.hub.journal.of("repository")]
    assert len(known) <= len(asked) <= len(known) + len(lost)
    assert set(crawls.requests()) == {"repository"}
    found = "SELECT namespace || '/' || name FROM repository WHERE gone_at IS NOT NULL"
    assert {name for (name,) in rows(crawls.database, found)} == lost
    REPOS.assert_agrees(crawls.database, hub_world)


def test_a_single_404_costs_a_probe_and_is_believed(
    crawls: Crawls, hub_world: World, full: Path
) -> None:
    shutil.copy(full, crawls.database)
    hub_world.delete_repository(TOOL)

    ended = TAGS.crawl(crawls)

    assert ended.status == 1
    assert f"spider argument repo={TOOL}: expected a repository that is visible" in ended.err
    first, probe = crawls.hub.journal.exchanges[-2:]
    assert first.path == f"/v2/namespaces/{TOOL.replace('/', '/repositories/')}"
    assert probe.path == "/v2/namespaces/library/repositories/alpine"
    assert crawls.requests() == {"repository": 2}
    assert rows(crawls.database, "SELECT name FROM repository WHERE gone_at IS NOT NULL") == [
        ("tool",)
    ]


WIDE = Spider("org", {"org": "wide"}, ("wide",))


def test_a_block_of_the_old_form_too(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace("wide", repositories=30, tags=1, never_pushed=0)
    crawls.hub.options.gone = {"namespaces/repository": "410", "namespaces/tag_list": "410"}
    assert WIDE.crawl(crawls, strict="1").status == 0
    for repository in hub_world.repositories("wide"):
        hub_world.push_tag(repository.full_name)
    crawls.hub.options.block_after, crawls.hub.options.block = 25, "404"

    ended = WIDE.crawl(crawls)

    assert ended.status == 1
    assert_blocked(crawls, ended.err)
    crawls.hub.options.block = None
    assert WIDE.crawl(crawls, strict="1").status == 0
    WIDE.assert_agrees(crawls.database, hub_world)
