"""Checks that what is in the database fits together: reads, and writes nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import MICROSECONDS, day
from dockerhub.store import maintenance
from dockerhub.store.check_contents import image_sets, manifests
from dockerhub.store.check_rows import ROW_CHECKS
from dockerhub.store.check_words import Finding, Look
from dockerhub.store.database import open_file, open_to_read
from dockerhub.store.place import database_place
from dockerhub.store.postgres import upkeep as server
from dockerhub.store.queries import load_queries
from dockerhub.store.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dockerhub.store.engine import Connection

MOST_TOLD = 20
"""findings of one check that are told; all are counted"""
# A clock that was set back a little is no fault of the database.
_CLOCK_MICROSECONDS = 5 * 60 * MICROSECONDS


class Checked(NamedTuple):
    """What one check found."""

    name: str
    about: str
    total: int
    """findings"""
    findings: Sequence[Finding]
    """the first of them"""
    seconds: float


class Unfinished(NamedTuple):
    """Work that was begun and goes on, or was left: the oldest, and how many there are."""

    what: str
    """walk or crawl"""
    name: str
    since: int
    """microseconds"""
    total: int


def check(
    url: str, now: int, *, is_quick: bool = False, is_full: bool = False
) -> Iterator[Checked | Unfinished]:
    """Yield what each check finds, all as of one moment, whatever a crawl writes meanwhile.

    A quick one leaves out what reads all indexes, a full one looks at all contents instead of some.

    :raises StoreError: if there is no database, or it cannot be read
    """
    Questions(url, "checking").close()  # which says so if there is no database
    with closing(_opened(url)) as connection, maintenance.told("read"):
        connection.execute("BEGIN")
        look = Look(connection, load_queries("checking"), now + _CLOCK_MICROSECONDS, day(now) + 1)
        for name, about, findings in _checks(look, is_quick=is_quick, is_full=is_full):
            yield _told(name, about, findings)
        yield from _unfinished(look)


def _opened(url: str) -> Connection:
    if database_place(url).path is None:
        return open_to_read(url)
    file = open_file(url, read_only=True)
    maintenance.interruptible(file)
    return file


def _checks(
    look: Look, *, is_quick: bool, is_full: bool
) -> Iterator[tuple[str, str, Callable[[], Iterator[Finding]]]]:
    if isinstance(look.connection, sqlite3.Connection):
        yield from _of_file(look.connection, is_quick=is_quick)
    else:
        yield from _of_server(look.connection)
    for one in ROW_CHECKS:
        yield one.name, one.about, partial(one.findings, look)
    some = "" if is_full else ", some of them"
    contents = partial(image_sets, look, is_full=is_full)
    yield "images", f"image sets against their marks{some}", contents
    contents = partial(manifests, look, is_full=is_full)
    yield "chains", f"manifests against their layers{some}", contents


def _of_file(
    file: sqlite3.Connection, *, is_quick: bool
) -> Iterator[tuple[str, str, Callable[[], Iterator[Finding]]]]:
    yield "file", "pages and indexes of the file", partial(_file, file, is_quick=is_quick)
    yield "references", "rows that point nowhere", partial(_references, file)
    yield "search", "the full-text index", partial(_search, file, is_quick=is_quick)


def _of_server(
    connection: Connection,
) -> Iterator[tuple[str, str, Callable[[], Iterator[Finding]]]]:
    yield "server", "pages and indexes, as far as the server noticed", partial(_server, connection)
    about = "whether the server enforces them for every row"
    yield "references", about, partial(_enforced, connection)


def _told(name: str, about: str, findings: Callable[[], Iterator[Finding]]) -> Checked:
    started = time.monotonic()
    found = _as_far_as_readable(about, findings())
    told = list(islice(found, MOST_TOLD))
    total = len(told) + sum(1 for _ in found)
    return Checked(name, about, total, told, time.monotonic() - started)


def _as_far_as_readable(about: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield *findings*, and where the file is broken that: other checks may still be of use."""
    try:
        yield from findings
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        yield Finding(about, "rows that can be read", str(error))


def _server(connection: Connection) -> Iterator[Finding]:
    for fault in server.server_faults(connection):
        yield Finding("the server", "pages and indexes that are whole", fault)


def _enforced(connection: Connection) -> Iterator[Finding]:
    for table, parent in server.loose_references(connection):
        yield Finding(table, f"rows of {parent} that it points to, by a rule", "a rule that is off")


def _file(file: sqlite3.Connection, *, is_quick: bool) -> Iterator[Finding]:
    for fault in maintenance.faults(file, is_quick=is_quick):
        yield Finding("the file", "pages and indexes that are whole", fault)


def _references(file: sqlite3.Connection) -> Iterator[Finding]:
    for table, rowid, parent in maintenance.broken_references(file):
        row = "a row" if rowid is None else f"row {rowid}"
        yield Finding(f"{table}, {row}", f"a row of {parent} that it points to", "none")


def _search(file: sqlite3.Connection, *, is_quick: bool) -> Iterator[Finding]:
    for fault in maintenance.search_faults(file, is_quick=is_quick):
        yield Finding("the full-text index", "the words of all repositories", fault)


def _unfinished(look: Look) -> Iterator[Unfinished]:
    for kind, subject, since, count in look.ask("open_walk"):
        yield Unfinished("walk", f"{kind} of {subject}", since, count)
    for spider, number, since, count in look.ask("open_crawl"):
        yield Unfinished("crawl", f"{spider}, number {number}", since, count)
