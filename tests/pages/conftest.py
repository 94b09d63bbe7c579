from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from dockerhub.pages.functions import add_functions
from dockerhub.pages.starts import read_starts
from dockerhub.store.database import open_to_read
from tests.crawling import CHECKOUT, environment, forked, started
from tests.pages.world import made

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of crawls, made once."""
    path = tmp_path_factory.mktemp("world") / "50% of #1?.db"
    made(str(path))
    return path


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    """Asks as the pages do."""
    opened = open_to_read(f"sqlite:///{database}")
    add_functions(opened, read_starts(f"sqlite:///{database}"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def served(database: Path) -> Iterator[str]:
    """The address of the pages, served as a user serves them; Ctrl-C ends it as he expects."""
    with serving(database) as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages of what `scrapy demo` makes: tags, seen once."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    env = environment("http://127.0.0.1:2", path)
    ended = forked("demo", "--database", str(path), env=env, cwd=path.parent)
    assert ended.status == 0, ended.err
    with serving(path) as address:
        yield address


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """Serve *database* and say where; no page of it may fail."""
    env = environment("http://127.0.0.1:2", database, {"DOCKERHUB_AUTH_URL": "http://127.0.0.1:3"})
    reading, writing = os.pipe()
    words = ("serve", "--port", "0", "--json")
    with (
        started(*words, cwd=CHECKOUT, env=env, stdout=writing) as server,
        os.fdopen(reading) as out,
    ):
        os.close(writing)
        text = ""
        while not text.endswith("}\n"):
            line = out.readline()
            assert line, server.communicate()[1]
            text += line
        try:
            yield json.loads(text)["url"].rstrip("/")
        finally:
            server.send_signal(signal.SIGINT)
            _, said = server.communicate(timeout=20)
        assert said.splitlines() == ["scrapy serve: stopped"], said
        assert server.wait() == 130
