"""Repositories that look like official images, those first that are pulled most a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.moments import day as day_of
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import Answer, NotAnswered
from dockerhub.reports.first_rows import FirstRows
from dockerhub.reports.trends_lookalikes import lookalikes
from dockerhub.reports.trends_series import day_text, gain_of, read_days
from dockerhub.reports.trends_tables import Impostor, Repository, lookalikes_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.trends_options import TrendOptions
    from dockerhub.store.questions import Questions

OFFICIALS_CRAWL = "scrapy crawl org -a org=library"


def repositories(questions: Questions, options: TrendOptions) -> Iterator[Repository]:
    """Yield the repositories that are asked for."""
    return map(Repository._make, questions.each("repositories", options.scope.parameters))


def lookalikes_section(questions: Questions, options: TrendOptions) -> Answer:
    """Return the section of names that look like official images.

    :raises NotAnswered: if it alone is asked for, and no official image is known
    """
    officials = [name for (name,) in questions.ask("officials")]
    if not officials:
        lacking = "database: expected official images to compare names with, none are in it"
        if options.by:
            raise NotAnswered(lacking, OFFICIALS_CRAWL)
        return lookalikes_answer([], [f"{lacking}; run: {OFFICIALS_CRAWL}"])
    best = FirstRows[Impostor](options.limit, lambda one: (-one.speed, one.repository.full_name))
    for one in _impostors(questions, options, officials):
        best.add(one)
    rows = best.rows()
    notes = [f"compared with {len(officials)} official images; a near name proves nothing"]
    if questions.one("are_officials_complete") is None:
        notes.append(f"there may be more official images; run: {OFFICIALS_CRAWL}")
    if any(one.gain is None for one in rows):
        notes.append("where no two days were sampled, pulls a day since registration count")
    return lookalikes_answer(rows, [*notes, *best.left_out("look-alikes")])


def _impostors(
    questions: Questions, options: TrendOptions, officials: Sequence[str]
) -> Iterator[Impostor]:
    # Only who looks like one is looked up again: all others are forgotten at once.
    near = lookalikes(
        (RepositoryName(one.namespace, one.name) for one in repositories(questions, options)),
        officials,
    )
    period = options.period
    for name, lookalike in near:
        (row,) = questions.ask("repository", name)
        repository = Repository._make(row)
        days = read_days(questions, str(name), period.first - 1, period.last)
        gain = gain_of(days, day_text(period.first))
        registered = repository.registered_at
        age = None if registered is None else options.today - day_of(registered)
        yield Impostor(repository, lookalike, gain, age)
