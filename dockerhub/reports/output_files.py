"""Files that are there whole or not at all, and standard output for rows without end."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sqlite3
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError, DockerhubError
from dockerhub.reports.output_names import FREE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

# File systems without hard links say one of these.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EACCES}


class OutputError(DockerhubError):
    """Raised when a file or standard output cannot be written, by the reports that write one."""


@contextmanager
def written(place: str, target: Path, *, replace: bool) -> Iterator[Path]:
    """Give an empty file to write to, which is named *target* once it is written whole.

    *place* is the option that names it. A file that is replaced keeps its mode.

    Whatever ends it before that leaves no trace, and what was there as it was.

    :raises OutputError: if it cannot be written
    """
    target = Path(os.path.realpath(target))
    part = _part(target)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield part
            _sync(part)
            _name(place, part, target, replace=replace)
        finally:
            part.unlink(missing_ok=True)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(place, target, error) from error


@contextmanager
def written_folder(place: str, target: Path, *, replace: bool) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes *target* once all in it is written.

    If it is there already and *replace* is true, files of the same names are replaced and the
    others stay.

    :raises OutputError: if it cannot be written
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
        raise _unwritten(place, target, error) from error


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output, in UTF-8 whatever the terminal has; who closes it has seen enough.

    :raises OutputError: if it cannot be written
    """
    if sys.stdout is None:
        raise OutputError("standard output: expected one, it is closed")
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
        raise unwritten(error) from error


def unwritten(error: Exception) -> OutputError:
    """Return what is said where standard output cannot be written."""
    return OutputError(f"standard output: expected to write, {_why(error)}")


def _part(target: Path) -> Path:
    """Return a name beside *target* that nobody has."""
    return target.with_name(f".dockerhub-{secrets.token_hex(8)}.part")


def _name(place: str, part: Path, target: Path, *, replace: bool) -> None:
    if replace:
        with suppress(FileNotFoundError):
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
        return
    try:
        # Unlike a rename this takes no name that somebody took meanwhile.
        os.link(part, target)
    except FileExistsError:
        raise ArgumentError(place, FREE, target) from None
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


def _unwritten(place: str, target: Path, error: OSError | sqlite3.Error) -> OutputError:
    return OutputError(f"{place} {target}: expected to write it, {_why(error)}")


def _why(error: Exception) -> str:
    """Return why something failed; Arrow's errors have the system's number and words of its own."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
