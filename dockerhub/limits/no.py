"""Tells the kinds of "no" apart, and says what each makes us do."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.kinds import Kind
from dockerhub.limits.headers import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_IN_A_ROW = 3
"""So many odd answers in a row are no accident any more."""


class Answer(NamedTuple):
    """A response as far as its kind depends on it; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asked(NamedTuple):
    """A request as far as the kind of its answer depends on it."""

    must_hold: bytes = b""
    """what the body of every good answer of this endpoint holds"""
    is_known: bool = False
    """whether it asks about what exists, as far as we know"""
    has_answered: bool = False
    """whether that endpoint has shown data in this crawl"""
    signed_in: bool = False
    """whether a bearer token went with it"""
    has_fresh_token: bool = False
    """whether that token was made because of this very request"""
    is_head: bool = False
    """whether no body was asked for"""
    is_pull: bool = False
    """whether a good answer counts against the pull limit"""
    is_redirected: bool = False
    """whether the registry sent us there, by an address that lives for a while only"""


class Oddity(Enum):
    """An answer that means something only if others follow."""

    GUARD = "HTTP 403 with a page for people"
    EMPTY = "HTTP 410, or HTTP 200 without what the endpoint shows"
    SILENCE = "HTTP 429 that does not say how long"


class Course(Enum):
    """What is done about a "no"."""

    WAIT = "the budget closes, the request goes back to the queue"
    REST = "the exit rests long, the request goes back to the queue"
    RENEW = "the token is renewed, the request goes back to the queue"
    RETRY = "asked again after a pause, a few times"
    PROBE = "something else that exists is asked for first"
    REFUSE = "never asked again; the spider is told"
    STRIKE = "never asked again; nothing is asked of that endpoint any more"
    STOP = "nothing is asked of that service any more"
    SPEND = "no more pulls in this window; what needs them is left or waits"


COURSES = {
    Kind.SLOW_DOWN: Course.WAIT,
    Kind.ABUSE: Course.REST,
    Kind.PAGING_CAP: Course.REFUSE,
    Kind.FORBIDDEN: Course.REFUSE,
    Kind.BOT_GUARD: Course.STOP,
    Kind.BLOCKED: Course.STOP,
    Kind.DOUBTED: Course.PROBE,
    Kind.NOT_THERE: Course.REFUSE,
    Kind.TOKEN_OVER: Course.RENEW,
    Kind.REMOVED: Course.STRIKE,
    Kind.REFUSED: Course.REFUSE,
    Kind.BROKEN: Course.RETRY,
    Kind.UNREACHABLE: Course.RETRY,
    Kind.PULLS_SPENT: Course.SPEND,
}

# What oddities are once they come in a row, and what a single one is.
_IN_A_ROW = {
    Oddity.GUARD: Kind.BOT_GUARD,
    Oddity.EMPTY: Kind.REMOVED,
    Oddity.SILENCE: Kind.ABUSE,
}
_SINGLE = {
    Oddity.GUARD: Kind.BROKEN,
    Oddity.EMPTY: Kind.BROKEN,
    Oddity.SILENCE: Kind.SLOW_DOWN,
}
_BY_STATUS = {408: Kind.BROKEN, 410: Kind.REMOVED, 429: Kind.SLOW_DOWN}

# The text of the answer that cuts anonymous lists since 2026-08-11 (goharbor/harbor#23819).
_CAP_TEXT = b"pagination offset"
# The code of the registry's answer once the pulls are spent; clients print it in lower case.
_SPENT_TEXT = b"toomanyrequests"
# What the registry says with a token in which a repository is not granted: it does not exist, or
# is private (distribution's token specification).
_NO_ACCESS = "insufficient_scope"


def oddity_of(answer: Answer, asked: Asked) -> Oddity | None:
    """Return what makes *answer* odd, None for good answers and for every plain "no"."""
    if asked.is_redirected or _is_spent(answer, asked):
        return None
    if answer.status == 403 and not _may_be_json(answer, asked):
        return Oddity.GUARD
    if answer.status == 429 and seconds_to_wait(answer.headers, 0.0) is None:
        return Oddity.SILENCE
    if answer.status == 410:
        # Where nothing was ever had, its word is taken; else one thing may be gone and no more.
        return Oddity.EMPTY if asked.has_answered else None
    # A page for people says nothing of the endpoint: somebody between us answers.
    lacks = not answer.body.strip() or (
        _looks_like_json(answer.body) and asked.must_hold not in answer.body
    )
    return Oddity.EMPTY if answer.status == 200 and lacks and not asked.is_head else None


def kind_of_no(answer: Answer, asked: Asked, in_a_row: int = 1) -> Kind | None:
    """Return why *answer* holds no data, or None if it may be read.

    *in_a_row* is how many answers as odd as this one came there, it included: from the endpoint
    for those that are empty, else from the service by the same exit.
    """
    oddity = oddity_of(answer, asked)
    if oddity is not None:
        return (_IN_A_ROW if in_a_row >= MOST_IN_A_ROW else _SINGLE)[oddity]
    if answer.status == 200:
        return None if asked.is_head or _looks_like_json(answer.body) else Kind.BROKEN
    if asked.is_redirected:
        return Kind.BROKEN
    return Kind.PULLS_SPENT if _is_spent(answer, asked) else _by_status(answer, asked)


def _by_status(answer: Answer, asked: Asked) -> Kind:
    status = answer.status
    if status == 401 and _NO_ACCESS in answer.headers.get("www-authenticate", ""):
        return Kind.NOT_THERE
    if status == 401:
        is_over = asked.signed_in and not asked.has_fresh_token
        return Kind.TOKEN_OVER if is_over else Kind.FORBIDDEN
    if status == 403:
        return Kind.PAGING_CAP if _CAP_TEXT in answer.body else Kind.FORBIDDEN
    if status == 404:
        return Kind.DOUBTED if asked.is_known else Kind.NOT_THERE
    return _BY_STATUS.get(status, Kind.BROKEN if status >= 500 else Kind.REFUSED)


def _is_spent(answer: Answer, asked: Asked) -> bool:
    return asked.is_pull and answer.status == 429 and _SPENT_TEXT in answer.body.lower()


def _may_be_json(answer: Answer, asked: Asked) -> bool:
    """Tell whether an answer is for programs; that to a HEAD says so in its headers alone."""
    if asked.is_head and not answer.body:
        return "json" in answer.headers.get("content-type", "")
    return _looks_like_json(answer.body)


def _looks_like_json(body: bytes) -> bool:
    start = body.lstrip()[:1]
    return start in (b"{", b"[")
