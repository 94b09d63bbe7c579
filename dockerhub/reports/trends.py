"""How the pulls of repositories go: day by day, who grows, odd days, names like official ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.answers import Answer, NotAnswered
from dockerhub.reports.scope import none_stored
from dockerhub.reports.trends_collected import Collected
from dockerhub.reports.trends_impostors import lookalikes_section, repositories
from dockerhub.reports.trends_scores import LEAST_PAST, PAST_DAYS
from dockerhub.reports.trends_series import PULL_FLOOR, day_text, read_days
from dockerhub.reports.trends_tables import (
    anomalies_answer,
    falls_answer,
    growth_answer,
    pulls_answer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.reports.trends_options import TrendOptions
    from dockerhub.reports.trends_series import Period
    from dockerhub.store.questions import Questions


class Trends(NamedTuple):
    """What was found."""

    period: Period
    sections: Mapping[str, Answer]
    """`pulls` comes with `falls`; `growth` as `growth_absolute` and `growth_relative`"""


def trends(questions: Questions, options: TrendOptions) -> Trends:
    """Return the sections that are asked for.

    :raises NotAnswered: if no repository is stored, no two days can be compared, or no official
        image is known
    """
    if next(repositories(questions, options), None) is None:
        raise none_stored(options.scope.words, options.scope, questions)
    sections: dict[str, Answer] = {}
    if options.by != "lookalikes":
        found = _collected(questions, options)
        sections.update(_pulls_sections(found, options) if options.wants("pulls") else {})
        sections.update(_growth_sections(found) if options.wants("growth") else {})
        if options.wants("anomalies"):
            sections["anomalies"] = _anomalies_section(found, options)
    if options.wants("lookalikes"):
        sections["lookalikes"] = lookalikes_section(questions, options)
    return Trends(options.period, sections)


def _collected(questions: Questions, options: TrendOptions) -> Collected:
    period, scope = options.period, options.scope
    threshold = options.threshold if options.wants("anomalies") else None
    found = Collected(period, options.limit, threshold)
    for repository in repositories(questions, options):
        # What lies before the period is where it begins, and the past of its days.
        first = period.first - PAST_DAYS
        found.add(repository, read_days(questions, repository.full_name, first, period.last))
    if not any(total.is_known for total in found.totals.values()):
        days = len(found.days_sampled)
        place = f"{scope.words} since {day_text(period.first)}"
        lacking = f"{place}: expected samples of two days, got {days}; each crawl brings one"
        raise NotAnswered(lacking, scope.crawl(questions=questions))
    return found


def _pulls_sections(found: Collected, options: TrendOptions) -> dict[str, Answer]:
    totals, notes = found.totals, []
    days = sum(total.interpolated > 0 for total in totals.values())
    if days:
        notes.append(
            f"{days} of {len(totals)} days hold pulls of gaps between two samples, shared evenly"
            " (interpolated)"
        )
    if (today := day_text(options.today)) in totals:
        notes.append(f"{today} is not over: its pulls are those until the last look")
    falls = falls_answer(found.falls.rows(), found.falls.left_out("falls"))
    return {"pulls": pulls_answer(totals, notes), "falls": falls}


def _growth_sections(found: Collected) -> dict[str, Answer]:
    more = found.absolute.left_out("repositories")
    floor = f"growth is pulls / pulls_at_begin, of which at least {PULL_FLOOR} are counted"
    return {
        "growth_absolute": growth_answer(found.absolute.rows(), more),
        "growth_relative": growth_answer(found.relative.rows(), [floor, *more]),
    }


def _anomalies_section(found: Collected, options: TrendOptions) -> Answer:
    rule = (
        f"|score| >= {options.threshold:g} against at least {LEAST_PAST} counted days of the"
        f" {PAST_DAYS} before; days of gaps and of falls are not judged"
    )
    notes = [rule, *found.anomalies.left_out("anomalies")]
    return anomalies_answer(found.anomalies.rows(), notes)
