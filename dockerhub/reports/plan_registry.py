"""What a crawl would ask of the registry, of its storage, and of who gives tokens for it. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dockerhub.reports.plan_figures import HUB, PULLS, REGISTRY, STORAGE, TOKENS, Figure
from dockerhub.reports.plan_spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.reports.plan_contents import Contents
    from dockerhub.reports.plan_figures import PlanOptions

# Pulls of a window where nobody told how many there are: our assumption.
_ASSUMED_PULLS = 100
_MOST_LOOKS = 8  # looks in a window whether there are pulls again
_TOKENS_A_WINDOW = 12  # one each five minutes of an hour


def registry_figures(
    found: Contents, names: Span, repositories: int, options: PlanOptions
) -> Iterator[Figure]:
    """Yield what is asked for the contents *found*, beside *names*, of so many *repositories*."""
    yield Figure(HUB, "build steps of tags", found.images)
    yield Figure(REGISTRY, "digests of tags (HEAD)", found.heads)
    yield Figure(REGISTRY, "manifests", found.pulls, are_pulls=True)
    yield Figure(REGISTRY, "configs and statements", found.blobs)
    # The registry answers with where the bytes are.
    yield Figure(STORAGE, "their bytes, after a redirect", found.blobs)
    asked = found.heads + found.pulls + found.blobs + names
    if asked.high:
        yield _openings(asked, found.pulls, options)
        yield _tokens(asked, found.pulls, max(1, repositories), options)


def _openings(asked: Span, pulls: Span, options: PlanOptions) -> Figure:
    """Return the challenge, and the looks at how many pulls are left: two HEADs each."""
    looks = 2 * options.exits
    most = looks * (1 + _MOST_LOOKS * _windows(pulls, options)) if pulls.high else 0
    likely = min(1.0, asked.likely) + looks * min(1.0, pulls.likely)
    return Figure(REGISTRY, "challenge, pulls left (HEAD)", Span(_any(asked), likely, 1 + most))


def _tokens(asked: Span, pulls: Span, repositories: int, options: PlanOptions) -> Figure:
    """Return the tokens: one a repository, one to look, and again after each five minutes."""
    likely = min(float(repositories), asked.likely) + min(1.0, pulls.likely)
    most = 2 * repositories + 2 + _TOKENS_A_WINDOW * _windows(pulls, options)
    return Figure(TOKENS, "tokens", Span(_any(asked), likely, most))


def _any(asked: Span) -> int:
    return 1 if asked.low >= 1 else 0


def _windows(pulls: Span, options: PlanOptions) -> int:
    """Return how many windows beyond the present one the pulls need at most."""
    budget = options.budgets.get(PULLS)
    limit = budget.limit if budget is not None and budget.limit else _ASSUMED_PULLS
    left = budget.left if budget is not None and budget.left is not None else 0
    return math.ceil(max(0.0, pulls.high - left) / limit)
