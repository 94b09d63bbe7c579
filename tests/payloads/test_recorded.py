"""Every recorded answer that belongs to the Hub's lists, tags and search is parsed or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerhub.errors import PayloadError
from dockerhub.names import RepositoryName
from dockerhub.payloads.repositories import read_repository, read_repository_page
from dockerhub.payloads.search import read_search_page
from dockerhub.payloads.tag_images import read_tag_images
from dockerhub.payloads.tags import read_tag, read_tag_page

RECORDED = Path(__file__).parents[3] / "shared" / "recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the folder shared is absent")

# Files with how many rows each holds.
TAG_PAGES = {
    "hub-tags-brownie-last_pulled-null.json": 3,
    "hub-tags-debian-2023-06-aliases-share-digest.json": 2,
    "hub-tags-ebusinessdocker-disney-2026-01-no-digest.json": 1,
    "hub-tags-kube-apiserver-2022-last_pushed-null.partial.json": 1,
    "hub-tags-ubuntu-official-2021-multiarch.partial.json": 1,
    "hub-tags-xmrig2021-r2021-inactive.json": 1,
    # These two hold `results` alone.
    "hub-tags-2016-unwrapped-no-images.json": 1,
    "hub-tags-results-2021-image_id-null.json": 6,
}
TAGS = (
    "hub-tag-k3s-2023-09-four-arch.json",
    "hub-tag-ollama-quantize-gguf-nanoseconds.json",
    "hub-tag-rust-1.44.0-slim-2026-03-full_size-0-no-digest.json",
    "hub-tag-rust-1.44.1-slim-2026-03-full_size-0-no-digest.json",
    "hub-tag-single-no-digest-2023.json",
)
REPOSITORY_PAGES = {
    "hub-list-repos-aciliadevops-default-page_size.json": 10,
    "hub-list-repos-aciliadevops-page_size-1.json": 1,
    "hub-list-repos-aciliadevops-page_size-100.json": 98,
    "hub-list-repos-blacklanternsecurity-2024-shape.json": 2,
    # One row without its page.
    "hub-list-entry-ollama-2025-03.json": 1,
}
REPOSITORIES = (
    "hub-repository-2016-legacy.json",
    "hub-repository-belibak-mysql-2017.json",
    "hub-repository-ebusinessdocker-disney-2026-01.json",
    "hub-repository-perceval-automated-2017.json",
    "hub-repository-ubuntu-official-2021.partial.json",
    "hub-repository-xmrig2021-r2021-2022.json",
    "hub-repository-yocto-eol-full_description-null-2020.json",
)
SEARCH_PAGES = {
    "hub-search-v2-nginx-2026-05-03.json": 3,
    "hub-search-v2-node-count-capped-10000.json": 10,
    "hub-search-v2-ubuntu-page_size-1.json": 1,
}
# How many layers and build steps the images have; the first file holds one image's steps alone.
TAG_IMAGES = {
    "hub-tag-images-layers-xmrig-cuda-buildkit-mixed.json": [(12, 37)],
    "hub-tag-images-xmrig2021-r2021-layers.json": [(2, 5)],
}
NO_RESULTS = "$: object missing required field `results`"
REFUSED = [
    pytest.param(
        read_tag_page,
        "hub-tags-belibak-mysql-2017.broken-json.txt",
        "$: expected JSON, got 757 bytes: JSON is malformed: expected ',' or '}' (byte 536)",
        id="broken JSON",
    ),
    pytest.param(
        lambda body: read_repository(body, 0),
        "hub-repository-2025-08-no-full_description-key.json",
        "$.namespace: expected a repository name,"
        ' got "<your-docker-account-name>/<your-docker-repository-name>"',
        id="placeholder names",
    ),
    *(
        pytest.param(read_tag_page, name, NO_RESULTS, id=name)
        for name in (
            "hub-400-invalid-ordering-documented.json",
            "hub-403-anonymous-pagination-offset.json",
            "hub-404-object-not-found-2022.json",
            "hub-404-object-not-found-private-or-missing.json",
            "hub-429-auditlogs-documented.json",
            "hub-login-400-malformed.json",
            "hub-login-401.json",
        )
    ),
]
NOT_FOR_THIS_ROOM = {
    "hub-429-2025-05-01.headers.json": "headers: tests/limits/test_headers.py",
    "hub-autobuild-settings-2016.json": "autobuilds are not read, they end in 2027",
    "hub-build-details-2016-dockerfile-contents.json": "autobuilds are not read",
    "hub-comments-2016.json": "comments are gone from the Hub",
    "hub-immutable_tags_settings-2026-08-13.fragment.json": "one key of a repository, no answer",
    "hub-web-search.data-carvana.json": "the web site's own format, not read on purpose",
    "hub-web-search.data-gmail-page1.json": "the web site's own format, not read on purpose",
}


def body_of(name: str) -> tuple[bytes, Any]:
    """Return a page's bytes and its JSON; what is no page is made one."""
    body = (RECORDED / name).read_bytes()
    found = json.loads(body)
    if isinstance(found, dict) and "results" in found:
        return body, found
    rows = found if isinstance(found, list) else [found]
    wrapped = {"count": len(rows), "next": None, "results": rows}
    return json.dumps(wrapped).encode(), wrapped


