"""A database on a server as the file that the pages read: a copy, as it is when they start."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import ArgumentError, StoreError
from dockerhub.options import database_url
from dockerhub.reports.output_names import check_target
from dockerhub.store.engine import DatabaseError
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.store.sqlite_copy import copy_to_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_OPTION = "--copy"


class Copied(NamedTuple):
    """What the pages are to read."""

    url: str
    """of a SQLite file"""
    rows: int | None
    """how many rows were copied; None if it is the database itself"""


@contextmanager
def served_file(url: str, copy: str | None) -> Iterator[Copied]:
    """Give the file of the database at *url*: itself, or a copy if it is on a server.

    The copy is the file *copy*, which stays, else one in a temporary folder, which goes at the end.

    :raises ArgumentError: if *copy* cannot be made, must stay, or there is nothing to copy
    :raises StoreError: if the database cannot be copied
    """
    place = database_place(url)
    if place.path is not None:
        if copy is not None:
            raise ArgumentError(_OPTION, "it with a PostgreSQL database alone", place.name)
        yield Copied(url, None)
    elif copy is not None:
        path = Path(copy)
        check_target(_OPTION, path, None, replace=True)
        if path.exists() and not _is_ours(path):
            raise ArgumentError(_OPTION, "a name that is free, or an earlier copy", path)
        yield _copied(url, path)
    else:
        with _ended_properly(), tempfile.TemporaryDirectory(prefix="dockerhub-") as folder:
            yield _copied(url, Path(folder) / "dockerhub.db")


def _copied(url: str, path: Path) -> Copied:
    Questions(url, "serving").close()  # which says so if there is nothing to copy
    rows = copy_to_sqlite(url, path)
    return Copied(database_url(str(path)), rows)


def _is_ours(path: Path) -> bool:
    """Tell whether a file is a database of ours, such as an earlier copy."""
    place = database_place(database_url(str(path)))
    try:
        with closing(place.connect(read_only=True)) as connection:
            return bool(connection.execute(place.has_version).fetchone()[0])
    except (DatabaseError, StoreError):
        return False


@contextmanager
def _ended_properly() -> Iterator[None]:
    """Let SIGTERM end us as an exception does: what is temporary goes."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
