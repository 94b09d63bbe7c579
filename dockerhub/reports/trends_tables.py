"""What `scrapy trends` tells, section by section: fields, rows and notes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.trends_series import PULL_FLOOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dockerhub.reports.trends_lookalikes import Lookalike
    from dockerhub.reports.trends_scores import Anomaly
    from dockerhub.reports.trends_series import Day, Fall, Gain

TITLES = {
    "pulls": "Pulls a day",
    "falls": "Counts that fell: the pulls of those days are unknown",
    "growth_absolute": "Most pulls gained",
    "growth_relative": "Fastest growing",
    "anomalies": "Days unlike the days before",
    "lookalikes": "Names that look like official images",
}


class Repository(NamedTuple):
    """A repository as Docker Hub tells it now."""

    namespace: str
    name: str
    pull_count: int | None
    star_count: int | None
    registered_at: int | None

    @property
    def full_name(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class Impostor(NamedTuple):
    """A repository that looks like an official image, with what it has gained."""

    repository: Repository
    lookalike: Lookalike
    gain: Gain | None
    age_days: int | None

    @property
    def lifetime_pulls_a_day(self) -> float | None:
        """Pulls of a day since it was registered."""
        if self.age_days is None or self.repository.pull_count is None:
            return None
        return self.repository.pull_count / max(self.age_days, 1)

    @property
    def growth_to_age(self) -> float | None:
        """Its pulls of a day now, in times of those of its whole life."""
        if self.gain is None or not self.lifetime_pulls_a_day:
            return None
        return self.gain.pulls_a_day / self.lifetime_pulls_a_day

    @property
    def speed(self) -> float:
        """Pulls of a day, as far as they are known."""
        now = None if self.gain is None else self.gain.pulls_a_day
        return (self.lifetime_pulls_a_day or 0.0) if now is None else now


class DayTotal:
    """What a day brought all repositories together."""

    def __init__(self) -> None:
        self.pulls = 0
        self.known = 0
        """repositories whose pulls are known"""
        self.interpolated = 0
        """those of them that share the pulls of a gap"""
        self.interpolated_pulls = 0
        self.unknown = 0
        """repositories whose pulls nobody knows"""

    @property
    def is_known(self) -> bool:
        """Whether it says something."""
        return self.known > 0 or self.unknown > 0

    def add(self, day: Day) -> None:
        """Add a repository's day."""
        self.unknown += day.is_unknown
        if day.pulls is None:
            return
        self.known += 1
        self.pulls += day.pulls
        if day.is_interpolated:
            self.interpolated += 1
            self.interpolated_pulls += day.pulls


