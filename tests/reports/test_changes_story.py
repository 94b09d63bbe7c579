"""The thirty days of the story, as a report, as a feed and as posts."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any

import feedparser

from dockerhub.change_filter import ChangeFilter
from dockerhub.moments import iso
from dockerhub.reports.answers import answer_json
from dockerhub.reports.changes import SQL, ChangesAsked, changes_answer
from dockerhub.reports.changes_feed import changes_feed
from dockerhub.store.questions import Questions
from dockerhub.webhooks.delivery import Delivery
from dockerhub.webhooks.target import read_target
from tests.truth import rows
from tests.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.story import Story

pytest_plugins = ("tests.crawl.story_told",)

EVERY = ChangesAsked(ChangeFilter(), None, None)
FACTS = (
    *("event", "kind", "repo_name", "tag_name", "seen_at", "hub_at", "old_digest", "new_digest"),
    "base_image",
)


def feed(database: Path) -> Any:
    with Questions(f"sqlite:///{database}", SQL) as questions:
        parsed = feedparser.parse(changes_feed(questions, EVERY))
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def test_the_report_is_the_view_newest_first(story: Story) -> None:
    with Questions(f"sqlite:///{story.database}", SQL) as questions:
        said = answer_json(changes_answer(questions, EVERY))

    shown = [tuple(row[name] for name in FACTS) for row in said["rows"]]
    statement = f"SELECT {', '.join(FACTS)} FROM events ORDER BY seen_at DESC, event DESC"
    assert shown == rows(story.database, statement)
    assert len(shown) == len(story.events)
    assert said["notes"] == []


def test_the_feed_parses_and_keeps_its_ids(story: Story) -> None:
    half, whole = feed(story.half), feed(story.database)

    ids = [entry.id for entry in whole.entries]
    before = [entry.id for entry in half.entries]
    assert len(ids) == len(set(ids)) == len(story.events)
    assert 0 < len(before) < len(ids)
    assert ids[-len(before) :] == before
    assert half.feed.id == whole.feed.id
    (newest,) = rows(story.database, "SELECT MAX(seen_at) FROM event")[0]
    assert whole.feed.updated[:19] == iso(newest)[:19]


def test_all_is_posted_once_in_its_order(story: Story, tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    shutil.copy(story.database, database)
    with Receiver() as receiver:
        for most, count in ((10, 10), (None, len(story.events) - 10), (None, 0)):
            posting = Delivery(
                read_target(receiver.url, {}, allow_private=True),
                ChangeFilter(),
                since=0,
                agent="dockerhub/test",
                most=most,
            )
            asyncio.run(posting.run(f"sqlite:///{database}"))
            assert posting.count == count

    told = [
        (post.body["kind"], post.body["repo_name"], post.body["tag_name"])
        for post in receiver.posts
    ]
    assert told == rows(
        story.database, "SELECT kind, repo_name, tag_name FROM events ORDER BY event"
    )
    assert sorted(receiver.ids) == sorted(entry.id for entry in feed(story.database).entries)
