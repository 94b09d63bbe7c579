"""A crawl on a real terminal: one live line, log lines whole above it, the cursor given back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios

import pytest

from dockerhub.standin import Limit, StandIn, World
from tests.crawling import Crawls, environment, started
from tests.truth import rows

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(crawls: Crawls, *arguments: str) -> tuple[int, str]:
    """Run a crawl on a pseudo-terminal of 100 columns and return its status and output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    env = environment(crawls.hub.url, crawls.database, {"TERM": "xterm"})
    words = ("crawl", *arguments)
    with started(*words, env=env, cwd=crawls.folder, stdout=theirs, stderr=theirs) as run:
        os.close(theirs)
        said = b""
        while chunk := _read(ours):
            said += chunk
        os.close(ours)
    return run.wait(), said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side is closed
        return b""


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """One crawl that all look at."""
    lengths = (0, 1, 99, 100, 101, 230)
    world = World(seed=3)
    world.add_namespace("bitnami", repositories=12, tags=lambda place: lengths[place % 6])
    with StandIn(world) as hub:
        return crawled(Crawls(hub, tmp_path_factory.mktemp("terminal")))


def crawled(crawls: Crawls) -> tuple[int, str]:
    crawls.hub.options.limit = Limit(20, 1)
    # A row that cannot be read makes a warning in the midst of the crawl.
    body = {"count": 1, "next": None, "previous": None, "results": [{"name": 7}]}
    named = next(r for r in crawls.hub.world.repositories("bitnami") if r.tag_count == 1)
    crawls.hub.script(f"/v2/namespaces/bitnami/repositories/{named.name}/tags", body=body)
    return on_a_terminal(crawls, "org", "-a", "org=bitnami")


def test_the_live_line_tells_how_far_it_is(terminal: tuple[int, str]) -> None:
    status, said = terminal

    assert status == 0
    lines = [ESCAPES.sub("", line).strip() for line in re.split(r"[\r\n]+", said)]
    live = [line for line in lines if " of 12 repositories · " in line]
    assert len(live) > 3
    assert any(
        re.search(r"\d+ tags · \d+ requests · \d+ of 20 requests left", line) for line in live
    )
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h"), "the cursor is given back"


def test_log_lines_do_not_break_it(terminal: tuple[int, str]) -> None:
    _, said = terminal

    plain = ESCAPES.sub("", said).replace("\r\n", "\n")
    warning = re.search(r"WARNING +(.+?)\n(?! {20})", plain, re.DOTALL)
    assert warning
    words = " ".join(warning[1].split())
    assert words.startswith("1 row of http://127.0.0.1")
    assert words.endswith("cannot be read; the first: $.results[0].name: expected `str`, got `int`")


def test_the_summary_stands_at_the_end(terminal: tuple[int, str]) -> None:
    _, said = terminal

    summary = ESCAPES.sub("", said)[-900:]
    assert "org org=bitnami: done in" in summary
    assert "1 row could not be read" in summary


def test_a_pipe_gets_plain_lines(crawls: Crawls) -> None:
    ended = crawls.run("org", org="bitnami", depth="repositories")

    assert "\x1b" not in ended.err + ended.out
    assert ended.lines[0].startswith("org org=bitnami depth=repositories: done in")


def test_a_reader_that_goes_away_does_not_hold_the_crawl(crawls: Crawls) -> None:
    env = environment(crawls.hub.url, crawls.database)
    ours, theirs = os.pipe()
    words = ("crawl", "org", "-a", "org=bitnami")
    with started(*words, env=env, cwd=crawls.folder, stderr=theirs) as run:
        os.close(theirs)
        os.close(ours)
        assert run.wait(timeout=30) is not None
    stored = rows(crawls.database, "SELECT COUNT(*) FROM repositories")
    assert stored == [(12,)]
