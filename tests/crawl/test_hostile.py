"""A Docker Hub that means harm: what is well-formed is kept, the rest is refused and counted."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import World
from tests.crawl.hostile import (
    DIGEST,
    NAMES,
    TEXTS,
    assert_harmless,
    names,
    page,
    refused,
    text_of,
)
from tests.crawl.spiders import stats
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.crawling import Crawls, Ended

LIST = r"^/v2/namespaces/acme/repositories\?"
TAGS = "/v2/namespaces/solo/repositories/tool/tags"
TAG_NAMES = "SELECT name FROM tag"
ONE_TRY = ("-s", "RETRY_TIMES=1")
WHOLE = 2**63 - 1
BIG_NUMBER = "=1e400="


@pytest.fixture
def hub_world() -> World:
    world = World(seed=17)
    world.add_repository("library/alpine", tags=3)
    world.add_repository("solo/tool", tags=3)
    world.add_namespace("acme", repositories=3, tags=2, never_pushed=0)
    return world


def listed(crawls: Crawls, results: Sequence[Any], *options: str) -> Ended:
    """Crawl a namespace whose list is *results*."""
    crawls.hub.script(LIST, body=text_of(page(results)), times=None)
    ended = crawls.run("org", *ONE_TRY, *options, org="acme", depth="repositories")
    assert_harmless(ended)
    return ended


def tagged(crawls: Crawls, body: Any, *options: str, **arguments: str) -> Ended:
    """Crawl a repository whose list of tags is *body*."""
    crawls.hub.script(TAGS, body=body, times=None)
    ended = crawls.run("tags", *ONE_TRY, *options, repo="solo/tool", **arguments)
    assert_harmless(ended)
    return ended


def test_names_of_repositories(crawls: Crawls) -> None:
    good = ["UPPER", "ok", "a.b_c-d", "_x", "x" * 255]
    bad = [{"name": name, "namespace": "acme"} for name in NAMES]
    others = [{"name": "ok", "namespace": space} for space in (*NAMES, "evil", "ACME")]

    ended = listed(crawls, [*bad, *others, *({"name": n, "namespace": "acme"} for n in good)])

    assert ended.status == 0
    assert names(crawls) == sorted(good)
    assert names(crawls, "SELECT DISTINCT namespace FROM repository") == ["acme"]
    assert refused(crawls) == len(bad) + len(others)
    assert stats(crawls.database)["dockerhub/rows_refused"] == len(bad) + len(others)
    assert f"acme: {len(bad) + len(others)} rows could not be read" in ended.err


def test_names_of_hits_that_are_visited(crawls: Crawls) -> None:
    hits = ["alpine", "solo/tool", *NAMES, *(f"solo/{name}" for name in NAMES), "a//b", "/x", "x/"]
    body = page([{"repo_name": name, "short_description": "\x1b[31m"} for name in hits])
    crawls.hub.script("/v2/search/", body=body, times=None)

    ended = crawls.run("search", query="tool")

    assert_harmless(ended)
    assert ended.status == 0
    assert names(crawls) == ["alpine", "tool"]
    assert crawls.requests() == {"search": 1, "repository": 2, "tag_list": 2}
    assert refused(crawls) == len(hits) - 2


def test_names_of_tags(crawls: Crawls) -> None:
    good = ["V1.0-RC_1", "_", "a..b", "a.", "-".join("ab"), "x" * 128]
    bad = [name for name in (*NAMES, "x" * 129, "-a", ".a") if name not in good]

    ended = tagged(crawls, page([{"name": name} for name in (*bad, *good)]))

    assert ended.status == 0
    assert names(crawls, TAG_NAMES) == sorted(good)
    assert refused(crawls) == len(bad)


NUMBERS = (2**70, 2**63, -1, BIG_NUMBER, "12", 12.5, True, [], {}, "=-0.1=")
MOMENTS = (
    *("0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "yesterday"),
    *("2026-01-01T00:00:00", "\x1b[31m", "9" * 5000, 7, [], {}, False),
    *("9999-12-31T23:59:59.9Z-", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
)


def test_numbers_and_moments_of_repositories(crawls: Crawls) -> None:
    fields = ("star_count", "pull_count", "status", "storage_size")
    dates = ("last_updated", "last_modified", "date_registered")
    bad = [{key: number} for key in fields for number in NUMBERS]
    bad += [{key: moment} for key in dates for moment in MOMENTS]
    rest = [{"description": 7}, {"is_private": "yes"}, {"media_types": "x"}, {"categories": [7]}]
    good: list[dict[str, Any]] = [
        {"star_count": 0, "pull_count": WHOLE, "last_updated": "0001-01-01T00:00:00Z"},
        {"star_count": None, "pull_count": None, "last_updated": "9999-12-31T23:59:59Z"},
        {"star_count": "", "last_updated": "", "unknown": {"a": [[[]]]}, "description": None},
    ]
    given = [*bad, *rest, *good]

    ended = listed(
        crawls, [{"name": f"r{n}", "namespace": "acme", **row} for n, row in enumerate(given)]
    )

    assert ended.status == 0
    first = len(bad) + len(rest)
    assert names(crawls) == sorted(f"r{first + n}" for n in range(len(good)))
    assert refused(crawls) == first
    found = rows(
        crawls.database,
        "SELECT star_count, pull_count, last_updated FROM repositories ORDER BY length(name), name",
    )
    assert found == [
        (0, WHOLE, "0001-01-01T00:00:00.000000Z"),
        (None, None, "9999-12-31T23:59:59.000000Z"),
        (None, None, None),
    ]


def test_digests_sizes_and_types_of_tags(crawls: Crawls) -> None:
    no_digests = ("sha256:", "sha256:xyz", DIGEST.upper(), DIGEST + "0", "md5:abc", "../x", 7, [])
    bad: list[dict[str, Any]] = [{"digest": digest} for digest in no_digests]
    bad += [{"images": [{"digest": digest}]} for digest in no_digests]
    bad += [{"images": [{"size": number}]} for number in NUMBERS]
    bad += [{"full_size": number} for number in NUMBERS]
    bad += [{"last_updated": moment} for moment in MOMENTS]
    bad += [{"images": images} for images in (7, "x", {}, [7], [[]])]
    bad += [{"images": [{key: [7]}]} for key in ("os", "architecture", "variant", "os_version")]
    good = [
        {"digest": DIGEST, "full_size": WHOLE, "images": [{"digest": DIGEST, "size": WHOLE}]},
        {"digest": "", "images": "", "full_size": "", "last_updated": None},
        {"images": [{"os": "\x1b[31m", "architecture": "../..", "variant": "x" * 9999}]},
    ]
    results = [{"name": f"t{n}", **row} for n, row in enumerate([*bad, *good])]

    ended = tagged(crawls, text_of(page(results)))

    assert ended.status == 0
    assert names(crawls, TAG_NAMES) == sorted(f"t{len(bad) + n}" for n in range(len(good)))
    assert refused(crawls) == len(bad)


def test_texts_are_kept_as_they_are_and_shown_nowhere(crawls: Crawls) -> None:
    results = [
        {"name": f"r{number}", "namespace": "acme", "description": text, "source": text[:99]}
        for number, text in enumerate(TEXTS)
    ]
    crawls.hub.script(LIST, body=page(results), times=None)
    path = "/v2/namespaces/acme/repositories/r"
    for number, text in enumerate(TEXTS):
        own = {**results[number], "full_description": text, "last_updated": None}
        crawls.hub.script(f"{path}{number}$", body=own, times=None)

    ended = crawls.run(*("org", *ONE_TRY, "-O", "rows.csv", "-O", "rows.jsonl"), org="acme")

    assert_harmless(ended)
    assert ended.status == 0, ended.err
    found = rows(
        crawls.database,
        "SELECT description, full_description FROM repositories ORDER BY length(name), name",
    )
    assert found[: len(TEXTS)] == [(text, text) for text in TEXTS]
    csv.field_size_limit(10_000_000)
    with (crawls.folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    lines = (crawls.folder / "rows.jsonl").read_text("utf-8").split("\n")
    told = [json.loads(line) for line in lines if line]
    for feed in (table, told):
        assert {row["repository"] for row in feed} == {f"acme/r{n}" for n in range(len(TEXTS))}
        cells = [cell for row in feed for cell in row.values() if isinstance(cell, str)]
        assert max(map(len, cells)) == 1_000_000
        assert not [cell for cell in cells if set(cell) & set("\x00\x07\x1b\x9b\r\u202e\u2066")]
    assert not [cell for row in table for cell in row.values() if cell.startswith("=")]


def test_a_tag_of_10_000_images(crawls: Crawls) -> None:
    images = [{"os": "linux", "architecture": f"a{n}", "size": n} for n in range(10_000)]

    ended = tagged(crawls, page([{"name": "many", "images": images}, {"name": "ok"}]))

    assert ended.status == 0
    assert names(crawls, TAG_NAMES) == ["many", "ok"]
    assert rows(crawls.database, "SELECT COUNT(*) FROM images") == [(10_000,)]
