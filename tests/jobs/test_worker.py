"""One worker: from a namespace's list to its tags and layers, and what becomes of what fails."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from typing import TYPE_CHECKING

import psycopg

from dockerhub.jobs.job import CrawlJob
from dockerhub.jobs.queue import Queue
from dockerhub.jobs.schema import SCHEMA, make_queue
from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN
from tests.jobs.workers import children, is_running
from tests.postgres import ask
from tests.truth_contents import assert_layers

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.jobs.workers import Workers

JOBS = f"SELECT status::text, attempts, args FROM {SCHEMA}.procrastinate_jobs ORDER BY id"
ENDS = f"SELECT exit_status, said FROM {SCHEMA}.job_end ORDER BY id"


def put(url: str, *jobs: CrawlJob) -> None:
    """Enqueue jobs as they are, however wrong."""

    async def enqueue() -> None:
        async with Queue(url) as queue:
            await queue.put(jobs)

    make_queue(url)
    asyncio.run(enqueue())


def test_a_worker_brings_a_namespace_from_its_list_to_its_layers(
    workers: Workers, hub_world: World
) -> None:
    hub_world.add_namespace("small", repositories=3, tags=6)
    workers.run("enqueue", "org", org="small", depth="layers")

    ended = workers.run("worker", "--until-empty", "--concurrency", "2")

    assert ended.status == 0, ended.err
    jobs = [CrawlJob.of(said) for _, _, said in ask(workers.url, JOBS)]
    assert [(job.spider, str(job.stage)) for job in jobs] == [
        ("org", "list"),
        ("repos", "tags"),
        ("repos", "contents"),
    ]
    assert workers.states() == {"succeeded": 3}
    workers.assert_true(hub_world, "small")
    for repository in hub_world.repositories("small"):
        assert_layers(workers.url, hub_world, repository.full_name)
    asked = dict(workers.hub.journal.counts())

    # A day later nothing has changed: the list costs what it costs, and nothing follows.
    workers.hub.journal.clear()
    workers.run("enqueue", "org", org="small", depth="layers")
    workers.run("worker", "--until-empty")

    assert asked["tag_list"] == 3
    again = dict(workers.hub.journal.counts())
    again.pop("sign_in", None)
    assert again == {"namespace_list": 1}


def test_what_fails_is_tried_again_and_what_is_misused_is_not(workers: Workers) -> None:
    put(
        workers.url,
        CrawlJob(spider="tags", arguments={"repo": "bitnami/no-such", "strict": "1"}),
        CrawlJob(spider="org", arguments={"org": "bitnami", "depth": "bottom"}),
        CrawlJob(spider=f"--pidfile={workers.folder}/x", arguments={}),
    )

    ended = workers.run("worker", "--until-empty", "--concurrency", "2")

    assert ended.status == 0
    assert workers.states() == {"failed": 3}
    assert not (workers.folder / "x").exists()
    missing = (
        "spider argument repo=bitnami/no-such: expected a repository that is visible, got HTTP 404"
        " (there is none of that name, or it is private)"
    )
    wrong = (
        'spider argument depth: expected repositories or tags or layers or configs, got "bottom"'
    )
    unknown = "spider: expected one of catalog, manifests, org, repos, search, tags"
    assert sorted(ask(workers.url, ENDS)) == [(1, missing)] * 3 + [(2, wrong), (2, unknown)]
    assert ended.err.count("failed, again in") == 2
    assert "failed, given up: " in ended.err
    assert f"misused, given up: {wrong}" in ended.err
    told = json.loads(workers.run("jobs", "--json").out)
    assert [(row["state"], row["said"]) for row in told["rows"]] == [
        ("failed", missing),
        ("failed", wrong),
        ("failed", unknown),
    ]


def test_what_follows_a_job_that_is_run_twice_is_enqueued_once(
    workers: Workers,
) -> None:
    workers.run("enqueue", "org", org="bitnami", fresh="1")
    workers.run("worker", "--until-empty")
    assert workers.states() == {"succeeded": 2}

    # As if the worker had been killed after it enqueued what follows, and before it said so.
    with psycopg.connect(workers.url, options=f"-c search_path={SCHEMA}") as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = 1")
    workers.run("worker", "--until-empty")

    assert workers.states() == {"succeeded": 2}


def test_a_worker_that_is_told_to_end_puts_its_job_back(workers: Workers) -> None:
    workers.hub.options.account_limit = Limit(5, 1)
    workers.run("enqueue", "org", org="bitnami")
    with workers.working("--grace", "1") as worker:
        workers.until(lambda: workers.hub.journal.of("tag_list"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(40) == 0, workers.said()

    assert "put back" in workers.said()
    assert "Traceback" not in workers.said()
    assert workers.states() == {"succeeded": 1, "todo": 1}
    assert ask(workers.url, f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers") == [(0,)]


def test_a_worker_that_is_told_to_end_lets_its_job_end(workers: Workers) -> None:
    workers.run("enqueue", "tags", repo="nginx")
    with workers.working("--grace", "60") as worker:
        workers.until(lambda: workers.hub.journal.of("repository"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0, workers.said()

    assert workers.states() == {"succeeded": 1}


def test_the_crawl_of_a_killed_worker_ends_and_another_worker_repeats_it(
    workers: Workers, hub_world: World
) -> None:
    workers.hub.options.account_limit = Limit(8, 1)
    workers.run("enqueue", "org", org="bitnami")
    with workers.working() as worker:
        workers.until(lambda: workers.hub.journal.of("tag_list"))
        (crawl,) = children(worker.pid)
        worker.kill()
        worker.wait(10)
        workers.until(lambda: not is_running(crawl), 10)
    assert workers.states() == {"succeeded": 1, "doing": 1}
    workers.hub.options.account_limit = None

    began = time.monotonic()
    ended = workers.run("worker", "--until-empty")

    assert ended.status == 0, ended.err
    assert "job 2 has lost its worker, it waits again" in ended.err
    assert time.monotonic() - began < 60
    workers.assert_true(hub_world, "bitnami")


def test_no_secret_is_in_a_table_or_a_log(workers: Workers) -> None:
    workers.environment["DOCKERHUB_PASSWORD"] = secret = "dckr_pat_wrong-and-secret"
    workers.run("enqueue", "org", org="bitnami", depth="layers")

    ended = workers.run("worker", "--until-empty", "-L", "DEBUG")

    assert workers.states() == {"failed": 1}
    assert secret not in ended.err + ended.out + workers.run("jobs", "--json").out
    names = ask(
        workers.url,
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        f" WHERE schemaname IN ('dockerhub', '{SCHEMA}')",
    )
    assert len(names) > 30
    for (name,) in names:
        text = str(ask(workers.url, f"SELECT CAST(t AS TEXT) FROM {name} AS t"))
        assert secret not in text, name
        assert SIGNED_IN["DOCKERHUB_USERNAME"] + "," not in text, name


def test_what_is_left_is_tried_again_and_then_told(workers: Workers, hub_world: World) -> None:
    hub_world.add_namespace("crowded", repositories=900, tags=0)
    del workers.environment["DOCKERHUB_USERNAME"], workers.environment["DOCKERHUB_PASSWORD"]
    workers.run("enqueue", "org", org="crowded", depth="repositories")

    ended = workers.run("worker", "--until-empty")

    assert workers.states() == {"failed": 1}
    (told, *others) = ask(workers.url, ENDS)
    assert others == [told] * 2
    assert told[0] == 3
    assert "of 900 rows" in told[1]
    assert f"incomplete, given up: {told[1]}" in ended.err


def test_the_crawls_of_a_worker_share_the_limit_of_their_address(
    workers: Workers, hub_world: World
) -> None:
    workers.hub.options.account_limit = Limit(30, 2)
    names = [f"org{number}" for number in range(3)]
    for name in names:
        hub_world.add_namespace(name, repositories=10, tags=120)
    workers.run("enqueue", "repos", org=",".join(names))

    ended = workers.run("worker", "--until-empty", "--concurrency", "3")

    assert workers.states() == {"succeeded": 6}, ended.err
    workers.assert_true(hub_world, *names)
    assert [each.path for each in workers.hub.journal.exchanges if each.status == 429] == []
