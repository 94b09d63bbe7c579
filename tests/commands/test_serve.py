"""`scrapy serve` as a user types it; the pages themselves are tests/pages."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.store.database import open_database
from dockerhub.store.writer import Writer
from tests.crawling import CHECKOUT, Ended, environment, forked
from tests.store.made import at, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "hub.db"
    writer = Writer(f"sqlite:///{path}")
    writer.write([page(at(0), row())])
    writer.close()
    return path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def serve(database: Path, *words: str, url: str | None = None) -> Ended:
    env = surroundings(database, url)
    return forked("serve", *words, env=env, cwd=database.parent, timeout=20)


def surroundings(database: Path, url: str | None) -> dict[str, str]:
    # A server that starts after all would not end by itself.
    more = {"DOCKERHUB_AUTH_URL": "http://127.0.0.1:3"}
    named = {} if url is None else {"DOCKERHUB_DATABASE_URL": url}
    return environment("http://127.0.0.1:2", database, more | named)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--port", "web"), '--port: expected a number from 0 to 65535, got "web"'),
        (("--port", "65536"), '--port: expected a number from 0 to 65535, got "65536"'),
        (
            ("--host", "0.0.0.0"),
            (
                "--host: expected 127.0.0.1: the pages have no sign-in; to show them to others"
                ' put a reverse proxy with authentication in front, got "0.0.0.0"'
            ),
        ),
        (("bitnami",), "expected no arguments; got bitnami"),
    ],
    ids=["port", "too large", "host", "word"],
)
def test_wrong_arguments_are_refused(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    ended = serve(tmp_path / "none.db", *words)
    assert ended.status == 2
    assert ended.err.splitlines()[-1].endswith(f"error: {message}")


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = serve(tmp_path / "none.db")
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.lines
    assert line == (
        f"scrapy serve: database {tmp_path / 'none.db'}: expected one, there is no such file;"
        " crawl first, such as: scrapy crawl org -a org=bitnami"
    )
    assert not (tmp_path / "none.db").exists()


def test_an_empty_database_names_a_crawl(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    open_database(f"sqlite:///{path}").close()
    ended = serve(path)
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.lines
    assert line == (
        f"scrapy serve: database {path}: expected repositories, it holds none; run:"
        " scrapy crawl org -a org=bitnami"
    )


# Root may write everywhere, unless it does without that.
_AS_A_USER = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []


@contextmanager
def serving(database: Path, *words: str, url: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Serve *database* as a user who may not write everywhere; yield the address and two notes."""
    with subprocess.Popen(
        [*_AS_A_USER, sys.executable, "-m", "scrapy", "serve", "--port", "0", *words],
        cwd=CHECKOUT,
        env=surroundings(database, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        address = server.stdout.readline().rstrip("/\n")
        notes = [server.stderr.readline() if address else "" for _ in range(2)]
        try:
            yield address, notes[0], notes[1]
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=20)


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_folder_that_cannot_be_written_to_is_served_as_it_is(database: Path) -> None:
    asked = "dockerhub.json?sql=select+name+from+repository&_shape=arrayfirst"
    database.parent.chmod(0o555)
    try:
        with serving(database) as (address, _, note):
            assert note == (
                "scrapy serve: the database's folder cannot be written, so it is shown as it is"
                " now: changes are not seen, start serve again after one\n"
            )
            assert get(f"{address}/{asked}") == (200, '["nginx"]')
            database.parent.chmod(0o755)
            with closing(Writer(f"sqlite:///{database}")) as writer:
                writer.write([page(at(1), row("redis"))])
            assert get(f"{address}/{asked}") == (
                503,
                (
                    f"database {database}: expected the file that was opened, it is written since;"
                    " start serve again\n"
                ),
            )
    finally:
        database.parent.chmod(0o755)


def test_a_database_on_a_server_is_served_as_a_copy(tmp_path: Path, postgres: Server) -> None:
    url = postgres.emptied()
    with closing(Writer(url)) as writer:
        writer.write([page(at(0), row())])
    kept = tmp_path / "kept.db"
    open_database(f"sqlite:///{kept}").close()  # an earlier copy, which is replaced
    for words in ((), ("--copy", str(kept))):
        with serving(tmp_path / "hub.db", *words, url=url) as (address, copied, note):
            assert re.fullmatch(
                r"scrapy serve: postgresql://\*\*\*@/\w+\?host=\*\*\*: \d+ rows copied; what"
                r" changes from now on is not seen, start serve again after it\n",
                copied,
            )
            path = Path(note.removeprefix("scrapy serve: shows ").partition(" read-only; ")[0])
            assert path.is_file()
            assert path == kept or not words
            asked = "dockerhub/search.json?q=server&_shape=array"
            status, found = get(f"{address}/{asked}")
            assert (status, [row["full_name"] for row in json.loads(found)]) == (
                *(200, ["bitnami/nginx"]),
            )
        assert path.exists() is bool(words)
        assert path.parent.exists() is bool(words)


def test_a_copy_takes_no_file_of_others(tmp_path: Path, postgres: Server) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    ended = serve(tmp_path / "hub.db", "--copy", str(mine), url=postgres.emptied())
    assert ended.status == 2
    assert "error: --copy: expected a name that is free, or an earlier copy, got " in ended.err
    ended = serve(tmp_path / "hub.db", "--copy", str(tmp_path / "copy.db"))
    assert ended.status == 2
    assert "--copy: expected it with a PostgreSQL database alone, got " in ended.err
    assert mine.read_text() == "mine"


def test_a_taken_port_is_said_in_a_line(database: Path, taken: int) -> None:
    ended = serve(database, "--port", str(taken))
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.lines
    assert line == (
        f"scrapy serve: port {taken}: expected a free one on 127.0.0.1, Address already in use;"
        " another can be had with --port"
    )


def test_its_help_has_an_example(database: Path) -> None:
    ended = serve(database, "--help")
    assert ended.status == 0
    assert "Example: scrapy serve --port 8001" in " ".join(ended.out.split())
