"""Timers of requests that are over are no longer kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.test import get_crawler
from twisted.internet.task import Clock

from dockerhub.extensions import timers as timers_module
from dockerhub.extensions.timers import TimersExtension

if TYPE_CHECKING:
    import pytest


def test_the_reactor_runs_its_timers_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    reactor, now = Clock(), [100.0]
    monkeypatch.setattr("twisted.internet.reactor", reactor, raising=False)
    monkeypatch.setattr(timers_module.time, "monotonic", lambda: now[0])
    crawler = get_crawler()
    extension = TimersExtension.from_crawler(crawler)

    def answered() -> Any:
        crawler.signals.send_catch_log(signals.response_received)
        return len(reactor.getDelayedCalls())

    assert [answered(), answered()] == [1, 1]
    now[0] += 1
    assert answered() == 2
    assert extension is not None
