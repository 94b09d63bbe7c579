"""What is in the queue: what runs, has failed and waits, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import StoreError
from dockerhub.jobs.job import TASK, CrawlJob
from dockerhub.jobs.queue import Queue
from dockerhub.jobs.schema import has_queue

if TYPE_CHECKING:
    from typing import Any

_WORDS = {
    "todo": "waits",
    "doing": "runs",
    "failed": "failed",
    "succeeded": "done",
    "cancelled": "dropped",
    "aborted": "dropped",
}


class JobRow(NamedTuple):
    """One job. Moments are microseconds since 1970 in UTC."""

    number: int
    state: str
    """runs, failed or waits"""
    spider: str
    subject: str
    since: int
    """when it came into its state"""
    not_before: int | None
    """when it may be tried again"""
    tries: int
    """how often it was taken before"""
    said: str | None
    """why its last crawl was not done"""


class QueueState(NamedTuple):
    """What is in the queue."""

    jobs: tuple[JobRow, ...]
    counts: dict[str, int]
    """state -> how many; done and dropped ones too"""
    workers: int
    """how many were heard of lately"""


async def queue_state(url: str, most: int, silence: float) -> QueueState:
    """Return what is in the queue at *url*, at most so many jobs one by one.

    :raises StoreError: if there is no queue, or its server is not there
    """
    if not has_queue(url):
        raise StoreError("queue: expected one in this database, it has none; run: scrapy enqueue")
    async with Queue(url) as queue:
        rows = await queue.ask("jobs", task=TASK, most=most)
        counted = await queue.ask("counts", task=TASK)
        workers = await queue.ask("workers", silence=silence)
    counts: dict[str, int] = {}
    for row in counted:
        word = _WORDS.get(row["status"], row["status"])
        counts[word] = counts.get(word, 0) + row["count"]
    return QueueState(tuple(map(_row, rows)), counts, workers[0]["count"])


def _row(row: dict[str, Any]) -> JobRow:
    job = CrawlJob.of(row["args"])
    return JobRow(
        number=row["id"],
        state=_WORDS[row["status"]],
        spider=job.spider,
        subject=job.subject,
        since=row["since"],
        not_before=row["not_before"] if row["status"] == "todo" else None,
        tries=row["attempts"],
        said=row["said"],
    )
