from __future__ import annotations

import msgspec
import pytest

from dockerhub.errors import PayloadError
from dockerhub.payloads.pairs import MOST_NAME, read_pairs
from tests.payloads.registry import json_of


def read(value: object, most: int = 10, most_signs: int = 20) -> tuple[tuple[str, str], ...]:
    return read_pairs(msgspec.Raw(json_of(value)), "$.labels", most, most_signs)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        pytest.param({"b": "2", "a": "1"}, (("a", "1"), ("b", "2")), id="sorted"),
        pytest.param({"a": ""}, (("a", ""),), id="blank"),
        pytest.param({"a": None}, (("a", ""),), id="null"),
        pytest.param({"a": 5, "b": [1, {}]}, (("a", "5"), ("b", "[1, {}]")), id="no texts"),
        pytest.param({"a": "x" * 21}, (("a", "x" * 20),), id="a long value is cut"),
        pytest.param({"x" * (MOST_NAME + 1): "1", "": "2", "a": "3"}, (("a", "3"),), id="names"),
        pytest.param({"a\0": "\0"}, (("a\ufffd", "\ufffd"),), id="NUL"),
        pytest.param({"a\0": "1", "a\ufffd": "2"}, (("a\ufffd", "2"),), id="one name of two"),
        pytest.param({}, (), id="none"),
    ],
)
def test_pairs_are_read(value: object, pairs: tuple[tuple[str, str], ...]) -> None:
    assert read(value) == pairs


def test_of_too_many_those_are_kept_that_decide() -> None:
    names = {f"a{number:03}": "" for number in range(50)}
    telling = {"vnd.docker.reference.type": "x", "in-toto.io/predicate-type": "y"}
    assert read({**names, **telling}, most=4) == (
        ("a000", ""),
        ("a001", ""),
        ("in-toto.io/predicate-type", "y"),
        ("vnd.docker.reference.type", "x"),
    )


@pytest.mark.parametrize("raw", [b"", b"null", b'""'])
def test_nothing_is_no_pairs(raw: bytes) -> None:
    assert read_pairs(msgspec.Raw(raw), "$", 1, 1) == ()


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(PayloadError) as caught:
        read(["a=1"])
    assert str(caught.value) == "$.labels: expected `object`, got `array`"
