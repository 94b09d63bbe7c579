"""Copies the database while crawls go on, and lets old copies go."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

from dockerhub.errors import ArgumentError
from dockerhub.moments import iso
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.output_files import written
from dockerhub.reports.output_names import check_target
from dockerhub.store.maintenance import check_room, live_bytes
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.store.snapshot import write_snapshot
from dockerhub.words import counted

_FIELDS = (
    Field("file", "the copy"),
    Field("size", "bytes of it", Form.SIZE),
    Field("seconds", "how long it took", Form.NUMBER),
    Field("deleted", "older copies that were deleted", Form.NUMBER),
)
_PLACE = "store backup"
_OF_A_SERVER = "dockerhub"
_AS_A_FILE = (
    "a SQLite file that every command of this program reads; to put the database back on a server"
    " take pg_dump and pg_restore"
)


class Backup(NamedTuple):
    """What is wanted of a copy."""

    target: Path
    """the file"""
    replace: bool = False
    keep: int | None = None
    """how many copies with dates in their names stay in its folder, this one included; None: all"""


def read_backup(
    url: str, now: int, file: str | None, *, replace: bool = False, keep: int | None = None
) -> Backup:
    """Return what is wanted: *file* is a file, or a folder for one that is named by its moment.

    :raises ArgumentError: if it cannot be written to, or is the database itself
    :raises StoreError: if *url* is none of a database
    """
    target = Path(file) if file else Path()
    is_dated = target.is_dir()
    if is_dated:
        target /= f"{_stem(url)}-{_stamp(now)}.db"
    elif keep is not None:
        raise ArgumentError("--keep", "a folder in place of FILE, or none", file)
    check_target(_PLACE, target, database_place(url).path, replace=replace)
    return Backup(target, replace, keep)


def back_up(url: str, backup: Backup) -> Answer:
    """Copy the database at *url* as of one moment, check the copy, then delete old ones.

    :raises StoreError: if there is no database, no room, or the copy is not whole
    :raises OutputError: if it cannot be written
    """
    Questions(url, "checking").close()  # which says so if there is no database
    started = time.monotonic()
    check_room(backup.target.resolve().parent, live_bytes(url))
    with written(_PLACE, backup.target, replace=backup.replace) as part:
        write_snapshot(url, part)
    seconds = round(time.monotonic() - started, 1)
    size = backup.target.stat().st_size
    old = [] if backup.keep is None else _old_copies(backup, _stem(url))
    for path in old:
        path.unlink(missing_ok=True)
    notes = [f"deleted {counted(len(old), 'older copy', 'older copies')}"] if old else []
    if database_place(url).path is None:
        notes.append(_AS_A_FILE)
    return Answer(_FIELDS, [(str(backup.target), size, seconds, len(old))], notes)


def _stamp(now: int) -> str:
    """Return a moment as it stands in a name: `2026-11-22-195604`, in UTC."""
    return iso(now)[:19].replace("T", "-").replace(":", "")


def _stem(url: str) -> str:
    """Return what dated copies of the database at *url* begin with."""
    path = database_place(url).path
    return _OF_A_SERVER if path is None else path.stem


def _old_copies(backup: Backup, stem: str) -> list[Path]:
    """Return the dated copies of the same database in the folder beyond those that are kept."""
    name = re.compile(rf"{re.escape(stem)}-\d{{4}}-\d\d-\d\d-\d{{6}}\.db", re.ASCII)
    copies = sorted(
        path
        for path in backup.target.parent.iterdir()
        if name.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    )
    older = [path for path in copies if path.name < backup.target.name]
    return older[: max(0, len(older) + 1 - (backup.keep or 1))]
