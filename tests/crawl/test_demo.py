from __future__ import annotations

import shutil
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

from tests.crawling import environment, forked, scrapy, started
from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path


def test_a_newcomer_without_network_sees_it_work(tmp_path: Path) -> None:
    env = environment("https://hub.docker.com", tmp_path / "other.db")
    # Whose account this machine has must not reach the stand-in, and its proxies do not.
    secrets = {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "hunter2"}
    secrets["DOCKERHUB_PROXIES"] = "127.0.0.1:9"

    ended = scrapy("demo", env={**env, **secrets}, cwd=tmp_path)
    again = forked("demo", env=env, cwd=tmp_path)

    assert ended.status == again.status == 0
    assert ended.seconds < 20
    assert "24 repositories and 920 tags are in demo.db." in ended.out
    assert " crawl org -a org=bitnami " in ended.out
    assert "24 repositories, 920 tags, 920 tags new" in ended.err
    assert "23 repositories unchanged" in again.err
    assert "cost        1 request, 0 pulls" in again.err
    assert rows(tmp_path / "demo.db", "SELECT signed_in FROM crawls") == [(0,), (0,)]
    assert not (tmp_path / "other.db").exists()


def has_begun(database: Path) -> bool:
    """Tell whether a crawl was written: from then on it listens to signals."""
    try:
        return rows(database, "SELECT COUNT(*) FROM crawl") != [(0,)]
    except sqlite3.Error:
        return False


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    env = environment("https://hub.docker.com", tmp_path / "other.db")
    with started("demo", env=env, cwd=tmp_path) as run:
        deadline = time.monotonic() + 20
        while not has_begun(tmp_path / "demo.db"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert "Traceback" not in said
    # The crawl takes half a second: it may have been done by then.
    assert run.returncode in {0, 130}


def test_a_copy_of_the_file_alone_is_whole(tmp_path: Path) -> None:
    env = environment("https://hub.docker.com", tmp_path / "other.db")
    forked("demo", env=env, cwd=tmp_path)

    (tmp_path / "copy").mkdir()
    copied = shutil.copy(tmp_path / "demo.db", tmp_path / "copy" / "demo.db")

    assert rows(copied, "SELECT COUNT(*) FROM tags") == [(920,)]
