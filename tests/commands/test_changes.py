"""`scrapy changes` as a user runs it: tables, JSON and feeds."""

from __future__ import annotations

import json
import os
import pty
from typing import TYPE_CHECKING

import feedparser
import pytest

from dockerhub.moments import now
from tests.crawling import Ended, environment, forked, started
from tests.store.made import DAY, digest
from tests.webhooks.made_events import HOUR, Events

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands.running import Commands

HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r[red]<script>"


class Changes:
    """Runs `scrapy changes` on a database of three events."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hub.db"
        self.events = Events(f"sqlite:///{self.database}")
        self.present = now()

    def fill(self) -> None:
        self.events.add("tag_created", "library/nginx:1", self.present - 30 * DAY, new="a")
        self.events.add("tag_moved", "library/nginx:1", self.present - HOUR, old="a", new="b")
        self.events.add("repository_gone", "acme/app", self.present)

    def run(self, *words: str, **more: str) -> Ended:
        env = environment("http://127.0.0.1:2", self.database, more)
        ended = forked("changes", *words, env=env, cwd=self.folder)
        assert "Traceback" not in ended.err, ended.err
        assert "Warning" not in ended.err, ended.err
        return ended


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    return Changes(tmp_path)


def test_a_table_of_the_last_seven_days(changes: Changes) -> None:
    changes.fill()

    ended = changes.run()

    assert (ended.status, ended.err) == (0, "")
    header, gone, moved = ended.out.splitlines()
    assert header.split()[:3] == ["seen_at", "hub_at", "kind"]
    assert gone.split()[2:] == ["repository_gone", "acme/app"]
    short = [digest(one).hex()[:12] for one in "ab"]
    assert moved.split()[2:] == ["tag_moved", "library/nginx", "1", *short]


def test_json(changes: Changes) -> None:
    changes.fill()

    ended = changes.run("--json", "--since", "60d", "--repo", "nginx", "--limit", "1")

    assert ended.status == 0
    said = json.loads(ended.out)
    assert [(row["event"], row["kind"]) for row in said["rows"]] == [(2, "tag_moved")]
    assert said["notes"] == ["the newest 1 are shown, there are more; --limit shows them"]


def test_nothing_changed_is_said(changes: Changes) -> None:
    changes.fill()

    ended = changes.run("--kind", "tag_deleted")

    assert (ended.status, ended.out) == (0, "")
    (line,) = ended.lines
    assert line.startswith("scrapy changes: no changes since 20")
    assert line.endswith(" (tag_deleted)")


def test_before_a_second_look_there_is_no_answer(changes: Changes) -> None:
    ended = changes.run("--repo", "nginx")

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [
        (
            "scrapy changes: library/nginx: expected what two crawls saw, no crawl has come back to"
            " it yet; run: scrapy crawl tags -a repo=library/nginx"
        )
    ]


def test_without_a_database_one_line_says_what_to_do(changes: Changes) -> None:
    ended = changes.run("--database", "none.db")

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [
        (
            "scrapy changes: database none.db: expected one, there is no such file; crawl first,"
            " such as: scrapy crawl org -a org=bitnami"
        )
    ]
    assert not (changes.folder / "none.db").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "1y"], "--since: expected a past time such as 7d, 24h or"),
        (["--kind", "moved"], "--kind: expected one of tag_created, "),
        (
            ["--repo", "a/b/c"],
            "--repo: expected a repository or a pattern, such as nginx or",
        ),
        (["--limit", "x"], "--limit: expected a whole number from 1 to 999999999"),
        (["--feed", "none/x.xml"], "--feed: expected a file in a folder that exists"),
        (["--feed", "-", "--json"], '--json: expected it alone, got "--feed beside it"'),
        (["--feed", "-", "--webhook", "x"], '--feed: expected it alone, got "--webhook beside it"'),
        (["--allow-private"], '--allow-private: expected --webhook beside it, got "none"'),
        (["--webhook", "http://h/s3cret"], "--webhook: expected an https:// URL"),
        (["nginx"], "expected no arguments; got nginx"),
    ],
)
def test_wrong_arguments_end_with_2(changes: Changes, words: list[str], message: str) -> None:
    ended = changes.run("--database", "none.db", *words)

    assert ended.status == 2
    assert message in ended.err
    assert "s3cret" not in ended.err


def test_a_feed_in_a_file_and_in_a_pipe(changes: Changes) -> None:
    changes.fill()

    written = changes.run("--feed", "feed.xml")
    piped = changes.run("--feed", "-")
    older = (changes.folder / "feed.xml").read_text()
    again = changes.run("--feed", "feed.xml")

    assert (written.status, written.out, written.err) == (0, "", "")
    assert (piped.status, piped.out) == (0, older)
    assert (again.status, (changes.folder / "feed.xml").read_text()) == (0, older)
    parsed = feedparser.parse(older)
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == [
        "acme/app is gone",
        f"library/nginx:1 moved from {digest('a').hex()[:12]} to {digest('b').hex()[:12]}",
        f"library/nginx:1 is new and shows {digest('a').hex()[:12]}",
    ]


def test_a_feed_that_cannot_be_made_leaves_the_old_one(changes: Changes) -> None:
    feed = changes.folder / "feed.xml"
    feed.write_text("old")

    ended = changes.run("--feed", "feed.xml")

    assert ended.status == 1
    assert feed.read_text() == "old"


def test_a_feed_is_never_written_over_the_database(changes: Changes) -> None:
    changes.fill()
    database = changes.folder / "hub.db"
    before = database.read_bytes()

    ended = changes.run("--feed", str(database))

    assert (ended.status, ended.out) == (2, "")
    assert "--feed: expected another file than the database itself" in ended.err
    assert database.read_bytes() == before


def test_no_secret_of_the_crawl_is_in_a_feed(changes: Changes) -> None:
    changes.fill()

    ended = changes.run(
        *("--feed", "-"),
        DOCKERHUB_USERNAME="who-pulls",
        DOCKERHUB_PASSWORD="s3cret",
        DOCKERHUB_PROXIES="http://u:pr0xy@p.example:1",
    )

    assert ended.status == 0
    assert not {word for word in ("who-pulls", "s3cret", "pr0xy") if word in ended.out}


def test_hostile_text_reaches_no_terminal(changes: Changes) -> None:
    changes.events.add("tag_created", f"acme/{HOSTILE}:{HOSTILE}", changes.present)
    leader, follower = pty.openpty()
    env = environment("http://127.0.0.1:2", changes.database, {"COLUMNS": "300", "TERM": "xterm"})

    folder = changes.folder
    with started("changes", env=env, cwd=folder, stdout=follower, stderr=follower) as run:
        os.close(follower)
        shown = b""
        while part := _read(leader):
            shown += part
    os.close(leader)

    assert run.returncode == 0
    text = shown.decode()
    assert "tag_created" in text
    assert "[red]<script>" in text  # no markup to the table
    for sign in ("\x07", "\x9b", "\u202e", "\x1b]"):
        assert sign not in text

    piped, as_json = changes.run(), changes.run("--json")
    assert not {sign for sign in piped.out if ord(sign) < 32} - {"\n"}
    assert as_json.out.isascii()
    assert json.loads(as_json.out)["rows"][0]["tag_name"] == HOSTILE


def _read(file: int) -> bytes:
    try:
        return os.read(file, 65536)
    except OSError:  # Linux says so when nobody has the other side any more
        return b""


def test_the_crawl_that_is_advised_brings_an_answer(commands: Commands) -> None:
    first = ["crawl", "tags", "-a", "repo=acme/single"]
    assert commands.run(*first).status == 0

    lacking = commands.run("changes", "--repo", "acme/single")
    assert lacking.status == 1
    advised = lacking.lines[0].partition("run: scrapy ")[2].split()
    assert advised == first

    assert commands.run(*advised).status == 0
    ended = commands.run("changes", "--repo", "acme/single")
    assert (ended.status, ended.out) == (0, "")
    assert ended.lines[0].endswith(" (acme/single)")
    assert commands.requests() == {}
