from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.jobs.job import CrawlJob
from dockerhub.jobs.schema import SCHEMA, has_queue, make_queue
from tests.postgres import ask

if TYPE_CHECKING:
    from tests.jobs.workers import Workers

JOBS = f"SELECT status::text, lock, args FROM {SCHEMA}.procrastinate_jobs ORDER BY id"


def test_a_crawl_is_enqueued_once(workers: Workers) -> None:
    first = workers.run("enqueue", "org", org="bitnami", depth="layers")
    again = workers.run("enqueue", "org", org="bitnami", depth="layers")

    assert (first.status, first.out) == (0, "job 1: org org=bitnami depth=repositories strict=1\n")
    assert first.err == again.out == ""
    assert again.status == 0
    assert again.lines == ["scrapy enqueue: 1 subject left out, what waits already"]
    assert workers.states() == {"todo": 1}


def test_a_repository_waits_in_one_job(workers: Workers) -> None:
    workers.run("enqueue", "repos", repos="nginx,alpine,a/b")
    again = workers.run("enqueue", "repos", repos="a/c,nginx,alpine")
    deeper = workers.run("enqueue", "repos", repos="alpine,a/d", max_tags="5")

    assert again.lines == ["scrapy enqueue: 2 subjects left out, what waits already"]
    assert again.out == "job 2: repos repos=a/c strict=1 depth=tags\n"
    assert deeper.status == 0
    found = [(CrawlJob.of(said).names, lock) for _, lock, said in ask(workers.url, JOBS)]
    assert [names for names, _ in found] == [
        ("library/nginx", "library/alpine", "a/b"),
        ("a/c",),
        ("library/alpine",),
        ("a/d",),
    ]
    # Crawled otherwise it is another job, but not at the same time.
    locks = [lock for _, lock in found]
    assert locks[2] == locks[0]
    assert len(set(locks)) == 3


def test_what_is_enqueued_says_how_far_it_goes(workers: Workers) -> None:
    assert workers.run("jobs").lines == [
        "scrapy jobs: queue: expected one in this database, it has none; run: scrapy enqueue"
    ]
    assert not has_queue(workers.url)
    workers.run("enqueue", "org", org="bitnami")
    make_queue(workers.url)

    told = workers.run("jobs", "--json")

    assert told.status == 0
    assert '"state": "waits"' in told.out
    assert '"subject": "org=bitnami' in told.out
    assert '"1 waits; 0 workers at work"' in told.out
    assert workers.run("jobs").lines == ["scrapy jobs: 1 waits; 0 workers at work"]


@pytest.mark.parametrize(
    ("words", "arguments", "line"),
    [
        pytest.param(
            ["enqueue", "org"],
            {"org": "no such/name"},
            (
                "scrapy enqueue: spider argument org: expected the name of an organisation or a"
                ' user, got "no such/name"'
            ),
            id="a wrong argument",
        ),
        pytest.param(
            ["enqueue", "orgs"],
            {},
            (
                "scrapy enqueue: spider: expected one of catalog, manifests, org, repos, search,"
                ' tags, got "orgs"'
            ),
            id="no spider",
        ),
        pytest.param(
            ["worker", "--concurrency", "none"],
            {},
            'scrapy worker: --concurrency: expected a whole number from 1 to 64, got "none"',
            id="no number",
        ),
    ],
)
def test_misuse_is_told_in_a_line(
    workers: Workers, words: list[str], arguments: dict[str, str], line: str
) -> None:
    ended = workers.run(*words, **arguments)

    assert (ended.status, ended.out, ended.lines) == (2, "", [line])
    assert not has_queue(workers.url)


@pytest.mark.parametrize("words", [["enqueue", "org", "-a", "org=a"], ["worker"], ["jobs"]])
def test_a_file_is_no_queue(workers: Workers, words: list[str]) -> None:
    workers.environment["DOCKERHUB_DATABASE_URL"] = f"sqlite:///{workers.folder}/hub.db"

    ended = workers.run(*words)

    assert ended.status == 1
    assert ended.lines == [
        (
            f"scrapy {words[0]}: setting DOCKERHUB_DATABASE_URL: expected"
            " postgresql://HOST/DATABASE, since the workers share a queue that lies in PostgreSQL;"
            f" got sqlite:///{workers.folder}/hub.db"
        )
    ]
    assert not (workers.folder / "hub.db").exists()


@pytest.mark.parametrize("words", [["enqueue", "org", "-a", "org=a"], ["worker"], ["jobs"]])
def test_a_server_that_is_not_there_is_told_in_a_line(workers: Workers, words: list[str]) -> None:
    secret = "letmein"
    workers.environment["DOCKERHUB_DATABASE_URL"] = f"postgresql://hub:{secret}@127.0.0.1:1/hub"

    ended = workers.run(*words)

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert "expected a PostgreSQL server" in ended.lines[0]
    assert secret not in ended.err
