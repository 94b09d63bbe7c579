"""The readable side: names, columns and values that people's queries rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence, RepositoryDetail, WalkEnd
from dockerhub.kinds import StopReason
from tests.store.made import (
    DAY,
    NGINX,
    NOW,
    at,
    digest_text,
    image,
    page,
    row,
    step,
    tag,
    tags,
)

if TYPE_CHECKING:
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

COLUMNS = {
    "repositories": (
        "full_name namespace name description star_count pull_count last_updated is_official"
        " is_automated scraped_at last_modified date_registered repository_type status"
        " status_description is_private storage_size source media_types content_types categories"
        " full_description collaborator_count immutable_tags_enabled immutable_tags_rules"
        " first_seen_at id"
    ),
    "tags": (
        "repo_name tag_name full_size last_updated last_pushed digest image_count architectures"
        " scraped_at last_pulled status media_type content_type first_seen_at namespace"
    ),
    "images": (
        "repo_name tag_name image_index platform os architecture variant os_version digest"
        " size_bytes namespace"
    ),
    "pull_history": "repo_name pull_count star_count snapshot_date",
    "tag_moves": "repo_name tag_name digest seen_from seen_until moved_at",
    "walks": (
        "kind subject arguments signed_in pages row_count expected_count refused_count stop_reason"
        " detail started_at finished_at"
    ),
    "crawls": (
        "crawl spider arguments signed_in started_at finished_at finish_reason requests pulls"
    ),
}
T0, T5 = "2026-11-22T08:00:00.000000Z", "2026-11-22T08:00:05.000000Z"


@pytest.mark.parametrize("view", COLUMNS)
def test_columns(writer: Writer, look: Look, view: str) -> None:
    assert look.columns(view) == COLUMNS[view].split()


def test_repositories(writer: Writer, look: Look) -> None:
    full = row(
        is_automated=True,
        registered=1,
        repository_type="image",
        status=1,
        status_description="active",
        storage_size=2**40,
        source="hub",
        media_types=("a/b", None),
        content_types=("image",),
        categories=("web-servers", "databases"),
        pull_count=2**40,
    )
    detail = RepositoryDetail(
        seen=at(5),
        row=full,
        full_description="# nginx",
        collaborator_count=2,
        immutable_tags_enabled=True,
        immutable_tags_rules=("^1", "^2"),
    )
    writer.write([page(NOW, full), detail])
    assert look.one("SELECT * FROM repositories") == (
        *("bitnami/nginx", "bitnami", "nginx", "a server", 5, 2**40, T0, 0, 1, T5, T0),
        *("1970-01-01T00:00:00.000001Z", "image", 1, "active", 0, 2**40, "hub", "a/b|null"),
        *("image", "web-servers|databases", "# nginx", 2, 1, "^1\n^2", T0, 1),
    )


def test_what_was_not_said_is_null(writer: Writer, look: Look) -> None:
    bare = tag("1", None, images=(image("", digest=None, size=None),), full_size=None)
    writer.write([tags(NOW, bare)])
    found = look.one("SELECT * FROM repositories")
    given = {0: "bitnami/nginx", 1: "bitnami", 2: "nginx", 7: 0, 9: T0, 25: T0, 26: 1}
    assert dict(enumerate(found)) == {place: given.get(place) for place in range(len(found))}
    assert look.one("SELECT * FROM images")[3:] == ("unknown/unknown", *[None] * 6, "bitnami")
    assert look.one("SELECT full_size, digest, last_pulled FROM tags") == (None, None, None)


@pytest.mark.parametrize(("namespace", "official"), [("library", 1), ("bitnami", 0)])
def test_official_means_library(writer: Writer, look: Look, namespace: str, official: int) -> None:
    named = row()._replace(repository=NGINX._replace(namespace=namespace))
    writer.write([page(NOW, named)])
    assert look.one("SELECT is_official FROM repositories") == (official,)


MOMENTS = [
    pytest.param(1_767_986_449_733_138, "2026-01-09T19:20:49.733138Z", id="microseconds"),
    pytest.param(1_767_986_449_000_000, "2026-01-09T19:20:49.000000Z", id="a whole second"),
    pytest.param(0, "1970-01-01T00:00:00.000000Z", id="zero"),
    pytest.param(253_402_300_799_000_001, "9999-12-31T23:59:59.000001Z", id="far"),
    pytest.param(-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z", id="year one"),
    pytest.param(None, None, id="none"),
]


@pytest.mark.parametrize(("moment", "text"), MOMENTS)
def test_times_are_iso_in_utc(
    writer: Writer, look: Look, moment: int | None, text: str | None
) -> None:
    writer.write([tags(NOW, tag("1", updated=moment))])
    assert look.one("SELECT last_updated FROM tags") == (text,)


def test_tags(writer: Writer, look: Look) -> None:
    order = ("linux/amd64", "unknown/unknown", "linux/arm64/v8", "linux/arm/v7", "")
    shown = tuple(map(image, order))
    writer.write([tags(NOW, tag("latest", images=shown)), tags(at(5), tag("latest", images=shown))])
    assert look.one("SELECT * FROM tags") == (
        *("bitnami/nginx", "latest", 1000, T0, T0, digest_text("first"), 5),
        *("amd64|unknown|arm64|arm|unknown", T5, None, "active"),
        *("application/vnd.oci.image.index.v1+json", "image", T0, "bitnami"),
    )


def test_images(writer: Writer, look: Look) -> None:
    windows = image("windows/amd64", os_version="10.0.17763.1", size=2**40)
    writer.write([tags(NOW, tag("1", images=(image("linux/arm64/v8"), windows)))])
    assert look("SELECT * FROM images") == [
        (
            *("bitnami/nginx", "1", 0, "linux/arm64/v8", "linux", "arm64", "v8", None),
            *(digest_text("linux/arm64/v8"), 1000, "bitnami"),
        ),
        (
            *("bitnami/nginx", "1", 1, "windows/amd64", "windows", "amd64", None),
            *("10.0.17763.1", digest_text("windows/amd64"), 2**40, "bitnami"),
        ),
    ]


def test_pull_history(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row()), page(NOW + DAY, row(pull_count=2000))])
    assert look("SELECT * FROM pull_history ORDER BY snapshot_date") == [
        ("bitnami/nginx", 1000, 5, "2026-11-22"),
        ("bitnami/nginx", 2000, 5, "2026-11-23"),
    ]


def test_tag_moves(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1", "a")), tags(at(5), tag("1", "b", updated=at(1)))])
    assert look("SELECT * FROM tag_moves") == [("bitnami/nginx", "1", digest_text("a"), T0, T0, T5)]


def test_walks(writer: Writer, look: Look) -> None:
    writer.write([WalkEnd(seen=at(1), walk=step(arguments="max_tags=5", next_page=2))])
    capped = step("repositories", StopReason.ANONYMOUS_CAP, signed_in=False, detail="HTTP 403")
    told = capped._replace(row_count=198, last_count=230, refused_count=1, pages=3)
    writer.write([WalkEnd(seen=at(5), walk=told)])
    assert look("SELECT * FROM walks ORDER BY started_at, kind DESC") == [
        ("tags", "bitnami/nginx", "max_tags=5", 1, 1, 1, 1, 0, "interrupted", None, T0, None),
        ("repositories", "bitnami", "", 0, 3, 198, 230, 1, "anonymous_cap", "HTTP 403", T0, T5),
    ]


def test_crawls(writer: Writer, look: Look) -> None:
    writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=True, now=NOW)
    begun = (1, "org", '{"org": "bitnami"}', 1, T0)
    assert look.one("SELECT * FROM crawls") == (*begun, *[None] * 4)
    writer.finish_crawl(now=at(5), reason="finished", request_count=7, pull_count=0, stats="{}")
    assert look.one("SELECT * FROM crawls") == (*begun, T5, "finished", 7, 0)


def test_what_is_gone_is_not_shown_but_its_history_is(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row()), tags(NOW, tag("1", "a"), tag("2"))])
    writer.write([tags(at(1), tag("1", "b", updated=at(1)))])
    writer.write([Absence(seen=at(2), repository=NGINX, tag="2")])
    assert look("SELECT tag_name FROM tags") == look("SELECT tag_name FROM images") == [("1",)]
    writer.write([Absence(seen=at(3), repository=NGINX)])
    for view in ("repositories", "tags", "images"):
        assert look(f"SELECT * FROM {view}") == []
    assert len(look("SELECT * FROM pull_history")) == len(look("SELECT * FROM tag_moves")) == 1
