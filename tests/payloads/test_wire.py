from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from dockerhub.errors import NameRefused, PayloadError
from dockerhub.moments import iso
from dockerhub.payloads.wire import (
    MOST_ROWS,
    Count,
    Listing,
    ListReader,
    decode,
    decode_row,
    moment,
)


class WirePoint(msgspec.Struct, frozen=True):
    name: str
    size: Count | None = None
    rest: msgspec.Raw = msgspec.Raw(b"null")

    def row(self) -> str:
        if self.name == "?":
            raise NameRefused("a point", self.name, ".name")
        return self.name


READER: ListReader[str] = ListReader(WirePoint)
POINT = msgspec.json.Decoder(WirePoint)


def page(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("body", "listing"),
    [
        pytest.param(
            page(count=9, next="https://h/?page=2", previous=None, results=[{"name": "a"}]),
            Listing(rows=("a",), refusals=(), count=9, next="https://h/?page=2"),
            id="page",
        ),
        pytest.param(
            page(count=0, next="", results=[]),
            Listing(rows=(), refusals=(), count=0, next=None),
            id="next is empty",
        ),
        pytest.param(
            page(count=None, next=None, results=[]),
            Listing(rows=(), refusals=(), count=None, next=None),
            id="next and count are null",
        ),
        pytest.param(
            page(results=[]), Listing(rows=(), refusals=(), count=None, next=None), id="rows alone"
        ),
        pytest.param(
            b' {"results":[{"name":"a"},{"name":"a"}]} ',
            Listing(rows=("a", "a"), refusals=(), count=None, next=None),
            id="a row twice",
        ),
    ],
)
def test_pages_are_read(body: bytes, listing: Listing[str]) -> None:
    assert READER.read(body) == listing


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "$: expected JSON, got 0 bytes: Input data was truncated", id="empty"),
        pytest.param(
            b'{"results":[{"name":',
            "$: expected JSON, got 20 bytes: Input data was truncated",
            id="truncated",
        ),
        pytest.param(
            b"<html>",
            "$: expected JSON, got 6 bytes: JSON is malformed: invalid character (byte 0)",
            id="HTML",
        ),
        pytest.param(
            page(detail="Rate limit exceeded", error=False),
            "$: object missing required field `results`",
            id="an error with status 200",
        ),
        pytest.param(b"[]", "$: expected `object`, got `array`", id="bare list"),
        pytest.param(page(results=None), "$.results: expected `array`, got `null`", id="no rows"),
        pytest.param(
            page(results={}), "$.results: expected `array`, got `object`", id="rows are an object"
        ),
        pytest.param(
            page(results=[{"name": "a"}] * (MOST_ROWS + 1)),
            "$.results: expected at most 1000 rows, got 1001",
            id="far too many rows",
        ),
    ],
)
def test_what_is_no_page_is_refused_by_its_place(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        READER.read(body)
    assert str(caught.value) == message


@pytest.mark.parametrize("count", ["9", "", -1, 2**63, 10**30, 1.0, True, [9], {}, None])
def test_a_count_that_is_none_costs_nothing(count: object) -> None:
    listing = READER.read(page(count=count, next="n", results=[{"name": "a"}]))
    assert listing == Listing(rows=("a",), refusals=(), count=None, next="n")


@pytest.mark.parametrize("following", [2, True, "", ["n"], {"href": "n"}, None])
def test_a_next_that_is_none_costs_nothing(following: object) -> None:
    listing = READER.read(page(count=2**63 - 1, next=following, results=[{"name": "a"}]))
    assert listing == Listing(rows=("a",), refusals=(), count=2**63 - 1, next=None)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(PayloadError, match=r"^\$: expected JSON, got 200012 bytes: "):
        READER.read(b'{"results":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_as_many_rows_as_a_page_may_hold_are_read() -> None:
    assert len(READER.read(page(results=[{"name": "a"}] * MOST_ROWS)).rows) == MOST_ROWS


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        pytest.param("{}", ": object missing required field `name`", id="field missing"),
        pytest.param("5", ": expected `object`, got `int`", id="no object"),
        pytest.param("null", ": expected `object`, got `null`", id="null"),
        pytest.param(
            '{"name":"x","size":"big"}', ".size: expected `int | null`, got `str`", id="type"
        ),
        pytest.param('{"name":"x","size":-1}', ".size: expected `int` >= 0", id="below 0"),
        pytest.param(
            '{"name":"x","size":9223372036854775808}',
            ".size: expected `int` <= 9223372036854775807",
            id="beyond 64 bits",
        ),
        pytest.param('{"name":"?"}', '.name: expected a point, got "?"', id="no name"),
    ],
)
def test_a_bad_row_does_not_lose_the_page(row: str, refusal: str) -> None:
    body = f'{{"count":3,"results":[{{"name":"a"}},{row},{{"name":"b"}}]}}'.encode()
    listing = READER.read(body)
    assert listing.rows == ("a", "b")
    assert listing.refusals == (f"$.results[1]{refusal}",)
    assert listing.count == 3


