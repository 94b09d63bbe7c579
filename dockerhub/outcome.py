"""How a crawl ends: what failed and what is incomplete, kept in the statistics for who asks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)

ANSWERS = "dockerhub/answers"
"""answers, by `/service/exit/kind`; the kind is `data` or that of a no"""
FAILURES = "dockerhub/failures"
INCOMPLETE = "dockerhub/incomplete"
INCOMPLETE_COUNT = "dockerhub/incomplete_count"
PULLS = "dockerhub/pulls"
PULLS_LEFT_COUNT = "pulls/left"
PULLS_LEFT = f"dockerhub/{PULLS_LEFT_COUNT}"
"""manifests that were left because the pulls of the window were spent"""
INDEXES_LEFT_COUNT = "pulls/left_indexes"
INDEXES_LEFT = f"dockerhub/{INDEXES_LEFT_COUNT}"
"""indexes among them: what is in those is not known"""
WHY_SPENT = "dockerhub/pulls/why"
"""why no more pulls were taken, in words"""
NEXT_WINDOW = "dockerhub/pulls/next_window"
"""Unix time at which there are pulls again"""
SIGNED_IN = "dockerhub/signed_in"
PROGRESS = "dockerhub/progress"
"""how far a crawl is, in words, where that is not told by walks of tags"""
TOLD = "dockerhub/told"
"""lines of the summary that only a spider can tell: pairs of a label and what follows it"""

UNKNOWN = "unknown"
"""The reason of a crawl that was stopped before it had one: Ctrl-C twice, or at the start."""

MOST_TOLD = 10
"""Of how many incomplete things the words are kept; the others are only counted."""

DONE, FAILED, MISUSED, PARTIAL, STOPPED = 0, 1, 2, 3, 130
"""The exit statuses; 130 is what a shell makes of Ctrl-C."""


def fail(stats: StatsCollector, message: str) -> None:
    """Note that the crawl failed: *message* is one line with place, expectation and finding."""
    failures = stats.get_value(FAILURES, [])
    if message in failures or len(failures) > MOST_TOLD:
        return
    if len(failures) == MOST_TOLD:
        message = "and more failures of this kind"
    logger.error("%s", message)
    stats.set_value(FAILURES, [*failures, message])


def note_incomplete(stats: StatsCollector, message: str) -> None:
    """Note one thing that the crawl could not bring, and why."""
    stats.inc_value(INCOMPLETE_COUNT)
    told = stats.get_value(INCOMPLETE, [])
    if len(told) < MOST_TOLD:
        stats.set_value(INCOMPLETE, [*told, message])


def exit_status(stats: StatsCollector, reason: str, *, strict: bool) -> int:
    """Return the status that the crawl ends with; *reason* is Scrapy's `finish_reason`."""
    if stats.get_value(FAILURES) or stats.get_value("spider_exceptions/count"):
        return FAILED
    if any(name.startswith("feedexport/failed_count") for name in stats.get_stats()):
        return FAILED
    if reason in ("shutdown", UNKNOWN):
        return STOPPED
    if reason != "finished":
        return FAILED
    is_partial = stats.get_value(INCOMPLETE_COUNT) or stats.get_value(PULLS_LEFT)
    return PARTIAL if strict and is_partial else DONE
