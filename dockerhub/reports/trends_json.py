"""What `scrapy trends` tells programs: the sections, and each repository day by day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dockerhub.reports.answers import answer_json
from dockerhub.reports.trends_impostors import repositories
from dockerhub.reports.trends_series import day_text, read_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.reports.trends import Trends
    from dockerhub.reports.trends_options import TrendOptions
    from dockerhub.reports.trends_series import Day
    from dockerhub.store.questions import Questions


def trends_json(questions: Questions, options: TrendOptions, found: Trends) -> Iterator[str]:
    """Yield what was found as JSON, part by part, so that all repositories need not fit in memory.

    Of look-alikes alone only those are told day by day that the section names.
    """
    head = {
        "first_day": day_text(found.period.first),
        "last_day": day_text(found.period.last),
        "sections": {name: answer_json(answer) for name, answer in found.sections.items()},
    }
    yield json.dumps(head, indent=2, ensure_ascii=True).removesuffix("\n}") + ',\n  "series": ['
    mark = "\n"
    for name in _names(questions, options, found):
        days = read_days(questions, name, *options.period)
        if days:
            told = {"repo_name": name, "days": [_told(day, options) for day in days]}
            yield f"{mark}    {json.dumps(told, ensure_ascii=True)}"
            mark = ",\n"
    yield "\n  ]\n}\n"


def _names(questions: Questions, options: TrendOptions, found: Trends) -> Iterator[str]:
    if options.by == "lookalikes":
        return iter([str(row[0]) for row in found.sections["lookalikes"].rows])
    return (one.full_name for one in repositories(questions, options))


def _told(day: Day, options: TrendOptions) -> dict[str, Any]:
    return {
        "day": day.day,
        "pulls": day.pulls,
        "pull_count": day.pull_count,
        "stars": day.stars,
        "is_interpolated": bool(day.is_interpolated),
        "is_reset": bool(day.is_reset),
        "is_correction": bool(day.is_correction),
        "is_over": day.day < day_text(options.today),
    }
