"""`scrapy serve` as a user types it; the pages themselves are tests/pages."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store.database import open_database
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.crawling import Ended, environment, forked
from tests.store.made import at, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def serve(database: Path, *words: str) -> Ended:
    # A server that starts after all would not end by itself.
    more = {"DOCKERHUB_AUTH_URL": "http://127.0.0.1:3"}
    env = environment("http://127.0.0.1:2", database, more)
    return forked("serve", *words, env=env, cwd=database.parent, timeout=20)


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


def test_a_folder_that_cannot_be_written_to_is_named() -> None:
    # Root may write everywhere: nobody tries, in a folder that nobody may enter.
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "hub.db"
        open_database(f"sqlite:///{path}").close()
        path.parent.chmod(0o555)
        if user == 0:
            os.seteuid(65534)
        try:
            with pytest.raises(StoreError) as caught, Questions(f"sqlite:///{path}", "serving"):
                pass
        finally:
            os.seteuid(user)
            path.parent.chmod(0o755)
    assert str(caught.value) == (
        f"database {path}: expected to write it and hub.db-shm beside it, as SQLite needs to"
        " read it too, attempt to write a readonly database"
    )


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
