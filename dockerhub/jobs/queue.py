"""The queue: puts jobs in, each subject once, and tells what is in it."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from dockerhub.errors import StoreError
from dockerhub.jobs.connector import PatientConnector, is_lost
from dockerhub.jobs.job import QUEUE, TASK, CrawlJob
from dockerhub.redact import plain
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Who cuts: one at a time, or two would queue the same repository in different jobs.
_TURN = 0x646F636B65726A6F  # "dockerjo"

# Its own lines repeat a job's arguments and end in tracebacks; ours say the same in one.
for _name in ("procrastinate", "psycopg.pool"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Put(NamedTuple):
    """What came of enqueuing."""

    jobs: tuple[CrawlJob, ...]
    """those that wait now"""
    numbers: tuple[int, ...]
    """of those"""
    left_out: int
    """how many subjects wait already"""


class Queue:
    """The queue at *url*, whose tables are there. Used in one asyncio loop, `async with`."""

    def __init__(self, url: str) -> None:
        self.connector = PatientConnector(url)
        self.app = App(connector=self.connector)
        self._sql = load_queries("jobs")

    async def __aenter__(self) -> Self:
        with told():
            await self.app.open_async()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.app.close_async()

    async def ask(self, name: str, **given: Any) -> list[dict[str, Any]]:
        """Return the rows that answer the question *name* of `jobs.sql`."""
        return await self.connector.execute_query_all_async(self._sql[name], **given)

    async def tell(self, name: str, **given: Any) -> None:
        """Run the statement *name* of `jobs.sql`."""
        await self.connector.execute_query_async(self._sql[name], **given)

    async def put(self, jobs: Sequence[CrawlJob]) -> Put:
        """Enqueue *jobs*, all or none, without what waits already or was of the same run.

        Those without a run get one. A job about what is being crawled waits until that ends.
        """
        return await self.connector.patiently(lambda: self._put(jobs))

    async def _put(self, jobs: Sequence[CrawlJob]) -> Put:
        async with self.connector.pool.connection() as connection, connection.transaction():
            await connection.execute(self._sql["turn"].encode(), {"turn": _TURN})
            run = jobs[0].run if jobs else None
            if run is None:
                found = await connection.execute(self._sql["next_run"].encode())
                (run,) = await found.fetchone() or (0,)
            about = {"task": TASK, "run": run}
            found = await connection.execute(self._sql["under_way"].encode(), about)
            present = _Present.of(await found.fetchall(), run)
            put, numbers, left_out = [], [], 0
            for job in jobs:
                rest, left = present.without(replace(job, run=run))
                left_out += left
                for each, lock in rest:
                    number = await self._defer(each, lock, connection)
                    left_out += number is None
                    if number is not None:
                        put.append(each)
                        numbers.append(number)
        return Put(tuple(put), tuple(numbers), left_out)

    async def _defer(self, job: CrawlJob, lock: str, connection: Any) -> int | None:
        deferrer = self.app.configure_task(
            TASK,
            queue=QUEUE,
            lock=lock,
            queueing_lock=job.key,
            task_kwargs=job.said,
            allow_unknown=True,
            connection=connection,
        )
        with contextlib.suppress(AlreadyEnqueued):
            async with connection.transaction():
                return await deferrer.defer_async()
        return None


class _Present(NamedTuple):
    """What waits, runs, or was of the same run."""

    waiting: frozenset[tuple[str, str, str]]
    """(stage, scope, repository) of what need not be enqueued"""
    locks: Mapping[str, str]
    """repository -> the lock of the job that has it"""
    of_run: frozenset[str]
    """the keys of the jobs of the same run"""

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str, str, Mapping[str, Any]]], run: int) -> _Present:
        """Return it for rows of `under_way`."""
        waiting, locks, of_run = set(), {}, set()
        for _, status, lock, said in rows:
            job = CrawlJob.of(said)
            if job.run == run:
                of_run.add(job.key)
            if status == "todo" or job.run == run:
                waiting.update(_marks(job))
            if status in ("todo", "doing"):
                locks.update(dict.fromkeys(job.names, lock))
        return cls(frozenset(waiting), locks, frozenset(of_run))

    def without(self, job: CrawlJob) -> tuple[list[tuple[CrawlJob, str]], int]:
        """Return what is left of *job*, each part with its lock, and how many subjects are not."""
        if job.key in self.of_run:
            return [], 1
        if "repos" not in job.arguments:
            locks = [self.locks[name] for name in job.names if name in self.locks]
            # Parts of one repository are subjects of their own.
            return [(job, locks[0] if locks and not _is_part(job) else job.lock)], 0
        by_lock: dict[str | None, list[str]] = {}
        left_out = 0
        for mark in _marks(job):
            name = mark[2]
            if mark in self.waiting:
                left_out += 1
            else:
                by_lock.setdefault(self.locks.get(name), []).append(name)
        parts = []
        for lock, names in by_lock.items():
            arguments = {**job.arguments, "repos": ",".join(names)}
            part = replace(job, arguments=arguments)
            parts.append((part, lock or part.lock))
        return parts, left_out


def _is_part(job: CrawlJob) -> bool:
    return bool({"tags", "digests"} & set(job.arguments))


def _marks(job: CrawlJob) -> list[tuple[str, str, str]]:
    """Return what *job* does for each of its repositories, if it does it for all of a kind."""
    if _is_part(job) and "repo" in job.arguments:
        return []
    scope = str(sorted(job.scope.items()))
    return [(f"{job.spider} {job.stage}", scope, name) for name in job.names]


@contextlib.contextmanager
def told() -> Any:
    """Turn what cannot be reached into a line.

    :raises StoreError: if the server is not there
    """
    try:
        yield
    except Exception as error:
        if is_lost(error):
            raise StoreError(f"queue: expected its server, {plain(str(error))}") from None
        raise
