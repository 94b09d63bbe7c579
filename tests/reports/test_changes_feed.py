"""The Atom feed: valid, harmless, the same bytes for the same database, whole on the disk."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING, Any

import feedparser
import pytest

from dockerhub.reports import changes_feed as feeds
from dockerhub.reports.changes import SQL, read_asked
from dockerhub.store.questions import Questions
from tests.store.made import DAY, NOW, digest_text
from tests.webhooks.made_events import HOUR, Events

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "\x1b]0;x\x07 <script>alert(1)</script> ]]> & =cmd() \u202e\u2066 \ufffe\uffff " + "x" * 25000
)


@pytest.fixture
def events(url: str) -> Events:
    return Events(url)


def feed(url: str, **options: Any) -> bytes:
    given: dict[str, Any] = {"repo": None, "kind": None, "since": None, "limit": None}
    with Questions(url, SQL) as questions:
        asked = read_asked(**given | options, present=NOW + DAY)
        return feeds.changes_feed(questions, asked)


def read(made: bytes) -> Any:
    parsed = feedparser.parse(made)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def test_a_feed(events: Events) -> None:
    events.add("tag_created", "acme/app:1", NOW - HOUR, new="a")
    events.add("tag_moved", "library/nginx:1.27", NOW, hub=NOW - HOUR, old="a", new="b")

    parsed = read(feed(events.url))

    assert parsed.feed.title == "Changes on Docker Hub"
    assert parsed.feed.updated == "2026-11-22T08:00:00+00:00"
    assert parsed.feed.author == "dockerhub"
    moved, created = parsed.entries
    assert moved.title.startswith("library/nginx:1.27 moved from ")
    assert moved.link == "https://hub.docker.com/_/nginx/tags?name=1.27"
    assert moved.updated == "2026-11-22T08:00:00+00:00"
    assert [tag.term for tag in moved.tags] == ["tag_moved"]
    assert moved.content[0].type == "text/plain"
    assert moved.content[0].value == (
        f"library/nginx:1.27 moved from {digest_text('a')} to {digest_text('b')}\n"
        "Seen at 2026-11-22T08:00:00.000000Z.\n"
        "Docker Hub says 2026-11-22T07:00:00.000000Z."
    )
    assert created.link == "https://hub.docker.com/r/acme/app/tags?name=1"
    assert moved.id.startswith("urn:uuid:")
    assert moved.id != created.id


def test_the_same_database_gives_the_same_bytes(events: Events, tmp_path: Path) -> None:
    for place in range(20):
        events.add("tag_created", f"acme/app:{place}", NOW + place, new=place)
    first = feed(events.url)
    shutil.copy(tmp_path / "hub.db", tmp_path / "copy.db")

    assert feed(events.url) == first
    assert feed(f"sqlite:///{tmp_path / 'copy.db'}") == first


def test_entries_keep_their_ids_when_there_is_more(events: Events, tmp_path: Path) -> None:
    for place in range(3):
        events.add("tag_created", f"acme/app:{place}", NOW + place, new=place)
    before = [entry.id for entry in read(feed(events.url)).entries]
    # In another database the same events have other numbers.
    other = Events(f"sqlite:///{tmp_path / 'other.db'}")
    other.add("repository_gone", "acme/first", NOW - 1)
    for place in range(3):
        other.add("tag_created", f"acme/app:{place}", NOW + place, new=place)
    events.add("tag_moved", "acme/app:0", NOW + DAY, old=0, new=9)

    after = read(feed(events.url))
    assert [entry.id for entry in after.entries][1:] == before
    assert [entry.id for entry in read(feed(other.url)).entries][:3] == before
    assert after.feed.id == read(feed(other.url)).feed.id


def test_each_filter_is_a_feed_of_its_own(events: Events) -> None:
    events.add("tag_created", "acme/app:1")
    events.add("tag_created", "library/nginx:1")

    parsed = read(feed(events.url, repo="acme/*", kind="tag_created"))

    assert parsed.feed.title == "Changes on Docker Hub: acme/*, tag_created"
    assert [entry.title for entry in parsed.entries] == [
        "acme/app:1 is new and shows an unknown digest"
    ]
    assert parsed.feed.id != read(feed(events.url)).feed.id


def test_the_newest_500(events: Events) -> None:
    events.add("tag_created", "a/b:1")
    events.repeat(600)

    entries = read(feed(events.url)).entries
    assert len(entries) == 500
    assert len({entry.id for entry in entries}) == 500
    assert entries[0].updated == "2026-11-22T08:10:00+00:00"
    assert len(read(feed(events.url, limit="7")).entries) == 7
    assert len(read(feed(events.url, since="2026-11-22T08:09:30")).entries) == 31


def test_without_a_change_it_says_when_we_looked(events: Events) -> None:
    events.crawl(NOW)
    events.repository("acme/app")
    events.crawl(NOW + HOUR)

    parsed = read(feed(events.url))
    assert parsed.entries == []
    assert parsed.feed.updated == "2026-11-22T09:01:00+00:00"


def test_a_new_repository_is_described(events: Events) -> None:
    events.repository("acme/new", "A server & <b>more</b>")
    events.add("repository_appeared", "acme/new")

    (entry,) = read(feed(events.url)).entries
    assert entry.link == "https://hub.docker.com/r/acme/new"
    assert entry.content[0].value.splitlines()[:2] == [
        "acme/new appeared",
        "A server & <b>more</b>",
    ]


def test_hostile_text_is_harmless(events: Events) -> None:
    events.repository("acme/new", HOSTILE)
    events.add("repository_appeared", "acme/new")
    events.run("UPDATE event SET kind = ? WHERE id = 1", "repository_appeared")
    events.add("tag_created", "ev\x1bil\ufffe/<x>:a\x00b\u202e")

    made = feed(events.url)

    parsed = read(made)
    assert made.isascii()
    assert b"<script>" not in made
    assert not {sign for sign in made.decode() if ord(sign) < 32} - {"\n"}
    described = parsed.entries[1].content[0].value
    assert "<script>alert(1)</script>" in described  # as text, and shown as text
    assert parsed.entries[1].content[0].type == "text/plain"
    assert len(described) < 1200
    for sign in ("\x1b", "\x07", "\u202e", "\u2066", "\ufffe", "\uffff", "\x00"):
        assert sign not in described
        assert sign not in parsed.entries[0].title


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"

    feeds.put_feed(b"<one/>", path)
    assert path.read_bytes() == b"<one/>"
    path.chmod(0o640)
    feeds.put_feed(b"<two/>", path)

    assert path.read_bytes() == b"<two/>"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_link_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    link = tmp_path / "feed.xml"
    link.symlink_to(tmp_path / "www" / "feed.xml")

    feeds.put_feed(b"<one/>", link)

    assert link.is_symlink()
    assert (tmp_path / "www" / "feed.xml").read_bytes() == b"<one/>"
