"""What Docker Hub does not answer as it should: what is said, what is kept, how the crawl ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls, Ended

NGINX = "/v2/namespaces/library/repositories/nginx"
ITSELF = f"{NGINX}$"
TAGS = f"{NGINX}/tags"
AT_ONCE = ("-s", "RETRY_TIMES=0")
GUARD = "<html>Are you a robot?</html>"

GONE = "SELECT (SELECT COUNT(gone_at) FROM tag), (SELECT COUNT(gone_at) FROM repository)"


def said(ended: Ended) -> list[str]:
    """Return the lines of a crawl without the moments in front of them."""
    return [line.partition(" ERROR: ")[2] or line for line in ended.lines]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param({"status": 500, "body": "oops"}, "broken, HTTP 500 from {url}", id="500"),
        pytest.param(
            {"status": 403, "body": {"message": "access denied"}},
            'forbidden, HTTP 403 {{"message": "access denied"}}',
            id="403",
        ),
        pytest.param(
            {"status": 400, "body": {"message": "no"}},
            'refused request, HTTP 400 {{"message": "no"}}',
            id="400",
        ),
        pytest.param({"body": {}}, "broken, HTTP 200 without data from {url}", id="no repository"),
        pytest.param({"body": {"name": 7}}, "broken, $.name: expected `str`, got", id="no name"),
    ],
)
def test_a_named_repository_that_cannot_be_read_fails_the_crawl(
    crawls: Crawls, answer: dict[str, Any], found: str
) -> None:
    crawls.hub.script(ITSELF, times=None, **answer)

    ended = crawls.run("tags", *AT_ONCE, repo="nginx")

    assert ended.status == 1
    found = found.format(url=f"{crawls.hub.url}{NGINX}")
    (line,) = said(ended)
    assert line.startswith(
        f"spider argument repo=library/nginx: expected to read library/nginx, got {found}"
    )
    assert crawls.requests() == {"repository": 1}
    assert rows(crawls.database, GONE) == [(0, 0)]


def test_a_tag_list_that_is_not_there_of_a_repository_that_is(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.script(TAGS, status=404, body={"message": "not found"}, times=None)

    ended = crawls.run("tags", repo="nginx")

    assert ended.status == 0
    assert "ERROR" not in ended.err
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, "SELECT full_name FROM repositories") == [("library/nginx",)]

    crawls.hub.clear_script()
    crawls.run("tags", repo="nginx")
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_known_tags_outlast_a_list_that_is_not_there(crawls: Crawls, hub_world: World) -> None:
    crawls.run("tags", repo="nginx")
    known = rows(crawls.database, "SELECT * FROM tags")
    hub_world.push_tag("library/nginx", "fresh")
    crawls.hub.script(TAGS, status=404, body={"message": "not found"}, times=None)

    ended = crawls.run("tags", repo="nginx", strict="1")

    assert ended.status == 3
    assert "ERROR" not in ended.err
    told = "incomplete  tags of library/nginx: 0 rows: it failed; the next crawl takes it up"
    assert f"  {told} (HTTP 404 for its tags)" in ended.lines
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert rows(crawls.database, "SELECT * FROM tags") == known
    assert crawls.run("tags", repo="nginx").status == 0

    crawls.hub.clear_script()
    assert crawls.run("tags", repo="nginx").status == 0
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_429s_that_ask_for_no_wait_are_answered_with_patience(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.script(TAGS, status=429, headers={"Retry-After": "0"}, times=None)
    over = threading.Timer(2.9, crawls.hub.clear_script)
    crawls.when_asked("tag_list", 1, over.start)

    ended = crawls.run("tags", repo="nginx")

    over.join()
    assert ended.status == 0
    asked = [(each.status, each.at) for each in crawls.hub.journal.of("tag_list")]
    assert [status for status, _ in asked] == [*[429] * (len(asked) - 1), 200]
    assert 3 <= len(asked) < 5
    assert asked[-1][1] - asked[0][1] >= 2.9
    assert f"asked to slow down {len(asked) - 1} times" in ended.err
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_a_guard_against_robots_ends_the_crawl(crawls: Crawls, hub_world: World) -> None:
    crawls.run("org", org="bitnami", depth="repositories")
    crawls.hub.script("/v2/", status=403, body=GUARD, times=None)

    ended = crawls.run("org", org="bitnami", signed_in=False)

    assert (ended.status, said(ended)) == (
        1,
        [
            (
                "Docker Hub: expected answers of its API, got HTTP 403 pages of its guard against"
                " robots, 3 in a row; try later, or from another network"
            )
        ],
    )
    assert crawls.requests() == {"namespace_list": 3}
    assert ended.seconds < 15
    assert rows(crawls.database, GONE) == [(0, 0)]
    ends = rows(crawls.database, "SELECT finish_reason FROM crawls ORDER BY crawl")
    assert ends == [("finished",), ("bot_guard",)]


def test_a_guard_in_mid_crawl_keeps_what_came(crawls: Crawls, hub_world: World) -> None:
    crawls.hub.script(".*/tags", status=403, body=GUARD, times=None)

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 1
    assert ended.err.count("ERROR") == 1
    assert "ended early (bot_guard)" in ended.err
    # Those under way with the third: no more than go at once, and none again.
    assert 3 <= crawls.requests()["tag_list"] <= 16
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(12,)]
    crawls.hub.clear_script()
    assert crawls.run("org", org="bitnami").status == 0
    for repository in hub_world.repositories("bitnami"):
        assert_tags(crawls.database, hub_world, repository.full_name)


def test_what_cannot_be_read_is_asked_for_again_after_a_pause(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.script(TAGS, body={})

    ended = crawls.run("tags", repo="nginx")

    assert (ended.status, "ERROR" in ended.err) == (0, False)
    first, second = crawls.hub.journal.of("tag_list")
    assert 1 <= second.at - first.at <= 3
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_what_cannot_ever_be_read_fails_the_crawl(crawls: Crawls) -> None:
    crawls.hub.script(TAGS, body={"results": 7}, times=None)

    ended = crawls.run("tags", "-s", "RETRY_TIMES=1", repo="nginx")

    assert ended.status == 1
    assert ended.err.count("ERROR") == 1
    assert "WARNING" not in ended.err
    assert "ERROR: spider argument repo=library/nginx: expected to read library/nginx" in ended.err
    assert "$.results: expected `array`, got `int`" in ended.err
    first, second = crawls.hub.journal.of("tag_list")
    assert 1 <= second.at - first.at <= 3
    assert rows(crawls.database, "SELECT stop_reason FROM walks") == [("error",)]


def test_a_token_that_does_not_help_is_not_followed_by_endless_others(crawls: Crawls) -> None:
    # The list is answered, everything else is 401 whatever the token.
    body = {"detail": "Unauthorized"}
    crawls.hub.script(r"^/v2/namespaces/bitnami/repositories/", status=401, body=body, times=None)

    ended = crawls.run("org", org="bitnami", strict="1")

    assert ended.status == 3
    assert "Docker Hub forbids it" in ended.err
    assert len(crawls.hub.journal.of("sign_in")) < 10


def test_rows_of_others_are_not_taken(crawls: Crawls) -> None:
    row = {"name": "redis", "namespace": "evil", "last_updated": None}
    page = {"count": 1, "next": None, "previous": None, "results": [row]}
    crawls.hub.script(r"^/v2/namespaces/bitnami/repositories\?", body=page)

    ended = crawls.run("org", org="bitnami")

    assert 'expected bitnami/..., got "evil/redis"' in ended.err
    assert rows(crawls.database, "SELECT COUNT(*) FROM repository") == [(0,)]


def test_a_list_that_leads_elsewhere_loses_nothing_and_is_told(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.run("org", org="bitnami", depth="repositories")
    first = next(iter(hub_world.repositories("bitnami")))
    row = {"name": first.name, "namespace": "bitnami", "last_updated": first.last_updated}
    page = {"next": "http://evil.example/?page=2", "results": [row]}
    crawls.hub.script(r"^/v2/namespaces/bitnami/repositories\?", body=page)

    ended = crawls.run("org", org="bitnami", depth="repositories", strict="1")

    assert ended.status == 3
    assert "its next link leads elsewhere" in ended.err
    assert rows(crawls.database, GONE) == [(0, 0)]


def test_rows_that_could_not_be_read_are_asked_for_again(crawls: Crawls, hub_world: World) -> None:
    tags = {"count": 2, "next": None, "results": [{"name": "1"}, {"name": 7}]}
    crawls.hub.script(TAGS, body=tags)
    assert crawls.run("tags", repo="nginx", strict="1").status == 3

    ended = crawls.run("tags", repo="nginx", strict="1")

    assert ended.status == 0
    assert_tags(crawls.database, hub_world, "library/nginx")
