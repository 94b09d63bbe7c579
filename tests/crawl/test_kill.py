from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN, environment
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def interrupted(crawls: Crawls, after_pages: int, *signals: signal.Signals) -> tuple[int, str]:
    """Start a crawl of bitnami, send it *signals* after some pages of tags, return how it ended."""
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    command = [sys.executable, "-m", "scrapy", "crawl", "org", "-a", "org=bitnami"]
    with subprocess.Popen(
        command, env=env, cwd=crawls.folder, stderr=subprocess.PIPE, text=True
    ) as crawl:
        deadline = time.monotonic() + 30
        while len(crawls.hub.journal.of("tag_list")) < after_pages:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.005)
        for number in signals:
            crawl.send_signal(number)
            time.sleep(0.05)
        _, said = crawl.communicate(timeout=30)
        return crawl.returncode, said


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
    command = [sys.executable, "-m", "scrapy", "crawl", "tags", "-a", f"repo={name}"]
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    with subprocess.Popen(command, env=env, cwd=crawls.folder, stderr=subprocess.DEVNULL) as crawl:
        deadline = time.monotonic() + 30
        while stored_tags(crawls) != 800:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.02)
        crawl.kill()
    crawls.hub.options.account_limit = None
    for tag in hub_world.tags(name)[250:400]:
        hub_world.push_tag(name, tag.name)

    ended = crawls.run("tags", repo=name)

    assert ended.status == 0
    assert_tags(crawls.database, hub_world, name)
    # Two pages until one ends with what the killed walk had stored, then page 8 and what follows.
    assert crawls.requests() == {"repository": 1, "tag_list": 2 + 8}
    assert rows(crawls.database, "SELECT stop_reason, row_count FROM walks") == [("complete", 1500)]


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
