from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from tests.truth import assert_tags

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


def test_jsonl_has_a_row_an_entity(crawls: Crawls, hub_world: World) -> None:
    ended = crawls.run("tags", "-O", "tags.jsonl", repo="nginx")

    assert ended.status == 0
    lines = (crawls.folder / "tags.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert [row["repository"] for row in found if row["type"] == "repository"] == ["library/nginx"]
    tags = {row["tag"]: row for row in found if row["type"] == "tag"}
    truth = hub_world.tags("library/nginx")
    assert {name: row["digest"] for name, row in tags.items()} == {
        tag.name: tag.digest for tag in truth
    }
    for tag in truth:
        digests = tags[tag.name]["image_digests"]
        assert (digests or "").split("|") == [image.digest for image in tag.images] or [""]


def test_csv_has_the_same_columns_for_all(crawls: Crawls, hub_world: World) -> None:
    crawls.hub.world.edit_description("library/nginx", "=cmd|' /C calc'!A0")

    crawls.run("tags", "-O", "tags.csv", repo="nginx")

    with (crawls.folder / "tags.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["type"] for row in found].count("tag") == len(hub_world.tags("library/nginx"))
    (repository,) = [row for row in found if row["type"] == "repository"]
    assert repository["description"] == "'=cmd|' /C calc'!A0"


def test_a_feed_on_standard_output_is_clean(crawls: Crawls) -> None:
    ended = crawls.run("tags", "-o", "-:jsonl", repo="nginx", max_tags="3")

    assert [json.loads(line)["type"] for line in ended.out.splitlines()] == [
        "repository",
        "tag",
        "tag",
        "tag",
    ]


def test_a_listed_repository_has_one_row_and_its_long_text_another(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.run("org", "-O", "feed.jsonl", org="bitnami")

    found = [json.loads(line) for line in (crawls.folder / "feed.jsonl").read_text().splitlines()]
    for kind in ("repository", "description"):
        names = [row["repository"] for row in found if row["type"] == kind]
        assert sorted(names) == sorted(r.full_name for r in hub_world.repositories("bitnami"))


def test_a_search_has_hits_and_the_repositories_behind_them(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.run("search", "-O", "feed.jsonl", query="nginx")

    found = [json.loads(line) for line in (crawls.folder / "feed.jsonl").read_text().splitlines()]
    for kind in ("hit", "repository"):
        names = [row["repository"] for row in found if row["type"] == kind]
        assert sorted(names) == sorted(state.full_name for state in hub_world.search("nginx"))


def test_a_feed_that_breaks_off_fails_the_crawl_and_not_the_database(
    crawls: Crawls, hub_world: World
) -> None:
    ended = crawls.run("tags", "-O", "/dev/full:csv", repo="nginx")

    assert ended.status == 1
    assert "feed: expected to write, No space left on device" in ended.err
    assert_tags(crawls.database, hub_world, "library/nginx")


def test_a_feed_that_cannot_be_begun_is_refused_at_once(crawls: Crawls) -> None:
    ended = crawls.run("tags", "-O", "/proc/feed.csv", repo="nginx")

    assert (ended.status, len(ended.lines)) == (2, 1)
    assert "feed: expected a file that can be written" in ended.err
    assert crawls.requests() == {}
