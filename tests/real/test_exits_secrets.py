"""What opens a proxy is told to that proxy alone: in no log, row, file, feed or exception."""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from dockerhub.standin import World
from tests.crawl.gateway import END, WANTED, Door, Gateway
from tests.crawling import environment, forked
from tests.real.exits import ExitCrawls, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

USER, PASSWORD, OTHER = "customer-zoe", "p@55/w:rd?x", "an0ther-w0rd"
PAIR = b64encode(f"{USER}:{PASSWORD}".encode())
ANSWERS = {
    "hangs up": b"",
    "forbids": b"HTTP/1.1 403 Filtered\r\nServer: tinyproxy/1.11.1\r\n" + END,
    "is away": b"HTTP/1.1 502 Bad Gateway\r\nProxy-Agent: gate\r\n" + END,
    "wants another": WANTED + END,
    "is none": b"SSH-2.0-none\r\n",
    "repeats": b"HTTP/1.1 403 No\r\nServer: squid\r\nContent-Length: %d\r\n\r\nnot %s"
    % (len(PAIR) + 4, PAIR),
}


@pytest.fixture
def hub_world() -> World:
    world = World(seed=7)
    plain(world, 8, tags=3)
    return world


@pytest.fixture
def exits(standin_hub: StandIn, tmp_path: Path) -> Iterator[ExitCrawls]:
    with ExitCrawls(standin_hub, tmp_path) as made:
        yield made


def forms(*secrets: str) -> set[bytes]:
    """Return what of a secret might be seen, in the forms in which it travels."""
    found = {form.encode() for one in secrets for form in (one, quote(one, safe=""))}
    for user in (USER, "user"):
        found |= {b64encode(f"{user}:{one}".encode()).rstrip(b"=") for one in secrets}
    return found


def assert_kept(folder: Path, told: str, secrets: set[bytes]) -> None:
    """Assert that none of *secrets* is told, nor in a file but the configuration of a proxy."""
    texts = {"what was said": told.encode()}
    for path in folder.rglob("*"):
        is_ours = path.is_file() and not path.relative_to(folder).parts[0].startswith("proxy")
        if is_ours:
            texts[str(path)] = path.read_bytes()
    for name, text in texts.items():
        assert [each for each in secrets if each in text] == [], name
    for token in (b"eyJhbGciOi", b"Bearer "):
        assert [name for name, text in texts.items() if token in text] == []


def test_nothing_is_told_whatever_a_proxy_does(exits: ExitCrawls, hub_world: World) -> None:
    with ExitStack() as stack:
        for answer in ANSWERS.values():
            door = stack.enter_context(Door(answer))
            exits.name_exit(f"http://{USER}:{quote(PASSWORD, safe='')}@{door.name}")
        shut = stack.enter_context(Door())
        shut.shut()
        exits.name_exit(f"http://{USER}:{OTHER}@{shut.name}")
        gateway = stack.enter_context(Gateway(PASSWORD))
        entry = f"http://{USER}-{{session}}:{quote(PASSWORD, safe='')}@{gateway.name}"
        exits.name_exit(entry, *(f"127.7.0.{number}" for number in range(1, 50)))
        exits.settings["DOCKERHUB_PROXY_SESSION_REQUESTS"] = "20"
        exits.add("user", OTHER, users={"user": OTHER})
        exits.add("user", PASSWORD, users={"user": OTHER})
        ended = exits.crawl(
            *("-s", "LOG_LEVEL=DEBUG", "-s", "STATS_DUMP=True"),
            *("-s", f"JOBDIR={exits.folder / 'job'}"),
            *("-o", "repositories.jsonl", "-o", "rows.csv"),
            signed_in=True,
            depth="configs",
        )

    assert "DEBUG" in ended.err
    sessions = {user.encode() for user in gateway.addresses}
    assert sessions
    ids = {user.removeprefix(USER.encode() + b"-") for user in sessions}
    secrets = forms(PASSWORD, OTHER) | {USER.encode()} | sessions | ids
    assert_kept(exits.folder, ended.out + ended.err, secrets)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (f"http://{USER}:{OTHER}@127.0.0.1", "port"),
        (f"https://{USER}:{OTHER}@127.0.0.1:3128", "http://"),
        (f"socks5://{USER}:{OTHER}@127.0.0.1:1080", "http://"),
        (f"{USER}:{OTHER}@127.0.0.1:99999", "http://"),
        (f"http://{USER}:{OTHER}", "http://"),
        (f"http://{USER}:{OTHER}@", "http://"),
        (f"http://127.0.0.1:3128/{OTHER}?{OTHER}#{OTHER}", "http://"),
        (f"//{USER}:{OTHER}@[::1:3128", "http://"),
    ],
)
@pytest.mark.parametrize("place", ["setting", "file"])
def test_an_entry_that_cannot_be_read_is_refused_without_being_told(
    exits: ExitCrawls, tmp_path: Path, entry: str, expected: str, place: str
) -> None:
    given = f"http://127.0.0.1:3128 {entry}"
    if place == "file":
        listed = tmp_path / "proxies.txt"
        listed.write_text(given.replace(" ", "\n"), encoding="utf-8")
        more = {"DOCKERHUB_PROXY_FILE": str(listed)}
        where = r"proxies\.txt, line 2"
    else:
        more, where = {"DOCKERHUB_PROXIES": given}, "DOCKERHUB_PROXIES, entry 2"
    env = environment(exits.hub.url, exits.database, more)

    ended = forked("crawl", "org", "-a", "org=acme", env=env, cwd=exits.folder)

    assert ended.status not in {0, 1}, "misuse"
    assert re.search(where, ended.err), ended.err
    assert expected in ended.err
    assert OTHER not in ended.err
    assert USER not in ended.err
    assert "Traceback" not in ended.err
    assert exits.hub.journal.exchanges == []


def test_one_way_to_name_proxies_is_enough(exits: ExitCrawls, tmp_path: Path) -> None:
    listed = tmp_path / "proxies.txt"
    listed.write_text("127.0.0.1:3128\n", encoding="utf-8")
    more = {"DOCKERHUB_PROXY_FILE": str(listed), "DOCKERHUB_PROXIES": "127.0.0.1:3128"}
    env = environment(exits.hub.url, exits.database, more)

    ended = forked("crawl", "org", "-a", "org=acme", env=env, cwd=exits.folder)

    assert ended.status not in {0, 1}
    assert "DOCKERHUB_PROXY_FILE" in ended.err
    assert "DOCKERHUB_PROXIES" in ended.err
