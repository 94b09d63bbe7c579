"""What becomes of a job whose crawl ended: done, tried again, or failed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from procrastinate import BaseRetryStrategy, RetryDecision

from dockerhub.errors import DockerhubError
from dockerhub.outcome import DONE, FAILED, MISUSED, PARTIAL, STOPPED
from dockerhub.words import duration

if TYPE_CHECKING:
    from dockerhub.jobs.crawl_process import Ended

# What `scrapy crawl` says that is not the only one: a crawl whose worker is gone lives a moment.
_HELD = "expected to be the only crawl of this"
_SOON = 10.0
_LONGEST_WAIT = 6 * 3600.0


class Verdict(NamedTuple):
    """What becomes of a job."""

    word: str
    """done, incomplete, failed, misused, held or killed"""
    again_after: float | None = None
    """seconds until it is tried again; None: it is not"""
    is_counted: bool = True
    """whether that was one of its tries"""

    @property
    def brings_more(self) -> bool:
        """Whether what follows is due: what came is there, though something may lack."""
        return self.word in ("done", "incomplete")


class CrawlFailed(DockerhubError):
    """Raised when a job's crawl is not done, by the worker; `again_after` says what follows."""

    def __init__(self, verdict: Verdict, said: str) -> None:
        following = "given up"
        if verdict.again_after is not None:
            following = f"again in {duration(verdict.again_after)}"
        super().__init__(f"{verdict.word}, {following}: {said or 'it said nothing'}")
        self.again_after = verdict.again_after


def verdict(ended: Ended, failures: int, *, tries: int, backoff: float) -> Verdict:
    """Return what becomes of a job that has failed *failures* times before this.

    It is tried *tries* times, *backoff* seconds after the first and four times as long each time.
    """
    if ended.status == DONE:
        return Verdict("done")
    if ended.status == MISUSED:
        return Verdict("misused")
    if ended.status == FAILED and _HELD in ended.said:
        return Verdict("held", _SOON, is_counted=False)
    word = {PARTIAL: "incomplete", STOPPED: "stopped"}.get(ended.status, "failed")
    word = "killed" if ended.status < 0 else word
    if failures + 1 >= tries:
        return Verdict(word)
    return Verdict(word, min(backoff * 4**failures, _LONGEST_WAIT))


class Again(BaseRetryStrategy):
    """Tells procrastinate when a job is run again."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        """Return when; None for never."""
        if isinstance(exception, asyncio.CancelledError):
            # It was interrupted with its worker, which says nothing of the crawl.
            return RetryDecision()
        if not isinstance(exception, CrawlFailed):
            return RetryDecision(retry_at=_moment(_SOON))
        if exception.again_after is None:
            return None
        return RetryDecision(retry_at=_moment(exception.again_after))


def _moment(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
