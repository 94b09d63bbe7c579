"""What a crawl would ask, kind by kind: how many requests, how many minutes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.plan_spans import NOTHING, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockerhub.reports.plan_time import Budget

HUB, REGISTRY, TOKENS, PULLS = "Hub API", "registry", "token service", "pulls"
STORAGE = "storage"
"""where the registry keeps its blobs, a host of its own"""
STORAGE = "storage"
"""where the registry keeps its blobs, a host of its own"""
FIELDS = (
    Field("service", "who is asked"),
    Field("requests", "for what"),
    Field("low", "at least", Form.NUMBER),
    Field("likely", "requests, most likely", Form.NUMBER),
    Field("high", "at most", Form.NUMBER),
    Field("is_known", "no: estimated", Form.TRUTH),
    Field("are_pulls", "whether each is a pull", Form.TRUTH, is_shown=False),
    Field("minutes", "how long they take, most likely, at the present budget", Form.NUMBER),
)


class PlanOptions(NamedTuple):
    """What decides what is asked, beside the aim."""

    now: int
    full_days: float
    layers_from: str
    most_details: int
    """tags of a repository that are asked for one by one where their list is cut"""
    exits: int
    budgets: dict[str, Budget]
    """by service"""


class Figure(NamedTuple):
    """Requests of one kind."""

    service: str
    kind: str
    span: Span
    are_pulls: bool = False


def figures_answer(found: Iterable[Figure], options: PlanOptions, notes: Sequence[str]) -> Answer:
    """Return the requests of each kind that are made at all, and all of them together."""
    figures = [each for each in found if each.span.high > 0]
    rows = [_row(figure, options) for figure in figures]
    everything = sum((figure.span for figure in figures), NOTHING)
    # Services are asked beside each other: the slowest one counts.
    slowest = _slowest(figures, options)
    all_row = (None, "all", *everything.whole(), everything.is_known, None, slowest)
    return Answer(FIELDS, [*rows, all_row], notes)


def _row(figure: Figure, options: PlanOptions) -> tuple[object, ...]:
    minutes = _minutes(figure.service, figure.span.likely, options, are_pulls=figure.are_pulls)
    return (
        *(figure.service, figure.kind, *figure.span.whole(), figure.span.is_known),
        *(figure.are_pulls, minutes),
    )


def _minutes(
    service: str, requests: float, options: PlanOptions, *, are_pulls: bool
) -> float | None:
    budget = options.budgets.get(PULLS if are_pulls else service)
    seconds = budget.seconds(requests, options.exits) if budget is not None else None
    return None if seconds is None else seconds / 60


def _slowest(figures: list[Figure], options: PlanOptions) -> float | None:
    times = []
    for service in (HUB, REGISTRY):
        requests = sum(f.span.likely for f in figures if f.service == service and not f.are_pulls)
        minutes = _minutes(service, requests, options, are_pulls=False)
        times += [] if minutes is None else [minutes]
    pulls = sum(f.span.likely for f in figures if f.are_pulls)
    minutes = _minutes(REGISTRY, pulls, options, are_pulls=True) if pulls else None
    times += [] if minutes is None else [minutes]
    return max(times, default=None)
