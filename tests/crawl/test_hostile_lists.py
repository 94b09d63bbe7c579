"""Lists and answers that mean harm: links that lead elsewhere, lists without an end."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import World
from tests.crawl.hostile import (
    assert_harmless,
    errors,
    evil_host,
    names,
    page,
    text_of,
)
from tests.crawl.spiders import GONE
from tests.truth import rows

if TYPE_CHECKING:
    from tests.crawling import Crawls, Ended

TAGS = "/v2/namespaces/solo/repositories/tool/tags"
TAG_NAMES = "SELECT name FROM tag"
ONE_TRY = ("-s", "RETRY_TIMES=1")
BIG_NUMBER = "=1e400="
DEEP = "[" * 10_000 + "]" * 10_000
ROW = '{"name":"ok"}'


@pytest.fixture
def hub_world() -> World:
    world = World(seed=17)
    world.add_repository("library/alpine", tags=3)
    world.add_repository("solo/tool", tags=3)
    world.add_namespace("acme", repositories=3, tags=2, never_pushed=0)
    return world


def tagged(crawls: Crawls, body: Any, *options: str, **arguments: str) -> Ended:
    """Crawl a repository whose list of tags is *body*."""
    crawls.hub.script(TAGS, body=body, times=None)
    ended = crawls.run("tags", *ONE_TRY, *options, repo="solo/tool", **arguments)
    assert_harmless(ended)
    return ended


@pytest.mark.parametrize(
    "count", [2**70, -1, BIG_NUMBER, "12", None, [], {"a": 1}, 1.5, True, 10**18]
)
def test_counts_of_lists(crawls: Crawls, hub_world: World, count: Any) -> None:
    crawls.run("tags", repo="solo/tool")
    crawls.hub.script(TAGS, body=text_of(page([{"name": "ok"}], count=count)), times=None)

    ended = crawls.run("tags", *ONE_TRY, repo="solo/tool", fresh="1")

    assert_harmless(ended)
    assert ended.status == 0, ended.err
    known = [tag.name for tag in hub_world.tags("solo/tool")]
    assert names(crawls, TAG_NAMES) == sorted(["ok", *known])
    assert rows(crawls.database, GONE) == [(0, 0)]


def test_links_that_lead_elsewhere(crawls: Crawls, hub_world: World) -> None:
    with evil_host() as (evil, visitors):
        host, own = evil.partition("//")[2], crawls.hub.url.partition("//")[2]
        links: tuple[Any, ...] = (
            *(f"{evil}/?page=2", f"//{host}/?page=2", f"http://{own}@{host}/?page=2"),
            *(
                f"http://a:b@{own}/?page=2",
                f"http://{own}.evil.example/?page=2",
                "file:///etc?page=2",
            ),
            *(
                f"http://{own}/?page=1",
                f"http://{own}/?page=0",
                f"http://{own}/?page=-1",
                "?page=2",
            ),
            *(
                f"http://{own}/",
                f"http://{own}/?page=two",
                "\x1b[31m",
                "x" * 100_000,
                "http://[",
                7,
            ),
            *([], {}, True, f"https://hub.docker.com:{host.partition(':')[2]}/?page=2"),
            *(
                f"http://{own}\\@{host}/?page=2",
                f"http://{own}/?page=1&page=2",
                "javascript:page=2",
            ),
        )
        for number, link in enumerate(links):
            hub_world.add_repository(f"links/r{number}", tags=2)
            crawls.hub.script(
                f"/v2/namespaces/links/repositories/r{number}/tags",
                body=page([{"name": "ok"}], next=link),
                times=None,
            )

        ended = crawls.run("org", *ONE_TRY, org="links")

    assert visitors == []
    assert_harmless(ended)
    assert ended.status == 0, ended.err
    assert names(crawls, TAG_NAMES) == ["ok"] * len(links)
    counts = crawls.requests()
    assert counts["tag_list"] <= len(links)
    assert counts["repository"] == len(links)


def test_a_link_to_a_page_far_away_is_only_a_sign_that_it_goes_on(crawls: Crawls) -> None:
    body = page([{"name": "ok"}], count=4, next=f"{crawls.hub.url}/?page={'9' * 4000}")
    crawls.hub.script(TAGS, body=body)

    ended = crawls.run("tags", repo="solo/tool")

    assert_harmless(ended)
    pages = [each.query["page"] for each in crawls.hub.journal.of("tag_list")]
    assert len(pages) < 10
    assert max(map(int, pages)) <= 4


@pytest.mark.parametrize("count", [None, 3, 10**12], ids=["no count", "short", "a long list"])
def test_lists_without_an_end(crawls: Crawls, count: int | None) -> None:
    link = f"{crawls.hub.url}/?page=999999999"
    body = page([{"name": "a"}, {"name": "b"}], count=count, next=link)

    ended = tagged(crawls, body)

    assert ended.status in {0, 1}
    assert crawls.requests()["tag_list"] <= 60
    assert names(crawls, TAG_NAMES) == ["a", "b"]
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert {reason for (reason,) in rows(crawls.database, "SELECT stop_reason FROM walks")} != {
        "complete"
    }


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param(page([{"name": f"t{n}"} for n in range(5000)]), None, id="5000 rows"),
        pytest.param(DEEP, None, id="all deep"),
        pytest.param(f'{{"results":[{ROW},{DEEP}]}}', None, id="a deep row"),
        pytest.param(f'{{"results":[{ROW},{{"name":"b","x":{DEEP}}}]}}', None, id="deep inside"),
        pytest.param(f'{{"results":[{ROW}],"count":{DEEP},"next":{DEEP}}}', None, id="deep count"),
        pytest.param('{"results":[{"name":"../x","name":"ok"}]}', ["ok"], id="twice, then good"),
        pytest.param('{"results":[{"name":"ok","name":"../x"}]}', [], id="twice, then bad"),
        pytest.param(f'{{"results":[],"results":[{ROW}]}}', ["ok"], id="results twice"),
        pytest.param(f'{{"results":[{ROW},7,null,"x",[],{{}}]}}', ["ok"], id="no rows"),
        pytest.param('{"results":[{"name":"\\ud800"},' + ROW + "]}", None, id="half a sign"),
        pytest.param(b'{"results":[{"name":"\xff"},' + ROW.encode() + b"]}", None, id="no UTF-8"),
    ],
)
def test_pages_of_odd_shapes(crawls: Crawls, body: Any, kept: list[str] | None) -> None:
    ended = tagged(crawls, body)

    found = names(crawls, TAG_NAMES)
    assert rows(crawls.database, GONE) == [(0, 0)]
    if kept is not None:
        assert found == kept
        assert ended.status == 0
        return
    # Either the whole page cannot be read, and that is told, or what can be read of it is kept.
    assert set(found) <= {"ok"}
    assert (ended.status == 1) is (found == [])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 302, "headers": {"Location": "{evil}/"}}, id="redirect"),
        pytest.param({"status": 200, "headers": {"Refresh": "0; url={evil}/"}}, id="refresh"),
        pytest.param(
            {"status": 401, "headers": {"WWW-Authenticate": 'Bearer realm="{evil}"'}}, id="401"
        ),
        pytest.param({"status": 418, "body": "\x1b[31m\r\nERROR: x\x00"}, id="418"),
        pytest.param({"status": 403, "body": {"message": "\x1b[31m\u202e" * 999}}, id="403"),
        pytest.param(
            {"headers": {"Content-Encoding": "gzip"}, "body": gzip.compress(bytes(50_000_000))},
            id="gzip bomb",
        ),
        pytest.param({"headers": {"Content-Encoding": "br, gzip"}, "body": b"x"}, id="encodings"),
    ],
)
def test_answers_that_lead_elsewhere_or_speak_to_the_terminal(
    crawls: Crawls, answer: dict[str, Any]
) -> None:
    with evil_host() as (evil, visitors):
        headers = {
            name: value.format(evil=evil) for name, value in answer.get("headers", {}).items()
        }
        crawls.hub.script(TAGS, times=None, **{**answer, "headers": headers})

        ended = crawls.run("tags", *ONE_TRY, repo="solo/tool")

    assert visitors == []
    assert_harmless(ended)
    assert ended.status == 1
    assert len(errors(ended)) == 1
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert len(rows(crawls.database, "SELECT 1 FROM walks WHERE detail <> ''")) == 1
