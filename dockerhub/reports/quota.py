"""What Docker Hub's services still let us do, as a table and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.reports.tables import Column, Table
from dockerhub.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

DIRECT = "direct"
_UNLIMITED = "unlimited"
_MOST_NAMED = 10


class Quota(NamedTuple):
    """What one service lets us do by one exit, as its last answer said."""

    service: str
    limit: int | None = None
    """requests in a window; None: nothing is limited, or `problem` says why it is not known"""
    left: int | None = None
    window_seconds: int | None = None
    """the length of a window, where it is said"""
    resets_seconds: float | None = None
    """until there is as much again; None where nobody says when the window began"""
    charged_to: str | None = None
    """who is charged, shortened: it is personal data"""
    problem: str | None = None
    """why nothing of it is known"""
    is_account: bool = False
    """whether who is charged is the account, by whatever exit it asks"""
    reserve: int = 0
    """of what is left, so many are not for a crawl"""
    exit: str = DIRECT
    """the exit that asked"""
    same_as: str | None = None
    """another exit that the services see under the same address: they share what is left"""
    is_shut: bool = False
    """whether that exit lets no service be asked"""

    @property
    def for_a_crawl(self) -> int | None:
        """How many of what is left a crawl would take."""
        return None if self.left is None else max(0, self.left - self.reserve)


def quota_table(quotas: Sequence[Quota], *, signed_in: bool) -> Table:
    """Return the rows for a person; an exit that lets nothing through has a single one."""
    has_exits = any(quota.exit != DIRECT for quota in quotas)
    columns = (
        Column("service"),
        *([Column("exit")] if has_exits else []),
        Column("as"),
        Column("limit"),
        Column("left", is_number=True),
        Column("for a crawl", is_number=True),
        Column("resets"),
        Column("charged to"),
    )
    who = "signed in" if signed_in else "anonymous"
    shut = {quota.exit: quota._replace(service="all") for quota in quotas if quota.is_shut}
    rows = [
        (quota.service, *([quota.exit] if has_exits else []), who, *_cells(quota))
        for quota in [*(one for one in quotas if not one.is_shut), *shut.values()]
    ]
    return Table(columns, rows)


def quota_json(quotas: Sequence[Quota], *, signed_in: bool) -> dict[str, Any]:
    """Return the same for a program."""
    return {
        "signed_in": signed_in,
        "services": [
            {
                "service": quota.service,
                "exit": quota.exit,
                "is_limited": None if quota.problem else quota.limit is not None,
                "limit": quota.limit,
                "left": quota.left,
                "reserve": quota.reserve,
                "for_a_crawl": quota.for_a_crawl,
                "window_seconds": quota.window_seconds,
                "resets_in_seconds": quota.resets_seconds,
                "charged_to": quota.charged_to,
                "is_account_charged": quota.is_account,
                "same_address_as": quota.same_as,
                "problem": quota.problem,
            }
            for quota in quotas
        ],
    }


def shut_line(quotas: Sequence[Quota]) -> list[str]:
    """Return the line on exits that let nothing through, none if there is no such exit."""
    names = dict.fromkeys(quota.exit for quota in quotas)
    shut = {quota.exit: quota.problem for quota in quotas if quota.is_shut}
    if not shut:
        return []
    reasons = {
        why: [name for name, problem in shut.items() if problem == why] for why in shut.values()
    }
    said = "; ".join(f"{_listed(each)} ({why})" for why, each in reasons.items())
    if len(shut) < len(names):
        expected = f"proxies: expected all {len(names)} exits to let us through"
        return [f"{expected}, {len(shut)} did not: {said}"]
    return [f"proxies: expected one that lets us through, got none: {said}"]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _cells(quota: Quota) -> tuple[str | None, ...]:
    who = _charged(quota)
    if quota.problem is not None:
        return (quota.problem, None, None, None, who)
    if quota.limit is None:
        return (_UNLIMITED, None, None, None, who)
    window = "" if quota.window_seconds is None else f" in {_time(quota.window_seconds)}"
    numbers = [None if one is None else str(one) for one in (quota.left, quota.for_a_crawl)]
    return (f"{quota.limit}{window}", *numbers, _resets(quota), who)


def _charged(quota: Quota) -> str | None:
    """Return who is charged, and that an exit is no second one."""
    if quota.is_account:
        return f"the account {quota.charged_to}"
    if quota.same_as is None:
        return quota.charged_to
    return f"{quota.charged_to or ''} (same as {quota.same_as})".strip()


def _resets(quota: Quota) -> str | None:
    if quota.resets_seconds is not None:
        return f"in {_time(quota.resets_seconds)}"
    # When the window began is not told: only that it is over when its length has passed.
    return None if quota.window_seconds is None else f"within {_time(quota.window_seconds)}"


def _time(seconds: float) -> str:
    text = duration(seconds)
    for nothing in (" 0 s", " 0 min"):
        text = text.removesuffix(nothing)
    return text
