"""A database that fails in mid-crawl: one clear message, nothing committed is lost."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tests.crawling import SIGNED_IN, environment
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls

# Enough for the schema and a few batches, not for the crawl.
FULL_AT_BYTES = 600_000


def limited_crawl(crawls: Crawls) -> subprocess.CompletedProcess[str]:
    """Run a crawl that can write no file longer than FULL_AT_BYTES, as on a full disk."""
    command = [sys.executable, "-m", "scrapy", "crawl", "org", "-a", "org=bitnami"]
    return subprocess.run(
        command,
        env=environment(crawls.hub.url, crawls.database, SIGNED_IN),
        cwd=crawls.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (FULL_AT_BYTES, FULL_AT_BYTES)
        ),
    )


def test_a_full_disk_stops_the_crawl_and_loses_nothing(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository("bitnami/endless", tags=3000)

    ended = limited_crawl(crawls)

    assert ended.returncode == 1
    assert ended.stderr.count("ERROR") == 1
    assert "database: expected to write, " in ended.stderr
    assert "Traceback" not in ended.stderr
    with closing(sqlite3.connect(crawls.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept = rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0]
    assert kept > 0

    assert crawls.run("org", org="bitnami").status == 0
    assert rows(crawls.database, "SELECT COUNT(*) FROM tags") == [(1062 + 3000,)]
