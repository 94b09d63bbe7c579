from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN, environment, started
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def interrupted(crawls: Crawls, after_pages: int, *signals: signal.Signals) -> tuple[int, str]:
    """Start a crawl of bitnami, send it *signals* after some pages of tags, return how it ended."""
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    with started("crawl", "org", "-a", "org=bitnami", env=env, cwd=crawls.folder) as crawl:
        deadline = time.monotonic() + 30
        while len(crawls.hub.journal.of("tag_list")) < after_pages:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.005)
        for number in signals:
            crawl.send_signal(number)
            time.sleep(0.05)
        _, said = crawl.communicate(timeout=30)
        return crawl.wait(), said


@pytest.fixture
def long_world(hub_world: World) -> World:
    hub_world.add_repository("bitnami/endless", tags=4000)
    return hub_world


def test_killed_it_goes_on_where_it_was(crawls: Crawls, long_world: World) -> None:
    # 40 pages of one repository, begun after the others: paced so that the kill hits the middle.
    crawls.hub.options.account_limit = Limit(45, 1)
    status, _ = interrupted(crawls, 30, signal.SIGKILL)
    assert status == -signal.SIGKILL
    stored = rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0]
    assert 0 < stored < 5000
    crawls.hub.options.account_limit = None

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    for repository in long_world.repositories("bitnami"):
        assert_tags(crawls.database, long_world, repository.full_name)
    # 51 pages in all: what was stored is not read again, but for the page before and the first.
    assert crawls.requests()["tag_list"] < 51 - stored // 100 + 2 * 16
    assert rows(
        crawls.database,
        "SELECT COUNT(*) FROM walks WHERE kind = 'tags' AND stop_reason <> 'complete'",
    ) == [(0,)]


def test_tags_that_are_pushed_after_the_kill_are_read_again(
    crawls: Crawls, hub_world: World
) -> None:
    name = "bitnami/endless"
    hub_world.add_repository(name, tags=1500)
    # The repository itself and 8 of its 15 pages, then nothing for longer than this takes.
    crawls.hub.options.account_limit = Limit(9, 30)
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    with started("crawl", "tags", "-a", f"repo={name}", env=env, cwd=crawls.folder) as crawl:
        deadline = time.monotonic() + 30
        while stored_tags(crawls) != 800:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.02)
        crawl.kill()
    crawls.hub.options.account_limit = None
    pass_the_window(crawls)
    for tag in hub_world.tags(name)[250:400]:
        hub_world.push_tag(name, tag.name)

    ended = crawls.run("tags", repo=name)

    assert ended.status == 0
    assert_tags(crawls.database, hub_world, name)
    # Two pages until one ends with what is older than the walk, page 9 and what follows, the top.
    assert crawls.requests() == {"repository": 1, "tag_list": 2 + 7 + 1}
    assert rows(crawls.database, "SELECT stop_reason, row_count FROM walks") == [("complete", 1500)]


def pass_the_window(crawls: Crawls) -> None:
    """Forget what the killed crawl was shown of its limit, as if half a minute had gone by."""
    crawls.database.with_name(f"{crawls.database.name}-budgets").unlink()


def stored_tags(crawls: Crawls) -> int:
    """Return how many tags a crawl that is under way has committed."""
    if len(crawls.hub.journal.of("tag_list")) < 8:
        return 0
    return int(rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0])


def test_ctrl_c_stores_what_came_and_ends_130(crawls: Crawls, long_world: World) -> None:
    crawls.hub.options.account_limit = Limit(45, 1)
    status, said = interrupted(crawls, 20, signal.SIGINT)

    assert status == 130
    assert "ended early (shutdown)" in said
    assert "Traceback" not in said
    left = rows(crawls.database, "SELECT next_page FROM walk WHERE stop_reason = 'interrupted'")
    assert left
    assert rows(crawls.database, "SELECT finish_reason FROM crawls") == [("shutdown",)]
    crawls.hub.options.account_limit = None

    assert crawls.run("org", org="bitnami").status == 0
    for repository in long_world.repositories("bitnami"):
        assert_tags(crawls.database, long_world, repository.full_name)


