"""Pull usage against a limit: in which hours or days it was reached, and by whom."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.moments import HOUR
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.usage_machines import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerhub.reports.usage import Period
    from dockerhub.store.questions import Questions

PLANS = ("anonymous", "personal", "pro", "team", "business")
WINDOWS = {"1h": 1, "6h": 6, "24h": 24}

# Whose pulls a plan's limit counts together, and how many it allows in a window.
_COUNTED = {"anonymous": "machine", "personal": "user", "pro": "user"}
ALLOWED = {"anonymous": 100, "personal": 200}
_WINDOW = 1
_SOURCE = (
    "the window is one hour in what Docker's registry answered in 2026, six in its documentation"
    " (--per 6h)"
)

_SEVERAL = (
    "lines that name several machines do not tell how much each pulled: they are counted by"
    " themselves, is_certain tells whether one of theirs must have reached the limit, and each may"
    " have had more than is shown"
)


class PullLimit(NamedTuple):
    """How many pulls may be had in a window."""

    of: str
    """whose pulls count together: user, machine or account"""
    pulls: int | None
    """None: as many as are wanted"""
    hours: int
    note: str | None = None


def read_limit(plan: str | None, pulls: int | None, hours: int | None) -> PullLimit:
    """Return the limit of a *plan*, with *pulls* and *hours* as the user says they are.

    Without a plan that of an account that pays nothing, each user for himself; teams and
    businesses are counted as one.
    """
    plan = plan or "personal"
    allowed = ALLOWED.get(plan) if pulls is None else pulls
    is_assumed = pulls is None and hours is None and allowed is not None
    return PullLimit(
        of=_COUNTED.get(plan, "account"),
        pulls=allowed,
        hours=hours or _WINDOW,
        note=f"limit of the plan {plan}: {_SOURCE}" if is_assumed else None,
    )


class Stretch(NamedTuple):
    """A time in which the limit was reached in every window."""

    who: str | None
    first_hour: int
    last_hour: int
    most: int
    """pulls in its worst window"""


def stretches(
    rows: Iterable[tuple[str | None, int, int]], *, limit: int, hours: int
) -> Iterator[Stretch]:
    """Yield where at least *limit* pulls lie in *hours* hours in a row. Pure.

    *rows* are (who, hour, pulls), sorted. Windows that overlap make one stretch. It is not known
    when a window of Docker's begins, so every one that is possible counts.
    """
    for who, group in groupby(rows, key=lambda row: row[0]):
        window: list[tuple[int, int]] = []
        found: Stretch | None = None
        for _, hour, pulls in group:
            window = [each for each in window if each[0] > hour - hours * HOUR] + [(hour, pulls)]
            total = sum(each[1] for each in window)
            if total < limit:
                continue
            first = window[0][0]
            if found is not None and first <= found.last_hour:
                most = max(total, found.most)
                found = found._replace(last_hour=hour, most=most)
            else:
                if found is not None:
                    yield found
                found = Stretch(who, first, hour, total)
        if found is not None:
            yield found


def usage_limits(questions: Questions, period: Period, limit: PullLimit) -> Answer:
    """Return when the limit was reached, by whom, and by how much it was passed."""
    fields = (
        Field(limit.of, "whose pulls count together"),
        Field("first_hour", "beginning of the first hour", Form.MOMENT),
        Field("last_hour", "beginning of the last hour", Form.MOMENT),
        Field("pulls", f"most pulls in {limit.hours} h", Form.NUMBER),
        Field("limit", "pulls that are allowed in that time", Form.NUMBER),
        Field("share", "pulls of the limit", Form.SHARE),
        Field("over", "pulls beyond the limit", Form.NUMBER),
    )
    if limit.pulls is None:
        return Answer(fields, [], ["this plan has no limit of pulls"])
    asked = {"of": limit.of, "since": period.since}
    charged = (
        (who if report is None or period.report_count == 1 else f"{who} of report {report}", *rest)
        for who, report, *rest in questions.each("charged", asked)
    )
    found = list(stretches(charged, limit=limit.pulls, hours=limit.hours))
    if limit.of != "machine":
        notes = _notes(limit, is_reached=True if found else None)
        return Answer(fields, [_row(one, limit.pulls) for one in found], notes)
    several = questions.one("several_machines", asked) is not None
    about = "no: lines that name several machines had them, each of those perhaps less"
    certain = Field("is_certain", about, Form.TRUTH, is_shown=several)
    rows = [(*_row(one, limit.pulls), _is_certain(one, limit.pulls)) for one in found]
    is_reached = any(row[-1] for row in rows) if rows else None
    return Answer((*fields, certain), rows, _notes(limit, is_reached, has_several=several))


def _row(stretch: Stretch, limit: int) -> tuple[Any, ...]:
    said = (stretch.who, stretch.first_hour, stretch.last_hour, stretch.most)
    return (*said, limit, stretch.most / limit, stretch.most - limit)


def _is_certain(stretch: Stretch, limit: int) -> bool:
    """Tell whether one of the machines that share the pulls must have reached the limit."""
    count = len(members(stretch.who or ""))
    return stretch.most > count * (limit - 1)


def _notes(limit: PullLimit, is_reached: bool | None, *, has_several: bool = False) -> list[str]:
    said = f"{limit.pulls} pulls in {limit.hours} h of each {limit.of}"
    if limit.of == "account":
        said = f"{limit.pulls} pulls in {limit.hours} h of the whole account"
    never = "not reached as far as the reports tell" if has_several else "never reached"
    reached = "reached" if is_reached else "perhaps reached"
    notes = [f"{said}: {never if is_reached is None else reached}"]
    if has_several:
        notes.append(_SEVERAL)
    if is_reached is not None:
        notes.append("beyond its limit Docker refuses pulls: what a limit cut off is not counted")
    return notes + ([limit.note] if limit.note else [])
