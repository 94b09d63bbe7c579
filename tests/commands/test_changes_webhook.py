"""`scrapy changes --webhook` as a user runs it: each event once, in order, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.moments import now
from tests.crawling import Ended, environment, forked, scrapy, started
from tests.real.certificate import Certificate
from tests.store.made import DAY
from tests.webhooks.made_events import Events
from tests.webhooks.receiver import Receiver, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiohttp import web

    from tests.forks import Running


class Posting:
    """Runs `scrapy changes --webhook` for one receiver."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder = folder
        self.receiver = receiver
        self.database = folder / "hub.db"
        self.events = Events(f"sqlite:///{self.database}")
        self.present = now()

    def add(self, *images: str, at: int | None = None) -> None:
        for image in images:
            self.events.add("tag_created", image, at or self.present, new=image)

    @property
    def environment(self) -> dict[str, str]:
        return environment("http://127.0.0.1:2", self.database)

    def run(self, *words: str) -> Ended:
        given = ["changes", "--webhook", self.receiver.url, "--allow-private", *words]
        ended = forked(*given, env=self.environment, cwd=self.folder)
        self.check(ended)
        return ended

    def check(self, ended: Ended) -> None:
        assert "Traceback" not in ended.err, ended.err
        assert "Warning" not in ended.err, ended.err
        for secret in ("s3cret", "t0ken"):
            assert secret not in ended.err + ended.out

    def started(self) -> Running:
        words = ("changes", "--webhook", self.receiver.url, "--allow-private")
        return started(*words, env=self.environment, cwd=self.folder)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def posting(tmp_path: Path, receiver: Receiver) -> Posting:
    return Posting(tmp_path, receiver)