def hexed(digest: bytes | None) -> str | None:
    return None if digest is None else f"sha256:{digest.hex()}"


def told_of_tags(rows: Any) -> list[Any]:
    return [
        (
            row.name,
            hexed(row.digest),
            [(hexed(i.digest), i.architecture, i.size) for i in row.images],
        )
        for row in rows
    ]


def json_of_tags(rows: Any) -> list[Any]:
    return [
        (
            row["name"],
            row.get("digest"),
            [(i.get("digest"), i["architecture"], i["size"]) for i in row.get("images", [])],
        )
        for row in rows
    ]


@pytest.mark.parametrize("name", TAG_PAGES)
def test_pages_of_tags_are_read(name: str) -> None:
    body, found = body_of(name)
    listing = read_tag_page(body)
    assert (len(listing.rows), listing.refusals) == (TAG_PAGES[name], ())
    assert told_of_tags(listing.rows) == json_of_tags(found["results"])
    assert (listing.count, listing.next) == (found["count"], found["next"])


@pytest.mark.parametrize("name", TAGS)
def test_single_tags_are_read(name: str) -> None:
    body = (RECORDED / name).read_bytes()
    row = read_tag(body)
    assert told_of_tags([row]) == json_of_tags([json.loads(body)])
    assert row.last_updated is not None
    assert row.full_size == (json.loads(body)["full_size"] or None)


@pytest.mark.parametrize("name", REPOSITORY_PAGES)
def test_pages_of_repositories_are_read(name: str) -> None:
    body, found = body_of(name)
    listing = read_repository_page(body)
    assert (len(listing.rows), listing.refusals) == (REPOSITORY_PAGES[name], ())
    assert [
        (*row.repository, row.pull_count, row.storage_size, row.repository_type)
        for row in listing.rows
    ] == [
        (
            row["namespace"],
            row["name"],
            row["pull_count"],
            row.get("storage_size"),
            row["repository_type"],
        )
        for row in found["results"]
    ]
    assert (listing.count, listing.next) == (found["count"], found["next"])


@pytest.mark.parametrize("name", REPOSITORIES)
def test_single_repositories_are_read(name: str) -> None:
    found = json.loads((RECORDED / name).read_bytes())
    item = read_repository((RECORDED / name).read_bytes(), 0)
    assert item.row.repository == (found["namespace"], found["name"])
    assert (item.row.pull_count, item.row.star_count) == (found["pull_count"], found["star_count"])
    assert item.full_description == (found.get("full_description") or None)


@pytest.mark.parametrize("name", SEARCH_PAGES)
def test_pages_of_hits_are_read(name: str) -> None:
    body, found = body_of(name)
    listing = read_search_page(body)
    assert (len(listing.rows), listing.refusals) == (SEARCH_PAGES[name], ())
    assert [
        (str(row.repository).removeprefix("library/"), row.pull_count) for row in listing.rows
    ] == [(hit["repo_name"], hit["pull_count"]) for hit in found["results"]]
    assert [row.repository.namespace == "library" for row in listing.rows] == [
        hit["is_official"] for hit in found["results"]
    ]
    assert (listing.count, listing.next) == (found["count"], found["next"] or None)


@pytest.mark.parametrize("name", TAG_IMAGES)
def test_images_are_read_with_their_layers_and_steps(name: str) -> None:
    found = json.loads((RECORDED / name).read_bytes())
    if "layers" not in found[0]:
        found = [{"digest": f"sha256:{'01' * 32}", "layers": found}]
    body = json.dumps(found).encode()
    item, refusals = read_tag_images(body, RepositoryName("acme", "app"), "1.0", 0)
    assert refusals == ()
    assert [(len(row.layers), len(row.steps)) for row in item.rows] == TAG_IMAGES[name]
    for row, image in zip(item.rows, found, strict=True):
        assert [step.instruction for step in row.steps] == [
            step["instruction"] for step in image["layers"]
        ]
        assert [(hexed(layer.digest), layer.size) for layer in row.layers] == [
            (step["digest"], step["size"]) for step in image["layers"] if step["size"]
        ]


@pytest.mark.parametrize(("read", "name", "message"), REFUSED)
def test_what_holds_no_data_is_refused(read: Any, name: str, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read((RECORDED / name).read_bytes())
    assert str(caught.value) == message


def test_no_recording_is_forgotten() -> None:
    refused = {str(case.values[1]) for case in REFUSED}
    lists = {*TAG_PAGES, *REPOSITORY_PAGES, *SEARCH_PAGES}
    covered = {*lists, *TAGS, *REPOSITORIES, *TAG_IMAGES, *refused}
    assert covered & set(NOT_FOR_THIS_ROOM) == set()
    assert {path.name for path in RECORDED.glob("hub-*")} == covered | set(NOT_FOR_THIS_ROOM)
