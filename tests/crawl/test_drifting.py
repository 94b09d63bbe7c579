"""A day's story: lists that change while they are read, and are read again, until nobody pushes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Drift, World
from tests.truth import assert_repositories, assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crawling import Crawls

PYTHON = "library/python"
BIG = "big"
TAGS = (
    "SELECT t.name, t.gone_at IS NOT NULL FROM tag AS t"
    " JOIN repository AS r ON r.id = t.repository_id WHERE r.name = 'python'"
)
REPOSITORIES = f"SELECT name, gone_at IS NOT NULL FROM repository WHERE namespace = '{BIG}'"
PUSHES = {"pushed": 1}
ALL = {"pushed": 2, "deleted": 2, "moved": 2}


class LiveWorld(World):
    """A world whose clock is the server's: what is created is no older than its `Date`."""

    def _tick(self) -> int:
        self.version += 1
        self._now = max(self._now + 1, int(time.time() * 1_000_000))
        return self._now


@pytest.fixture
def hub_world() -> World:
    world = LiveWorld(seed=13)
    world.add_repository("library/alpine", tags=3)
    return world


class Story:
    """What there was, what there is, and what the database says of it."""

    def __init__(self, crawls: Crawls, sql: str, names: Callable[[], set[str]]) -> None:
        self._crawls = crawls
        self._sql = sql
        self._names = names
        self._before = self._ever = names()

    def crawl(self, spider: str, drift: Drift | None, **arguments: str) -> None:
        """Crawl while the list drifts, and hold what is stored against what there was."""
        # A new one each time: it is counted anew.
        self._crawls.hub.options.drift = drift
        self._before = self._names()
        changes = len(self._crawls.hub.drifted)
        ended = self._crawls.run(spider, **arguments)
        self._crawls.hub.options.drift = None
        assert ended.status == 0, ended.err
        assert "ERROR" not in ended.err
        assert drift is None or len(self._crawls.hub.drifted) > changes
        created = {change.tag for change in self._crawls.hub.drifted if change.tag}
        created |= {
            change.repository.partition("/")[2]
            for change in self._crawls.hub.drifted
            if change.kind == "create_repository" and change.repository
        }
        self._ever |= self._before | self._names() | created
        self._assert_held(self._crawls.database)

    def _assert_held(self, database: Path) -> None:
        after, found = self._names(), rows(database, self._sql)
        live = {name for name, is_gone in found if not is_gone}
        gone = {name for name, is_gone in found if is_gone}
        assert sorted((self._before & after) - live) == [], "there all the time and not stored"
        assert sorted((live | gone) - self._ever) == [], "stored and was never there"
        assert sorted(gone & after) == [], "gone and is there"


def tags_of(world: World) -> Callable[[], set[str]]:
    # Not world.tags: that makes their images, too.
    return lambda: {entry.name for entry in world.state(PYTHON).tags}


def reasons(crawls: Crawls) -> set[str]:
    return {reason for (reason,) in rows(crawls.database, "SELECT stop_reason FROM walks")}


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize(
    "mix",
    [
        pytest.param({"pushed": 0, "deleted": 1}, id="deleted"),
        pytest.param({"pushed": 0, "deleted": 30}, id="many deleted"),
        pytest.param({"pushed": 1, "deleted": 1}, id="pushed and deleted"),
        pytest.param({"pushed": 0, "moved": 1}, id="moved"),
        pytest.param({"pushed": 0, "moved": 1, "deleted": 1}, id="moved and deleted"),
        pytest.param(ALL, id="all"),
    ],
)
def test_tags_that_drift_in_three_crawls(
    crawls: Crawls, hub_world: World, mix: dict[str, Any], every: int
) -> None:
    hub_world.add_repository(PYTHON, tags=700)
    story = Story(crawls, TAGS, tags_of(hub_world))

    story.crawl("tags", Drift(every=every, repository=PYTHON, **mix), repo="python")
    story.crawl("tags", Drift(every=1, repository=PYTHON, **ALL), repo="python", fresh="1")

    # What was deleted is seen by a walk from end to end alone.
    story.crawl("tags", None, repo="python", fresh="1")
    assert_tags(crawls.database, hub_world, PYTHON)


@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize("pushed", [1, 4])
def test_pushes_cost_three_requests_at_most(
    crawls: Crawls, hub_world: World, every: int, pushed: int
) -> None:
    hub_world.add_repository(PYTHON, tags=700)
    story = Story(crawls, TAGS, tags_of(hub_world))

    story.crawl("tags", Drift(every=every, repository=PYTHON, pushed=pushed), repo="python")

    assert reasons(crawls) == {"complete"}
    assert crawls.requests()["tag_list"] <= 7 + 3
    # The next one, without an end of the pushes, reads only what is new.
    story.crawl("tags", Drift(every=1, repository=PYTHON, pushed=pushed), repo="python")
    assert crawls.requests()["tag_list"] <= 2
    story.crawl("tags", None, repo="python")
    assert_tags(crawls.database, hub_world, PYTHON)


