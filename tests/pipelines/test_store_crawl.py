"""A crawl whose disk becomes full: one line, exit status 1, and the next crawl goes on."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

from tests.crawling import SIGNED_IN, Crawls, environment
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from pathlib import Path

ON_A_SMALL_DISK = """
import resource, sys
from scrapy.cmdline import execute
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
execute(["scrapy", "crawl", "org", "-a", "org=bitnami"])
"""


def test_a_full_disk_stops_the_crawl_and_the_next_one_goes_on(
    crawls: Crawls, tmp_path: Path
) -> None:
    crawls.hub.world.add_repository("bitnami/vast", tags=1500)
    run = subprocess.run(
        [sys.executable, "-c", ON_A_SMALL_DISK],
        env=environment(crawls.hub.url, crawls.database, SIGNED_IN),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    errors = [line.partition(" ERROR: ")[2] for line in run.stderr.splitlines() if "ERROR" in line]
    assert errors in (
        ["database: expected to write, disk I/O error"],
        ["database: expected to write, database or disk is full"],
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    with closing(connect(crawls.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    stored = rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0]
    ended = crawls.run("org", org="bitnami")
    assert ended.status == 0, ended.err
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]
    assert rows(crawls.database, "SELECT COUNT(*) FROM tag")[0][0] > stored
    for repository in crawls.hub.world.repositories("bitnami"):
        assert_tags(crawls.database, crawls.hub.world, repository.full_name)
