from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dockerhub.standin import World


def names(world: World, repository: str = "bitnami/nginx") -> list[str]:
    return [tag.name for tag in world.tags(repository)]


def test_new_tag_is_the_newest_and_moves_the_repository(world: World) -> None:
    before = world.repository("bitnami/nginx")
    change = world.push_tag("bitnami/nginx", "9.9")
    after, tag = world.repository("bitnami/nginx"), world.tags("bitnami/nginx")[0]
    assert (change.kind, change.tag, tag.name) == ("push_tag", "9.9", "9.9")
    assert after.tag_count == before.tag_count + 1
    assert after.last_updated == tag.last_updated > (before.last_updated or "")
    assert after.pull_count > before.pull_count
    assert after.last_modified == before.last_modified


def test_moved_tag_keeps_its_id_and_gets_other_images(world: World) -> None:
    before = world.tag("bitnami/nginx", "latest")
    assert world.push_tag("bitnami/nginx", "latest").kind == "move_tag"
    after = world.tag("bitnami/nginx", "latest")
    assert after.id == before.id
    assert after.digest != before.digest
    assert len(names(world)) == len(set(names(world))) == 40


def test_alias_shows_the_same_images(world: World) -> None:
    world.push_tag("bitnami/nginx", "same", alias_of="latest")
    latest, same = (world.tag("bitnami/nginx", name) for name in ("latest", "same"))
    assert (same.digest, same.images) == (latest.digest, latest.images)
    assert same.last_updated > latest.last_updated


@pytest.mark.parametrize("place", [0, 1, 17, 39])
def test_deleted_tag_is_gone_and_the_others_stay(world: World, place: int) -> None:
    before = names(world)
    world.delete_tag("bitnami/nginx", before[place])
    assert names(world) == before[:place] + before[place + 1 :]
    with pytest.raises(KeyError):
        world.tag("bitnami/nginx", before[place])
    world.push_tag("bitnami/nginx", before[place])
    assert names(world) == [before[place], *before[:place], *before[place + 1 :]]


def test_many_deletions_keep_the_order(world: World) -> None:
    before = names(world, "bitnami/long")
    for name in before[::3]:
        world.delete_tag("bitnami/long", name)
    assert names(world, "bitnami/long") == [n for i, n in enumerate(before) if i % 3]


def test_deletion_leaves_last_updated(world: World) -> None:
    before = world.repository("bitnami/nginx").last_updated
    world.delete_tag("bitnami/nginx", names(world)[0])
    assert world.repository("bitnami/nginx").last_updated == before


def test_created_repository_is_registered_last(world: World) -> None:
    world.create_repository("bitnami/fresh", tags=4)
    last = list(world.repositories("bitnami"))[-1]
    assert (last.name, last.tag_count, names(world, "bitnami/fresh")[0]) == ("fresh", 4, "latest")
    others = [each.date_registered for each in world.repositories("bitnami")]
    assert others == sorted(others)


def test_deleted_repository_is_gone_and_comes_back_as_another(world: World) -> None:
    before = world.repository("bitnami/nginx")
    world.delete_repository("bitnami/nginx")
    assert "nginx" not in [each.name for each in world.repositories("bitnami")]
    world.create_repository("bitnami/nginx")
    assert world.repository("bitnami/nginx").id != before.id


def test_description_moves_last_modified_alone(world: World) -> None:
    before = world.repository("bitnami/nginx")
    world.edit_description("bitnami/nginx", "other words")
    after = world.repository("bitnami/nginx")
    assert after.description == "other words"
    assert (after.last_modified or "") > (before.last_modified or "")
    assert after.last_updated == before.last_updated


def test_pulls_grow(world: World) -> None:
    before = world.repository("bitnami/nginx").pull_count
    world.grow_pulls(2)
    assert world.repository("bitnami/nginx").pull_count == 2 * before


def test_press_says_all_that_it_changed(world: World) -> None:
    before = {
        each.full_name: {tag.name: tag.digest for tag in world.tags(each.full_name)}
        for each in world.repositories()
    }
    changes = world.press(4, namespace="bitnami", pushed=2, created=1)
    told = {change.repository for change in changes if change.repository}
    moved = {
        each.full_name
        for each in world.repositories()
        if {tag.name: tag.digest for tag in world.tags(each.full_name)}
        != before.get(each.full_name)
    }
    assert moved == told
    assert len(told) == 5
    assert all(name.startswith("bitnami/") for name in told)
    for change in changes:
        if change.kind == "delete_tag":
            with pytest.raises(KeyError):
                world.tag(str(change.repository), str(change.tag))


def test_clock_moves_with_changes_only(world: World) -> None:
    start = world.now
    assert str(start) == "2026-09-01 00:00:00+00:00"
    world.grow_pulls()
    assert world.now > start


@pytest.mark.parametrize("call", ["push_tag", "delete_repository"])
def test_unknown_repository_is_a_key_error(world: World, call: str) -> None:
    with pytest.raises(KeyError, match="no/such"):
        getattr(world, call)("no/such")