_REPO = Field("repo_name", "full name of the repository")
_STARS = Field("stars", "stars now", Form.NUMBER)
_DAY_FIELDS = (
    Field("day", "the day, in UTC", Form.DAY),
    Field("pulls", "pulls of that day, where they are known", Form.NUMBER),
    Field("repository_count", "repositories whose pulls are known", Form.NUMBER),
    Field("interpolated_count", "those of them that share the pulls of a gap", Form.NUMBER),
    Field("interpolated_pulls", "pulls of theirs, among `pulls`", Form.NUMBER, is_shown=False),
    Field("unknown_count", "repositories whose count fell", Form.NUMBER),
)
_FALL_FIELDS = (
    _REPO,
    Field("day", "the day on which it was seen", Form.DAY),
    Field("pulls_before", "pulls before", Form.NUMBER),
    Field("pulls_after", "pulls then", Form.NUMBER),
    Field("kind", "reset: below half of what it was; correction: fallen by less"),
    Field("unknown_days", "days whose pulls are unknown because of it", Form.NUMBER),
)
_GAIN_FIELDS = (
    _REPO,
    Field("pulls", "pulls gained in the period, on the days that are known", Form.NUMBER),
    Field("growth", f"pulls / pulls_at_begin, of which at least {PULL_FLOOR} count", Form.SHARE),
    Field("pulls_a_day", "pulls / known_days", Form.NUMBER),
    Field("pulls_at_begin", "pulls before the first of these days", Form.NUMBER, is_shown=False),
    _STARS,
    Field("stars_gained", "stars gained in the period", Form.NUMBER, is_shown=False),
    Field("known_days", "days whose pulls are known", Form.NUMBER, is_shown=False),
    Field("interpolated_days", "those of them that share the pulls of a gap", Form.NUMBER),
    Field("unknown_days", "days whose pulls are unknown, because the count fell", Form.NUMBER),
    Field("fell_on", "the days on which it was seen fallen, joined with |", is_shown=False),
)
_ANOMALY_FIELDS = (
    _REPO,
    Field("day", "the day, in UTC", Form.DAY),
    Field("pulls", "pulls of that day", Form.NUMBER),
    Field("usual", "median of the days before it", Form.NUMBER),
    Field("spread", "what the days before it vary by: 1.4826 MAD", Form.NUMBER, is_shown=False),
    Field("score", "robust z-score: (pulls - usual) / spread", Form.NUMBER),
    Field("past_days", "days that it was compared with", Form.NUMBER, is_shown=False),
)
_LOOKALIKE_FIELDS = (
    _REPO,
    Field("looks_like", "the official image"),
    Field("how", "what makes the name near"),
    Field("distance", "letters that are different", Form.NUMBER, is_shown=False),
    Field("pulls_a_day", "pulls of a day in the period", Form.NUMBER),
    Field(
        "lifetime_pulls_a_day",
        "pulls of a day since it was registered",
        Form.NUMBER,
        is_shown=False,
    ),
    Field("growth_to_age", "pulls_a_day / lifetime_pulls_a_day", Form.NUMBER),
    Field("pull_count", "pulls since it was registered", Form.NUMBER),
    _STARS,
    Field("age_days", "days since it was registered", Form.NUMBER, is_shown=False),
)


def pulls_answer(totals: Mapping[str, DayTotal], notes: Sequence[str]) -> Answer:
    """Return the section of all repositories together, day by day."""
    rows = []
    for day, total in sorted(totals.items()):
        sums = (total.pulls, total.interpolated_pulls) if total.known else (None, None)
        rows.append((day, sums[0], total.known, total.interpolated, sums[1], total.unknown))
    return Answer(_DAY_FIELDS, rows, notes)


def falls_answer(falls: Iterable[tuple[str, Fall]], notes: Sequence[str]) -> Answer:
    """Return the section of counts that fell."""
    return Answer(_FALL_FIELDS, [(name, *fall) for name, fall in falls], notes)


def growth_answer(gains: Iterable[tuple[Repository, Gain]], notes: Sequence[str]) -> Answer:
    """Return a section of repositories that gained pulls, in the order given."""
    rows = [
        (
            *(repository.full_name, gain.pulls, gain.growth, gain.pulls_a_day),
            *(gain.pulls_at_begin, repository.star_count, gain.stars_gained),
            *(gain.known_days, gain.interpolated_days, gain.unknown_days),
            "|".join(fall.day for fall in gain.falls) or None,
        )
        for repository, gain in gains
    ]
    return Answer(_GAIN_FIELDS, rows, notes)


def anomalies_answer(found: Iterable[tuple[str, Anomaly]], notes: Sequence[str]) -> Answer:
    """Return the section of anomalies, in the order given."""
    rows = [
        (
            *(name, one.day, one.pulls, one.score.usual, one.score.spread),
            *(one.score.score, one.past_days),
        )
        for name, one in found
    ]
    return Answer(_ANOMALY_FIELDS, rows, notes)


def lookalikes_answer(found: Iterable[Impostor], notes: Sequence[str]) -> Answer:
    """Return the section of look-alikes, in the order given."""
    rows = [
        (
            *(one.repository.full_name, f"library/{one.lookalike.official}", one.lookalike.how),
            *(one.lookalike.distance, None if one.gain is None else one.gain.pulls_a_day),
            *(one.lifetime_pulls_a_day, one.growth_to_age, one.repository.pull_count),
            *(one.repository.star_count, one.age_days),
        )
        for one in found
    ]
    return Answer(_LOOKALIKE_FIELDS, rows, notes)
