"""Names of files that a command is to write: what they may be, checked before anything is."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockerhub.errors import ArgumentError

# What SQLite and crawls keep beside a database.
_BESIDE = ("", "-wal", "-shm", "-journal", "-crawls", "-budgets")
STANDARD_OUTPUT = "-"
"""what stands for it where a file is named"""
FREE = "a name that is free, or --force to replace what is there"


def check_target(
    place: str, target: Path, database: Path | None, *, replace: bool, is_folder: bool = False
) -> None:
    """Check that *target*, which the option *place* names, can be made and must not stay.

    *database* is its file; None if it is none.

    :raises ArgumentError: naming what is wrong with it
    """
    try:
        _check_target(place, target, database, is_folder=is_folder, replace=replace)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, links in a circle
        why = getattr(error, "strerror", None) or "no name of a file"
        raise ArgumentError(
            place, f"a {_word(is_folder)} that can be made ({why})", target
        ) from None


def _check_target(
    place: str, target: Path, database: Path | None, *, is_folder: bool, replace: bool
) -> None:
    # What a link leads to is written, not the link.
    if not target.resolve().parent.is_dir():
        raise ArgumentError(place, f"a {_word(is_folder)} in a folder that exists", target)
    check_is_other(place, target, database)
    if not target.exists():
        return
    if target.is_dir() != is_folder or not (target.is_dir() or target.is_file()):
        raise ArgumentError(place, f"a {_word(is_folder)}", target)
    if not replace and not (is_folder and not any(target.iterdir())):
        raise ArgumentError(place, FREE, target)


def check_is_other(place: str, target: Path, database: Path | None) -> None:
    """Check that *target* is neither the database, if that is a file, nor a part of it.

    :raises ArgumentError: if it is
    """
    if database is None:
        return
    for mine in (Path(f"{database}{end}") for end in _BESIDE):
        if _is_same(target, mine):
            raise ArgumentError(place, "another file than the database itself", target)


def _word(is_folder: bool) -> str:
    return "folder" if is_folder else "file"


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two names are of one file, by links too, or would be."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    with suppress(OSError):
        return one.samefile(other)
    return False
