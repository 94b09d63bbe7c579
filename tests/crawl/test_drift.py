"""Lists that change while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

PYTHON = "library/python"


def test_a_tag_that_is_deleted_while_its_list_is_read_is_gone_at_the_end(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_repository(PYTHON, tags=350)
    name = hub_world.tags(PYTHON)[7].name
    crawls.when_asked("tag_list", 1, lambda: hub_world.delete_tag(PYTHON, name))

    ended = crawls.run("tags", repo="python")

    assert ended.status == 0
    # One page again for what may have slipped past, and all once more, as too many rows had come.
    assert crawls.requests() == {"repository": 1, "tag_list": 4 + 1 + 4}
    assert rows(crawls.database, "SELECT name FROM tag WHERE gone_at IS NOT NULL") == [(name,)]
    assert_tags(crawls.database, hub_world, PYTHON)
    assert rows(crawls.database, "SELECT stop_reason, row_count FROM walks") == [("complete", 349)]


def test_a_repository_that_is_deleted_while_its_list_is_read_is_gone_at_the_end(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_namespace("huge", repositories=150, tags=1)
    gone = next(iter(hub_world.repositories("huge"))).full_name
    crawls.when_asked("namespace_list", 1, lambda: hub_world.delete_repository(gone))

    ended = crawls.run("org", org="huge", depth="repositories")

    assert ended.status == 0
    assert crawls.requests() == {"namespace_list": 4}
    found = rows(crawls.database, "SELECT full_name FROM repositories")
    assert sorted(found) == sorted((each.full_name,) for each in hub_world.repositories("huge"))
    lost = "SELECT namespace || '/' || name FROM repository WHERE gone_at IS NOT NULL"
    assert rows(crawls.database, lost) == [(gone,)]
