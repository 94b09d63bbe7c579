"""What a repository holds, while the world changes."""

from __future__ import annotations

import sys
import time
from hashlib import sha256

import pytest

from dockerhub.standin import PLAIN, World

ODD = dict.fromkeys(("attestations", "imageless"), 0.5)


def test_worlds_built_alike_hold_the_same() -> None:
    worlds = World(5), World(5)
    for world in worlds:
        world.add_namespace("a", 4, 40)
        world.press()
        world.push_tag("a/nginx", "new")
    first, second = worlds
    for each in first.repositories():
        digests = first.digests(each.full_name)
        assert digests == second.digests(each.full_name)
        for found in digests.values():
            assert first.manifest_bytes(each.full_name, found.tag) == second.manifest_bytes(
                each.full_name, found.tag
            )


def test_another_seed_holds_something_else() -> None:
    tags = set()
    for seed in range(3):
        world = World(seed)
        world.add_repository("a/b", 4)
        tags.add(world.digests("a/b")["latest"].tag)
    assert len(tags) == 3


def test_pushes_after_the_first_ask_are_found() -> None:
    world = World()
    world.add_repository("a/b", 40, attestations=0.5)
    world.manifest_bytes("a/b", world.digests("a/b")["latest"].tag)
    for place in range(5):
        world.push_tag("a/b", f"new-{place}")
        found = world.digests("a/b")[f"new-{place}"]
        for digest in (found.tag, *found.images, *found.attestations):
            body, _ = world.manifest_bytes("a/b", digest)
            assert f"sha256:{sha256(body).hexdigest()}" == digest
        for digest in found.configs:
            assert world.blob_bytes("a/b", digest)


@pytest.mark.parametrize("asked_before", [True, False])
def test_what_a_tag_left_is_still_there_by_digest(asked_before: bool) -> None:
    world = World()
    world.add_repository("a/b", 40)
    first = world.digests("a/b")["latest"]
    if asked_before:
        world.manifest_bytes("a/b", first.tag)
    world.push_tag("a/b", "latest")
    second = world.digests("a/b")["latest"]
    world.push_tag("a/b", "latest")
    world.delete_tag("a/b", "latest")
    for digest in (first.tag, *first.images, second.tag, *second.images):
        assert world.manifest_bytes("a/b", digest)[0]
    with pytest.raises(KeyError):
        world.manifest_bytes("a/b", "latest")


def test_an_alias_leads_to_the_same() -> None:
    world = World()
    world.add_repository("a/b", 8)
    world.push_tag("a/b", "alias", alias_of="latest")
    digests = world.digests("a/b")
    assert digests["alias"] == digests["latest"]


def test_a_repository_made_anew_holds_nothing_of_the_old_one() -> None:
    world = World()
    world.add_repository("a/b", 8)
    old = world.digests("a/b")["latest"].tag
    world.manifest_bytes("a/b", old)
    world.delete_repository("a/b")
    with pytest.raises(KeyError):
        world.manifest_bytes("a/b", old)
    world.create_repository("a/b", 2)
    with pytest.raises(KeyError):
        world.manifest_bytes("a/b", old)
    assert world.digests("a/b")["latest"].tag != old


def test_every_generated_digest_is_found_whatever_the_shape() -> None:
    world = World()
    world.add_repository("a/b", 100, names_per_digest=1, platforms=2, **ODD)
    for found in world.digests("a/b").values():
        for digest in (found.tag, *found.images, *found.attestations):
            assert world.manifest_bytes("a/b", digest)[0]
    seen = {found.tag for found in world.digests("a/b").values()}
    assert len(seen) == 100


def test_a_million_tags_hold_nothing_until_asked_for() -> None:
    world = World()
    started = time.perf_counter()
    world.add_namespace("big", 2500, 400, never_pushed=0)
    world.manifest_bytes("big/nginx", "latest")
    assert time.perf_counter() - started < 5
    state = world.state("big/redis")
    assert state.holdings._index is None


def test_a_digest_costs_eight_bytes() -> None:
    world = World()
    world.add_repository("a/b", 4000, platforms=4, **PLAIN)
    world.manifest_bytes("a/b", world.digests("a/b")["latest"].tag)
    index = world.state("a/b").holdings._index
    assert index is not None
    # An index, four manifests and four configs for each of a thousand pushes.
    assert len(index) == 9000
    assert sys.getsizeof(index) < 9000 * 8 + 200
