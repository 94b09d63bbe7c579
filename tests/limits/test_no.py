from __future__ import annotations

import json

import pytest

from dockerhub.kinds import Kind
from dockerhub.limits.no import COURSES, Answer, Course, kind_of_no

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=UTF-8"}
PAGE = b'{"count":0,"next":null,"previous":null,"results":[]}'
GUARD = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
CAP = b'{"message":"pagination offset too large for anonymous requests; sign in","errinfo":{}}'
MISSING = b'{"message":"httperror 404: object not found","errinfo":{"namespace":"a"}}'
RATE = b'{"detail":"Rate limit exceeded","error":false}'


def message(text: str) -> bytes:
    return json.dumps({"message": text, "errinfo": {}}).encode()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Answer(200, JSON, PAGE), None, id="200 page"),
        pytest.param(Answer(200, JSON, b"\n [1]"), None, id="200 list after a line break"),
        pytest.param(Answer(200, {}, PAGE), None, id="200 without a content type"),
        pytest.param(Answer(200, JSON, b""), Kind.BROKEN, id="200 empty"),
        pytest.param(Answer(200, JSON, b"null"), Kind.BROKEN, id="200 null"),
        pytest.param(Answer(200, HTML, GUARD), Kind.BROKEN, id="200 HTML"),
        pytest.param(Answer(204, {}, b""), Kind.REFUSED, id="204"),
        pytest.param(Answer(301, {"location": "/x"}, b""), Kind.REFUSED, id="301"),
        pytest.param(
            Answer(400, JSON, b'{"fields":{"ordering":[]},"text":""}'), Kind.REFUSED, id="400"
        ),
        pytest.param(Answer(403, JSON, CAP), Kind.PAGING_CAP, id="403 offset"),
        pytest.param(Answer(403, JSON, message("forbidden")), Kind.FORBIDDEN, id="403 JSON"),
        pytest.param(Answer(403, {}, CAP), Kind.PAGING_CAP, id="403 offset without a content type"),
        pytest.param(Answer(403, HTML, GUARD), Kind.BOT_GUARD, id="403 HTML"),
        pytest.param(Answer(403, {}, b""), Kind.BOT_GUARD, id="403 empty"),
        pytest.param(
            Answer(403, HTML, b"<p>pagination offset</p>"),
            Kind.BOT_GUARD,
            id="403 HTML that quotes",
        ),
        pytest.param(Answer(404, JSON, MISSING), Kind.NOT_THERE, id="404 of 2024"),
        pytest.param(
            Answer(404, JSON, message("object not found")), Kind.NOT_THERE, id="404 of 2022"
        ),
        pytest.param(Answer(404, HTML, GUARD), Kind.NOT_THERE, id="404 HTML"),
        pytest.param(Answer(408, {}, b""), Kind.BROKEN, id="408"),
        pytest.param(Answer(410, JSON, message("gone")), Kind.REMOVED, id="410"),
        pytest.param(
            Answer(429, {**JSON, "retry-after": "7"}, RATE), Kind.SLOW_DOWN, id="429 with seconds"
        ),
        pytest.param(Answer(429, JSON, RATE), Kind.SLOW_DOWN, id="429 JSON"),
        pytest.param(
            Answer(429, {"content-type": "text/plain"}, b"429 Too Many Requests"),
            Kind.SLOW_DOWN,
            id="429 text",
        ),
        pytest.param(Answer(429, HTML, GUARD), Kind.SLOW_DOWN, id="429 HTML"),
        pytest.param(Answer(429, {}, b""), Kind.SLOW_DOWN, id="429 bare"),
        pytest.param(Answer(500, JSON, message("httperror 500")), Kind.BROKEN, id="500"),
        pytest.param(Answer(502, HTML, b"<html>"), Kind.BROKEN, id="502"),
        pytest.param(Answer(503, {}, b""), Kind.BROKEN, id="503"),
        pytest.param(Answer(504, {}, PAGE), Kind.BROKEN, id="504 with a page"),
        pytest.param(Answer(599, {}, b""), Kind.BROKEN, id="599"),
    ],
)
@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
def test_every_no_has_a_kind(answer: Answer, kind: Kind | None, signed_in: bool) -> None:
    assert kind_of_no(answer, signed_in=signed_in) is kind


@pytest.mark.parametrize(
    ("signed_in", "kind"),
    [
        pytest.param(True, Kind.TOKEN_OVER, id="signed in"),
        pytest.param(False, Kind.FORBIDDEN, id="anonymous"),
    ],
)
def test_a_401_speaks_of_the_token_where_one_went(signed_in: bool, kind: Kind) -> None:
    answer = Answer(401, JSON, message("unauthorized"))
    assert kind_of_no(answer, signed_in=signed_in) is kind


def test_every_kind_has_a_course() -> None:
    assert set(COURSES) == set(Kind)
    assert set(COURSES.values()) == set(Course)


@pytest.mark.parametrize(
    ("kind", "course"),
    [
        pytest.param(Kind.SLOW_DOWN, Course.WAIT, id="a 429 uses up no retry"),
        pytest.param(Kind.TOKEN_OVER, Course.RENEW, id="a token is renewed"),
        pytest.param(Kind.PAGING_CAP, Course.REFUSE, id="a policy is never asked again"),
        pytest.param(Kind.FORBIDDEN, Course.REFUSE, id="a permission is never asked again"),
        pytest.param(Kind.NOT_THERE, Course.REFUSE, id="a 404 is never asked again"),
        pytest.param(Kind.BROKEN, Course.RETRY, id="a fault may pass"),
    ],
)
def test_the_course_is_that_of_the_design(kind: Kind, course: Course) -> None:
    assert COURSES[kind] is course
