"""All that pull usage reports answer, one table after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.reports.answers import Section
from dockerhub.reports.first_rows import left_out
from dockerhub.reports.usage import ALL, KINDS, usage_by, usage_totals
from dockerhub.reports.usage_limits import usage_limits
from dockerhub.reports.usage_pins import usage_pins
from dockerhub.reports.usage_watchers import usage_watchers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.reports.answers import Answer
    from dockerhub.reports.usage import Period
    from dockerhub.reports.usage_limits import PullLimit
    from dockerhub.store.questions import Questions


def usage_summary(
    questions: Questions, period: Period, limit: PullLimit, most: int = ALL
) -> Iterator[Section]:
    """Yield the tables, each with at most so many rows."""
    yield Section("total", "All reports together", usage_totals(period))
    for kind in KINDS:
        title = f"Pulls by {kind}" if most == ALL else f"Pulls by {kind}, the {most} with the most"
        yield Section(kind, title, usage_by(questions, period, kind, most))
    yield Section("limit", "Limit reached", _cut(usage_limits(questions, period, limit), most))
    pins = usage_pins(questions, period)
    yield Section("pins", "Pulled, and out of date", _cut(pins, most))
    watchers = usage_watchers(questions, period)
    yield Section("watchers", "The same image pulled again and again", _cut(watchers, most))


def _cut(answer: Answer, most: int) -> Answer:
    if most == ALL:
        return answer
    more = left_out(most, len(answer.rows), "rows")
    return answer._replace(rows=answer.rows[:most], notes=[*answer.notes, *more])
