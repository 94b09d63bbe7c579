"""Answers that mean something only in a row."""

from __future__ import annotations

import pytest

from dockerhub.kinds import Kind
from dockerhub.limits.no import MOST_IN_A_ROW, Answer, Asked, Oddity, kind_of_no, oddity_of

LIST = Asked(must_hold=b'"results"')
DETAIL = Asked(must_hold=b'"name"')
RESET = {"x-ratelimit-limit": "9", "x-ratelimit-remaining": "9", "x-ratelimit-reset": "1800000000"}


@pytest.mark.parametrize(
    ("answer", "asked", "oddity"),
    [
        pytest.param(Answer(403, {}, b"<html>"), LIST, Oddity.GUARD, id="403 HTML"),
        pytest.param(Answer(403, {}, b""), LIST, Oddity.GUARD, id="403 empty"),
        pytest.param(Answer(403, {}, b"{}"), LIST, None, id="403 JSON"),
        pytest.param(Answer(200, {}, b""), LIST, Oddity.EMPTY, id="200 empty"),
        pytest.param(Answer(200, {}, b"\n"), LIST, Oddity.EMPTY, id="200 blank"),
        pytest.param(Answer(200, {}, b""), Asked(), Oddity.EMPTY, id="200 empty, whatever asked"),
        pytest.param(Answer(200, {}, b'{"a":1}'), LIST, Oddity.EMPTY, id="200 without results"),
        pytest.param(Answer(200, {}, b"[]"), LIST, Oddity.EMPTY, id="200 a list of nothing"),
        pytest.param(Answer(200, {}, b'{"results":[]}'), LIST, None, id="200 an empty page"),
        pytest.param(Answer(200, {}, b'{"results":[]}'), DETAIL, Oddity.EMPTY, id="200 no name"),
        pytest.param(Answer(200, {}, b'{"name":"x"}'), DETAIL, None, id="200 a repository"),
        pytest.param(Answer(200, {}, b"{}"), Asked(), None, id="200 JSON, nothing expected"),
        pytest.param(Answer(200, {}, b"<html>"), LIST, None, id="200 a page for people"),
        pytest.param(Answer(200, {}, b"null"), LIST, None, id="200 null"),
        pytest.param(Answer(204, {}, b""), LIST, None, id="204"),
        pytest.param(Answer(429, {}, b""), LIST, Oddity.SILENCE, id="429 bare"),
        pytest.param(
            Answer(429, {"retry-after": "-1"}, b""), LIST, Oddity.SILENCE, id="429 below 0"
        ),
        pytest.param(
            Answer(429, {"retry-after": "soon"}, b""), LIST, Oddity.SILENCE, id="429 a word"
        ),
        pytest.param(Answer(429, {"retry-after": "0"}, b""), LIST, None, id="429 with 0 seconds"),
        pytest.param(Answer(429, {"x-retry-after": "5"}, b""), LIST, None, id="429 older header"),
        pytest.param(Answer(429, RESET, b""), LIST, None, id="429 with a reset"),
        pytest.param(Answer(404, {}, b""), LIST, None, id="404"),
        pytest.param(Answer(410, {}, b""), LIST, None, id="410"),
        pytest.param(Answer(500, {}, b"<html>"), LIST, None, id="500"),
    ],
)
def test_odd_answers_are_told_from_plain_ones(
    answer: Answer, asked: Asked, oddity: Oddity | None
) -> None:
    assert oddity_of(answer, asked) is oddity


ROWS = [
    pytest.param(Answer(403, {}, b"<html>"), Kind.BROKEN, Kind.BOT_GUARD, id="403 HTML"),
    pytest.param(Answer(403, {}, b""), Kind.BROKEN, Kind.BOT_GUARD, id="403 empty"),
    pytest.param(Answer(200, {}, b""), Kind.BROKEN, Kind.REMOVED, id="200 empty"),
    pytest.param(Answer(200, {}, b"{}"), Kind.BROKEN, Kind.REMOVED, id="200 without results"),
    pytest.param(Answer(429, {}, b""), Kind.SLOW_DOWN, Kind.ABUSE, id="429 bare"),
    pytest.param(
        Answer(429, {"retry-after": "?"}, b"{}"), Kind.SLOW_DOWN, Kind.ABUSE, id="429 unreadable"
    ),
]
ASKED = [
    pytest.param(LIST, id="anonymous"),
    pytest.param(LIST._replace(signed_in=True), id="signed in"),
    pytest.param(LIST._replace(is_known=True), id="known"),
]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("answer", "single", "in_a_row"), ROWS)
def test_three_in_a_row_are_no_accident(
    answer: Answer, single: Kind, in_a_row: Kind, asked: Asked
) -> None:
    kinds = [kind_of_no(answer, asked, number) for number in range(1, 7)]
    assert kinds == [single, single, in_a_row, in_a_row, in_a_row, in_a_row]
    assert kind_of_no(answer, asked) is single


def test_three_is_the_number_of_the_design() -> None:
    assert MOST_IN_A_ROW == 3
