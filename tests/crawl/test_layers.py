"""Layers: from Hub without a pull, checked by sample; from the registry once a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.walks.wanted import is_sampled
from tests.truth import assert_tags, rows
from tests.truth_contents import (
    assert_attestations,
    assert_configs,
    assert_layers,
    assert_steps,
    images_of,
)

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls, Ended

REGISTRY_KINDS = ("manifest", "blob", "tag_names", "registry_token", "registry_base", "cdn")
EVIDENCE = "SELECT evidence, COUNT(*) FROM manifest GROUP BY evidence"


@pytest.fixture
def world40(hub_world: World) -> World:
    """40 repositories of 48 tags, 4 names a digest, 4 platforms."""
    hub_world.add_namespace(
        "acme", repositories=40, tags=48, never_pushed=0, imageless=0, undigested=0, windows=False
    )
    return hub_world


@pytest.fixture
def world10(hub_world: World) -> World:
    """10 repositories like those of `world40`."""
    hub_world.add_namespace(
        "acme", repositories=10, tags=48, never_pushed=0, imageless=0, undigested=0, windows=False
    )
    return hub_world


@pytest.fixture
def small(hub_world: World) -> World:
    """6 repositories of 12 tags, some of them with attestations."""
    hub_world.add_namespace(
        "acme", repositories=6, tags=12, never_pushed=0, imageless=0, attestations=0.5
    )
    return hub_world


def crawl(crawls: Crawls, depth: str = "layers", **more: str) -> Ended:
    ended = crawls.run("org", org="acme", depth=depth, **more)
    assert ended.status == 0, ended.err
    return ended


def names(world: World) -> list[str]:
    return [one.full_name for one in world.repositories("acme")]


def image_sets(world: World) -> set[tuple[str, ...]]:
    return {
        tuple(image.digest for image in tag.images)
        for name in names(world)
        for tag in world.tags(name)
    }


def sample(world: World) -> int:
    """Return of how many image sets one image is compared with the registry."""
    keys = {tag.digest for name in names(world) for tag in world.tags(name)}
    return sum(is_sampled(bytes.fromhex((key or "")[7:])) for key in keys)


def images(world: World) -> set[str]:
    return {digest for name in names(world) for digest in images_of(world, name)}


def test_from_hub_each_image_set_costs_one_request_and_the_sample_its_pulls(
    crawls: Crawls, world40: World
) -> None:
    crawl(crawls)

    asked = crawls.requests()
    assert asked["tag_images"] == len(image_sets(world40)) == 480
    assert len(crawls.hub.journal.pulls()) == sample(world40) > 0
    for name in names(world40):
        assert_tags(crawls.database, world40, name)
        assert_layers(crawls.database, world40, name)
    assert_steps(crawls.database, world40, names(world40)[0])
    assert dict(rows(crawls.database, EVIDENCE)) == {
        "hub": len(images(world40)) - sample(world40), "registry": sample(world40),
    }  # fmt: skip

    crawl(crawls)
    assert crawls.requests() == {"namespace_list": 1}


def test_from_the_registry_each_image_costs_one_pull_and_a_repository_one_token(
    crawls: Crawls, world10: World
) -> None:
    crawls.settings = {"DOCKERHUB_LAYERS_FROM": "registry"}

    crawl(crawls)

    pulled = crawls.hub.journal.pulls()
    assert len(pulled) == len(set(pulled)) == len(images(world10))
    assert {reference for _, reference in pulled} == images(world10)
    assert crawls.requests()["registry_token"] <= 10
    assert "tag_images" not in crawls.requests()
    for name in names(world10):
        assert_layers(crawls.database, world10, name)
    assert_steps(crawls.database, world10, names(world10)[0])
    assert rows(crawls.database, EVIDENCE) == [("registry", len(images(world10)))]

    crawl(crawls)
    assert crawls.requests() == {"namespace_list": 1}


def test_configs_and_attestations_come_with_their_subjects(crawls: Crawls, small: World) -> None:
    crawl(crawls, depth="configs")

    for name in names(small):
        assert_layers(crawls.database, small, name)
        assert_steps(crawls.database, small, name)
        assert_configs(crawls.database, small, name)
        assert_attestations(crawls.database, small, name)
    pulled = crawls.hub.journal.pulls()
    assert len(pulled) == len({reference for _, reference in pulled})
    indexes = {
        one.index
        for name in names(small)
        for one in small.digests(name).values()
        if one.attestations
    }
    about = {
        digest
        for name in names(small)
        for one in small.digests(name).values()
        for digest in one.attestations
    }
    assert {reference for _, reference in pulled} == images(small) | indexes | about

    crawl(crawls, depth="configs")
    assert crawls.requests() == {"namespace_list": 1}


def test_layers_that_hub_told_are_proven_when_configs_are_wanted(
    crawls: Crawls, small: World
) -> None:
    crawl(crawls)
    crawl(crawls, depth="configs")

    assert not [row for row in rows(crawls.database, EVIDENCE) if row[0] == "hub"]
    for name in names(small):
        assert_layers(crawls.database, small, name)
        assert_steps(crawls.database, small, name)


def test_only_the_platforms_that_are_asked_for(crawls: Crawls, small: World) -> None:
    crawls.settings = {"DOCKERHUB_LAYERS_FROM": "registry"}
    crawl(crawls, platforms="linux/amd64,linux/arm/v7")

    wanted = {
        image.digest
        for name in names(small)
        for image in images_of(small, name).values()
        if (image.architecture, image.variant) in (("amd64", None), ("arm", "v7"))
        and image.os == "linux"
    }
    assert {reference for _, reference in crawls.hub.journal.pulls()} == wanted


def test_a_lie_of_hubs_turns_its_list_off_for_the_crawl(crawls: Crawls, world40: World) -> None:
    crawls.hub.options.lying_images = 1.0

    ended = crawl(crawls)

    assert "layers come from the registry from now on" in ended.err
    for name in names(world40):
        for stored in rows(crawls.database, "SELECT digest FROM layers WHERE repo_name = ?", name):
            assert stored[0]
    # What was told before the first sample was drawn is Hub's word still, and says so.
    told = dict(rows(crawls.database, EVIDENCE))
    assert told["registry"] > 0
    crawls.hub.options.lying_images = 0.0


def test_where_the_list_is_gone_the_registry_serves(crawls: Crawls, small: World) -> None:
    crawls.hub.options.gone = {"tag_images": "410"}

    ended = crawl(crawls)

    assert "layers come from the registry from now on" in ended.err
    for name in names(small):
        assert_layers(crawls.database, small, name)
    assert rows(crawls.database, EVIDENCE) == [("registry", len(images(small)))]


def test_hub_alone_costs_no_pull_and_asks_no_registry(crawls: Crawls, small: World) -> None:
    crawls.settings = {"DOCKERHUB_LAYERS_FROM": "hub"}

    crawl(crawls)

    assert not set(crawls.requests()) & set(REGISTRY_KINDS)
    for name in names(small):
        assert_layers(crawls.database, small, name)


def test_what_was_pushed_since_costs_what_it_brought(crawls: Crawls, small: World) -> None:
    crawl(crawls)
    small.push_tag(names(small)[0], "fresh")

    crawl(crawls)

    assert crawls.requests()["tag_images"] == 1
    for name in names(small):
        assert_layers(crawls.database, small, name)
