"""A database that fails in mid-crawl: one clear message, nothing committed is lost."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN, environment, python
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls
    from tests.forks import Running

# Enough for the schema and a few batches, not for the crawl.
ON_A_SMALL_DISK = """
import resource
from scrapy.cmdline import execute
resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))
execute(["scrapy", "crawl", "org", "-a", "org=bitnami"])
"""

SOON_TIRED_OF_WAITING = """
from scrapy.cmdline import execute
from dockerhub.store import sqlite
sqlite.BUSY_SECONDS = 0.3
execute(["scrapy", "crawl", "org", "-a", "org=bitnami"])
"""


def started(crawls: Crawls, script: str) -> Running:
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    return python(script, env=env, cwd=crawls.folder)


def assert_failed(crawls: Crawls, said: str, *whys: str) -> None:
    """Assert that a crawl told what became of its database, once, and that this is whole."""
    errors = [line.partition(" ERROR: ")[2] for line in said.splitlines() if "ERROR" in line]
    assert errors in [[f"database: expected to write, {why}"] for why in whys]
    assert "Traceback" not in said
    with closing(sqlite3.connect(crawls.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def assert_the_next_one_completes(crawls: Crawls, world: World) -> None:
    stored = rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0]
    ended = crawls.run("org", org="bitnami")
    assert ended.status == 0, ended.err
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0] > stored
    for repository in world.repositories("bitnami"):
        assert_tags(crawls.database, world, repository.full_name)


def test_a_full_disk_stops_the_crawl_and_loses_nothing(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository("bitnami/vast", tags=1500)

    with started(crawls, ON_A_SMALL_DISK) as crawl:
        _, said = crawl.communicate(timeout=60)

    assert crawl.returncode == 1
    assert_failed(crawls, said, "disk I/O error", "database or disk is full")
    assert_the_next_one_completes(crawls, hub_world)


def test_a_database_that_another_program_holds_stops_the_crawl_and_loses_nothing(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.options.account_limit = Limit(12, 1)

    with started(crawls, SOON_TIRED_OF_WAITING) as crawl:
        deadline = time.monotonic() + 30
        while len(crawls.hub.journal.of("tag_list")) < 2:
            assert time.monotonic() < deadline
            assert crawl.poll() is None
            time.sleep(0.01)
        with closing(sqlite3.connect(crawls.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            before = other.execute("SELECT COUNT(*) FROM tag").fetchone()
            _, said = crawl.communicate(timeout=60)
            other.execute("ROLLBACK")

    assert crawl.returncode == 1
    assert_failed(crawls, said, "database is locked")
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag") == [before]
    crawls.hub.options.account_limit = None
    assert_the_next_one_completes(crawls, hub_world)


def test_a_database_that_is_deleted_in_mid_crawl_is_told(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository("bitnami/endless", tags=3000)
    crawls.when_asked("tag_list", 20, crawls.database.unlink)

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 1
    assert "expected the file that was opened, it is gone" in ended.err
    assert ended.err.count("ERROR") == 1