def test_a_row_that_is_no_utf8_does_not_lose_the_page() -> None:
    listing = READER.read(b'{"results":[{"name":"\xff"},{"name":"b"}]}')
    assert listing.rows == ("b",)
    (refusal,) = listing.refusals
    assert refusal == (
        "$.results[0]: expected JSON, got 12 bytes:"
        " 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    )


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        pytest.param('{"name":"a","size":""}', b"null", id="field"),
        pytest.param('{"name":"a","size":"","rest":""}', b"null", id="raw field"),
        pytest.param(
            '{"name":"a","size":"","rest":[1,"",{"b":""}]}', b'[1,null,{"b":null}]', id="deep"
        ),
        pytest.param('{"name":"a","rest":["",{"b":""}]}', b'["",{"b":""}]', id="nothing refused"),
        pytest.param('{"name":"a","size":"","rest":" "}', b'" "', id="a space is no blank"),
    ],
)
def test_a_blank_is_null_where_it_would_be_refused(body: str, rest: bytes) -> None:
    row = decode_row(POINT, body.encode())
    assert (row.name, row.size, bytes(row.rest)) == ("a", None, rest)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param('""', "$: expected `object`, got `str`", id="blank row"),
        pytest.param('{"size":""}', "$.size: expected `int | null`, got `str`", id="no name"),
        pytest.param(
            '{"name":"a","size":"9"}', "$.size: expected `int | null`, got `str`", id="text"
        ),
        pytest.param(
            '{"name":"a","size":"","size":-1}',
            "$.size: expected `int | null`, got `str`",
            id="twice",
        ),
        pytest.param("{", "$: expected JSON, got 1 bytes: Input data was truncated", id="no JSON"),
    ],
)
def test_what_is_refused_twice_is_refused_as_at_first(body: str, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        decode_row(POINT, body.encode())
    assert str(caught.value) == message


def test_the_largest_count_is_read() -> None:
    assert decode(POINT, b'{"name":"a","size":9223372036854775807}').size == 2**63 - 1


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        pytest.param("2026-01-09T19:20:49Z", "2026-01-09T19:20:49.000000Z", id="whole seconds"),
        pytest.param("2026-01-09T19:20:49.1Z", "2026-01-09T19:20:49.100000Z", id="1 digit"),
        pytest.param("2026-01-09T19:20:49.12345Z", "2026-01-09T19:20:49.123450Z", id="5"),
        pytest.param("2026-01-09T19:20:49.123456Z", "2026-01-09T19:20:49.123456Z", id="6"),
        pytest.param("2026-01-09T19:20:49.12345678Z", "2026-01-09T19:20:49.123456Z", id="8"),
        pytest.param("2026-01-09T19:20:49.123456999Z", "2026-01-09T19:20:49.123456Z", id="9"),
        pytest.param("2026-12-31T23:59:59.9999999Z", "2026-12-31T23:59:59.999999Z", id="cut"),
        pytest.param("2026-01-09T19:20:49+02:00", "2026-01-09T17:20:49.000000Z", id="offset"),
        pytest.param("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z", id="Go's zero"),
    ],
)
def test_moments_come_in_all_precisions_and_are_cut(text: str, cut: str) -> None:
    found = moment(text, "at")
    assert found is not None
    assert iso(found) == cut


@pytest.mark.parametrize("text", [None, ""])
def test_a_moment_may_be_missing(text: str | None) -> None:
    assert moment(text, "at") is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        " ",
        "1767225600",
        "2026-13-01T00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "9999-12-31T23:59:60Z",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(PayloadError) as caught:
        moment(text, "at")
    assert str(caught.value) == f'$.at: expected a moment, got "{text}"'
