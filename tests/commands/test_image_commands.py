"""`scrapy compare` and `scrapy dockerfile` as a user runs them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.media_types import BASE_NAME
from tests.crawling import started
from tests.reports.images import Build, Images

if TYPE_CHECKING:
    from dockerhub.standin import StandIn
    from tests.commands.running import Commands

NOWHERE = "http://127.0.0.1:9"
HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r[red]"


@pytest.mark.parametrize(
    "command", [["dockerfile", "acme/none:1"], ["compare", "nginx", "nginx:2"]]
)
def test_without_a_database_one_line_says_what_to_do(
    commands: Commands, command: list[str]
) -> None:
    ended = commands.run(*command)

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [
        (
            f"scrapy {command[0]}: database {commands.database}: expected one, there is no such"
            " file; add --fetch, or crawl first"
        )
    ]
    assert not commands.database.exists()
    assert commands.requests() == {}


def test_an_image_that_was_not_crawled_is_named_with_what_brings_it(commands: Commands) -> None:
    commands.run("dockerfile", "acme/single", "--fetch")

    ended = commands.run("compare", "acme/single", "nginx:2")

    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [
        (
            "scrapy compare: nginx:2: expected it in the database, it was not read or is gone; add"
            " --fetch, or run: scrapy crawl manifests -a repo=nginx:2"
        )
    ]


def test_the_command_that_is_advised_brings_it(commands: Commands) -> None:
    commands.run("dockerfile", "acme/single", "--fetch")
    advised = commands.run("dockerfile", "nginx").err.rpartition("run: scrapy ")[2].split()

    assert commands.run(*advised).status == 0
    assert commands.run("dockerfile", "nginx").status == 0


def test_an_image_that_does_not_exist_is_told(commands: Commands) -> None:
    ended = commands.run("dockerfile", "acme/none", "--fetch")

    assert (ended.status, ended.out) == (1, "")
    assert "acme/none" in ended.lines[-1]


def test_a_registry_that_cannot_be_reached_is_told(commands: Commands) -> None:
    ended = commands.run("dockerfile", "nginx", "--fetch", DOCKERHUB_REGISTRY_URL=NOWHERE)

    assert (ended.status, ended.out) == (1, "")
    assert f"{NOWHERE}: expected an answer, it cannot be reached" in ended.err


USAGE: list[tuple[list[str], str]] = [
    (["dockerfile"], "expected one image, such as nginx:1.27; got none"),
    (["dockerfile", "a", "b"], "expected one image, such as nginx:1.27; got a b"),
    (["dockerfile", "a", "--jsn"], "expected one image, such as nginx:1.27; got a --jsn"),
    (["compare", "a"], "expected two images, such as nginx:1.26 nginx:1.27; got a"),
    (["compare"], "expected two images, such as nginx:1.26 nginx:1.27; got none"),
    (["compare", "a", "ghcr.io/b/c"], 'expected an image on Docker Hub, got "ghcr.io/b/c"'),
    (["dockerfile", "a:b:c"], 'expected a tag after the colon, got "b:c"'),
    (
        ["dockerfile", "a@sha256:12"],
        'expected sha256: and 64 hex digits after the @, got "sha256:12"',
    ),
    (
        ["dockerfile", "a", "--platform", "arm64"],
        'expected os/architecture[/variant], such as linux/arm64, got "arm64"',
    ),
    (
        ["compare", "a", "b", "-s", "DOCKERHUB_HUB_URL=nowhere"],
        (
            "setting DOCKERHUB_HUB_URL: expected an origin such as https://hub.docker.com (http"
            ' only for loopback hosts, no path), got "nowhere"'
        ),
    ),
]


@pytest.mark.parametrize(("words", "message"), USAGE)
def test_misuse_is_told(commands: Commands, words: list[str], message: str) -> None:
    ended = commands.run(*words)

    assert (ended.status, ended.out) == (2, "")
    assert ended.lines[-1].endswith(f"error: {message}")
    assert commands.requests() == {}
    assert not commands.database.exists()


@pytest.mark.parametrize("option", ["--database", "-s"])
def test_the_database_may_be_named(commands: Commands, option: str) -> None:
    Images(f"sqlite:///{commands.folder}/my.db").put(
        "acme/app", {"linux/amd64": Build(steps=[("ADD x / # buildkit", "x", 1)])}
    )
    value = "my.db" if option == "--database" else "DOCKERHUB_DATABASE_URL=sqlite:///my.db"

    ended = commands.run("dockerfile", "acme/app", option, value)

    assert ended.status == 0
    assert "\nADD x /\n" in ended.out


def test_a_file_that_is_no_database_is_one_line(commands: Commands) -> None:
    commands.database.write_text("something else entirely, and long enough to be looked at")

    ended = commands.run("compare", "nginx", "nginx:2")

    assert (ended.status, ended.out) == (1, "")
    assert len(ended.lines) == 1
    assert ended.lines[0].startswith(f"scrapy compare: database {commands.database}: expected")


def hostile_image() -> Build:
    bad = f"{HOSTILE}\nRUN evil"
    return Build(
        steps=[(f"RUN /bin/sh -c {bad}", "bad", 1), f"LABEL {bad}", bad],
        labels={BASE_NAME: bad, f"{HOSTILE}x": bad},
        run={"env": (f"A={bad}",), "cmd": (bad,), "user": bad},
    )


@pytest.mark.parametrize("is_json", [False, True])
def test_hostile_texts_do_nothing_to_a_terminal(commands: Commands, is_json: bool) -> None:
    made = Images(f"sqlite:///{commands.database}")
    made.put("acme/app:1", {"linux/amd64": Build(steps=[("ADD x /", "x", 1)])})
    made.put("acme/app:2", {"linux/amd64": hostile_image()})
    options = ["--json"] if is_json else []

    for words in (["dockerfile", "acme/app:2"], ["compare", "acme/app:1", "acme/app:2"]):
        ended = commands.run(*words, *options)

        assert ended.status == 0
        assert all(line.isprintable() for line in ended.out.splitlines())
        assert "[red]" in ended.out
        if is_json:
            json.loads(ended.out)


def on_terminal(commands: Commands, *words: str) -> str:
    """Return what a command shows where its output is a terminal."""
    ours, theirs = pty.openpty()
    env = commands.environment(TERM="xterm", COLUMNS="120")
    with started(*words, env=env, cwd=commands.folder, stdout=theirs) as run:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 65_536)
            except OSError:
                break
            if not more:
                break
            shown += more
    os.close(ours)
    assert run.returncode == 0
    return shown.decode()


def test_a_terminal_gets_colours_and_nothing_hostile(commands: Commands) -> None:
    made = Images(f"sqlite:///{commands.database}")
    made.put("acme/app:1", {"linux/amd64": Build(steps=[("ADD x /", "x", 1)])})
    made.put("acme/app:2", {"linux/amd64": hostile_image()})

    shown = on_terminal(commands, "compare", "acme/app:1", "acme/app:2")

    assert "\x1b[31m    - " in shown
    assert "\x1b[32m    + " in shown
    assert "\x1b]0" not in shown
    assert "[red]" in shown
    assert "│ pulls" in on_terminal(commands, "quota")


def test_a_reader_that_has_seen_enough_is_no_failure(commands: Commands) -> None:
    steps: Any = [(f"RUN {number:099}", number, 1) for number in range(2000)]
    made = Images(f"sqlite:///{commands.database}")
    made.put("acme/app", {"linux/amd64": Build(steps=steps)})

    command = f"{sys.executable} -m scrapy dockerfile acme/app | head -1"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=commands.environment(),
        cwd=commands.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1


def test_ctrl_c_ends_a_fetch(commands: Commands, hub: StandIn) -> None:
    hub.script("/token", status=429, headers={"Retry-After": "60"}, times=None)
    words = ("compare", "nginx", "acme/single", "--fetch")
    with started(*words, env=commands.environment(), cwd=commands.folder) as run:
        deadline = time.monotonic() + 30
        while not hub.journal.of("registry_token"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)

    assert run.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert len(hub.journal.of("registry_base")) == 1, "the second image was not asked for"
