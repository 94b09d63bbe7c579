from __future__ import annotations

import pytest

from dockerhub.errors import PayloadError
from dockerhub.items import RepositoryRow
from dockerhub.names import RepositoryName
from dockerhub.payloads.search import read_search_page
from tests.payloads.from_file import payload


def test_hits_are_known_by_names_and_counts_alone() -> None:
    listing = read_search_page(payload("search_first_page"))
    assert listing.rows == (
        RepositoryRow(
            RepositoryName("library", "proxy"),
            "An official build.",
            1234,
            9876543210,
            is_automated=False,
        ),
        RepositoryRow(RepositoryName("acme", "proxy"), None, None, 12, is_automated=True),
        RepositoryRow(RepositoryName("library", "proxy2"), None, 0, 0, is_automated=False),
    )
    assert (listing.count, listing.refusals) == (54321, ())
    assert listing.next == (
        "https://hub.docker.com/v2/search/repositories/?page=2&page_size=3&query=proxy"
    )


def test_an_empty_next_is_the_end() -> None:
    listing = read_search_page(payload("search_last_page"))
    assert [str(row.repository) for row in listing.rows] == ["acme/rare"]
    assert listing.next is None


def test_bad_hits_are_refused_each_by_its_field() -> None:
    listing = read_search_page(payload("search_with_bad_rows"))
    assert [str(row.repository) for row in listing.rows] == ["acme/good"]
    assert listing.refusals == (
        '$.results[0].repo_name: expected a repository name, got "acme/proxy/extra"',
        "$.results[1]: object missing required field `repo_name`",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            b"<!DOCTYPE html>",
            "$: expected JSON, got 15 bytes: JSON is malformed: invalid character (byte 0)",
            id="a bot guard's page",
        ),
        pytest.param(b"{}", "$: object missing required field `results`", id="removed"),
    ],
)
def test_what_is_no_page_of_hits_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_search_page(body)
    assert str(caught.value) == message
