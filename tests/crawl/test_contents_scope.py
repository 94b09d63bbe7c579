"""Which contents are asked for: named tags, the newest ones, digests, and only what lacks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.truth import rows
from tests.truth_contents import images_of

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

NAME = "acme/tool"


@pytest.fixture
def tool(crawls: Crawls, hub_world: World) -> Crawls:
    """A repository of 12 tags with 3 sets of 4 images, all of its tags stored."""
    hub_world.add_repository(
        NAME, tags=12, imageless=0, undigested=0, attestations=0, windows=False
    )
    assert crawls.run("tags", repo=NAME).status == 0
    return crawls


def of_tag(world: World, name: str) -> set[str]:
    [tag] = [tag for tag in world.tags(NAME) if tag.name == name]
    return {image.digest for image in tag.images}


def pulled(crawls: Crawls) -> set[str]:
    found = [reference for _, reference in crawls.hub.journal.pulls()]
    assert len(found) == len(set(found))
    return set(found)


def oldest(world: World) -> str:
    return world.tags(NAME)[-1].name


def test_named_tags_bring_their_images_alone(tool: Crawls, hub_world: World) -> None:
    name = oldest(hub_world)
    assert tool.run("tags", repo=f"{NAME}:{name}", depth="configs").status == 0
    assert pulled(tool) == of_tag(hub_world, name)


def test_named_tags_without_a_repository_are_those_of_the_database(
    tool: Crawls, hub_world: World
) -> None:
    name = oldest(hub_world)
    assert tool.run("manifests", tags=name).status == 0
    assert pulled(tool) == of_tag(hub_world, name)


@pytest.mark.parametrize("spider", ["tags", "manifests"])
def test_only_the_newest_tags_bring_their_images(
    tool: Crawls, hub_world: World, spider: str
) -> None:
    assert tool.run(spider, repo=NAME, depth="configs", max_tags="1").status == 0
    newest = max(hub_world.tags(NAME), key=lambda tag: tag.last_updated).name
    assert pulled(tool) == of_tag(hub_world, newest)


def test_digests_are_pulled_once(tool: Crawls, hub_world: World) -> None:
    digests = sorted(of_tag(hub_world, oldest(hub_world)))[:2]
    given = {"repo": NAME, "digests": ",".join(digests)}
    assert tool.run("manifests", **given).status == 0
    assert pulled(tool) == set(digests)
    assert tool.run("manifests", **given).status == 0
    assert pulled(tool) == set()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"repo": f"{NAME}:nope"}, "spider argument tags: expected tags of acme/tool, got nope"),
        ({"repo": NAME, "digests": "sha256:" + "0" * 64}, "spider argument digests: expected"),
    ],
    ids=["tag", "digest"],
)
def test_what_the_user_named_and_nobody_has_fails(
    tool: Crawls, given: dict[str, str], words: str
) -> None:
    ended = tool.run("manifests", **given)
    assert ended.status == 1
    assert words in ended.err


def test_what_one_repository_does_not_show_is_asked_of_another(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_repository(NAME, tags=4, imageless=0, undigested=0, attestations=0)
    assert crawls.run("tags", repo=NAME).status == 0
    with closing(sqlite3.connect(crawls.database)) as connection, connection:
        # A repository that shows the same images, and that the registry does not have.
        connection.execute(
            "INSERT INTO repository (namespace, name, detail_due, first_seen_at, last_seen_at)"
            " SELECT 'aaa', name, 0, first_seen_at, last_seen_at FROM repository"
        )
        connection.execute(
            "INSERT INTO tag (repository_id, name, image_set_id, image_set_seen_at,"
            " first_seen_at, last_seen_at, listed_at, last_updated_at)"
            " SELECT (SELECT id FROM repository WHERE namespace = 'aaa'), name, image_set_id,"
            " image_set_seen_at, first_seen_at, last_seen_at, listed_at, last_updated_at FROM tag"
        )

    ended = crawls.run("manifests", strict="1")
    again = crawls.run("manifests", strict="1")

    assert "the registry does not show it" in ended.err
    stored = rows(crawls.database, "SELECT COUNT(*) FROM manifest WHERE kind = 'image'")
    assert stored == [(len(images_of(hub_world, NAME)),)]
    assert (ended.status, again.status) == (3, 0)


def test_an_image_that_hub_left_out_and_no_pull_was_left_for_comes_later(
    tool: Crawls, hub_world: World
) -> None:
    tag = hub_world.tags(NAME)[0]
    from dockerhub.standin import Limit  # noqa: PLC0415

    tool.hub.options.pull_limit = Limit(10, 3600)
    layers = [
        {
            "os": image.os, "architecture": image.architecture, "variant": image.variant,
            "digest": image.digest, "size": 1,
            "layers": [{"digest": "sha256:" + "a" * 64, "size": 1, "instruction": "ADD"}],
        }
        for image in tag.images[1:]
    ]  # fmt: skip
    tool.hub.script(rf".*{NAME.split('/')[1]}/tags/[^/]*/images", body=layers, times=None)

    ended = tool.run("tags", repo=NAME, depth="layers", strict="1")
    assert ended.status == 3
    tool.hub.clear_script()
    tool.hub.options.pull_limit = None
    assert tool.run("tags", repo=NAME, depth="layers", strict="1").status == 0
    assert tool.run("tags", repo=NAME, depth="layers", strict="1").status == 0

    found = rows(tool.database, "SELECT lower(hex(digest)) FROM manifest")
    assert {f"sha256:{digest}" for (digest,) in found} >= of_tag(hub_world, tag.name)
