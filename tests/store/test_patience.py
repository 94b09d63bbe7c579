"""A PostgreSQL server that goes away in mid-crawl: what it took along is written again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.store import patience
from tests.postgres import Server, ask, forget, programs, running_server
from tests.store.made import NOW, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.reader import Reader
    from dockerhub.store.writer import Writer

ENGINES = ("postgresql",)
OTHERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
REPOSITORIES = "SELECT count(*) FROM repository"


def test_a_batch_whose_connection_was_ended_is_written_again(
    writer: Writer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    writer.write([page(NOW, row("one"))])
    assert ask(url, OTHERS) == [(1,)]

    with caplog.at_level(logging.WARNING):
        writer.write([page(NOW, row("two"))])

    assert ask(url, REPOSITORIES) == [(2,)]
    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith("database: the server went away, waiting up to 60 s")
    assert caplog.messages[1] == "database: the server is back, nothing is lost"


def test_a_crawl_that_began_before_ends_after(writer: Writer, url: str) -> None:
    writer.begin_crawl("org", "{}", signed_in=True, now=NOW)
    ask(url, OTHERS)

    writer.finish_crawl(now=NOW, reason="finished", request_count=1, pull_count=0, stats="{}")

    assert ask(url, "SELECT finish_reason FROM crawl") == [("finished",)]


def test_a_question_is_asked_again(writer: Writer, reader: Reader, url: str) -> None:
    writer.write([page(NOW, row("one"))])
    assert reader.counts() == (1, 0)
    ask(url, OTHERS)

    assert reader.counts() == (1, 0)


@pytest.fixture
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with running_server(found) as made:
        yield made


def test_a_server_that_stays_away_is_told_in_one_line(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockerhub.store.writer import Writer  # noqa: PLC0415

    monkeypatch.setattr(patience, "WAIT_SECONDS", 0.5)
    url = server.database()
    writer = Writer(url)
    forget(url)
    server.stop("immediate")

    with pytest.raises(StoreError, match=r"^database: expected to write, [^\n]+$"):
        writer.write([page(NOW, row("one"))])

    server.start()
    writer.write([page(NOW, row("one"))])
    writer.close()
    assert ask(url, REPOSITORIES) == [(1,)]
