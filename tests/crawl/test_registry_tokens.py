"""Tokens of the registry: renewed in time, and asked for seldom."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.contents import assert_contents, truth
from tests.crawl.hostile import assert_harmless, errors
from tests.crawl.hostile_registry import TOOL, read
from tests.crawl.spiders import assert_no_secret, stats
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin import Exchange
    from tests.crawling import Crawls


MANY = ("-s", "CONCURRENT_REQUESTS=32", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=32")


@pytest.fixture
def hub_world() -> World:
    world = World(seed=29)
    world.add_repository(TOOL, tags=14, names_per_digest=1, platforms=3, windows=False)
    world.add_namespace("acme", repositories=5, tags=4, never_pushed=0)
    return world


def slow(crawls: Crawls, seconds: float) -> None:
    """Let every answer take so long, one after the other."""
    record = crawls.hub.journal.record

    def recorded(exchange: Exchange) -> None:
        time.sleep(seconds)
        record(exchange)

    crawls.hub.journal.record = recorded  # type: ignore[method-assign]


def repositories(world: World, namespace: str = "acme") -> list[str]:
    return [one.full_name for one in world.repositories(namespace)]


def test_a_token_that_lives_two_seconds_loses_nothing(crawls: Crawls, hub_world: World) -> None:
    crawls.hub.options.registry_token_seconds = 2
    slow(crawls, 0.025)

    ended = read(crawls, *MANY, strict="1")

    assert ended.status == 0
    assert_contents(crawls.database, [truth(hub_world, TOOL)])
    exchanges = crawls.hub.journal.exchanges
    lives = (exchanges[-1].at - exchanges[0].at) / 2
    assert lives > 2
    # One more for the repository at which the limit of pulls is looked up.
    assert len(crawls.hub.journal.of("registry_token")) <= lives + 2
    # Those under way when it ended are refused once.
    late = [each for each in exchanges if each.token == "expired"]
    assert 0 < len(late) <= 32 * (lives + 1)
    assert len(crawls.hub.journal.pulls()) == len(set(crawls.hub.journal.pulls()))


def test_tokens_of_many_repositories_are_few(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_namespace("huge", repositories=24, tags=1, never_pushed=0, platforms=1)

    ended = crawls.run("org", *MANY, org="huge", depth="configs", strict="1")

    assert ended.status == 0
    truths = [truth(hub_world, name) for name in repositories(hub_world, "huge")]
    assert_contents(crawls.database, truths, from_hub=True)
    asked = crawls.hub.journal.of("registry_token")
    # Several in one request as a rule; one for the limit of pulls.
    assert len(asked) <= 24 + 1
    assert stats(crawls.database)["dockerhub/registry_tokens"] == len(asked) - 1


@pytest.mark.parametrize(("kind", "times"), [("manifest", 5), ("manifest", 50), ("blob", 20)])
def test_tokens_that_all_end_at_once_are_had_anew(
    crawls: Crawls, hub_world: World, kind: str, times: int
) -> None:
    crawls.when_asked(kind, times, crawls.hub.expire_tokens)

    ended = read(crawls, *MANY, strict="1")

    assert ended.status == 0
    assert_contents(crawls.database, [truth(hub_world, TOOL)])
    assert len(crawls.hub.journal.of("registry_token")) <= 3
    assert crawls.hub.journal.statuses()[401] <= 1 + 32
    assert len(crawls.hub.journal.pulls()) == len(set(crawls.hub.journal.pulls()))


def test_tokens_of_all_services_end_at_once(crawls: Crawls, hub_world: World) -> None:
    crawls.when_asked("manifest", 20, crawls.hub.expire_tokens)

    ended = crawls.run("org", *MANY, org="acme", depth="configs", strict="1")

    assert ended.status == 0
    assert_no_secret(crawls, ended)
    names = repositories(hub_world)
    for name in names:
        assert_tags(crawls.database, hub_world, name)
    assert_contents(crawls.database, [truth(hub_world, name) for name in names], from_hub=True)
    assert len(crawls.hub.journal.of("registry_token")) <= 2 * len(names) + 1


def hide(crawls: Crawls, world: World, name: str) -> None:
    crawls.hub.options.hidden = frozenset({name})


def delete(crawls: Crawls, world: World, name: str) -> None:
    world.delete_repository(name)


@pytest.mark.parametrize("vanish", [hide, delete])
def test_a_repository_that_the_registry_does_not_show_costs_the_others_nothing(
    crawls: Crawls, hub_world: World, vanish: Callable[[Crawls, World, str], None]
) -> None:
    """Docker Hub has listed it, and then it is private, or gone, before the registry is asked."""
    lost, *others = repositories(hub_world)
    tags = {tag.name for tag in hub_world.tags(lost)}
    images = {image.digest for tag in hub_world.tags(lost) for image in tag.images}
    truths = [truth(hub_world, name) for name in others]
    crawls.when_asked("registry_base", 1, lambda: vanish(crawls, hub_world, lost))

    ended = crawls.run("org", org="acme", depth="configs")

    assert ended.status == 0
    assert_harmless(ended)
    assert f"{lost}@" in ended.err
    assert "the registry does not show it" in ended.err
    assert_contents(crawls.database, truths, from_hub=True)
    stored = rows(crawls.database, "SELECT tag_name FROM tags WHERE repo_name = ?", lost)
    assert {name for (name,) in stored} == tags
    refused = [
        each
        for each in crawls.hub.journal.exchanges
        if each.repository == lost or f"/{lost}/manifests" in each.path
    ]
    assert {each.status for each in refused} == {401}
    assert len(refused) <= len(images) + len(tags)
    assert len(crawls.hub.journal.of("registry_token")) <= 6


def test_a_repository_that_nobody_sees_is_asked_for_once(crawls: Crawls) -> None:
    crawls.hub.options.hidden = frozenset({TOOL})

    ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    assert f"spider argument repo={TOOL}: expected a repository that is visible" in line
    assert "(there is none of that name, or it is private)" in line
    assert crawls.requests() == {"registry_base": 1, "registry_token": 1, "tag_names": 1}
