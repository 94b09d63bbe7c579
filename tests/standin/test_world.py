from __future__ import annotations

import time
from itertools import pairwise

import pytest

from dockerhub.standin import PLAIN, World


def every_tag(world: World) -> list[object]:
    return [tag for each in world.repositories() for tag in world.tags(each.full_name)]


def test_same_seed_and_calls_give_the_same_world(world: World) -> None:
    again = World(seed=7)
    again.add_namespace("bitnami", repositories=24, tags=40)
    again.add_namespace("library", repositories=6, tags=30)
    again.add_repository("bitnami/long", tags=1250)
    assert world.press() == again.press()
    assert list(world.repositories()) == list(again.repositories())
    assert every_tag(world) == every_tag(again)


def test_another_seed_gives_another_world() -> None:
    first, second = World(1), World(2)
    for each in (first, second):
        each.add_repository("a/b", 4)
    assert first.tag("a/b", "latest").digest != second.tag("a/b", "latest").digest


def test_counts_are_as_asked(world: World) -> None:
    assert world.namespaces() == ["bitnami", "library"]
    assert world.counts() == {
        "namespaces": 2,
        "repositories": 31,
        "tags": 23 * 40 + 6 * 30 + 1250,
    }


@pytest.mark.parametrize("tags", [[3, 0, 5], lambda place: (3, 0, 5)[place]])
def test_tag_counts_may_be_said_one_by_one(tags: object) -> None:
    world = World()
    world.add_namespace("a", 3, tags)  # type: ignore[arg-type]
    assert [each.tag_count for each in world.repositories("a")] == [3, 0, 5]


def test_tags_are_newest_first_with_distinct_names_ids_and_moments(world: World) -> None:
    tags = world.tags("bitnami/long")
    assert len({tag.name for tag in tags}) == len(tags) == 1250
    moments = [tag.last_updated for tag in tags]
    assert all(a[:19] >= b[:19] for a, b in pairwise(moments))
    for first, second in pairwise(tags):
        if first.last_updated == second.last_updated:
            assert first.images == second.images
    assert [world.tag("bitnami/long", tag.name) for tag in tags] == tags


def test_newest_tag_dates_the_repository(world: World) -> None:
    for each in world.repositories():
        tags = world.tags(each.full_name)
        assert each.last_updated == (tags[0].last_updated if tags else None)
        assert not tags or each.date_registered < tags[-1].last_updated


def test_several_names_share_one_digest_and_image_list(world: World) -> None:
    tags = [tag for tag in world.tags("bitnami/long") if tag.digest]
    digests = {tag.digest for tag in tags}
    assert len(digests) == pytest.approx(len(tags) / 4, abs=1)
    for digest in digests:
        assert len({tag.images for tag in tags if tag.digest == digest}) == 1


def test_platforms_are_as_many_as_asked() -> None:
    world = World()
    world.add_repository("a/plain", 8, platforms=7, **PLAIN)
    world.add_repository("a/windows", 8, platforms=1, windows=True, attestations=0, imageless=0)
    plain, windows = world.tags("a/plain")[0], world.tags("a/windows")[0]
    assert [image.architecture for image in plain.images] == [
        *("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64")
    ]
    assert [(image.os, bool(image.os_version)) for image in windows.images] == [
        ("linux", False),
        ("windows", True),
        ("windows", True),
    ]


def test_single_platform_tag_carries_the_manifests_own_digest() -> None:
    world = World()
    world.add_repository("a/one", 4, platforms=1, **PLAIN)
    tag = world.tags("a/one")[0]
    assert tag.digest == tag.images[0].digest
    media_types = {each.media_type for each in world.tags("a/one")}
    assert media_types <= {
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
    }


def test_every_oddity_occurs(world: World) -> None:
    repositories = list(world.repositories("bitnami"))
    assert any(each.pull_count > 2**32 for each in repositories)
    assert any(each.repository_type is None for each in repositories)
    assert any(None in each.media_types for each in repositories)
    assert any(each.status_description == "archived" and each.status == 6 for each in repositories)
    assert any(each.last_updated is None and each.tag_count == 0 for each in repositories)
    assert any(each.full_description is None for each in repositories)
    assert any(each.immutable_tags_enabled for each in repositories)
    migrated = [each.last_modified == "2024-10-16T13:48:34.145251Z" for each in repositories]
    assert sum(migrated) > len(migrated) / 2
    tags = world.tags("bitnami/long")
    images = [image for tag in tags for image in tag.images]
    assert any(tag.digest is None and tag.full_size == 0 for tag in tags)
    assert any(tag.media_type is None for tag in tags)
    assert any(tag.images == () for tag in tags)
    assert any(image.is_attestation for image in images)
    assert {tag.tag_status for tag in tags} == {"active", "inactive"}
    assert any(tag.tag_last_pushed is None for tag in tags)
    pulled = [image.last_pulled for image in images if not image.is_attestation]
    assert None in pulled
    assert max(len(text or "") for text in pulled) == len("2026-01-09T19:20:49.733138382Z")
    assert any(image.last_pushed and "." not in image.last_pushed for image in images)


def test_layers_add_up_and_base_layers_are_shared(world: World) -> None:
    images = {
        image.digest: image
        for name in ("bitnami/nginx", "bitnami/redis", "library/redis", "bitnami/long")
        for tag in world.tags(name)
        for image in tag.images
        if not image.is_attestation
    }
    owners: dict[str, set[str]] = {}
    for image in images.values():
        layers = world.layers(image)
        assert sum(layer.size for layer in layers) == image.size
        assert any(layer.digest is None and layer.size == 0 for layer in layers)
        for layer in layers:
            if layer.digest:
                owners.setdefault(layer.digest, set()).add(image.digest)
    shared = [len(found) for found in owners.values() if len(found) > 1]
    assert shared
    assert len(shared) < len(owners) / 2


def test_search_finds_names_and_descriptions_official_first(world: World) -> None:
    found = [state.full_name for state in world.search("redis")]
    assert found[0] == "library/redis"
    assert "bitnami/redis" in found
    assert len(world.search("built by BITNAMI")) > 10
    assert world.search("") == world.search("no-such-thing") == []
    world.create_repository("acme/redis-new")
    assert "acme/redis-new" in [state.full_name for state in world.search("redis")]


def test_a_million_tags_cost_nothing_until_asked_for() -> None:
    world = World()
    started = time.perf_counter()
    world.add_namespace("big", 2500, 400, never_pushed=0)
    assert world.counts()["tags"] == 1_000_000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("name", ["nginx", "a/b/c", "/b", "a/"])
def test_names_what_is_no_repository(name: str) -> None:
    with pytest.raises(ValueError, match="expected namespace/name"):
        World().add_repository(name)


@pytest.mark.parametrize("shape", [{"platforms": 8}, {"platforms": 0}, {"names_per_digest": 0}])
def test_refuses_impossible_shapes(shape: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected 1"):
        World().add_repository("a/b", 4, **shape)  # type: ignore[arg-type]
