from __future__ import annotations

import logging

import pytest
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from dockerhub.outcome import (
    DONE,
    FAILED,
    FAILURES,
    INCOMPLETE,
    INCOMPLETE_COUNT,
    MISUSED,
    MOST_TOLD,
    PARTIAL,
    PULLS_LEFT,
    STOPPED,
    exit_status,
    fail,
    note_incomplete,
)


@pytest.fixture
def stats() -> StatsCollector:
    return StatsCollector(get_crawler())


def test_statuses_are_those_of_the_readme() -> None:
    assert (DONE, FAILED, MISUSED, PARTIAL, STOPPED) == (0, 1, 2, 3, 130)


@pytest.mark.parametrize(
    ("noted", "reason", "strict", "status"),
    [
        pytest.param({}, "finished", False, DONE, id="done"),
        pytest.param({}, "finished", True, DONE, id="done, strictly"),
        pytest.param({INCOMPLETE_COUNT: 1}, "finished", False, DONE, id="incomplete"),
        pytest.param({INCOMPLETE_COUNT: 1}, "finished", True, PARTIAL, id="incomplete, strictly"),
        pytest.param({PULLS_LEFT: 1}, "finished", False, DONE, id="pulls spent"),
        pytest.param({PULLS_LEFT: 1}, "finished", True, PARTIAL, id="pulls spent, strictly"),
        pytest.param({FAILURES: ["x"]}, "finished", False, FAILED, id="failed"),
        pytest.param(
            {FAILURES: ["x"], INCOMPLETE_COUNT: 1}, "finished", True, FAILED, id="failed, strictly"
        ),
        pytest.param({FAILURES: ["x"]}, "shutdown", False, FAILED, id="failed, then stopped"),
        pytest.param({"spider_exceptions/count": 1}, "finished", False, FAILED, id="exception"),
        pytest.param({}, "shutdown", False, STOPPED, id="stopped"),
        pytest.param({INCOMPLETE_COUNT: 1}, "shutdown", True, STOPPED, id="stopped, strictly"),
        pytest.param({}, "memusage_exceeded", False, FAILED, id="closed by an extension"),
        pytest.param({}, "cancelled", False, FAILED, id="cancelled"),
    ],
)
def test_a_crawl_ends_with_the_status_of_its_worst(
    stats: StatsCollector, noted: dict[str, object], reason: str, strict: bool, status: int
) -> None:
    for key, value in noted.items():
        stats.set_value(key, value)
    assert exit_status(stats, reason, strict=strict) == status


def test_a_failure_is_said_and_kept_once(
    stats: StatsCollector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "dockerhub.outcome")
    for message in ("a %s", "b", "a %s"):
        fail(stats, message)
    assert stats.get_value(FAILURES) == ["a %s", "b"]
    assert [record.getMessage() for record in caplog.records] == ["a %s", "b"]


def test_all_that_is_incomplete_is_kept_in_order(stats: StatsCollector) -> None:
    note_incomplete(stats, "a")
    note_incomplete(stats, "b")
    assert stats.get_value(INCOMPLETE) == ["a", "b"]
    assert stats.get_value(INCOMPLETE_COUNT) == 2
    assert stats.get_value(FAILURES) is None
    assert exit_status(stats, "finished", strict=True) == PARTIAL


def test_of_much_that_is_incomplete_only_the_first_words_are_kept(stats: StatsCollector) -> None:
    for number in range(MOST_TOLD + 5):
        note_incomplete(stats, str(number))
    assert stats.get_value(INCOMPLETE) == [str(number) for number in range(MOST_TOLD)]
    assert (MOST_TOLD, stats.get_value(INCOMPLETE_COUNT)) == (10, 15)
