"""The pulls of a repository day by day, and what it gained with them in a period."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.store.questions import Questions

PULL_FLOOR = 1000
"""Growth is measured against as many pulls at least, so that one that went from 1 to 3 is no
threefold success."""

_EPOCH = date(1970, 1, 1).toordinal()


class Day(NamedTuple):
    """One day of a repository, as the view `daily_pulls` has it."""

    day: str
    pulls: int | None
    """None on the first day, and where the count fell"""
    pull_count: int | None
    """pulls until the end of that day"""
    is_interpolated: int
    """1 if the day shares the pulls of a gap"""
    is_reset: int
    """1 if the count was seen below half of what it was"""
    is_correction: int
    """1 if it was seen fallen by less"""
    stars: int | None

    @property
    def has_fallen(self) -> bool:
        """Whether the count was seen lower than before on this day."""
        return bool(self.is_reset or self.is_correction)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can know its pulls, because the count fell."""
        return self.pulls is None and (self.has_fallen or self.pull_count is None)


class Period(NamedTuple):
    """Days from 1970-01-01, both among it."""

    first: int
    last: int
    """today, which is not over"""


class Fall(NamedTuple):
    """A day on which the count of a repository was seen lower than before."""

    day: str
    pulls_before: int | None
    pulls_after: int | None
    kind: str
    """reset or correction"""
    unknown_days: int
    """days whose pulls nobody knows because of it"""


class Gain(NamedTuple):
    """What a repository has gained in a period."""

    pulls: int
    """of the days that are known"""
    known_days: int
    interpolated_days: int
    """among the known ones"""
    unknown_days: int
    pulls_at_begin: int
    """at the begin of the period, or of what is known of it"""
    stars_gained: int | None
    falls: tuple[Fall, ...]

    @property
    def pulls_a_day(self) -> float:
        """Pulls of a day on the average."""
        return self.pulls / self.known_days

    @property
    def growth(self) -> float:
        """What was gained as a part of what was there; 1.0 is twice as many as before."""
        return self.pulls / max(self.pulls_at_begin, PULL_FLOOR)


def day_text(day: int) -> str:
    """Return days from 1970-01-01 as `2026-11-22`."""
    return date.fromordinal(_EPOCH + day).isoformat()


def day_number(text: str) -> int:
    """Return the days from 1970-01-01 to `2026-11-22`."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def read_days(questions: Questions, repo_name: str, first: int, last: int) -> list[Day]:
    """Return the days of a repository in order, from *first* to *last* where it has them."""
    asked = {"repo_name": repo_name, "first_day": first}
    rows = map(Day._make, questions.ask("series", asked))
    # A gap that began before and reaches into the period comes whole.
    period = day_text(first), day_text(last)
    return [day for day in rows if period[0] <= day.day <= period[1]]


def gain_of(days: Sequence[Day], first: str) -> Gain | None:
    """Return what was gained from *first* on, None where no day is known.

    *days* may begin earlier: what the day before has is where the period begins.
    """
    inside = [day for day in days if day.day >= first]
    known = [day for day in inside if day.pulls is not None]
    if not known:
        return None
    before = [day for day in days if day.day < first]
    return Gain(
        pulls=sum(day.pulls or 0 for day in known),
        known_days=len(known),
        interpolated_days=sum(day.is_interpolated for day in known),
        unknown_days=sum(day.is_unknown for day in inside),
        pulls_at_begin=_count_at_begin(before, inside),
        stars_gained=_stars_gained([*before[-1:], *inside]),
        falls=tuple(falls_in(days, first)),
    )


def falls_in(days: Sequence[Day], first: str) -> list[Fall]:
    """Return the days from *first* on at which the count was seen fallen."""
    found, count, unknown = [], None, 0
    for day in days:
        unknown += day.is_unknown
        if day.has_fallen and day.day >= first:
            kind = "reset" if day.is_reset else "correction"
            found.append(Fall(day.day, count, day.pull_count, kind, unknown))
        if day.pull_count is not None:
            count, unknown = day.pull_count, 0
    return found


def _count_at_begin(before: Sequence[Day], inside: Sequence[Day]) -> int:
    counts = [day.pull_count for day in before[-1:] if day.pull_count is not None]
    firsts = (d.pull_count - (d.pulls or 0) for d in inside if d.pull_count is not None)
    return counts[0] if counts else next(firsts)


def _stars_gained(days: Sequence[Day]) -> int | None:
    stars = [day.stars for day in days if day.stars is not None]
    return stars[-1] - stars[0] if len(stars) > 1 else None
