"""The text file for Prometheus: what a real crawl writes into it."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dockerhub.standin import Limit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawling import Crawls

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def folder(crawls: Crawls, tmp_path: Path) -> Path:
    folder = tmp_path / "metrics"
    folder.mkdir()
    crawls.settings["DOCKERHUB_METRICS_DIR"] = str(folder)
    return folder


def samples(folder: Path, subject: str = "org=bitnami") -> Samples:
    """Return the samples of the one crawl: (name, the other labels by their names) -> value."""
    (file,) = folder.iterdir()
    assert file.suffix == ".prom"
    found: Samples = {}
    for family in text_string_to_metric_families(file.read_text(encoding="utf-8")):
        assert family.documentation
        for sample in family.samples:
            labels = dict(sample.labels)
            assert (labels.pop("spider"), labels.pop("subject")) == ("org", subject)
            found[sample.name, tuple(labels[name] for name in sorted(labels))] = sample.value
    return found


def test_it_says_what_the_crawl_did(crawls: Crawls, folder: Path) -> None:
    crawls.hub.options.limit = Limit(1000, 60)
    before = time.time()

    crawls.run("org", org="bitnami")

    found = samples(folder)
    asked = crawls.hub.journal.counts()
    repositories = list(crawls.hub.world.repositories("bitnami"))
    assert found["dockerhub_requests_total", ()] == asked.total()
    assert found["dockerhub_rows_total", ("repository",)] == len(repositories)
    tags = sum(repository.tag_count for repository in repositories)
    assert found["dockerhub_rows_total", ("tag",)] == tags
    assert found["dockerhub_changes_total", ("tags_new",)] == tags
    assert found["dockerhub_pulls_total", ()] == 0
    assert found["dockerhub_running", ()] == 0
    assert found["dockerhub_failures", ()] == 0
    began, ended = (
        found[f"dockerhub_{word}_timestamp_seconds", ()] for word in ("started", "ended")
    )
    assert before <= began <= ended <= time.time()
    assert ("dockerhub_oldest_unfinished_timestamp_seconds", ()) not in found


def test_answers_are_told_by_service_exit_and_kind(crawls: Crawls, folder: Path) -> None:
    crawls.hub.options.limit = Limit(1000, 60)
    named = next(r for r in crawls.hub.world.repositories("bitnami") if r.tag_count == 1)
    crawls.hub.script(f"/v2/namespaces/bitnami/repositories/{named.name}/tags", status=503)

    crawls.run("org", org="bitnami")

    found = samples(folder)
    good = found["dockerhub_answers_total", ("data", "direct", "hub")]
    assert found["dockerhub_answers_total", ("broken", "direct", "hub")] == 1
    # Signing in is asked of no queue, and judged by nobody.
    assert good + 1 == crawls.hub.journal.counts().total() - crawls.hub.journal.counts()["sign_in"]
    assert found["dockerhub_walks_total", ("complete",)] > 0


def test_budgets_are_told(crawls: Crawls, folder: Path) -> None:
    crawls.hub.options.limit = Limit(1000, 60)

    crawls.run("org", org="bitnami")

    found = samples(folder)
    spent = crawls.hub.journal.counts().total()
    assert found["dockerhub_budget_limit", ("direct", "hub")] == 1000
    assert 1000 - spent <= found["dockerhub_budget_left", ("direct", "hub")] < 1000
    resets_at = found["dockerhub_budget_resets_timestamp_seconds", ("direct", "hub")]
    assert time.time() - 60 < resets_at < time.time() + 70


def test_a_second_crawl_writes_the_same_file_again(crawls: Crawls, folder: Path) -> None:
    crawls.run("org", org="bitnami")
    names = [file.name for file in folder.iterdir()]

    crawls.run("org", org="bitnami")

    assert [file.name for file in folder.iterdir()] == names
    found = samples(folder)
    assert ("dockerhub_changes_total", ("tags_new",)) not in found
    assert found["dockerhub_rows_total", ("repository",)] == 12


def test_unfinished_work_has_an_age(crawls: Crawls, folder: Path) -> None:
    before = time.time()
    # The first walk of tags is left open: its second page never comes.
    long = next(r for r in crawls.hub.world.repositories("bitnami") if r.tag_count == 230)
    path = f"/v2/namespaces/bitnami/repositories/{long.name}/tags?page=2"
    crawls.hub.script(path, status=500, times=20)

    crawls.run("org", "-s", "RETRY_TIMES=0", org="bitnami")

    oldest = samples(folder)["dockerhub_oldest_unfinished_timestamp_seconds", ()]
    assert before <= oldest <= time.time()


def test_a_folder_that_is_not_there_is_refused(crawls: Crawls, tmp_path: Path) -> None:
    crawls.settings["DOCKERHUB_METRICS_DIR"] = str(tmp_path / "none")

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 2
    expected = "setting DOCKERHUB_METRICS_DIR: expected a folder that exists"
    assert ended.lines[-1].startswith(f"scrapy crawl: {expected}")


def test_a_folder_that_goes_away_ends_no_crawl(crawls: Crawls, folder: Path) -> None:
    crawls.when_asked("tag_list", 1, lambda: shutil.rmtree(folder))

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 0
    (line,) = [line for line in ended.lines if "metrics" in line]
    expected = f"metrics: expected to write into {folder}, No such file or directory"
    assert line.endswith(f" WARNING: {expected}")
