"""How many pulls a repository has gained, from the samples of single days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.store.questions import Questions


class Growth(NamedTuple):
    """Pulls that were gained, and in how many days."""

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
    """Return what (day, pulls) have gained; a counter that was set back gained nothing by that."""
    if len(samples) < 2:
        return None
    steps = (new[1] - old[1] for old, new in pairwise(samples))
    gained = sum(step for step in steps if step > 0)
    return Growth(gained, samples[-1][0] - samples[0][0], samples[-1][0])
