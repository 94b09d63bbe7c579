from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawling import environment, scrapy
from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path


def test_a_newcomer_without_network_sees_it_work(tmp_path: Path) -> None:
    env = environment("https://hub.docker.com", tmp_path / "other.db")
    # Whose account this machine has must not reach the stand-in.
    secrets = {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "hunter2"}

    ended = scrapy("demo", env={**env, **secrets}, cwd=tmp_path)
    again = scrapy("demo", env=env, cwd=tmp_path)

    assert ended.status == again.status == 0
    assert ended.seconds < 20
    assert "24 repositories and 920 tags are in demo.db." in ended.out
    assert " crawl org -a org=bitnami " in ended.out
    assert "24 repositories, 920 tags, 920 tags new" in ended.err
    assert "23 repositories unchanged" in again.err
    assert "cost        1 request, 0 pulls" in again.err
    assert rows(tmp_path / "demo.db", "SELECT signed_in FROM crawls") == [(0,), (0,)]
    assert not (tmp_path / "other.db").exists()
