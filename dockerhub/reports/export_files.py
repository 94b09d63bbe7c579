"""Files that are there whole or not at all, and standard output for rows without end."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sqlite3
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError, DockerhubError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

# What SQLite and crawls keep beside a database.
_BESIDE = ("", "-wal", "-shm", "-journal", "-crawls")
_PLACE = "--output"
_FREE = "a name that is free, or --force to replace what is there"
# File systems without hard links say one of these.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EACCES}


class ExportError(DockerhubError):
    """Raised when an export cannot be written, by the reports that write one."""


def check_target(target: Path, database: Path, *, is_folder: bool, replace: bool) -> None:
    """Check that *target* can be made, and is nothing that must stay.

    :raises ArgumentError: naming what is wrong with it
    """
    try:
        _check_target(target, database, is_folder=is_folder, replace=replace)
    except OSError as error:
        expected = f"a name that can be looked at ({error.strerror})"
        raise ArgumentError(_PLACE, expected, target) from None


def _check_target(target: Path, database: Path, *, is_folder: bool, replace: bool) -> None:
    if not target.parent.is_dir():
        raise ArgumentError(_PLACE, f"a {_word(is_folder)} in a folder that exists", target)
    check_is_other(target, database)
    if not target.exists():
        return
    if target.is_dir() != is_folder or not (target.is_dir() or target.is_file()):
        raise ArgumentError(_PLACE, f"a {_word(is_folder)}", target)
    if not replace and not (is_folder and not any(target.iterdir())):
        raise ArgumentError(_PLACE, _FREE, target)


def check_is_other(target: Path, database: Path) -> None:
    """Check that *target* is neither the database nor a part of it.

    :raises ArgumentError: if it is
    """
    for mine in (Path(f"{database}{end}") for end in _BESIDE):
        if _is_same(target, mine):
            raise ArgumentError(_PLACE, "another file than the database itself", target)


def _word(is_folder: bool) -> str:
    return "folder" if is_folder else "file"


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two names are of one file, by links too, or would be."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    with suppress(OSError):
        return one.samefile(other)
    return False


@contextmanager
def written(target: Path, *, replace: bool) -> Iterator[Path]:
    """Give an empty file to write to, which is named *target* once it is written whole.

    Whatever ends it before that leaves no trace, and what was there as it was.

    :raises ExportError: if it cannot be written
    """
    target = Path(os.path.realpath(target))
    part = _part(target)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield part
            _sync(part)
            _name(part, target, replace=replace)
        finally:
            part.unlink(missing_ok=True)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(target, error) from error


@contextmanager
def written_folder(target: Path, *, replace: bool) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes *target* once all in it is written.

    If it is there already and *replace* is true, files of the same names are replaced and the
    others stay.

    :raises ExportError: if it cannot be written
    """
    target = Path(os.path.realpath(target))
    part = _part(target)
    try:
        part.mkdir()
        try:
            yield part
            files = list(part.iterdir())
            for file in files:
                _sync(file)
            _sync(part)
            if replace and target.exists():
                for file in files:
                    file.replace(target / file.name)
            else:
                part.replace(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(target, error) from error


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output, in UTF-8 whatever the terminal has; who closes it has seen enough.

    :raises ExportError: if it cannot be written
    """
    if sys.stdout is None:
        raise ExportError("standard output: expected one, it is closed")
    sys.stdout.flush()
    number = sys.stdout.fileno()
    try:
        with open(number, "w", encoding="utf-8", newline="", closefd=False) as stream:
            yield stream
    except BrokenPipeError:
        # Python would complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        raise ExportError(f"standard output: expected to write, {_why(error)}") from error


def _part(target: Path) -> Path:
    """Return a name beside *target* that nobody has."""
    return target.with_name(f".export-{secrets.token_hex(8)}.part")


def _name(part: Path, target: Path, *, replace: bool) -> None:
    if replace:
        part.replace(target)
        return
    try:
        # Unlike a rename this takes no name that somebody took meanwhile.
        os.link(part, target)
    except FileExistsError:
        raise ArgumentError(_PLACE, _FREE, target) from None
    except OSError as error:
        if error.errno not in _NO_LINKS or target.exists():
            raise
        part.replace(target)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _unwritten(target: Path, error: OSError | sqlite3.Error) -> ExportError:
    return ExportError(f"export {target}: expected to write it, {_why(error)}")


def _why(error: Exception) -> str:
    """Return why something failed; Arrow's errors have the system's number and words of its own."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
