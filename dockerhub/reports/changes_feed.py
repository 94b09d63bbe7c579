"""What changed as an Atom feed: the same database gives the same bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dockerhub
from dockerhub.changes import change_id, change_page, change_text, change_title, lasting_id
from dockerhub.moments import MICROSECONDS, iso
from dockerhub.redact import plain
from dockerhub.reports.changes import find_changes
from dockerhub.reports.output_files import written
from dockerhub.reports.printing import put_text
from dockerhub.urls import PUBLIC_HUB

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.change_filter import ChangeFilter
    from dockerhub.changes import Change
    from dockerhub.reports.changes import ChangesAsked
    from dockerhub.store.questions import Questions

DEFAULT_ENTRIES = 500
OPTION = "--feed"

# What XML cannot hold, however it is written, beside the control characters that `plain` drops.
# Source: https://www.w3.org/TR/xml/#charsets (read 2026-11-22)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 1000


def changes_feed(questions: Questions, asked: ChangesAsked) -> bytes:
    """Return what changed as a feed, by default the newest 500 of all times.

    :raises NotAnswered: if nothing was looked at twice yet
    """
    found = find_changes(questions, asked, DEFAULT_ENTRIES)
    looked = next((ended or 0 for *_, ended in questions.ask("last_crawl")), 0)
    return feed_bytes(found.rows, asked.wanted, looked)


def feed_bytes(changes: list[Change], wanted: ChangeFilter, looked: int) -> bytes:
    """Return the feed of *changes*, newest first; *looked* is when we last looked."""
    # Scrapy imports every command, and this one brings an XML library along.
    from feedgen import feed as feedgen  # noqa: PLC0415

    feed = feedgen.FeedGenerator()
    about = f": {wanted.about}" if wanted.about else ""
    feed.id(lasting_id("feed", wanted.key))
    feed.title(_text(f"Changes on Docker Hub{about}"))
    feed.author({"name": "dockerhub"})
    feed.generator("dockerhub", version=dockerhub.__version__)
    feed.link(href=PUBLIC_HUB, rel="alternate")
    feed.updated(_moment(max((change.seen for change in changes), default=looked)))
    for change in changes:
        _add(feed, change)
    # Only plain signs: whatever a file or a pipe is read as, it is read right.
    made: bytes = feed.atom_str(pretty=True, encoding="us-ascii")
    return made.replace(b"encoding='us-ascii'", b"encoding='UTF-8'", 1)


def put_feed(feed: bytes, where: Path | None) -> None:
    """Write a feed: whole or not at all, the file that is there is kept until then.

    None is standard output.

    :raises OutputError: if it cannot be written
    """
    if where is None:
        put_text(feed.decode("ascii"))
        return
    with written(OPTION, where, replace=True) as part:
        part.write_bytes(feed)


def _add(feed: Any, change: Change) -> None:
    entry = feed.add_entry(order="append")
    entry.id(change_id(change))
    entry.title(_text(change_title(change)))
    entry.updated(_moment(change.seen))
    entry.published(_moment(change.seen))
    entry.link(href=change_page(change), rel="alternate")
    entry.category(term=_text(change.kind))
    entry.content(_text("\n".join(_lines(change))), type="text")


def _lines(change: Change) -> list[str]:
    lines = [change_text(change)]
    if change.kind == "repository_appeared" and change.description:
        lines.append(plain(change.description, _LONGEST))
    lines.append(f"Seen at {iso(change.seen)}.")
    if change.hub is not None:
        lines.append(f"Docker Hub says {iso(change.hub)}.")
    return lines


def _text(text: str) -> str:
    return _NO_XML.sub(" ", text)


def _moment(moment: int) -> datetime:
    seconds, rest = divmod(moment, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
