"""Thirty days, a crawl a day: the events are those of the script, each once."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tests.crawl.scene import DAY, FIRST, Told
from tests.crawl.story import DAYS, HALF, RESET, Story
from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ("tests.crawl.story_told",)

EVENTS = (
    "SELECT (CAST(strftime('%s', seen_at) AS INTEGER) - ?) / ?, kind, repo_name, tag_name, hub_at,"
    " old_digest, new_digest, base_image FROM events ORDER BY event"
)


def told(database: Path) -> list[Told]:
    return [Told(*row) for row in rows(database, EVENTS, FIRST, DAY)]


def in_order(events: list[Told]) -> list[Told]:
    """Return *events* in one order within each day: a crawl reads several lists at once."""
    by_day = groupby(events, key=lambda event: event.day)
    return [event for _, group in by_day for event in sorted(group, key=str)]


def test_the_events_are_those_of_the_script_each_once(story: Story) -> None:
    assert story.statuses == [0] * DAYS
    assert in_order(told(story.database)) == in_order(story.events)
    assert len(set(story.events)) == len(story.events)
    assert {event.kind for event in story.events} == {
        "tag_created",
        "tag_moved",
        "tag_deleted",
        "repository_appeared",
        "repository_gone",
        "base_outdated",
    }


def test_what_was_told_is_not_touched_again(story: Story) -> None:
    every = "SELECT * FROM event ORDER BY id"
    half, whole = rows(story.half, every), rows(story.database, every)
    assert half == whole[: len(half)]
    assert in_order(told(story.half)) == in_order([e for e in story.events if e.day <= HALF])
    assert [row[0] for row in whole] == sorted(row[0] for row in whole)


def test_the_crawl_that_was_killed_left_its_row(story: Story) -> None:
    ends = rows(story.database, "SELECT finish_reason, COUNT(*) FROM crawl GROUP BY 1 ORDER BY 1")
    assert ends == [(None, 1), ("finished", DAYS)]


def test_the_pulls_of_each_day_are_kept(story: Story) -> None:
    first = FIRST // DAY
    found = rows(
        story.database,
        "SELECT CAST(julianday(snapshot_date) - julianday('1970-01-01') AS INTEGER), repo_name,"
        " pull_count FROM pull_history",
    )
    assert {(day - first, name): pulls for day, name, pulls in found} == story.pulls
    day, name = RESET
    assert story.pulls[day, name] == 5 < story.pulls[day - 1, name]
