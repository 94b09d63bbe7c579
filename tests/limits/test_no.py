"""Which kind of "no" a single answer is, and what is done about each kind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.kinds import Kind
from dockerhub.limits.no import COURSES, Answer, Asked, Course, kind_of_no

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=UTF-8"}
PAGE = b'{"count":0,"next":null,"previous":null,"results":[]}'
GUARD = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
CAP = b'{"message":"pagination offset too large for anonymous requests; sign in","errinfo":{}}'
MISSING = b'{"message":"httperror 404: object not found","errinfo":{"namespace":"a"}}'
RATE = b'{"detail":"Rate limit exceeded","error":false}'
LIMIT = {
    "x-ratelimit-limit": "180",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "1800000060",
}

LIST = Asked(must_hold=b'"results"')


def message(text: str) -> bytes:
    return json.dumps({"message": text, "errinfo": {}}).encode()


PLAIN = [
    pytest.param(Answer(200, JSON, PAGE), None, id="200 page"),
    pytest.param(Answer(200, JSON, b"\n " + PAGE), None, id="200 page after a line break"),
    pytest.param(Answer(200, {}, PAGE), None, id="200 without a content type"),
    pytest.param(Answer(200, {**JSON, **LIMIT}, PAGE), None, id="200 the last of a window"),
    pytest.param(Answer(200, JSON, b"null"), Kind.BROKEN, id="200 null"),
    pytest.param(Answer(200, HTML, GUARD), Kind.BROKEN, id="200 HTML"),
    pytest.param(Answer(200, HTML, b'<p>"results"</p>'), Kind.BROKEN, id="200 HTML that quotes"),
    pytest.param(Answer(204, {}, b""), Kind.REFUSED, id="204"),
    pytest.param(Answer(301, {"location": "/x"}, b""), Kind.REFUSED, id="301"),
    pytest.param(Answer(304, {}, b""), Kind.REFUSED, id="304"),
    pytest.param(
        Answer(400, JSON, b'{"fields":{"ordering":[]},"text":""}'), Kind.REFUSED, id="400"
    ),
    pytest.param(Answer(402, JSON, message("pay")), Kind.REFUSED, id="402"),
    pytest.param(Answer(403, JSON, CAP), Kind.PAGING_CAP, id="403 offset"),
    pytest.param(Answer(403, {}, CAP), Kind.PAGING_CAP, id="403 offset without a content type"),
    pytest.param(Answer(403, HTML, CAP), Kind.PAGING_CAP, id="403 offset called a page"),
    pytest.param(Answer(403, JSON, message("forbidden")), Kind.FORBIDDEN, id="403 JSON"),
    pytest.param(Answer(403, JSON, b"[]"), Kind.FORBIDDEN, id="403 JSON list"),
    pytest.param(Answer(404, JSON, MISSING), Kind.NOT_THERE, id="404 of 2024"),
    pytest.param(Answer(404, JSON, message("object not found")), Kind.NOT_THERE, id="404 of 2022"),
    pytest.param(Answer(404, HTML, GUARD), Kind.NOT_THERE, id="404 HTML"),
    pytest.param(Answer(404, {}, b""), Kind.NOT_THERE, id="404 empty"),
    pytest.param(Answer(405, {}, b""), Kind.REFUSED, id="405"),
    pytest.param(Answer(408, {}, b""), Kind.BROKEN, id="408"),
    pytest.param(Answer(410, JSON, message("gone")), Kind.REMOVED, id="410"),
    pytest.param(Answer(410, {}, b""), Kind.REMOVED, id="410 empty"),
    pytest.param(Answer(422, JSON, message("no")), Kind.REFUSED, id="422"),
    pytest.param(
        Answer(429, {**JSON, "retry-after": "7"}, RATE), Kind.SLOW_DOWN, id="429 with seconds"
    ),
    pytest.param(Answer(429, {"retry-after": "0"}, b""), Kind.SLOW_DOWN, id="429 with no seconds"),
    pytest.param(
        Answer(429, {"retry-after": "Fri, 15 Jan 2027 08:00:00 GMT"}, b""),
        Kind.SLOW_DOWN,
        id="429 with a date",
    ),
    pytest.param(
        Answer(429, {"retry-after": "1746136938"}, b""), Kind.SLOW_DOWN, id="429 with an epoch"
    ),
    pytest.param(
        Answer(429, {"x-retry-after": "1746136938"}, b""), Kind.SLOW_DOWN, id="429 of before"
    ),
    pytest.param(Answer(429, LIMIT, RATE), Kind.SLOW_DOWN, id="429 with a reset"),
    pytest.param(
        Answer(429, {**HTML, "retry-after": "7"}, GUARD), Kind.SLOW_DOWN, id="429 HTML with seconds"
    ),
    pytest.param(Answer(500, JSON, message("httperror 500")), Kind.BROKEN, id="500"),
    pytest.param(Answer(502, HTML, b"<html>"), Kind.BROKEN, id="502"),
    pytest.param(Answer(503, {"retry-after": "7"}, b""), Kind.BROKEN, id="503"),
    pytest.param(Answer(504, {}, PAGE), Kind.BROKEN, id="504 with a page"),
    pytest.param(Answer(520, HTML, GUARD), Kind.BROKEN, id="520"),
    pytest.param(Answer(599, {}, b""), Kind.BROKEN, id="599"),
]

# What a single one is of the answers that mean something only if others follow.
ODD = [
    pytest.param(Answer(200, JSON, b""), Kind.BROKEN, id="200 empty"),
    pytest.param(Answer(200, JSON, b" \r\n"), Kind.BROKEN, id="200 blank"),
    pytest.param(Answer(200, JSON, b"{}"), Kind.BROKEN, id="200 without results"),
    pytest.param(Answer(200, JSON, b"[]"), Kind.BROKEN, id="200 a list"),
    pytest.param(Answer(200, JSON, MISSING), Kind.BROKEN, id="200 with a 404 in it"),
    pytest.param(Answer(403, HTML, GUARD), Kind.BROKEN, id="403 HTML"),
    pytest.param(Answer(403, {}, b""), Kind.BROKEN, id="403 empty"),
    pytest.param(Answer(403, JSON, b"forbidden"), Kind.BROKEN, id="403 text called JSON"),
    pytest.param(
        Answer(403, HTML, b"<p>pagination offset</p>"), Kind.BROKEN, id="403 HTML that quotes"
    ),
    pytest.param(Answer(429, JSON, RATE), Kind.SLOW_DOWN, id="429 JSON"),
    pytest.param(
        Answer(429, {"content-type": "text/plain"}, b"429 Too Many Requests"),
        Kind.SLOW_DOWN,
        id="429 text",
    ),
    pytest.param(Answer(429, HTML, GUARD), Kind.SLOW_DOWN, id="429 HTML"),
    pytest.param(Answer(429, {}, b""), Kind.SLOW_DOWN, id="429 bare"),
    pytest.param(Answer(429, {"retry-after": "soon"}, b""), Kind.SLOW_DOWN, id="429 with a word"),
    pytest.param(
        Answer(429, {"x-ratelimit-limit": "180"}, b""), Kind.SLOW_DOWN, id="429 with half a limit"
    ),
]


@pytest.mark.parametrize(("answer", "kind"), PLAIN + ODD)
@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
def test_every_no_has_a_kind(answer: Answer, kind: Kind | None, signed_in: bool) -> None:
    assert kind_of_no(answer, LIST._replace(signed_in=signed_in)) is kind


@pytest.mark.parametrize(("answer", "kind"), PLAIN)
@pytest.mark.parametrize("in_a_row", [0, 2, 3, 99])
def test_how_many_came_in_a_row_changes_no_plain_answer(
    answer: Answer, kind: Kind | None, in_a_row: int
) -> None:
    assert kind_of_no(answer, LIST, in_a_row) is kind


NOT_OF_A_404 = [case for case in PLAIN + ODD if case.values[0].status != 404]  # type: ignore[union-attr]


@pytest.mark.parametrize(("answer", "kind"), NOT_OF_A_404)
def test_what_is_known_to_be_there_changes_nothing_but_a_404(
    answer: Answer, kind: Kind | None
) -> None:
    assert kind_of_no(answer, LIST._replace(is_known=True)) is kind


@pytest.mark.parametrize(
    ("body", "is_known", "kind"),
    [
        pytest.param(MISSING, True, Kind.DOUBTED, id="of what is known"),
        pytest.param(b"", True, Kind.DOUBTED, id="of what is known, empty"),
        pytest.param(GUARD, True, Kind.DOUBTED, id="of what is known, a page for people"),
        pytest.param(MISSING, False, Kind.NOT_THERE, id="of what is not"),
    ],
)
def test_a_404_is_not_believed_at_once_where_something_is_known(
    body: bytes, is_known: bool, kind: Kind
) -> None:
    assert kind_of_no(Answer(404, JSON, body), LIST._replace(is_known=is_known)) is kind


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        pytest.param(Asked(signed_in=True), Kind.TOKEN_OVER, id="signed in"),
        pytest.param(
            Asked(signed_in=True, has_fresh_token=True), Kind.FORBIDDEN, id="with a fresh token"
        ),
        pytest.param(Asked(), Kind.FORBIDDEN, id="anonymous"),
        pytest.param(Asked(has_fresh_token=True), Kind.FORBIDDEN, id="anonymous, nothing to renew"),
        pytest.param(Asked(signed_in=True, is_known=True), Kind.TOKEN_OVER, id="of what is known"),
    ],
)
def test_a_401_speaks_of_the_token_where_one_went(asked: Asked, kind: Kind) -> None:
    assert kind_of_no(Answer(401, JSON, message("unauthorized")), asked) is kind


@pytest.mark.parametrize("body", [b"{}", b"[]", b"[1]", b' \n{"a":1}'])
def test_where_nothing_is_expected_any_json_may_be_read(body: bytes) -> None:
    assert kind_of_no(Answer(200, JSON, body), Asked()) is None


THE_COURSES = {
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


@pytest.mark.parametrize("kind", Kind)
def test_the_course_is_that_of_the_design(kind: Kind) -> None:
    assert COURSES[kind] is THE_COURSES[kind]


def test_every_course_is_taken_by_some_kind() -> None:
    assert set(COURSES) == set(Kind)
    assert set(COURSES.values()) == set(Course)


HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-retry-after", *LIMIT]), st.text(max_size=12), max_size=5
)


@settings(derandomize=True, deadline=None)
@given(
    st.builds(Answer, st.integers(100, 999), HEADERS, st.binary(max_size=40)),
    st.builds(Asked, st.just(b'"results"'), *[st.booleans()] * (len(Asked._fields) - 1)),
    st.integers(0, 20),
)
def test_no_answer_is_without_a_kind_and_only_a_200_is_read(
    answer: Answer, asked: Asked, in_a_row: int
) -> None:
    kind = kind_of_no(answer, asked, in_a_row)
    assert kind in COURSES or (kind is None and answer.status == 200)
