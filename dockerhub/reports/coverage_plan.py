"""What is known beforehand of the cost of a discovery: what waits, and hardly more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.reports.answers import Answer
from dockerhub.reports.plan_figures import FIELDS, HUB
from dockerhub.store.catalog_reader import span_of, waiting_question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.catalog_targets import CatalogTargets
    from dockerhub.reports.plan_time import Budget
    from dockerhub.store.questions import Questions

_ESTIMATED = False


def plan_catalog(
    targets: CatalogTargets, questions: Questions | None, budget: Budget, least: float
) -> Answer:
    """Return what a discovery has still to ask as far as anybody knows.

    *budget* is that of the Hub API, *least* the yield at which it ends; *questions* are None where
    there is no database yet. The most that it may take is None, unless it was bounded.
    """
    searches, lists = (1, 0) if targets.prefix else (len(targets.alphabet), 1)
    if questions is not None:
        found = questions.ask(*waiting_question(targets.prefix))[0]
        begun = questions.one("begun", span_of(targets.prefix))
        searches, lists = (found[0], found[1]) if begun else (searches, lists)
    most = targets.max_requests
    rows = [
        _row("searches that wait", searches, most, budget),
        _row("lists of namespaces that wait", lists, most, budget),
        _row("all", searches + lists, most, budget),
    ]
    return Answer(FIELDS, rows, list(_notes(most, least)))


def _row(kind: str, waiting: int, most: int | None, budget: Budget) -> tuple[object, ...]:
    likely = waiting if most is None else min(waiting, most)
    seconds = budget.seconds(likely, 1)
    minutes = None if seconds is None else seconds / 60
    service = None if kind == "all" else HUB
    return (service, kind, 0, likely, most, _ESTIMATED, False, minutes)


def _notes(most: int | None, least: float) -> Iterator[str]:
    yield "nobody was asked: what a discovery takes cannot be told before; this is what waits"
    yield (
        "each search may add 37 longer prefixes and 100 namespaces; others took 2,000,000 searches"
        " for 12,700,000 repositories, each of up to 100 pages"
    )
    if most is None:
        end = (
            f"a request brings fewer than {least:g} new repositories" if least else "nothing waits"
        )
        yield f"it ends when {end} (DOCKERHUB_CATALOG_MIN_YIELD), or with -a max_requests=N"
