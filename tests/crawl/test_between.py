"""Crawls of only some tags between two of all: the next one of all misses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

PYTHON = "library/python"


def crawled_and_pushed(crawls: Crawls, world: World) -> None:
    """Crawl a repository of 600 tags, then push 300 of them: one half new, one half moved."""
    world.add_repository(PYTHON, tags=600)
    assert crawls.run("tags", repo="python").status == 0
    old = [tag.name for tag in world.tags(PYTHON)]
    for number in range(150):
        world.push_tag(PYTHON, f"new-{number}")
        world.push_tag(PYTHON, old[3 * number])


def assert_plain_crawl_is_whole(crawls: Crawls, world: World, pages: int) -> None:
    ended = crawls.run("tags", repo="python")

    assert ended.status == 0, ended.err
    assert crawls.requests() == {"repository": 1, "tag_list": pages}
    assert_tags(crawls.database, world, PYTHON)
    ends = "SELECT stop_reason FROM walk WHERE arguments = '' AND signed_in ORDER BY started_at"
    assert rows(crawls.database, ends)[0] == ("complete",)


def test_the_newest_alone(crawls: Crawls, hub_world: World) -> None:
    crawled_and_pushed(crawls, hub_world)
    assert crawls.run("tags", repo="python", max_tags="100").status == 0
    assert crawls.requests() == {"repository": 1, "tag_list": 1}

    # Three pages of what was pushed, and one that is as it was.
    assert_plain_crawl_is_whole(crawls, hub_world, 4)


def test_all_of_them_by_somebody_else(crawls: Crawls, hub_world: World) -> None:
    crawled_and_pushed(crawls, hub_world)
    assert crawls.run("tags", repo="python", signed_in=False).status == 0

    # What another caller was shown says nothing of what this one is: 8 pages for 750 tags.
    assert_plain_crawl_is_whole(crawls, hub_world, 8)


def test_one_by_its_name(crawls: Crawls, hub_world: World) -> None:
    crawled_and_pushed(crawls, hub_world)
    # The last of the first page, by which a walk tells whether it meets what it knows.
    name = hub_world.tags(PYTHON)[99].name
    assert crawls.run("tags", repo="python", tags=name).status == 0
    assert crawls.requests() == {"repository": 1, "tag": 1}

    assert_plain_crawl_is_whole(crawls, hub_world, 4)
