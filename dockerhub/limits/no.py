"""Tells the kinds of "no" apart, and says what each makes us do."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answer(NamedTuple):
    """A response as far as its kind depends on it; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Course(Enum):
    """What is done about a "no"."""

    WAIT = "the budget closes, the request goes back to the queue"
    RENEW = "the token is renewed, the request goes back to the queue"
    RETRY = "asked again after a pause, a few times"
    REFUSE = "never asked again; the spider is told"


COURSES = {
    Kind.SLOW_DOWN: Course.WAIT,
    Kind.PAGING_CAP: Course.REFUSE,
    Kind.FORBIDDEN: Course.REFUSE,
    Kind.BOT_GUARD: Course.RETRY,
    Kind.NOT_THERE: Course.REFUSE,
    Kind.TOKEN_OVER: Course.RENEW,
    Kind.REMOVED: Course.REFUSE,
    Kind.REFUSED: Course.REFUSE,
    Kind.BROKEN: Course.RETRY,
    Kind.UNREACHABLE: Course.RETRY,
}

# The text of the answer that cuts anonymous lists since 2026-08-11 (goharbor/harbor#23819).
_CAP_TEXT = b"pagination offset"


def kind_of_no(answer: Answer, *, signed_in: bool) -> Kind | None:
    """Return why *answer* holds no data, or None if it may be read.

    *signed_in* tells whether a bearer token went with the request.
    """
    status = answer.status
    if status == 200:
        return None if _looks_like_json(answer.body) else Kind.BROKEN
    if status == 401:
        return Kind.TOKEN_OVER if signed_in else Kind.FORBIDDEN
    if status == 403:
        return _kind_of_403(answer)
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return Kind.BROKEN if status >= 500 else Kind.REFUSED


_BY_STATUS = {
    404: Kind.NOT_THERE,
    408: Kind.BROKEN,
    410: Kind.REMOVED,
    429: Kind.SLOW_DOWN,
}


def _kind_of_403(answer: Answer) -> Kind:
    """Return which of the three meanings of 403 this is: policy, permission or bot guard."""
    if not _looks_like_json(answer.body):
        return Kind.BOT_GUARD
    return Kind.PAGING_CAP if _CAP_TEXT in answer.body else Kind.FORBIDDEN


def _looks_like_json(body: bytes) -> bool:
    start = body.lstrip()[:1]
    return start in (b"{", b"[")
