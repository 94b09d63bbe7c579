"""Samples of pulls, written as crawls write them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from dockerhub.items import RepositoryPage
from dockerhub.names import RepositoryName
from dockerhub.reports.scope import EVERYTHING
from dockerhub.reports.trends import trends
from dockerhub.reports.trends_options import TrendOptions
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.store.made import DAY, NOW, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.reports.trends import Trends

TODAY = NOW // DAY  # 2026-11-22


def put_samples(
    url: str,
    pulls: Mapping[str, Mapping[int, int | None]],
    *,
    present: int = NOW,
    **said: Any,
) -> None:
    """Store how many pulls each repository had so many days ago: `{"a/b": {2: 100, 0: 130}}`."""
    with closing(Writer(url)) as writer:
        for name, counts in pulls.items():
            repository = RepositoryName.of(name)
            for ago, count in sorted(counts.items(), reverse=True):
                one = row(pull_count=count, **said)._replace(repository=repository)
                seen = present - ago * DAY
                writer.write([RepositoryPage(seen=seen, rows=(one,), walk=None, is_search=False)])


def ask(url: str, **options: Any) -> Trends:
    """Return what the trends are on the day of `NOW`."""
    asked = TrendOptions(today=TODAY, **{"scope": EVERYTHING, **options})
    with Questions(url, "trends_reading") as questions:
        return trends(questions, asked)
