"""How many pulls a repository has gained, from the samples of single days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.store.questions import Questions


class Growth(NamedTuple):
    """Pulls that were gained, and in how many days: those of a fall are not among them."""

    gained: int
    days: int
    last_day: int
    """the day of the last sample, from 1970-01-01"""

    @property
    def a_day(self) -> float:
        """Pulls a day."""
        return self.gained / self.days


def growth_since(questions: Questions, repository_id: int, start: int) -> Growth | None:
    """Return what was gained since a moment; None where no two days were looked at.

    It begins with the last sample before that moment, so that its days may be more than asked for.
    """
    asked = {"id": repository_id, "day": day(start)}
    return growth_of(questions.ask("samples", asked))


def growth_of(samples: Sequence[tuple[int, int]]) -> Growth | None:
    """Return what (day, pulls) have gained on the days on which the counter did not fall."""
    if len(samples) < 2:
        return None
    steps = [(new[0] - old[0], new[1] - old[1]) for old, new in pairwise(samples)]
    # Nobody knows what was pulled in the days until a counter was seen fallen.
    known = [(days, gained) for days, gained in steps if gained >= 0]
    if not known:
        return None
    days, gained = (sum(numbers) for numbers in zip(*known, strict=True))
    return Growth(gained, days, samples[-1][0])
