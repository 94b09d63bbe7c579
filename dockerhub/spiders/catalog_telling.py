"""Tells what a discovery brings: as it goes in the log, and at its end in the summary."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dockerhub.items import CatalogPage, WalkEnd
from dockerhub.outcome import PROGRESS
from dockerhub.store.catalog import LISTED, SEARCHED
from dockerhub.walks.recapture import estimate, strata_of
from dockerhub.walks.yields import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockerhub.items import Item
    from dockerhub.spiders.catalog_discovery import Discovery

logger = logging.getLogger(__name__)

_STATS = {Source.SEARCH: f"dockerhub/store/{SEARCHED}", Source.LISTS: f"dockerhub/store/{LISTED}"}


class CatalogTelling:
    """The part of the discovery that counts what each source took and brought."""

    def __init__(self, spider: Discovery) -> None:
        self.spider = spider
        self.lines: list[tuple[str, str]] = []
        """of the summary"""
        self.made, self._heard = 0, 0
        self._told = dict.fromkeys(Source, 0)
        self._last_line = 0
        """requests at the last line of the log: there is one for each window"""

    @property
    def requests(self) -> int:
        """How many answers were taken."""
        return sum(each.requests for each in self.spider.yields.of.values())

    @property
    def has_heard_all(self) -> bool:
        """Whether every page that was made is stored."""
        return self._heard >= self.made

    def heard(self, item: Item) -> None:
        """Count what is stored now."""
        if isinstance(item, CatalogPage):
            self._heard += 1
            self._took(Source.LISTS if item.step is None else Source.SEARCH)
        elif isinstance(item, WalkEnd) and item.walk.key.kind == "repositories":
            self._took(Source.LISTS)
        said = self.progress()
        self.spider.crawler.stats.set_value(PROGRESS, said)
        if self.requests >= self._last_line + self.spider.yields.window:
            self._last_line = self.requests
            logger.info("catalog: %d requests, %s", self.requests, said)

    def progress(self) -> str:
        """Return what came so far, and what a request brings of late."""
        yields = self.spider.yields.of
        new = sum(each.new for each in yields.values())
        recent = [
            f"{each.recent:.2f} a request by {source}"
            for source, each in yields.items()
            if each.requests
        ]
        return ", ".join([f"{new} new repositories", *recent])

    def tell(self, waiting: tuple[int, int], finds: Iterable[Sequence[int]]) -> None:
        """Make the lines of the summary; *waiting* are prefixes and namespaces that are left."""
        spider = self.spider
        new = sum(each.new for each in spider.yields.of.values())
        parts = [
            f"{source} {each.new} in {each.requests} ({each.overall:.2f})"
            for source, each in spider.yields.of.items()
        ]
        share = new / max(1, self.requests)
        self.lines = [
            ("new", f"{new} repositories, {share:.2f} a request: {', '.join(parts)}"),
            ("coverage", _coverage(finds)),
            ("ended", f"{spider.why}; {waiting[0]} prefixes, {waiting[1]} namespaces wait"),
        ]

    def _took(self, source: Source) -> None:
        told = self.spider.crawler.stats.get_value(_STATS[source], 0)
        self.spider.yields.of[source].took(1, told - self._told[source])
        self._told[source] = told


def _coverage(finds: Iterable[Sequence[int]]) -> str:
    strata, found = strata_of(finds)
    coverage = estimate(strata, found)
    if coverage is None:
        return f"not known yet: searches have shown too few of {found} repositories twice"
    least, most = coverage.shares
    return (
        f"{coverage.share:.1%} ({least:.1%} to {most:.1%}): {found} of about {coverage.total}"
        f" ({coverage.low} to {coverage.high}), rather fewer than more of all"
    )
