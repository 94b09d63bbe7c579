"""Lets Twisted forget the timers of requests that are over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_EVERY_SECONDS = 1.0


def _nothing() -> None:
    """Be called."""


class TimersExtension:
    """Makes the reactor run its timers each second, when it drops those that were cancelled.

    Each request has a timer for DOWNLOAD_TIMEOUT. One that was cancelled is kept until the next
    timer is due: on top of asyncio that is a minute, in which thousands of them pile up.
    """

    def __init__(self) -> None:
        self._ran_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Run after answers: without any there are no timers to forget."""
        extension = cls()
        crawler.signals.connect(extension.run, signals.response_received)
        return extension

    def run(self) -> None:
        """Run the reactor's timers, if that was not done a moment ago."""
        now = time.monotonic()
        if now >= self._ran_at + _EVERY_SECONDS:
            self._ran_at = now
            from twisted.internet import reactor as chosen  # noqa: PLC0415  (by then)

            reactor: Any = chosen
            reactor.callLater(0, _nothing)
