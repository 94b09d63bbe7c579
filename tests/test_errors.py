from __future__ import annotations

import inspect

import pytest

from dockerhub import errors
from dockerhub.errors import ArgumentError, DockerhubError, HubRefusal, NameRefused, shown
from dockerhub.kinds import SETTLED, WHOLE, Kind, StopReason


def test_an_argument_error_says_place_expectation_and_finding() -> None:
    error = ArgumentError("spider argument repo", "namespace/name", "a/b/c")
    assert str(error) == 'spider argument repo: expected namespace/name, got "a/b/c"'


def test_a_refused_name_keeps_its_parts() -> None:
    error = NameRefused("a tag", "-x", ".name")
    assert str(error) == 'expected a tag, got "-x"'
    assert (error.expected, error.found, error.place) == ("a tag", "-x", ".name")


def test_a_refusal_keeps_kind_and_status() -> None:
    error = HubRefusal(Kind.BROKEN, None, "timeout")
    assert (str(error), error.kind, error.status, error.detail) == (
        "timeout",
        Kind.BROKEN,
        None,
        "timeout",
    )


def test_all_errors_are_one_family_and_say_when_they_are_raised() -> None:
    family = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind is not Kind]
    assert len(family) >= 7
    for kind in family:
        assert issubclass(kind, DockerhubError)
        assert kind is DockerhubError or (kind.__doc__ or "").startswith("Raised when ")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        pytest.param("x", '"x"', id="text"),
        pytest.param(5, '"5"', id="number"),
        pytest.param('a"b', r'"a\"b"', id="quote"),
        pytest.param("\x1b[2J\n\u202e", r'"\u001b[2J\n\u202e"', id="unprintable"),
        pytest.param("y" * 60, f'"{"y" * 60}"', id="at the limit"),
        pytest.param("y" * 61, f'"{"y" * 57}..."', id="over the limit"),
    ],
)
def test_findings_are_quoted_printable_and_short(found: object, text: str) -> None:
    assert shown(found) == text


def test_only_walks_that_brought_all_they_were_asked_for_are_whole() -> None:
    assert {StopReason.COMPLETE, StopReason.UNCHANGED, StopReason.MAX_TAGS} == WHOLE
    assert {StopReason.ANONYMOUS_CAP} == SETTLED - WHOLE


def test_stop_reasons_are_the_words_of_the_database() -> None:
    assert [str(reason) for reason in StopReason] == [
        "complete",
        "unchanged",
        "max_tags",
        "anonymous_cap",
        "depth_cap",
        "drifted",
        "forbidden",
        "blocked",
        "rate_limited",
        "budget_spent",
        "error",
        "interrupted",
    ]
