"""What the commands say of discoveries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.crawling import SIGNED_IN

if TYPE_CHECKING:
    from tests.commands.running import Commands


def test_coverage_after_a_discovery(commands: Commands) -> None:
    crawled = commands.run("crawl", "catalog", "-a", "max_requests=60", **SIGNED_IN)
    assert crawled.status == 0, crawled.err

    ended = commands.run("report", "coverage", "--json")

    assert ended.status == 0, ended.err
    said = json.loads(ended.out)
    assert {row["source"] for row in said["rows"]} == {"search", "lists"}
    # One more may have asked whether searches without hits are to be believed.
    assert sum(row["request_count"] for row in said["rows"]) in {59, 60}
    [totals] = said["totals"]["rows"]
    assert totals["found_count"] == sum(row["new_count"] for row in said["rows"])
    # Far too few for an estimate.
    assert totals["total_count"] is None
    table = commands.run("report", "coverage")
    assert table.status == 0
    assert "not known yet" in table.err


def test_coverage_before_a_discovery(commands: Commands) -> None:
    ended = commands.run("report", "coverage")

    assert (ended.status, ended.out, len(ended.lines)) == (1, "", 1)
    assert "scrapy crawl catalog" in ended.lines[0]


def test_coverage_is_of_everything(commands: Commands) -> None:
    ended = commands.run("report", "coverage", "--org", "acme")

    assert ended.status == 2
    assert '--org: expected another report than coverage, got "acme"' in ended.err


def test_a_plan_asks_nobody_and_says_that_it_cannot_tell(commands: Commands) -> None:
    ended = commands.run("plan", "catalog", "--json")

    assert ended.status == 0, ended.err
    said = json.loads(ended.out)
    assert [row["high"] for row in said["rows"]] == [None, None, None]
    assert "cannot be told before" in said["notes"][0]
    assert commands.requests() == {}
    assert not commands.database.exists()


def test_a_plan_checks_arguments_as_the_crawl_does(commands: Commands) -> None:
    ended = commands.run("plan", "catalog", "-a", "prefix=A B")

    assert ended.status == 2
    assert "spider argument prefix: expected" in ended.err
