"""Which repositories are pulled and starred most, and how much of all pulls is theirs."""

from __future__ import annotations

from heapq import nlargest
from typing import TYPE_CHECKING, Any

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.first_rows import first_rows, left_out
from dockerhub.reports.pull_growth import growth_since
from dockerhub.reports.report_options import Report
from dockerhub.reports.scope import check_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.store.questions import Questions

DEFAULT_DAYS = 30
ORDERS = ("pulls", "stars", "growth")

FIELDS = (
    Field("repository", "full name of the repository"),
    Field("pull_count", "pulls since it was registered", Form.NUMBER),
    Field("share", "its part of all pulls of those asked for", Form.SHARE),
    Field("pulls_a_day", "pulls a day over the samples", Form.NUMBER),
    Field("sampled_days", "days between the samples", Form.NUMBER),
    Field("star_count", "stars", Form.NUMBER),
    Field("last_pushed", "last push", Form.MOMENT),
)
TOTALS = (
    Field("repository_count", "repositories", Form.NUMBER),
    Field("pull_count", "pulls of all of them", Form.NUMBER),
    Field("star_count", "stars of all of them", Form.NUMBER),
    Field("top_1_share", "part of the pulls that the one with most has", Form.SHARE),
    Field("top_10_share", "part of the pulls that the ten with most have", Form.SHARE),
)


def popular(questions: Questions, options: ReportOptions) -> Report:
    """Return the repositories by their pulls, their stars or their pulls a day.

    :raises NotAnswered: if no repositories are stored
    """
    check_stored(questions, options.scope)
    # What the shares are of has to be known before the first of them is.
    totals = _totals(questions, options)
    every = totals.rows[0][1]
    place = {"pulls": 1, "growth": 3, "stars": 5}[options.order]
    found, count = first_rows(
        _rows(questions, options, every),
        options.limit,
        lambda row: (row[place] is None, -(row[place] or 0), row[0]),
    )
    notes = list(left_out(len(found), count, "repositories"))
    if not any(row[3] is not None for row in found):
        notes.append("pulls a day are known once a repository was seen on two days")
    return Report(Answer(FIELDS, found, notes), totals)


def _rows(
    questions: Questions, options: ReportOptions, every: int | None
) -> Iterator[Sequence[Any]]:
    start = options.days_ago(options.days or DEFAULT_DAYS)
    for number, name, _, _, pulls, stars, pushed in questions.each(
        "repositories", options.scope.parameters
    ):
        growth = growth_since(questions, number, start)
        a_day, days = (None, None) if growth is None else (growth.a_day, growth.days)
        share = pulls / every if every and pulls is not None else None
        yield (name, pulls, share, a_day, days, stars, pushed)


def _totals(questions: Questions, options: ReportOptions) -> Answer:
    repositories = pulls = stars = known = starred = 0
    top: list[int] = []
    for row in questions.each("repositories", options.scope.parameters):
        repositories += 1
        if row[4] is not None:
            known, pulls = known + 1, pulls + row[4]
            top = nlargest(10, [*top, row[4]])
        if row[5] is not None:
            starred, stars = starred + 1, stars + row[5]
    first, ten = (sum(top[:1]) / pulls, sum(top) / pulls) if pulls else (None, None)
    found = (repositories, pulls if known else None, stars if starred else None, first, ten)
    return Answer(TOTALS, [found])
