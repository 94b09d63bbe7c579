from __future__ import annotations

import msgspec
import pytest

from dockerhub.errors import PayloadError
from dockerhub.payloads.bodies import MOST_VALUES, decode_at, decode_body, entries, is_said, kept

ANY = msgspec.json.Decoder()
TEXT = msgspec.json.Decoder(str)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(rb'"a\ud800b"', "a\ufffdb", id="first half alone"),
        pytest.param(rb'"a\uDC00b"', "a\ufffdb", id="second half alone"),
        pytest.param(rb'"\ud800\ud800\udc00"', "\ufffd\U00010000", id="half before a pair"),
        pytest.param(rb'"\udc00\ud800"', "\ufffd\ufffd", id="halves the wrong way round"),
        pytest.param(rb'"\ud83d\ude00"', "\N{GRINNING FACE}", id="a pair"),
        pytest.param(rb'"\\ud800"', r"\ud800", id="no escape"),
        pytest.param(rb'"\\\ud800"', "\\\ufffd", id="a backslash before half"),
        pytest.param(rb'"\\\\ud800"', r"\\ud800", id="two backslashes"),
        pytest.param(b'"a\xffb"', "a\ufffdb", id="no UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd", id="half in UTF-8"),
        pytest.param("\N{GRINNING FACE}".join('""').encode(), "\N{GRINNING FACE}", id="UTF-8"),
    ],
)
def test_what_is_no_text_is_replaced_by_the_sign_for_it(body: bytes, text: str) -> None:
    assert decode_body(TEXT, body, 1000) == text
    # A part that is not decoded at first is mended too.
    (raw,) = decode_body(msgspec.json.Decoder(list[msgspec.Raw]), b"[" + body + b"]", 1000)
    assert TEXT.decode(bytes(raw)) == text


@pytest.mark.parametrize("body", [rb'"\ud8"', rb'"\ud8","', rb'"\udxyz"', b'"\xff', b""])
def test_what_is_no_json_does_not_become_it(body: bytes) -> None:
    with pytest.raises(PayloadError, match=r"^\$: expected JSON, got \d+ bytes: "):
        decode_body(ANY, body, 1000)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b'"' + b"a" * 999 + b'"', "$: expected at most 1000 bytes, got 1001", id="1"),
        pytest.param(b"", "$: expected JSON, got 0 bytes: Input data was truncated", id="empty"),
    ],
)
def test_bodies_are_capped(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        decode_body(ANY, body, 1000)
    assert str(caught.value) == message


def test_a_body_that_is_nothing_but_values_is_refused_before_it_is_read() -> None:
    body = b"[" + b"0," * (MOST_VALUES + 1) + b"0]"
    with pytest.raises(PayloadError) as caught:
        decode_body(ANY, body, len(body))
    assert str(caught.value) == "$: expected at most 1000000 values, got 1000001"


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
def test_nesting_without_end_is_refused_in_one_line(opened: bytes) -> None:
    for decoder in (ANY, msgspec.json.Decoder(msgspec.Raw)):
        with pytest.raises(PayloadError, match=r"^\$: expected JSON, got \d+ bytes: .*$"):
            decode_body(decoder, opened * 100_000, 1_000_000)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"[1,2,3]", "$.a[7].b: expected at most 2 things, got 3", id="too many"),
        pytest.param(b"{}", "$.a[7].b: expected `array`, got `object`", id="no list"),
        pytest.param(b"5", "$.a[7].b: expected `array`, got `int`", id="number"),
    ],
)
def test_lists_are_refused_by_their_place(raw: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        entries(msgspec.Raw(raw), "$.a[7].b", 2, "things")
    assert str(caught.value) == message


@pytest.mark.parametrize("raw", [b"", b"null", b'""'])
def test_absent_null_and_blank_are_alike(raw: bytes) -> None:
    assert not is_said(msgspec.Raw(raw))
    assert entries(msgspec.Raw(raw), "$", 2, "things") == []


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"0", b"false", b'" "'])
def test_what_is_empty_is_said(raw: bytes) -> None:
    assert is_said(msgspec.Raw(raw))


def test_a_part_is_refused_by_its_place_in_the_whole() -> None:
    with pytest.raises(PayloadError) as caught:
        decode_at(msgspec.json.Decoder(list[int]), msgspec.Raw(b'[1,"$"]'), "$.a")
    assert str(caught.value) == "$.a[1]: expected `int`, got `str`"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, None),
        ("", None),
        (" ", " "),
        ("abcd", "abcd"),
        ("abcde", "abcd"),
        ("\0b", "\ufffdb"),
        ("a\N{GRINNING FACE}", "a"),
        ("\N{GRINNING FACE}" * 5, "\N{GRINNING FACE}"),
    ],
)
def test_text_is_kept_as_a_database_holds_it(text: str | None, found: str | None) -> None:
    assert kept(text, 4) == found
