"""All that pull usage reports answer, one table after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.usage import (
    ALL,
    KINDS,
    usage_by,
    usage_totals,
    usage_watchers,
)
from dockerhub.reports.usage_limits import usage_limits
from dockerhub.reports.usage_pins import usage_pins
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.reports.answers import Answer
    from dockerhub.reports.usage import Period
    from dockerhub.reports.usage_limits import PullLimit
    from dockerhub.store.questions import Questions


class Part(NamedTuple):
    """One table of the summary."""

    name: str
    """as in JSON"""
    title: str
    answer: Answer


def usage_summary(
    questions: Questions, period: Period, limit: PullLimit, most: int = ALL
) -> Iterator[Part]:
    """Yield the tables, each with at most so many rows."""
    yield Part("total", "All reports together", usage_totals(period))
    for kind in KINDS:
        title = f"Pulls by {kind}" if most == ALL else f"Pulls by {kind}, the {most} with the most"
        yield Part(kind, title, usage_by(questions, period, kind, most))
    yield Part("limit", "Limit reached", _cut(usage_limits(questions, period, limit), most))
    pins = usage_pins(questions, period)
    yield Part("pins", "Pulled, and out of date", _cut(pins, most))
    watchers = usage_watchers(questions, period)
    yield Part("watchers", "The same image pulled again and again", _cut(watchers, most))


def _cut(answer: Answer, most: int) -> Answer:
    left = len(answer.rows) - most
    if most == ALL or left <= 0:
        return answer
    more = f"{counted(left, 'more row')}: --top shows more"
    return answer._replace(rows=answer.rows[:most], notes=[*answer.notes, more])
