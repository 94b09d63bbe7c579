"""What commands say where nothing can be answered yet: the crawl that brings what was asked for."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.store.writer import Writer
from tests.commands.in_process import run_here
from tests.commands.test_help import ANSWERS
from tests.store.made import at, page, row

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = f"sha256:{'a' * 64}"
ANY, NGINX, ACME = "org -a org=bitnami", "tags -a repo=library/nginx", "org -a org=acme"
ADVISED = [
    (("changes",), ANY),
    (("changes", "--repo", "nginx"), NGINX),
    (("changes", "--feed", "-"), ANY),
    (("trends",), ANY),
    (("trends", "--org", "acme"), ACME),
    (("trends", "--repo", "nginx"), NGINX),
    (("report", "sizes"), ANY),
    (("report", "stale", "--repo", "nginx"), NGINX),
    (("report", "platforms", "--repo", "acme/*"), ACME),
    (("report", "popular", "--org", "acme"), ACME),
    (("report", "shared", "--org", "acme"), f"{ACME} -a depth=layers"),
    (("lineage", "nginx:1.27"), "manifests -a repo=nginx:1.27"),
    (
        ("lineage", "acme/app", "--dependents", "--platform", "linux/arm64"),
        "manifests -a repo=acme/app:latest -a platforms=linux/arm64",
    ),
    (("lineage", "--digest", DIGEST), f"{ANY} -a depth=layers"),
    (("lineage", "--layer", DIGEST), f"{ANY} -a depth=layers"),
    (("export", "tags"), ANY),
    (("export", "events", "--repo", "nginx"), NGINX),
    (("export", "layers", "--repo", "nginx"), f"{NGINX} -a depth=layers"),
    (("export", "labels", "--org", "acme"), f"{ACME} -a depth=configs"),
    (("export", "everything"), ANY),
    (("export", "snapshot"), ANY),
    (("store", "check"), ANY),
    (("store", "backup"), ANY),
    (("store", "prune", "--keep-days", "3"), ANY),
    (("store", "vacuum"), ANY),
    (("serve",), ANY),
]


def test_every_command_that_answers_is_looked_at() -> None:
    elsewhere = {
        "quota",  # which needs none
        "usage",  # below
        "plan",  # below
        *("compare", "dockerfile"),  # which fetch for themselves
        "jobs",  # which no crawl brings
    }
    assert {words[0] for words, _ in ADVISED} == set(ANSWERS) - elsewhere


@pytest.mark.parametrize(("words", "crawl"), ADVISED, ids=lambda each: " ".join(each)[:40])
def test_the_crawl_that_brings_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], crawl: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run_here("sqlite:///none.db", *words)
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        f"scrapy {words[0]}: database none.db: expected one, there is no such file; crawl first,"
        f" such as: scrapy crawl {crawl}\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("compare", "a/b:1", "a/b:2"), ("dockerfile", "a/b:1")])
def test_what_can_fetch_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    database = tmp_path / "none.db"
    said = run_here(f"sqlite:///{database}", *words)
    assert (said.status, said.out) == (1, "")
    expected = f"database {database}: expected one, there is no such file"
    assert said.err == f"scrapy {words[0]}: {expected}; add --fetch, or crawl first\n"


def test_a_plan_needs_none(tmp_path: Path) -> None:
    words = ("plan", "org", "-a", "org=acme", "--offline")
    said = run_here(f"sqlite:///{tmp_path / 'none.db'}", *words)
    assert said.status == 0
    assert "scrapy plan: acme: nothing is known of it; assumed are 50 repositories" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_crawl_that_brings_no_samples_is_not_advised(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    crawls = [("org", '{"org": "acme"}'), ("manifests", '{"repo": "acme/app"}')]
    with closing(Writer(url)) as writer:
        for place, (spider, arguments) in enumerate(crawls):
            writer.begin_crawl(spider, arguments, signed_in=True, now=at(place))
            writer.write([page(at(place), row())])
            writer.finish_crawl(
                now=at(place), reason="finished", request_count=1, pull_count=0, stats="{}"
            )
    said = run_here(url, "trends")
    assert said.status == 1
    assert said.err.endswith("each crawl brings one; run: scrapy crawl org -a org=acme\n")
