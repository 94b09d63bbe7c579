from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def test_2400_tags_of_one_repository(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository("library/python", tags=2400)

    ended = crawls.run("tags", repo="python")

    assert ended.status == 0
    assert crawls.requests() == {"repository": 1, "tag_list": 24}
    assert_tags(crawls.database, hub_world, "library/python")


@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        pytest.param({"repo": "nginx", "tags": "latest"}, {"tag": 1}, id="a name"),
        pytest.param({"repo": "docker.io/library/nginx:latest"}, {"tag": 1}, id="in the image"),
        pytest.param(
            {"repo": "nginx", "tags": "latest,missing"},
            {"tag": 2, "repository": 2},
            id="one is missing",
        ),
        pytest.param({"repo": "nginx", "tags": "lat*"}, {"tag_list": 1}, id="a pattern"),
    ],
)
def test_tags_by_name_or_pattern(
    crawls: Crawls, arguments: dict[str, str], requests: dict[str, int]
) -> None:
    ended = crawls.run("tags", **arguments)

    assert ended.status == 0
    assert crawls.requests() == {"repository": 1} | requests
    assert rows(crawls.database, "SELECT tag_name FROM tags") == [("latest",)]
    crawls.run("tags", **arguments)
    assert crawls.requests() == {"repository": 1}


def test_max_tags_takes_the_newest_and_says_that_it_stopped(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.run("tags", repo="nginx", max_tags="7")

    newest = sorted(tag.name for tag in hub_world.tags("library/nginx")[:7])
    assert sorted(rows(crawls.database, "SELECT tag_name FROM tags")) == [(n,) for n in newest]
    assert rows(crawls.database, "SELECT stop_reason, row_count, expected_count FROM walks") == [
        ("max_tags", 7, 30)
    ]


def test_a_tag_that_vanished_is_gone_when_it_is_asked_for(crawls: Crawls, hub_world: World) -> None:
    crawls.run("tags", repo="nginx")
    name = hub_world.tags("library/nginx")[3].name
    hub_world.delete_tag("library/nginx", name)

    crawls.run("tags", repo="nginx", tags=name)

    assert rows(crawls.database, "SELECT name FROM tag WHERE gone_at IS NOT NULL") == [(name,)]


def test_a_repository_that_is_not_there(crawls: Crawls) -> None:
    ended = crawls.run("tags", repo="nosuch/thing")

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert ended.err.rstrip().endswith(
        "spider argument repo=nosuch/thing: expected a repository that is visible, got HTTP 404"
        " (there is none of that name, or it is private)"
    )


def test_a_named_tag_that_cannot_be_read_keeps_no_other_from_being_read(
    crawls: Crawls, hub_world: World
) -> None:
    first, second, third = (tag.name for tag in hub_world.tags("library/nginx")[:3])
    path = f"/v2/namespaces/library/repositories/nginx/tags/{first}$"
    crawls.hub.script(path, status=403, body={"message": "no"}, times=None)
    names = f"{first},{second},{third}"

    ended = crawls.run("tags", repo="nginx", tags=names)

    assert ended.status == 1
    assert "got forbidden, HTTP 403" in ended.err
    stored = rows(crawls.database, "SELECT tag_name FROM tags")
    assert sorted(stored) == sorted([(second,), (third,)])
    ends = rows(crawls.database, "SELECT stop_reason, refused_count FROM walks")
    assert ends == [("error", 1)]

    crawls.hub.clear_script()
    assert crawls.run("tags", repo="nginx", tags=names).status == 0
    assert rows(crawls.database, "SELECT COUNT(*) FROM tags") == [(3,)]
