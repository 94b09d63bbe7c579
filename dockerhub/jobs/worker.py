"""The worker: takes jobs from the queue and runs each crawl in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from typing import TYPE_CHECKING, Any

from procrastinate.exceptions import ConnectorException

from dockerhub.errors import StoreError, in_words
from dockerhub.jobs.crawl_process import Ended, command_of, run_crawl
from dockerhub.jobs.ends import Again, CrawlFailed, Verdict, verdict
from dockerhub.jobs.first_jobs import SPIDERS
from dockerhub.jobs.following import following
from dockerhub.jobs.job import QUEUE, TASK, CrawlJob
from dockerhub.jobs.manager import Manager
from dockerhub.jobs.queue import Queue, told
from dockerhub.moments import now
from dockerhub.outcome import MISUSED
from dockerhub.redact import plain
from dockerhub.words import counted, duration

if TYPE_CHECKING:
    from procrastinate import JobContext

    from dockerhub.jobs.conduct import Conduct

logger = logging.getLogger(__name__)

_POLL_SECONDS = 3.0
_MOST_SHOWN = 200
_KEPT_HOURS = 30 * 24
"""how long the queue remembers jobs that are done"""
# Who is told to end has this long to say so to a server that is away.
_GOODBYE_SECONDS = 5.0


class Worker:
    """A worker of the queue at *url*."""

    def __init__(self, url: str, conduct: Conduct) -> None:
        self._url, self._conduct = url, conduct
        self._queue = Queue(url)
        self._running: set[int] = set()
        self._number: int | None = None
        self._adrift: set[int] = set()
        app = self._queue.app
        app.job_manager = Manager(self._queue.connector, self.register)
        app.task(name=TASK, queue=QUEUE, pass_context=True, retry=Again())(self._crawl)

    async def run(self) -> None:
        """Work until told to end by SIGTERM or SIGINT; a second one ends it at once.

        :raises StoreError: if the queue's server is not there at the start
        """
        conduct = self._conduct
        async with self._queue:
            working = asyncio.ensure_future(
                self._queue.app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=conduct.concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=conduct.grace,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    update_heartbeat_interval=conduct.silence / 3,
                    stalled_worker_timeout=conduct.silence,
                )
            )
            _on_signals(lambda: self._stop(working))
            looking = asyncio.ensure_future(self._look_after(working))
            try:
                with contextlib.suppress(asyncio.CancelledError), told():
                    await working
            finally:
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking

    def register(self, number: int) -> None:
        """Hear under which number the queue knows this worker."""
        self._number = number

    def _stop(self, working: asyncio.Future[None]) -> None:
        running = counted(len(self._running), "running crawl")
        grace = duration(self._conduct.grace)
        logger.info("told to end: %s may go on for %s, then put back", running, grace)
        latest = time.monotonic() + self._conduct.grace + _GOODBYE_SECONDS
        self._queue.connector.gives_up_at = latest
        working.cancel()

    async def _look_after(self, working: asyncio.Future[None]) -> None:
        """Put back the jobs of workers that are gone, and end when nothing is left if asked to."""
        is_new = True
        while True:
            try:
                if is_new:
                    await self._queue.app.job_manager.delete_old_jobs(_KEPT_HOURS)
                    is_new = False
                if self._number is not None:
                    # procrastinate's own ends when the worker is told to, its crawls may go on.
                    await self._queue.app.job_manager.update_heartbeat(self._number)
                    await self._put_back(self._number)
                left = await self._queue.ask("left", task=TASK)
                if self._conduct.until_empty and not left[0]["count"]:
                    working.cancel()
                    return
            except ConnectorException as error:
                logger.warning("the queue cannot be looked after: %s", plain(in_words(error)))
            await asyncio.sleep(min(self._conduct.silence / 3, _POLL_SECONDS))

    async def _put_back(self, worker: int) -> None:
        """Put back what nobody runs: jobs of silent workers, and of this one if it knows nothing.

        An answer that was lost with the connection may have given this worker a job.
        """
        taken = {row["id"] for row in await self._queue.ask("taken_by", worker=worker)}
        unknown = taken - self._running
        adrift, self._adrift = unknown & self._adrift, unknown
        rows = await self._queue.ask(
            "put_back",
            task=TASK,
            silence=self._conduct.silence,
            worker=worker,
            unknown=sorted(adrift),
        )
        for row in rows:
            logger.warning("job %d has lost its worker, it waits again", row["id"])

    async def _crawl(self, context: JobContext, /, **said: Any) -> None:
        job, number = CrawlJob.of(said), int(context.job.id or 0)
        self._running.add(number)
        subject = plain(f"{job.spider} {job.subject}", _MOST_SHOWN)
        logger.info("job %d: %s", number, subject)
        began = time.monotonic()
        try:
            ended = await self._run(number, job)
            await self._end(number, job, ended, time.monotonic() - began)
        except asyncio.CancelledError:
            logger.info("job %d: put back", number)
            raise
        finally:
            self._running.discard(number)

    async def _run(self, number: int, job: CrawlJob) -> Ended:
        if job.spider not in SPIDERS:
            # Who else writes into the queue is not to choose what we run.
            return Ended(MISUSED, f"spider: expected one of {', '.join(SPIDERS)}")
        levels = logging.getLevelNamesMapping()
        return await run_crawl(
            command_of(job, self._conduct.options),
            self._conduct.environment,
            lambda level, text: logger.log(
                levels[level] - _quieter(level), "job %d: %s", number, text
            ),
        )

    async def _end(self, number: int, job: CrawlJob, ended: Ended, seconds: float) -> None:
        """Enqueue what follows, write how it ended, and raise if it is not done."""
        failures = (await self._queue.ask("failures", job_id=number))[0]["count"]
        conduct = self._conduct
        found = verdict(ended, failures, tries=conduct.tries, backoff=conduct.backoff)
        if found.brings_more:
            await self._follow(number, job)
        if found.is_counted:
            await self._queue.tell(
                "put_end", job_id=number, exit_status=ended.status, said=ended.said or None
            )
        if found.word == "done":
            logger.info("job %d: done in %s", number, duration(seconds))
            return
        failed = CrawlFailed(found, ended.said)
        logger.warning("job %d: %s", number, failed)
        raise failed

    async def _follow(self, number: int, job: CrawlJob) -> None:
        try:
            jobs = await asyncio.to_thread(
                following, job, self._url, now(), self._conduct.full_days
            )
        except StoreError as error:
            raise CrawlFailed(Verdict("failed", self._conduct.backoff), str(error)) from error
        if jobs:
            put = await self._queue.put(jobs)
            logger.info("job %d: followed by %s", number, counted(len(put.jobs), "job"))


def _quieter(level: str) -> int:
    """Return by how much less is made of what a crawl says than of what the worker says."""
    return 10 if level == "INFO" else 0


def _on_signals(stop: Any) -> None:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop)
