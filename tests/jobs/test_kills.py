"""Three workers that are killed at random, and a server that is restarted: nothing is lost."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import psycopg
import pytest

from dockerhub.jobs.schema import SCHEMA
from dockerhub.standin import Limit
from tests.jobs.workers import Workers, children, is_running
from tests.postgres import ask, forget, programs, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn, World
    from tests.postgres import Server

KILLS = 4
NAMESPACES = [f"org{number}" for number in range(4)]
TAKEN = f"SELECT count(*) FROM {SCHEMA}.procrastinate_events WHERE type = 'started'"


def test_workers_that_are_killed_cost_repeats_and_nothing_else(
    workers: Workers, hub_world: World
) -> None:
    for namespace in NAMESPACES:
        hub_world.add_namespace(namespace, repositories=8, tags=lambda place: 30 * place)
    workers.hub.options.account_limit = Limit(40, 1)
    workers.run("enqueue", "repos", org=",".join(NAMESPACES))
    random = Random(7)
    running = [workers.start() for _ in range(3)]
    try:
        for _ in range(KILLS):
            workers.until(lambda: any(children(each.pid) for each in running))
            time.sleep(random.uniform(0, 1.5))
            victim = running.pop(random.randrange(3))
            victim.kill()
            victim.wait(10)
            running.append(workers.start())
        workers.hub.options.account_limit = None
        workers.until(lambda: workers.states() == {"succeeded": 2 * len(NAMESPACES)}, 90)
    finally:
        for each in running:
            each.terminate()
        statuses = [each.wait(30) for each in running]

    assert statuses == [0, 0, 0]
    workers.assert_true(hub_world, *NAMESPACES)
    assert "Traceback" not in workers.said()
    # A kill costs the job that was under way, at most.
    assert ask(workers.url, TAKEN)[0][0] <= 2 * len(NAMESPACES) + KILLS


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own, which it may restart."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with running_server(found) as made:
        yield made


def durable(server: Server) -> str:
    """Return the URL of a database that keeps what it has confirmed, which others need not here."""
    url = server.database()
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on".encode())
    return url


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_server_in_mid_crawl_is_survived(
    server: Server, standin_hub: StandIn, hub_world: World, tmp_path: Path, mode: str
) -> None:
    workers = Workers(standin_hub, durable(server), tmp_path)
    standin_hub.options.account_limit = Limit(20, 1)
    hub_world.add_repository("bitnami/vast", tags=2500)
    workers.run("enqueue", "org", org="bitnami")
    with workers.working("--until-empty") as worker:
        workers.until(lambda: len(standin_hub.journal.of("tag_list")) > 8)
        (crawl,) = children(worker.pid)
        forget(workers.url)
        server.stop(mode)
        time.sleep(1.5)
        assert is_running(crawl)
        server.start()
        standin_hub.options.account_limit = None
        assert worker.wait(90) == 0, workers.said()

    said = workers.said()
    assert "database: the server is back, nothing is lost" in said
    assert said.count("the queue's server is away, trying again") >= 1
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert workers.states() == {"succeeded": 2}
    assert ask(workers.url, TAKEN) == [(2,)], said
    workers.assert_true(hub_world, "bitnami")


def test_a_worker_without_its_server_can_be_told_to_end(
    server: Server, standin_hub: StandIn, tmp_path: Path
) -> None:
    workers = Workers(standin_hub, server.database(), tmp_path)
    workers.run("enqueue", "tags", repo="nginx")
    with workers.working("--grace", "1") as worker:
        workers.until(lambda: "job 1: done" in workers.said())
        server.stop("fast")
        workers.until(lambda: "the queue's server is away" in workers.said())
        worker.terminate()
        status = worker.wait(40)
    server.start()

    assert (status, "Traceback" in workers.said()) == (1, False), workers.said()
    assert workers.said().splitlines()[-1].startswith("scrapy worker: queue: expected its server")