def test_a_day_of_4000_tags(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=4000)
    story = Story(crawls, TAGS, tags_of(hub_world))

    story.crawl("tags", Drift(every=2, repository=PYTHON, **ALL), repo="python")
    assert crawls.requests()["tag_list"] <= 2 * (40 + 30)
    story.crawl("tags", Drift(every=1, repository=PYTHON, **ALL), repo="python")
    story.crawl("tags", None, repo="python", fresh="1")
    assert_tags(crawls.database, hub_world, PYTHON)


def test_pushes_to_4000_tags(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=4000)
    story = Story(crawls, TAGS, tags_of(hub_world))

    story.crawl("tags", Drift(every=1, repository=PYTHON), repo="python")

    assert reasons(crawls) == {"complete"}
    assert crawls.requests()["tag_list"] <= 40 + 3
    story.crawl("tags", None, repo="python")
    assert_tags(crawls.database, hub_world, PYTHON)


def test_the_list_that_is_read_anonymously_drifts_too(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository(PYTHON, tags=700)
    names = tags_of(hub_world)
    before = names()
    crawls.hub.options.drift = Drift(every=1, repository=PYTHON, **ALL)

    ended = crawls.run("tags", signed_in=False, repo="python")

    assert ended.status == 0
    found = rows(crawls.database, TAGS)
    assert {name for name, _ in found} >= before & names()
    assert not {name for name, is_gone in found if is_gone} & names()
    crawls.hub.options.drift = None
    crawls.run("tags", signed_in=False, repo="python", fresh="1")
    assert_tags(crawls.database, hub_world, PYTHON)


@pytest.mark.parametrize(
    "mix",
    [
        pytest.param({"created": 1}, id="created"),
        pytest.param({"removed": 1}, id="removed"),
        pytest.param({"removed": 7}, id="many removed"),
        pytest.param({"created": 1, "removed": 1}, id="both"),
        pytest.param({"created": 2, "removed": 1}, id="more created"),
    ],
)
def test_repositories_that_drift(crawls: Crawls, hub_world: World, mix: dict[str, int]) -> None:
    hub_world.add_namespace(BIG, repositories=350, tags=1)
    story = Story(crawls, REPOSITORIES, lambda: {r.name for r in hub_world.repositories(BIG)})
    shallow = {"org": BIG, "depth": "repositories"}

    story.crawl("org", Drift(every=1, namespace=BIG, pushed=0, **mix), **shallow)
    assert crawls.requests()["namespace_list"] <= 2 * (4 + 4)
    story.crawl("org", Drift(every=2, namespace=BIG, pushed=0, **mix), **shallow)

    story.crawl("org", None, **shallow)
    # Twice, with pages that overlap, if the last one was created in the second in which it begins.
    pages = -(-len(list(hub_world.repositories(BIG))) // 100)
    assert crawls.requests()["namespace_list"] in {pages, 2 * pages, 2 * pages + 1}
    found = rows(crawls.database, "SELECT name FROM repositories ORDER BY name")
    assert found == sorted((one.name,) for one in hub_world.repositories(BIG))


def test_an_organisation_with_all_its_tags_drifts(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace(BIG, repositories=24, tags=130)
    story = Story(crawls, REPOSITORIES, lambda: {r.name for r in hub_world.repositories(BIG)})
    drift = {"namespace": BIG, "created": 1, "removed": 1, **ALL}

    story.crawl("org", Drift(every=5, **drift), org=BIG)
    story.crawl("org", Drift(every=5, **drift), org=BIG, fresh="1")

    story.crawl("org", None, org=BIG, fresh="1")
    assert_repositories(crawls.database, hub_world, BIG)
    for repository in hub_world.repositories(BIG):
        assert_tags(crawls.database, hub_world, repository.full_name)


@pytest.mark.parametrize(
    "mix", [pytest.param({"removed": 1}, id="removed"), pytest.param({"created": 1}, id="created")]
)
def test_hits_that_drift(crawls: Crawls, hub_world: World, mix: dict[str, int]) -> None:
    hub_world.add_namespace(BIG, repositories=350, tags=1)
    story = Story(crawls, REPOSITORIES, lambda: {r.name for r in hub_world.repositories(BIG)})
    shallow = {"query": BIG, "depth": "repositories"}

    story.crawl("search", Drift(every=1, namespace=BIG, pushed=0, **mix), **shallow)

    # What a search does not show is not gone by that.
    assert rows(crawls.database, "SELECT COUNT(gone_at) FROM repository") == [(0,)]
    story.crawl("search", None, **shallow)
    found = {name for (name,) in rows(crawls.database, "SELECT name FROM repositories")}
    assert found >= {one.name for one in hub_world.repositories(BIG)}
