"""What a crawl tells Prometheus, made of its statistics. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from dockerhub.outcome import ANSWERS, FAILURES, INCOMPLETE_COUNT, PULLS, PULLS_LEFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

_ANSWERS = f"{ANSWERS}/"
_WALKS, _STORE = "dockerhub/walks/", "dockerhub/store/"
_OF_ALL = ("spider", "subject")


class Budget(NamedTuple):
    """What a service still lets an exit do."""

    service: str
    exit: str
    left: int
    limit: int
    resets_at: float | None
    """Unix seconds; None where it is not known"""


class Facts(NamedTuple):
    """How a crawl stands."""

    spider: str
    subject: str
    """its arguments, `org=bitnami`"""
    stats: Mapping[str, Any]
    """Scrapy's statistics"""
    rows: Mapping[str, int]
    """rows stored, by kind"""
    budgets: Sequence[Budget]
    started: float
    ended: float | None
    """Unix seconds; None while it runs"""


class Families(Collector):
    """The metrics of one crawl, each with the labels `spider` and `subject`."""

    def __init__(self, facts: Facts, oldest: float | None) -> None:
        """*oldest* is when the oldest walk of the database that is not finished began."""
        self._facts = facts
        self._oldest = oldest
        self._labels = (facts.spider, facts.subject)

    def collect(self) -> Iterator[Metric]:
        """Yield them; the client library asks."""
        yield from self._answers()
        yield from self._counts()
        yield from self._left()
        yield from self._moments()

    def _answers(self) -> Iterator[Metric]:
        family = self._counter(
            "answers",
            "Answers by service, exit and kind: data, or the kind of no.",
            "service",
            "exit",
            "answer",
        )
        for name, number in sorted(self._facts.stats.items()):
            if name.startswith(_ANSWERS):
                service, _, rest = name.removeprefix(_ANSWERS).partition("/")
                exit_name, _, kind = rest.rpartition("/")
                family.add_metric((*self._labels, service, exit_name, kind), number)
        yield family

    def _counts(self) -> Iterator[Metric]:
        stats = self._facts.stats
        yield self._by_name("walks", "Walks by why they ended.", "reason", _WALKS)
        yield self._by_name("changes", "What the store found new, moved or gone.", "what", _STORE)
        rows = self._counter("rows", "Rows stored, by kind.", "kind")
        for kind, number in sorted(self._facts.rows.items()):
            rows.add_metric((*self._labels, kind), number)
        yield rows
        singles = (
            ("requests", "Requests sent, repetitions included.", "downloader/request_count"),
            ("pulls", "Pulls spent.", PULLS),
            ("pulls_left_to_the_next_run", "Manifests that no pull was left for.", PULLS_LEFT),
            ("incomplete", "Lists and things that are not whole.", INCOMPLETE_COUNT),
        )
        for name, about, key in singles:
            family = self._counter(name, about)
            family.add_metric(self._labels, stats.get(key, 0))
            yield family

    def _left(self) -> Iterator[Metric]:
        by = ("service", "exit")
        left = self._gauge("budget_left", "Requests or pulls left in the window.", *by)
        limit = self._gauge("budget_limit", "What the window holds.", *by)
        resets = self._gauge("budget_resets_timestamp_seconds", "When the window ends.", *by)
        for budget in self._facts.budgets:
            labels = (*self._labels, budget.service, budget.exit)
            left.add_metric(labels, budget.left)
            limit.add_metric(labels, budget.limit)
            if budget.resets_at is not None:
                resets.add_metric(labels, budget.resets_at)
        yield from (left, limit, resets)

    def _moments(self) -> Iterator[Metric]:
        facts = self._facts
        moments = (
            ("started_timestamp_seconds", "When the crawl began.", facts.started),
            ("ended_timestamp_seconds", "When the crawl ended.", facts.ended),
            ("running", "1 while the crawl runs.", float(facts.ended is None)),
            ("failures", "Reasons for which the crawl failed.", self._failures()),
            (
                "oldest_unfinished_timestamp_seconds",
                "When the oldest walk of the database that is not finished began.",
                self._oldest,
            ),
        )
        for name, about, value in moments:
            family = self._gauge(name, about)
            if value is not None:
                family.add_metric(self._labels, value)
            yield family

    def _failures(self) -> float:
        return float(len(self._facts.stats.get(FAILURES, ())))

    def _by_name(self, name: str, about: str, label: str, prefix: str) -> Metric:
        family = self._counter(name, about, label)
        for key, number in sorted(self._facts.stats.items()):
            if key.startswith(prefix):
                family.add_metric((*self._labels, key.removeprefix(prefix)), number)
        return family

    def _counter(self, name: str, about: str, *labels: str) -> CounterMetricFamily:
        return CounterMetricFamily(f"dockerhub_{name}", about, labels=(*_OF_ALL, *labels))

    def _gauge(self, name: str, about: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"dockerhub_{name}", about, labels=(*_OF_ALL, *labels))
