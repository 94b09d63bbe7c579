from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from dockerhub.errors import PayloadError
from dockerhub.items import RepositoryDetail, RepositoryRow
from dockerhub.moments import microseconds
from dockerhub.names import RepositoryName
from dockerhub.payloads.repositories import read_repository, read_repository_page
from tests.payloads.from_file import payload

SEEN = 17


def at(text: str) -> int:
    return microseconds(datetime.fromisoformat(text))


def detail(row: RepositoryRow, full: str | None, **more: object) -> RepositoryDetail:
    said: dict[str, object] = {
        "collaborator_count": None,
        "immutable_tags_enabled": None,
        "immutable_tags_rules": (),
        **more,
    }
    return RepositoryDetail(seen=SEEN, row=row, full_description=full, **said)  # type: ignore[arg-type]


CASES = {
    "repository": detail(
        RepositoryRow(
            RepositoryName("acme", "gateway"),
            "Routes what comes in.",
            41,
            12345678901,
            last_updated=at("2026-02-03T04:05:06.700000Z"),
            last_modified=at("2024-01-02T03:04:05.678901Z"),
            registered=at("2019-10-11T12:13:14.151617Z"),
            repository_type="image",
            status=1,
            status_description="active",
            is_private=False,
            is_automated=False,
            storage_size=9876543210,
            media_types=("application/vnd.oci.image.index.v1+json", None),
            content_types=("image",),
            categories=("languages-and-frameworks", "security"),
        ),
        "# Gateway\n\nRoutes.",
        collaborator_count=2,
        immutable_tags_enabled=True,
        immutable_tags_rules=("^v", ".*-lts"),
    ),
    "repository_without_full_description": detail(
        RepositoryRow(RepositoryName("acme", "quiet"), None, 0, 0, is_private=False),
        None,
        collaborator_count=0,
        immutable_tags_enabled=False,
        immutable_tags_rules=(".*",),
    ),
    "repository_with_null_full_description": detail(
        RepositoryRow(
            RepositoryName("acme", "quiet"),
            None,
            None,
            None,
            last_updated=at("2020-01-02T03:04:05Z"),
        ),
        None,
    ),
    "repository_of_2016": detail(
        RepositoryRow(
            RepositoryName("oldtimer", "teapot"),
            "Short and stout",
            2,
            77,
            last_updated=at("2016-03-04T05:06:07.080910Z"),
            status=1,
            is_private=False,
            is_automated=True,
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_repository_is_read(name: str) -> None:
    assert read_repository(payload(name), SEEN) == CASES[name]


@pytest.mark.parametrize("name", CASES)
def test_a_row_of_a_list_is_read_as_the_detail_is(name: str) -> None:
    listing = read_repository_page(b'{"results":[' + payload(name) + b"]}")
    assert (listing.rows, listing.refusals) == ((CASES[name].row,), ())


def test_rows_of_all_ages_are_read() -> None:
    listing = read_repository_page(payload("repositories_of_all_ages"))
    first, second, empty = listing.rows
    assert first == RepositoryRow(
        RepositoryName("acme", "first"),
        "Oldest",
        0,
        5,
        last_updated=at("2018-02-03T04:05:06.100000Z"),
        last_modified=at("2024-01-02T03:04:05.678901Z"),
        registered=at("2018-01-02T03:04:05.060708Z"),
        status=6,
        status_description="archived",
        is_private=False,
        storage_size=321,
        media_types=(None,),
        content_types=("image",),
    )
    assert (second.repository_type, second.pull_count, second.description) == ("0", 2**31, None)
    assert second.content_types == ("helm",)
    assert (empty.storage_size, empty.last_updated, empty.media_types) == (0, None, ())
    assert [row.is_never_pushed for row in listing.rows] == [False, False, True]
    assert (listing.count, listing.refusals) == (3, ())
    assert listing.next == "https://hub.docker.com/v2/repositories/acme?page=2&page_size=3"


def test_bad_rows_are_refused_each_by_its_field() -> None:
    listing = read_repository_page(payload("repositories_with_bad_rows"))
    assert [str(row.repository) for row in listing.rows] == ["acme/good"]
    assert listing.refusals == (
        '$.results[0].name: expected a repository name, got "acme/.."',
        "$.results[2].pull_count: expected `int | null`, got `str`",
        "$.results[3].star_count: expected `int` >= 0",
        "$.results[4].categories[0]: expected `object | null`, got `str`",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            payload("repository_with_placeholder_name"),
            '$.name: expected a repository name, got "acme/<your-repository>"',
            id="name",
        ),
        pytest.param(
            b'{"name":"a","namespace":"b/c"}',
            '$.namespace: expected a repository name, got "b/c/a"',
            id="namespace",
        ),
        pytest.param(
            b'{"name":"a"}', "$: object missing required field `namespace`", id="no namespace"
        ),
        pytest.param(
            b'{"name":"a","namespace":"b","last_updated":7}',
            "$.last_updated: expected `str | null`, got `int`",
            id="time as a number",
        ),
        pytest.param(
            b'{"name":"a","namespace":"b","date_registered":"2026-01-02T03:04:05"}',
            '$.date_registered: expected a moment, got "2026-01-02T03:04:05"',
            id="time without a zone",
        ),
        pytest.param(
            b'{"name":"a","namespace":"b","star_count":"","pull_count":"many"}',
            "$.star_count: expected `int | null`, got `str`",
            id="a blank beside what is wrong",
        ),
        pytest.param(
            b'{"name":"a","namespace":"b","immutable_tags_settings":{"enabled":"no"}}',
            "$.immutable_tags_settings.enabled: expected `bool | null`, got `str`",
            id="setting",
        ),
        pytest.param(b"", "$: expected JSON, got 0 bytes: Input data was truncated", id="nothing"),
    ],
)
def test_what_is_no_repository_is_refused_by_its_field(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_repository(body, SEEN)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "categories",
    [
        pytest.param('[null,{"slug":null},{"slug":"x"},{"slug":""},{"name":"Y"}]', id="read"),
        pytest.param('["",{"slug":null},{"slug":"x"},{"slug":""},{"name":""}]', id="read twice"),
    ],
)
def test_categories_without_a_slug_are_left_out(categories: str) -> None:
    body = f'{{"name":"a","namespace":"b","categories":{categories}}}'.encode()
    assert read_repository(body, SEEN).row.categories == ("x",)
    (row,) = read_repository_page(b'{"results":[' + body + b"]}").rows
    assert row.categories == ("x",)


def test_blanks_of_a_repository_are_read_as_missing() -> None:
    names = (
        *("description", "star_count", "pull_count", "last_updated", "last_modified"),
        *("date_registered", "repository_type", "status", "status_description", "is_private"),
        *("is_automated", "storage_size", "source", "media_types", "content_types", "categories"),
        *("full_description", "collaborator_count", "immutable_tags_settings"),
    )
    body = msgspec.json.encode({"name": "a", "namespace": "b", **dict.fromkeys(names, "")})
    row = RepositoryRow(RepositoryName("b", "a"), None, None, None)
    assert read_repository(body, SEEN) == detail(row, None)
