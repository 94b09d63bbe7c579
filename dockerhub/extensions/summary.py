"""Says at the end of a crawl what was learned, what it cost, and what is incomplete and why."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from dockerhub.items import (
    Attestation,
    CatalogPage,
    Config,
    Manifest,
    RepositoryDetail,
    RepositoryPage,
    TagImages,
    TagPage,
)
from dockerhub.kinds import WHOLE, ManifestKind, StopReason
from dockerhub.moments import MICROSECONDS, iso
from dockerhub.outcome import (
    FAILURES,
    INCOMPLETE,
    INCOMPLETE_COUNT,
    INDEXES_LEFT,
    NEXT_WINDOW,
    PULLS,
    PULLS_LEFT,
    TOLD,
    WHY_SPENT,
    note_incomplete,
)
from dockerhub.redact import plain
from dockerhub.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

    from dockerhub.items import Item, WalkStep

logger = logging.getLogger(__name__)

_MOST_EXITS = 10
"""Of how many exits there is a line."""

_TAGS = ("tag", "tags")
_REPOSITORIES = ("repository", "repositories")
_CATALOG_ROWS = ("row of repositories", "rows of repositories")
_CONTENTS = {
    "images": ("image with its layers", "images with their layers"),
    "configs": ("config", "configs"),
    "attestations": ("attestation", "attestations"),
}
_FINDINGS = (
    ("store/tags_new", _TAGS, "new"),
    ("store/tags_moved", _TAGS, "moved"),
    ("store/tags_gone", _TAGS, "gone"),
    ("store/repositories_gone", _REPOSITORIES, "gone"),
    ("repositories/unchanged", _REPOSITORIES, "unchanged"),
    ("repositories/empty", _REPOSITORIES, "never pushed"),
)

_WHY = {
    StopReason.ANONYMOUS_CAP: "Docker Hub shows no more without signing in",
    StopReason.DEPTH_CAP: "Docker Hub shows no more of this list",
    StopReason.DRIFTED: "the list changed while it was read, twice; the next crawl reads it again",
    StopReason.FORBIDDEN: "Docker Hub forbids it",
    StopReason.BLOCKED: "Docker Hub takes this crawler for a robot that it does not want",
    StopReason.RATE_LIMITED: "Docker Hub refused it for too many requests",
    StopReason.BUDGET_SPENT: "as many as one crawl asks for; the next goes on",
    StopReason.ERROR: "it failed; the next crawl takes it up",
}
_ADVICE = (
    "sign in to see the rest: set DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD (a free account's"
    " access token with public read-only access)"
)


class SummaryExtension:
    """Listens to what was stored; prints to standard error, which leaves the feed `-o -` clean."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
        self._repositories: set[int] = set()
        self._tags = self._shown = 0
        self._contents: Counter[str] = Counter()
        self._is_capped = False
        self._cut: dict[str, WalkStep] = {}
        self._named: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect the signals."""
        extension = cls(crawler)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def item_scraped(self, item: Item) -> None:
        """Count what was stored and note what a walk could not bring."""
        if isinstance(item, TagPage):
            self._tags += len(item.rows)
        elif isinstance(item, RepositoryPage):
            self._repositories.update(hash(row.repository) for row in item.rows)
        elif isinstance(item, CatalogPage):
            # Of millions no names are kept: what came twice counts twice, and says so.
            self._shown += len(item.rows)
        elif isinstance(item, RepositoryDetail):
            self._repositories.add(hash(item.row.repository))
        else:
            self._count_contents(item)
        if item.walk is not None and item.walk.stop_reason is not None:
            self._note(item.walk)

    def _count_contents(self, item: Item) -> None:
        if isinstance(item, TagImages):
            self._contents["images"] += len(item.rows)
        elif isinstance(item, Manifest):
            self._contents["images"] += item.kind is ManifestKind.IMAGE
        elif isinstance(item, Config):
            self._contents["configs"] += item.detail is None
        elif isinstance(item, Attestation):
            self._contents["attestations"] += 1

    def _note(self, walk: WalkStep) -> None:
        assert walk.stop_reason is not None  # noqa: S101  (the caller looked)
        self._crawler.stats.inc_value(f"dockerhub/walks/{walk.stop_reason}")
        if walk.key.kind == "tags" and walk.stop_reason is StopReason.ANONYMOUS_CAP:
            # The registry may still name what is missing: it is told at the end.
            self._cut[walk.key.subject] = walk
            return
        if walk.key.kind == "names" and walk.stop_reason is StopReason.COMPLETE:
            self._named.add(walk.key.subject)
        self._tell(walk)

    def _tell(self, walk: WalkStep) -> None:
        assert walk.stop_reason is not None  # noqa: S101  (the caller looked)
        if walk.refused_count:
            self._incomplete(walk, f"{counted(walk.refused_count, 'row')} could not be read")
        if walk.stop_reason in WHOLE:
            return
        is_cut = walk.stop_reason is StopReason.ANONYMOUS_CAP or walk.key.kind == "details"
        self._is_capped |= is_cut
        why = _WHY.get(walk.stop_reason, str(walk.stop_reason))
        detail = f" ({plain(walk.detail, 120)})" if walk.detail else ""
        known = "" if walk.last_count is None else f" of {walk.last_count}"
        missing = f", {walk.missing_count} missing" if walk.missing_count else ""
        rows = "" if walk.key.kind == "repository" else f"{walk.row_count}{known} rows{missing}: "
        self._incomplete(walk, f"{rows}{why}{detail}")

    def _incomplete(self, walk: WalkStep, why: str) -> None:
        kind = "" if walk.key.kind == "repository" else f"{walk.key.kind} of "
        subject = f"{kind}{plain(walk.key.subject, 80)}"
        note_incomplete(self._crawler.stats, f"{subject}: {why}")

    def spider_closed(self, reason: str) -> None:
        """Print the summary, unless nothing was learned: then the failure speaks for itself."""
        stats = self._crawler.stats
        for subject, walk in self._cut.items():
            if subject not in self._named:
                self._tell(walk)
        learned = self._repositories or self._shown or self._tags or self._contents.total()
        if stats.get_value(FAILURES) and not learned:
            return
        lines = list(self.lines(reason))
        if self._crawler.settings["LOG_FILE"]:  # which is all that Scrapyd shows of a job
            for line in lines:
                logger.info("%s", line)
        # Who closes our standard error does not want to read it: that is no failure.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write("".join(f"{line}\n" for line in lines))
            sys.stderr.flush()

    def lines(self, reason: str) -> Iterator[str]:
        """Yield the lines of the summary."""
        spider: Any = self._crawler.spider
        stats = self._crawler.stats
        given = " ".join(f"{key}={value}" for key, value in spider.given_arguments.items())
        took = duration(time.monotonic() - self._started)
        end = "done" if reason == "finished" else f"ended early ({reason})"
        yield f"{spider.name} {plain(given, 100)}: {end} in {took}"
        yield f"  read        {self._learned()}"
        yield f"  cost        {self._cost()}"
        for label, text in stats.get_value(TOLD, []):
            yield f"  {label:<12}{text}"
        yield from self._exits()
        yield from self._left()
        yield from self._gaps()

    def _learned(self) -> str:
        parts = [counted(self._shown, *_CATALOG_ROWS)] if self._shown else []
        if self._repositories or not parts:
            parts.append(counted(len(self._repositories), *_REPOSITORIES))
        parts.append(counted(self._tags, *_TAGS))
        parts += [
            counted(self._contents[name], *nouns)
            for name, nouns in _CONTENTS.items()
            if self._contents[name]
        ]
        for name, nouns, what in _FINDINGS:
            number = self._crawler.stats.get_value(f"dockerhub/{name}", 0)
            parts += [f"{counted(number, *nouns)} {what}"] if number else []
        return ", ".join(parts)

    def _cost(self) -> str:
        stats = self._crawler.stats
        requests = counted(stats.get_value("downloader/request_count", 0), "request")
        waits = stats.get_value("dockerhub/no/slow down", 0)
        slowed = f", asked to slow down {counted(waits, 'time')}" if waits else ""
        return f"{requests}, {counted(stats.get_value(PULLS, 0), 'pull')}{slowed}"

    def _exits(self) -> Iterator[str]:
        """Yield what went by each exit, where there are proxies; those in trouble first."""
        scheduler: Any = self._crawler.engine.scheduler
        if scheduler is None or scheduler.exits.is_single:
            return
        exits = scheduler.exits
        labels = dict.fromkeys(exits.label(name) for name in exits.names)
        counts = {label: self._counts_of(label) for label in labels}
        told = sorted(counts.items(), key=lambda one: one[1][:2], reverse=True)
        for label, (dead, rests, requests) in told[:_MOST_EXITS]:
            rested = f", rested {counted(rests, 'time')}" if rests else ""
            ended = ", not used any more" if dead else ""
            yield f"  exit        {label}: {counted(requests, 'request')}{rested}{ended}"
        if len(told) > _MOST_EXITS:
            yield f"  exit        and {len(told) - _MOST_EXITS} more"

    def _counts_of(self, label: str) -> tuple[int, int, int]:
        """Return how often an exit was given up, rested besides, and was asked by."""
        dead, rests, requests = (
            self._crawler.stats.get_value(f"dockerhub/exits/{label}/{what}", 0)
            for what in ("dead", "rests", "requests")
        )
        return dead, rests - dead, requests

    def _left(self) -> Iterator[str]:
        stats = self._crawler.stats
        left = stats.get_value(PULLS_LEFT, 0)
        if left:
            moment = stats.get_value(NEXT_WINDOW)
            at = f" (at {iso(int(moment * MICROSECONDS))[11:19]} UTC)" if moment else ""
            why = stats.get_value(WHY_SPENT, "pulls: none is left")
            yield f"  left        {counted(left, 'manifest')} to the next run: {why}{at}"
            indexes = stats.get_value(INDEXES_LEFT, 0)
            if indexes:
                them = counted(indexes, "of them is an index", "of them are indexes")
                yield f"              {them}: what is in there is not counted"

    def _gaps(self) -> Iterator[str]:
        stats = self._crawler.stats
        gaps = stats.get_value(INCOMPLETE, [])
        for gap in gaps:
            yield f"  incomplete  {gap}"
        more = stats.get_value(INCOMPLETE_COUNT, 0) - len(gaps)
        if more:
            yield f"  incomplete  and {more} more: see the view walks, and the log"
        if self._is_capped:
            yield f"  advice      {_ADVICE}"
