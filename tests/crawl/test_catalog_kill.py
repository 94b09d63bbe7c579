from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawl.catalog_world import SIGNS, catalog_world, discoveries, listed, names, searched
from tests.crawling import SIGNED_IN, environment
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

__all__ = ["catalog_world", "discoveries"]


def interrupted(crawls: Crawls, after: int, number: signal.Signals) -> tuple[int, str]:
    """Start a discovery, send it a signal after so many requests, and return how it ended."""
    crawls.hub.journal.clear()
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN | crawls.settings)
    command = [sys.executable, "-m", "scrapy", "crawl", "catalog", "-a", f"alphabet={SIGNS}"]
    with subprocess.Popen(
        command, env=env, cwd=crawls.folder, stderr=subprocess.PIPE, text=True
    ) as crawl:
        deadline = time.monotonic() + 60
        while len(crawls.hub.journal.exchanges) < after:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.005)
        crawl.send_signal(number)
        _, said = crawl.communicate(timeout=60)
        return crawl.returncode, said


def ended(crawls: Crawls, view: str, column: str) -> set[str]:
    sql = f"SELECT {column} FROM {view} WHERE finished_at IS NOT NULL"
    return {name for (name,) in rows(crawls.database, sql)}


@pytest.mark.parametrize("kills", [1, 3])
def test_killed_it_goes_on_and_repeats_nothing_that_had_ended(
    discoveries: Crawls, catalog_world: World, kills: int
) -> None:
    discoveries.hub.options.account_limit = Limit(40, 1)
    done: tuple[set[str], set[str]] = (set(), set())
    for _ in range(kills):
        status, _ = interrupted(discoveries, 30, signal.SIGKILL)
        assert status == -signal.SIGKILL
        assert not done[0] & set(searched(discoveries))
        assert not done[1] & set(listed(discoveries))
        done = (
            ended(discoveries, "catalog", "prefix"),
            ended(discoveries, "catalog_namespaces", "namespace"),
        )
        assert len(done[0]) + len(done[1]) > 5
    discoveries.hub.options.account_limit = None

    last = discoveries.run("catalog", alphabet=SIGNS)

    assert last.status == 0
    assert not done[0] & set(searched(discoveries))
    assert not done[1] & set(listed(discoveries))
    stored = {name for (name,) in rows(discoveries.database, "SELECT full_name FROM repositories")}
    assert stored == names(catalog_world)
    new = "SELECT (SELECT SUM(new_repositories) FROM catalog), SUM(new_repositories)"
    [counts] = rows(discoveries.database, f"{new} FROM catalog_namespaces")
    assert sum(counts) == len(stored)


def test_stopped_it_ends_at_once_and_goes_on_later(
    discoveries: Crawls, catalog_world: World
) -> None:
    discoveries.hub.options.account_limit = Limit(40, 1)

    status, said = interrupted(discoveries, 30, signal.SIGINT)

    assert status == 130, said
    assert "Traceback" not in said
    discoveries.hub.options.account_limit = None
    assert discoveries.run("catalog", alphabet=SIGNS).status == 0
    stored = {name for (name,) in rows(discoveries.database, "SELECT full_name FROM repositories")}
    assert stored == names(catalog_world)


def test_stopped_after_fresh_it_does_not_begin_anew(discoveries: Crawls) -> None:
    discoveries.run("catalog", alphabet=SIGNS)
    first = sorted(searched(discoveries) + listed(discoveries))
    discoveries.run("catalog", alphabet=SIGNS, fresh="1", max_requests="30")
    discoveries.run("catalog", alphabet=SIGNS, fresh="1")

    # The one that was bounded came to its end: that is no crawl to go on with.
    assert sorted(searched(discoveries) + listed(discoveries)) == first
