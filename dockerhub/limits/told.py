"""What one answer of a service says of its limit, in the words that people are told it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.limits.headers import read_date, read_hub_limit
from dockerhub.limits.pull_headers import (
    is_account,
    read_pull_limit,
    read_service_limit,
    shortened_source,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Told(NamedTuple):
    """A limit as it was told; all None where nothing is limited."""

    limit: int | None = None
    """requests in a window"""
    left: int | None = None
    window_seconds: int | None = None
    """the length of the window, where it is said"""
    resets_seconds: float | None = None
    """until there is as much again; None where nobody says when the window began"""
    charged_to: str | None = None
    """who is charged, shortened: it is personal data"""
    problem: str | None = None
    """why nothing of it is known"""
    is_account: bool = False
    """whether who is charged is an account, by whatever way it asks"""


def hub_told(status: int, headers: Mapping[str, str], now: float) -> Told:
    """Return what an answer of the Hub API says; *now* is our clock, in Unix seconds."""
    limit = read_hub_limit(headers)
    if limit is None:
        return _untold(status, headers)
    date = read_date(headers)
    resets = max(0.0, limit.reset - (now if date is None else date))
    who = _source(headers.get("x-ratelimit-ip", ""))
    return Told(limit.limit, limit.remaining, resets_seconds=resets, charged_to=who)


def pulls_told(status: int, headers: Mapping[str, str]) -> Told:
    """Return what the answer to a HEAD of a manifest says of pulls.

    When their window began is not told.
    """
    limit = read_pull_limit(headers)
    source = headers.get("docker-ratelimit-source", "")
    told = (
        _untold(status, headers)
        if limit is None
        else Told(limit.limit, limit.remaining, limit.window_seconds)
    )
    return told._replace(charged_to=_source(source), is_account=is_account(source))


def tokens_told(status: int, headers: Mapping[str, str], now: float) -> Told:
    """Return what an answer of the token service says; *now* is our clock, in Unix seconds."""
    date = read_date(headers)
    limit = read_service_limit(headers, now if date is None else date)
    if limit is None:
        return _untold(status, headers)
    return Told(limit.limit, limit.remaining, resets_seconds=limit.reset_seconds)


def _untold(status: int, headers: Mapping[str, str]) -> Told:
    """Return that nothing is limited, unless a limit is told that we cannot read, or a "no"."""
    if status != 200:
        return Told(problem=f"HTTP {status}")
    is_told = any(name.endswith("ratelimit-remaining") for name in headers)
    return Told(problem="not understood") if is_told else Told()


def _source(text: str) -> str | None:
    return shortened_source(text) or None
