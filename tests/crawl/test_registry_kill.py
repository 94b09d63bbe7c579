"""A crawl of contents that is killed: nothing is lost, nothing double, and little is paid twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import World
from tests.crawl.contents import assert_contents, manifests, truth
from tests.crawling import SIGNED_IN, Crawls, environment, services, started
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import Exchange

VIEWS = (
    *("repositories", "tags", "images", "manifests", "layers", "build_steps", "configs"),
    *("labels", "attestations", "packages", "base_images"),
)
MOMENTS = {"scraped_at", "first_seen_at"}
# Answers that may be under way, and answers that are not stored yet.
MOST_REPEATED = 32


@pytest.fixture
def hub_world() -> World:
    world = World(seed=37)
    world.add_namespace("acme", repositories=6, tags=6, never_pushed=0)
    return world


def killed(crawls: Crawls, arguments: tuple[str, ...], after: int) -> set[str]:
    """Kill a crawl once so many manifests were answered; return what it was answered in all."""
    journal = crawls.hub.journal
    journal.clear()
    env = environment(crawls.hub.url, crawls.database, services(crawls.hub) | SIGNED_IN)
    with started("crawl", *arguments, env=env, cwd=crawls.folder) as crawl:
        deadline = time.monotonic() + 60
        while len(journal.pulls()) < after:
            assert time.monotonic() < deadline
            assert crawl.poll() is None, "it came to its end"
            time.sleep(0.001)
        crawl.kill()
    # What was under way is answered all the same.
    count = -1
    while count != (count := len(journal.exchanges)):
        time.sleep(0.2)
    pulls = [digest for _, digest in journal.pulls()]
    assert len(set(pulls)) == len(pulls)
    return set(pulls)


def shown(database: Path) -> dict[str, list[Any]]:
    """Return what every view shows, but for the moments in which it was read."""
    found = {}
    for view in VIEWS:
        names = [row[1] for row in rows(database, f"PRAGMA table_info({view})")]
        kept = ", ".join(name for name in names if name not in MOMENTS)
        found[view] = sorted(rows(database, f"SELECT {kept} FROM {view}"), key=repr)
    return found


def test_killed_again_and_again_it_has_all_in_the_end(
    crawls: Crawls, hub_world: World, tmp_path: Path
) -> None:
    arguments = ("org", "-a", "org=acme", "-a", "depth=configs")
    record = crawls.hub.journal.record

    def slowly(exchange: Exchange) -> None:
        time.sleep(0.004)
        record(exchange)

    crawls.hub.journal.record = slowly  # type: ignore[method-assign]
    paid: set[str] = set()
    repeated: list[int] = []
    stored: set[str] = set()
    for after in (3, 24, 17):
        pulls = killed(crawls, arguments, after)
        assert pulls & stored == set()
        repeated.append(len(pulls & paid))
        paid |= pulls
        stored = set(manifests(crawls.database))
    crawls.hub.journal.record = record  # type: ignore[method-assign]
    left = {row[0] for row in rows(crawls.database, "SELECT digest FROM configs")}

    ended = crawls.run("org", org="acme", depth="configs", strict="1")

    assert ended.status == 0, ended.err
    pulls = {digest for _, digest in crawls.hub.journal.pulls()}
    assert pulls & stored == set()
    repeated.append(len(pulls & paid))
    assert max(repeated) <= MOST_REPEATED
    asked = {each.reference for each in crawls.hub.journal.of("blob")}
    assert asked & left == set()
    names = [one.full_name for one in hub_world.repositories("acme")]
    for name in names:
        assert_tags(crawls.database, hub_world, name)
    assert_contents(crawls.database, [truth(hub_world, name) for name in names], from_hub=True)
    other = tmp_path / "undisturbed"
    other.mkdir()
    undisturbed = Crawls(crawls.hub, other)
    assert undisturbed.run("org", org="acme", depth="configs", strict="1").status == 0
    assert shown(crawls.database) == shown(undisturbed.database)
    # Nothing is left to ask for.
    assert crawls.run("org", org="acme", depth="configs", strict="1").status == 0
    assert crawls.requests() == {"namespace_list": 1}
