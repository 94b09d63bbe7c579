from __future__ import annotations

from datetime import datetime

import pytest

from dockerhub.errors import PayloadError
from dockerhub.items import ImageRow, TagRow
from dockerhub.moments import microseconds
from dockerhub.payloads.tags import read_tag, read_tag_page
from tests.payloads.from_file import payload

ALIAS = "https://registry.hub.docker.com/v2/repositories/acme/base/tags"


def at(text: str) -> int:
    return microseconds(datetime.fromisoformat(text))


def digest(number: str) -> bytes:
    return bytes.fromhex(number) * 32


def image(number: str | None, size: int | None, *words: str | None) -> ImageRow:
    padded = (*words, *[None] * (6 - len(words)))
    return ImageRow(digest(number) if number else None, size, *padded)


CASES = {
    "tag_of_many_platforms": TagRow(
        "2.1",
        digest("11"),
        31000100,
        at("2026-03-04T05:06:07.123456Z"),
        at("2026-03-04T05:06:07Z"),
        at("2026-03-05T01:02:03.987654Z"),
        "active",
        "application/vnd.oci.image.index.v1+json",
        "image",
        (
            image("21", 31000100, "linux", "amd64"),
            image("22", 29000200, "linux", "arm", "v7"),
            image("23", 1400, "unknown", "unknown"),
        ),
    ),
    "tag_of_windows": TagRow(
        "ltsc",
        digest("31"),
        1800000000,
        None,
        None,
        None,
        None,
        None,
        None,
        (
            image("32", 1800000000, "windows", "amd64", None, "10.0.12345.678"),
            image("33", 1900000000, "windows", "amd64", None, "10.0.23456.789", "sse4", "win32k"),
        ),
    ),
    "tag_without_digest": TagRow(
        "latest",
        None,
        12500000,
        at("2017-08-09T10:11:12.300000Z"),
        None,
        None,
        "inactive",
        "application/vnd.docker.container.image.v1+json",
        "image",
        (image(None, 12500000, "linux", "amd64"),),
    ),
    "tag_with_size_0": TagRow(
        "1.9-slim",
        None,
        None,
        at("2020-05-06T07:08:09.987654Z"),
        None,
        None,
        "active",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        None,
        (image("41", 50600700, "linux", "amd64"), image("42", 0, "linux", "arm64", "v8")),
    ),
    "tag_without_images": TagRow(
        "latest",
        None,
        7654321,
        at("2015-02-03T04:05:06.070809Z"),
        None,
        None,
        None,
        None,
        None,
        (),
    ),
    "tag_with_null_images": TagRow("gone", None, None, None, None, None, "stale", None, None, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_tag_is_read(name: str) -> None:
    assert read_tag(payload(name)) == CASES[name]


@pytest.mark.parametrize("name", CASES)
def test_a_row_of_a_list_is_read_as_a_single_tag_is(name: str) -> None:
    listing = read_tag_page(b'{"results":[' + payload(name) + b"]}")
    assert (listing.rows, listing.refusals) == ((CASES[name],), ())


def test_two_tags_may_share_a_digest() -> None:
    listing = read_tag_page(payload("tags_two_names_one_digest"))
    assert [(row.name, row.digest) for row in listing.rows] == [
        ("stable", digest("61")),
        ("12", digest("61")),
    ]
    assert listing.rows[0].images == listing.rows[1].images == (image("62", 600, "linux", "s390x"),)
    assert listing.count == 345
    assert listing.next == f"{ALIAS}?page=3&page_size=2&repo=acme%2Fbase"


def test_a_list_without_rows_is_a_page() -> None:
    listing = read_tag_page(payload("tags_none"))
    assert (listing.rows, listing.refusals, listing.count, listing.next) == ((), (), 0, None)


def test_bad_rows_are_refused_each_by_its_field() -> None:
    listing = read_tag_page(payload("tags_with_bad_rows"))
    assert [row.name for row in listing.rows] == ["good"]
    assert listing.refusals == (
        "$.results[1].images[1].size: expected `int | null`, got `str`",
        '$.results[2].name: expected a tag, got "../etc"',
        "$.results[3]: object missing required field `name`",
        '$.results[4].last_updated: expected a moment, got "yesterday"',
        '$.results[5].tag_last_pushed: expected a moment, got "2026-01-02T03:04:05"',
        '$.results[6].digest: expected sha256: and 64 hex digits, got "md5:00"',
        "$.results[7]: expected `object`, got `str`",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            payload("tag_with_broken_digest"),
            '$.images[1].digest: expected sha256: and 64 hex digits, got "sha256:52"',
            id="digest of an image",
        ),
        pytest.param(
            b'{"name":"a","digest":"x"}',
            '$.digest: expected sha256: and 64 hex digits, got "x"',
            id="digest",
        ),
        pytest.param(b'{"name":""}', '$.name: expected a tag, got ""', id="name"),
        pytest.param(
            b'{"message":"object not found"}',
            "$: object missing required field `name`",
            id="an error",
        ),
        pytest.param(
            b'{"name":"a","images":{}}',
            "$.images: expected `array | null`, got `object`",
            id="images as documented",
        ),
        pytest.param(
            b'{"name":"","full_size":""}',
            "$.full_size: expected `int | null`, got `str`",
            id="a blank name",
        ),
        pytest.param(
            b'{"name":"a","full_size":"","images":[{"size":"2 MB"}]}',
            "$.images[0].size: expected `int | null`, got `str`",
            id="a size that is no blank, beside one that is",
        ),
        pytest.param(
            b'{"name":"a","last_updated":"$.soon"}',
            '$.last_updated: expected a moment, got "$.soon"',
            id="a moment",
        ),
    ],
)
def test_what_is_no_tag_is_refused_by_its_field(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_tag(body)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("fields", "images"),
    [
        pytest.param('"full_size":"","digest":"","last_updated":"","tag_status":""', (), id="tag"),
        pytest.param('"images":""', (), id="images"),
        pytest.param('"full_size":"","images":""', (), id="images and a size"),
        pytest.param(
            '"full_size":"","images":[{"os":"linux","size":5}]',
            (image(None, 5, "linux"),),
            id="a size above images",
        ),
        pytest.param(
            '"images":[{"os":"linux","digest":"","size":"","variant":""},{"size":0}]',
            (image(None, None, "linux"), image(None, 0)),
            id="in images",
        ),
        pytest.param('"full_size":"","images":["",{"size":""}]', None, id="an image"),
    ],
)
def test_blanks_are_read_as_missing(fields: str, images: tuple[ImageRow, ...] | None) -> None:
    body = f'{{"name":"a",{fields}}}'.encode()
    listing = read_tag_page(b'{"results":[' + body + b"]}")
    if images is None:
        message = "$.images[0]: expected `object`, got `null`"
        assert listing.refusals == (message.replace("$", "$.results[0]"),)
        with pytest.raises(PayloadError) as caught:
            read_tag(body)
        assert str(caught.value) == message
        return
    tag = TagRow("a", None, None, None, None, None, None, None, None, images)
    assert read_tag(body) == tag
    assert (listing.rows, listing.refusals) == ((tag,), ())
