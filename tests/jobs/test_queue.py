"""What the queue does where a worker, or an answer of the server, was lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from procrastinate.jobs import Status

from dockerhub.jobs.conduct import Conduct
from dockerhub.jobs.job import QUEUE, CrawlJob
from dockerhub.jobs.schema import SCHEMA, make_queue
from dockerhub.jobs.worker import Worker
from tests.postgres import ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dockerhub.jobs.queue import Queue

JOBS = f"SELECT id, status::text, attempts FROM {SCHEMA}.procrastinate_jobs ORDER BY id"


def tags_of(*names: str, run: int | None = None) -> CrawlJob:
    return CrawlJob(spider="repos", arguments={"repos": ",".join(names)}, run=run)


def at_work(url: str, scene: Callable[[Worker, Queue, Any], Awaitable[None]]) -> None:
    """Play *scene* with a worker that takes nothing by itself."""

    async def play() -> None:
        worker = Worker(url, Conduct())
        queue: Queue = worker._queue
        async with queue:
            await scene(worker, queue, queue.app.job_manager)

    make_queue(url)
    asyncio.run(play())


def test_who_is_crawled_now_waits_for_that(queue_url: str) -> None:
    async def scene(worker: Worker, queue: Queue, manager: Any) -> None:
        await queue.put([tags_of("a/one", "a/two")])
        number = await manager.register_worker()
        running = await manager.fetch_job([QUEUE], number)

        put = await queue.put([tags_of("a/two", "a/three")])

        assert [job.names for job in put.jobs] == [("a/two",), ("a/three",)]
        # The one of the same lock has to wait, the other one has not.
        following = await manager.fetch_job([QUEUE], number)
        assert CrawlJob.of(following.task_kwargs).names == ("a/three",)
        assert await manager.fetch_job([QUEUE], number) is None
        await manager.finish_job_by_id_async(running.id, Status.SUCCEEDED, delete_job=False)
        last = await manager.fetch_job([QUEUE], number)
        assert CrawlJob.of(last.task_kwargs).names == ("a/two",)

    at_work(queue_url, scene)


def test_of_one_run_nothing_is_enqueued_twice(queue_url: str) -> None:
    async def scene(worker: Worker, queue: Queue, manager: Any) -> None:
        first = await queue.put([tags_of("a/one", "a/two")])
        number = await manager.register_worker()
        done = await manager.fetch_job([QUEUE], number)
        await manager.finish_job_by_id_async(done.id, Status.SUCCEEDED, delete_job=False)
        run = first.jobs[0].run
        assert run is not None

        put = await queue.put([tags_of("a/one", "a/two", "a/three", run=run)])

        assert [job.names for job in put.jobs] == [("a/three",)]
        assert put.left_out == 2
        # Another run may do it again.
        assert len((await queue.put([tags_of("a/one")])).jobs) == 1

    at_work(queue_url, scene)


def test_a_job_to_be_tried_again_gives_way_to_one_that_waits_already(queue_url: str) -> None:
    async def scene(worker: Worker, queue: Queue, manager: Any) -> None:
        await queue.put([tags_of("a/one")])
        number = await manager.register_worker()
        running = await manager.fetch_job([QUEUE], number)
        await queue.put([tags_of("a/one")])

        await manager.retry_job(running)

    at_work(queue_url, scene)
    assert [row[1] for row in ask(queue_url, JOBS)] == ["aborted", "todo"]


def test_a_job_that_nobody_knows_to_have_waits_again(queue_url: str) -> None:
    async def scene(worker: Worker, queue: Queue, manager: Any) -> None:
        await queue.put([tags_of("a/one")])
        number = await manager.register_worker()
        await manager.fetch_job([QUEUE], number)  # and the answer was lost

        await worker._put_back(number)
        assert [row[1] for row in ask(queue_url, JOBS)] == ["doing"]
        await worker._put_back(number)

    at_work(queue_url, scene)
    assert ask(queue_url, JOBS) == [(1, "todo", 1)]


def test_what_was_said_before_its_answer_was_lost_may_be_said_again(queue_url: str) -> None:
    async def scene(worker: Worker, queue: Queue, manager: Any) -> None:
        await queue.put([tags_of("a/one")])
        number = await manager.register_worker()
        job = await manager.fetch_job([QUEUE], number)
        await manager.finish_job_by_id_async(job.id, Status.SUCCEEDED, delete_job=False)

        await manager.finish_job_by_id_async(job.id, Status.SUCCEEDED, delete_job=False)
        await manager.retry_job(job)

    at_work(queue_url, scene)
    assert ask(queue_url, JOBS) == [(1, "succeeded", 1)]