def test_each_event_once_and_oldest_first_over_several_runs(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2")
    first = posting.run()
    nothing_new = posting.run()
    posting.add("a/b:3", "a/b:4")
    third = posting.run()

    assert posting.receiver.subjects == ["a/b:1", "a/b:2", "a/b:3", "a/b:4"]
    assert len(set(posting.receiver.ids)) == 4
    assert [post.body["id"] for post in posting.receiver.posts] == posting.receiver.ids
    assert {post.headers["User-Agent"] for post in posting.receiver.posts} == {
        "dockerhub/0.1.0 (Scrapy)"
    }
    assert [ended.status for ended in (first, nothing_new, third)] == [0, 0, 0]
    origin = posting.receiver.origin
    assert first.lines == [f"scrapy changes: 2 events posted to {origin}"]
    assert nothing_new.lines == [f"scrapy changes: 0 events posted to {origin}"]


def test_at_first_what_since_covers_later_what_is_new(posting: Posting) -> None:
    posting.add("a/b:old", at=posting.present - 8 * DAY)
    posting.add("a/b:new", at=posting.present - DAY)
    posting.run()
    posting.add("a/b:newer")
    posting.run("--since", "60d")

    assert posting.receiver.subjects == ["a/b:new", "a/b:newer"]


def test_another_filter_is_another_mark(posting: Posting) -> None:
    posting.add("a/b:1", "library/nginx:1")
    posting.events.add("repository_gone", "a/b", posting.present)

    posting.run("--repo", "a/*", "--kind", "tag_created")
    assert posting.receiver.subjects == ["a/b:1"]
    posting.run("--kind", "tag_created", "--repo", "a/*,a/*")
    assert posting.receiver.subjects == ["a/b:1"]
    posting.run()
    assert posting.receiver.subjects[1:] == ["a/b:1", "library/nginx:1", "a/b:None"]
    assert posting.receiver.ids[0] == posting.receiver.ids[1]


def test_a_limit_leaves_the_rest_to_the_next_run(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2", "a/b:3")

    posting.run("--limit", "2")
    assert posting.receiver.subjects == ["a/b:1", "a/b:2"]
    posting.run("--limit", "2")
    assert posting.receiver.subjects == ["a/b:1", "a/b:2", "a/b:3"]


def test_a_refused_event_stops_the_run_and_is_tried_again_in_the_next(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2", "a/b:3")
    posting.receiver.answers = [status(204), status(400)]

    ended = posting.run()
    assert (ended.status, ended.out) == (1, "")
    origin = posting.receiver.origin
    assert ended.lines == [
        f"scrapy changes: 1 event posted to {origin}",
        f"scrapy changes: webhook {origin}: expected a receiver that confirms, got status 400",
    ]
    assert posting.run().status == 0
    assert posting.receiver.subjects == ["a/b:1", "a/b:2", "a/b:2", "a/b:3"]
    assert posting.receiver.ids[1] == posting.receiver.ids[2]


def test_what_breaks_is_tried_again_in_the_run(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2")
    posting.receiver.answers = [status(429, Retry_After="0"), status(503, Retry_After="0")]

    assert posting.run().status == 0
    assert posting.receiver.subjects == ["a/b:1"] * 3 + ["a/b:2"]


def test_this_machine_is_no_receiver_unless_it_is_allowed(posting: Posting) -> None:
    posting.add("a/b:1")

    words = ["changes", "--webhook", posting.receiver.url.replace("http:", "https:")]
    ended = forked(*words, env=posting.environment, cwd=posting.folder)

    posting.check(ended)
    assert (ended.status, posting.receiver.posts) == (1, [])
    origin = posting.receiver.origin.replace("http:", "https:")
    assert ended.lines[1] == (
        f"scrapy changes: webhook {origin}: expected a public address, got an address that is not"
        " public (127.0.0.1); --allow-private allows it"
    )


def test_over_tls_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path / "tls")
    with Receiver(certificate=certificate) as receiver:
        posting = Posting(tmp_path, receiver)
        posting.add("a/b:1")
        # Not forked: which certificates are trusted is read as the library is imported.
        words = ["changes", "--webhook", receiver.url, "--allow-private"]
        env = posting.environment | {"SSL_CERT_FILE": str(certificate.chain)}
        ended = scrapy(*words, env=env, cwd=tmp_path)

    posting.check(ended)
    assert (ended.status, receiver.subjects) == (0, ["a/b:1"])
    assert ended.lines == [f"scrapy changes: 1 event posted to {receiver.origin}"]


def test_the_url_may_come_from_the_environment(posting: Posting) -> None:
    posting.add("a/b:1")
    words = ["changes", "--webhook", "env:HOOK", "--allow-private"]
    env = posting.environment | {"HOOK": posting.receiver.url}

    ended = forked(*words, env=env, cwd=posting.folder)

    posting.check(ended)
    assert (ended.status, posting.receiver.subjects) == (0, ["a/b:1"])
    # It is the same receiver, however it is named.
    posting.run()
    assert posting.receiver.subjects == ["a/b:1"]


def test_nothing_of_the_url_is_in_the_database(posting: Posting) -> None:
    posting.add("a/b:1")
    posting.run()

    held = b"".join(path.read_bytes() for path in posting.folder.glob("hub.db*"))
    for secret in (b"s3cret", b"t0ken", b"127.0.0.1"):
        assert secret not in held
    assert posting.events.run("SELECT event_id, post_count FROM webhook") == [(1, 1)]


def test_before_a_second_look_nothing_is_posted(posting: Posting) -> None:
    ended = posting.run()

    assert ended.status == 1
    assert ended.lines[0].endswith("run: scrapy crawl org -a org=bitnami")
    assert posting.events.run("SELECT COUNT(*) FROM webhook") == [(0,)]


class Gate:
    """Holds the answer to one post until it is told."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.may_go = threading.Event()

    async def answer(self, request: web.Request) -> Any:
        self.came.set()
        await asyncio.to_thread(self.may_go.wait, 20)
        return await status(204)(request)


def test_killed_between_post_and_commit_it_is_posted_again_with_its_id(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2", "a/b:3")
    gate = Gate()
    posting.receiver.answers = [status(204), gate.answer]
    with posting.started() as run:
        assert gate.came.wait(20)
        run.send_signal(signal.SIGKILL)
        gate.may_go.set()
        run.communicate()

    assert posting.run().status == 0
    assert posting.receiver.subjects == ["a/b:1", "a/b:2", "a/b:2", "a/b:3"]
    assert posting.receiver.ids[1] == posting.receiver.ids[2]


def test_two_runs_at_once_post_once(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2")
    gate = Gate()
    posting.receiver.answers = [gate.answer]
    with posting.started() as run:
        assert gate.came.wait(20)
        other = posting.run()
        gate.may_go.set()
        _, said = run.communicate(timeout=20)

    assert posting.receiver.subjects == ["a/b:1", "a/b:2"]
    assert (run.returncode, other.status) == (0, 1)
    origin = posting.receiver.origin
    assert said == f"scrapy changes: 2 events posted to {origin}\n"
    assert other.lines[-1] == (
        f"scrapy changes: webhook {origin}: expected no other run that posts there, got one"
    )


def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(posting: Posting) -> None:
    posting.add("a/b:1", "a/b:2")
    gate = Gate()
    posting.receiver.answers = [status(204), gate.answer]
    with posting.started() as run:
        assert gate.came.wait(20)
        os.kill(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=20)
        gate.may_go.set()

    assert run.returncode == 130
    assert said == f"scrapy changes: 1 event posted to {posting.receiver.origin}\n"
    posting.run()
    assert posting.receiver.subjects == ["a/b:1", "a/b:2", "a/b:2"]


@pytest.mark.parametrize("kills", [3])
def test_killed_at_any_moment_nothing_is_lost_and_order_stays(posting: Posting, kills: int) -> None:
    posting.add(*[f"a/b:{place}" for place in range(40)])
    for kill in range(kills):
        wanted = len(posting.receiver.posts) + 1 + kill
        with posting.started() as run:
            while len(posting.receiver.posts) < wanted and run.poll() is None:
                threading.Event().wait(0.001)
            run.send_signal(signal.SIGKILL)
            run.communicate()
    posting.run()

    ids = posting.receiver.ids
    firsts = list(dict.fromkeys(posting.receiver.subjects))
    assert firsts == [f"a/b:{place}" for place in range(40)]
    assert len(set(ids)) == 40
    assert len(ids) <= 40 + kills