def test_without_news_it_goes_on_at_the_very_page(crawls: Crawls, hub_world: World) -> None:
    name = "bitnami/endless"
    hub_world.add_repository(name, tags=10_000)
    stored = killed_in_the_middle(crawls, 60, "tags", f"repo={name}")

    assert crawls.run("tags", repo=name).status == 0

    assert crawls.requests() == {"repository": 1, "tag_list": 100 - stored // 100}
    assert_tags(crawls.database, hub_world, name)
    assert rows(crawls.database, "SELECT stop_reason, row_count FROM walks") == [
        ("complete", 10_000)
    ]


def test_deletions_between_a_kill_and_the_next_crawl_hide_nothing(
    crawls: Crawls, hub_world: World
) -> None:
    name = "bitnami/endless"
    hub_world.add_repository(name, tags=3000)
    killed_in_the_middle(crawls, 15, "tags", f"repo={name}")
    gone = [tag.name for tag in hub_world.tags(name)[100:350]]
    for tag in gone:
        hub_world.delete_tag(name, tag)

    assert crawls.run("tags", repo=name).status == 0

    assert_tags(crawls.database, hub_world, name)
    lost = rows(crawls.database, "SELECT name FROM tag WHERE gone_at IS NOT NULL")
    assert sorted(lost) == sorted((tag,) for tag in gone)


def test_an_anonymous_walk_goes_on_in_the_order_in_which_it_was(
    crawls: Crawls, hub_world: World
) -> None:
    name = "bitnami/endless"
    hub_world.add_repository(name, tags=1900)
    crawls.hub.options.limit = Limit(18, 30)
    # All that the limit lets through is stored: what was only answered would be asked again.
    killed_in_the_middle(crawls, 17, "tags", f"repo={name}", signed_in=False, stored=1500)
    crawls.hub.options.limit = None
    pass_the_window(crawls)

    assert crawls.run("tags", repo=name, signed_in=False, strict="1").status == 0

    # The 11 pages of the newest and the one that was refused are not asked again.
    asked = {each.query["ordering"] for each in crawls.hub.journal.of("tag_list")}
    assert asked == {"-last_updated"}
    assert crawls.requests()["tag_list"] <= 9
    assert_tags(crawls.database, hub_world, name)


def test_a_search_does_not_visit_again_what_it_had_visited(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_namespace("huge", repositories=120, tags=2)
    killed_in_the_middle(crawls, 60, "search", "query=huge", kind="repository")
    done = rows(crawls.database, "SELECT COUNT(*) FROM repository_detail")[0][0]
    assert done > 20

    assert crawls.run("search", query="huge").status == 0

    assert crawls.requests()["repository"] == 120 - done
    for repository in hub_world.repositories("huge"):
        assert_tags(crawls.database, hub_world, repository.full_name)
    # One that came to its end is not gone on with.
    assert crawls.run("search", query="huge").status == 0
    assert crawls.requests()["repository"] == 120


def test_a_fresh_crawl_does_not_walk_again_what_it_had_walked(
    crawls: Crawls, hub_world: World
) -> None:
    hub_world.add_namespace("huge", repositories=90, tags=2, never_pushed=0)
    assert crawls.run("org", org="huge").status == 0
    killed_in_the_middle(crawls, 50, "org", "org=huge", "fresh=1")

    assert crawls.run("org", org="huge", fresh="1").status == 0

    assert crawls.requests()["tag_list"] <= 40 + 32
    assert crawls.run("org", org="huge", fresh="1").status == 0
    assert crawls.requests()["tag_list"] == 90


def test_ctrl_c_twice_ends_at_once_and_spoils_nothing(crawls: Crawls, long_world: World) -> None:
    crawls.hub.options.account_limit = Limit(45, 1)
    status, said = interrupted(crawls, 20, signal.SIGINT, signal.SIGINT)

    assert status in (130, -signal.SIGINT)
    assert "Traceback" not in said
    crawls.hub.options.account_limit = None
    assert crawls.run("org", org="bitnami").status == 0
    for repository in long_world.repositories("bitnami"):
        assert_tags(crawls.database, long_world, repository.full_name)


def killed_in_the_middle(
    crawls: Crawls,
    after: int,
    spider: str,
    *given: str,
    kind: str = "tag_list",
    signed_in: bool = True,
    stored: int = 0,
) -> int:
    """Kill a crawl once so many answers of a kind went and at least so many tags are stored.

    Returns how many tags it had stored.
    """
    crawls.hub.journal.clear()
    arguments = [word for each in given for word in ("-a", each)]
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN if signed_in else {})
    with started("crawl", spider, *arguments, env=env, cwd=crawls.folder) as crawl:
        deadline = time.monotonic() + 30
        while len(crawls.hub.journal.of(kind)) < after:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.001)
        while stored and stored_tags(crawls) < stored:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        crawl.kill()
    return int(rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0])
