"""Which images nobody has pushed for long, but people still pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.moments import DAY, day
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.first_rows import first_rows, left_out
from dockerhub.reports.pull_growth import growth_since
from dockerhub.reports.report_options import Report
from dockerhub.reports.scope import check_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.pull_growth import Growth
    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.store.questions import Questions

DEFAULT_DAYS = 180

_PUSHED = (
    Field("last_pushed", "last push", Form.MOMENT),
    Field("days_since_push", "whole days since then", Form.NUMBER),
    Field("last_pulled", "last pull, as the tags say", Form.MOMENT),
)
_PULLS = (
    Field("pulls_gained", "pulls that the repository has gained, by the samples", Form.NUMBER),
    Field("gained_in_days", "in so many days", Form.NUMBER),
    Field("pull_count", "pulls of the repository since it was registered", Form.NUMBER),
)
REPOSITORY_FIELDS = (Field("repository", "full name of the repository"), *_PUSHED, *_PULLS)
TAG_FIELDS = (*REPOSITORY_FIELDS[:1], Field("tag", "the tag"), *_PUSHED, *_PULLS)


def stale(questions: Questions, options: ReportOptions) -> Report:
    """Return what was not pushed for long but is pulled, by the pulls that were gained.

    What nobody knows is neither old nor pulled.

    :raises NotAnswered: if no repositories are stored, or no tags where tags are asked for
    """
    check_stored(questions, options.scope, tags=options.by_tag)
    notes: list[str] = []
    rows = _tags if options.by_tag else _repositories
    # The pulls gained, and all pulls, are the last and the last but two.
    found, count = first_rows(
        rows(questions, options, notes),
        options.limit,
        lambda row: (row[-3] is None, -(row[-3] or 0), -(row[-1] or 0), row[:2]),
    )
    fields = TAG_FIELDS if options.by_tag else REPOSITORY_FIELDS
    what = "tags" if options.by_tag else "repositories"
    if not found:
        days = options.days or DEFAULT_DAYS
        within = f"{options.pulled_within} days"
        notes.append(f"nothing was not pushed for {days} days and still pulled within {within}")
    return Report(Answer(fields, found, [*notes, *left_out(len(found), count, what)]))


def _repositories(
    questions: Questions, options: ReportOptions, notes: list[str]
) -> Iterator[Sequence[Any]]:
    old, recent = _limits(options)
    unknown = silent = 0
    for number, name, _, _, pulls, _, updated in questions.each(
        "repositories", options.scope.parameters
    ):
        pushed_tag, pulled = questions.ask("pulled", (number,))[0]
        pushed = pushed_tag if updated is None else updated
        unknown += pushed is None
        if pushed is None or pushed >= old:
            continue
        growth = growth_since(questions, number, recent)
        if not ((pulled is not None and pulled >= recent) or _grows(growth, recent)):
            silent += 1
            continue
        age = (options.present - pushed) // DAY
        yield (name, pushed, age, pulled, *_gained(growth), pulls)
    days = options.days or DEFAULT_DAYS
    if silent:
        notes.append(
            f"{silent} more not pushed for {days} days show no pull in {options.pulled_within} days"
        )
    if unknown:
        notes.append(f"of {unknown} the last push is not known; they are left out")


def _tags(
    questions: Questions, options: ReportOptions, notes: list[str]
) -> Iterator[Sequence[Any]]:
    limits = _limits(options)
    for number, name, _, _, pulls, *_ in questions.each("repositories", options.scope.parameters):
        found = questions.ask("stale_tags", (number, *limits))
        gained = _gained(growth_since(questions, number, limits[1]) if found else None)
        for tag, pushed, pulled in found:
            age = (options.present - pushed) // DAY
            yield (name, tag, pushed, age, pulled, *gained, pulls)
    unknown = questions.one("unknown_pushes", options.scope.parameters)
    if unknown:
        notes.append(f"of {unknown} tags the last push is not known; they are left out")


def _limits(options: ReportOptions) -> tuple[int, int]:
    """Return before what is old, and since when is recent."""
    return (
        options.days_ago(options.days or DEFAULT_DAYS),
        options.days_ago(options.pulled_within),
    )


def _grows(growth: Growth | None, recent: int) -> bool:
    """Tell whether pulls were gained, up to a sample of these days."""
    return growth is not None and growth.gained > 0 and growth.last_day >= day(recent)


def _gained(growth: Growth | None) -> tuple[int | None, int | None]:
    return (None, None) if growth is None else growth[:2]
