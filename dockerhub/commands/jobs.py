"""`scrapy jobs`: what waits, runs and has failed in the queue."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dockerhub.answer_command import LIMIT, AnswerCommand
from dockerhub.moments import MICROSECONDS, now
from dockerhub.options import if_given, read_count
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.words import counted, duration

if TYPE_CHECKING:
    import argparse

    from dockerhub.jobs.state import JobRow, QueueState

_FIELDS = (
    Field("job", "its number", Form.NUMBER),
    Field("state", "runs, failed or waits"),
    Field("spider", "which spider it runs"),
    Field("subject", "with which arguments"),
    Field("age", "how long it is in that state"),
    Field("since", "when it came into it", Form.MOMENT, is_shown=False),
    Field("not_before", "when it may be tried again", Form.MOMENT, is_shown=False),
    Field("tries", "how often it was taken before", Form.NUMBER),
    Field("said", "why its last crawl was not done"),
)
_ROWS = 50


class Command(AnswerCommand):
    """Exit status: 0 done, 1 there is no queue, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "jobs"
    ABOUT = "What waits, runs and has failed in the queue"
    EXAMPLE = "scrapy jobs; scrapy jobs --json"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how many."""
        super().add_options(parser)
        parser.add_argument("--limit", metavar="N", help=f"{LIMIT} (default {_ROWS})")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Print what is in the queue."""
        # Scrapy imports every command at each start; the queue's library is needed here alone.
        from dockerhub.jobs.state import queue_state  # noqa: PLC0415

        settings: Any = self.settings
        most = if_given(read_count, "--limit", opts.limit) or _ROWS
        silence = settings.getfloat("DOCKERHUB_WORKER_SILENCE")
        state = asyncio.run(queue_state(url, most, silence))
        self.put(_answer(state, now()), opts)


def _answer(state: QueueState, present: int) -> Answer:
    rows = [_row(job, present) for job in state.jobs]
    words = ("waits", "runs", "failed", "done", "dropped")
    counts = [f"{state.counts[word]} {word}" for word in words if state.counts.get(word)]
    notes = [f"{', '.join(counts) or 'no jobs'}; {counted(state.workers, 'worker')} at work"]
    shown = sum(state.counts.get(word, 0) for word in words[:3])
    if shown > len(rows):
        notes.append(f"{len(rows)} of {shown} shown: --limit shows more")
    return Answer(_FIELDS, rows, notes)


def _row(job: JobRow, present: int) -> tuple[Any, ...]:
    age = duration(max(0, present - job.since) / MICROSECONDS)
    about = (job.number, job.state, job.spider, job.subject, age)
    return (*about, job.since, job.not_before, job.tries, job.said)
