"""A database file that is read as it is, since nobody can write beside it.

Who reads a SQLite database in WAL mode says so in a file beside it. On a read-only medium there is
none: there SQLite reads a file only if it is told that nothing changes it.
Source: https://sqlite.org/wal.html#read_only_databases (read 2026-11-22)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# What may hold something that is not in the file itself yet.
_WAITING = ("-wal", "-journal")


def is_frozen(path: Path) -> bool:
    """Tell whether the database at *path* is whole, and nobody like us can write it there."""
    # Where the file is there in which readers say so, they need not make it.
    shared = path.with_name(f"{path.name}-shm")
    return must_freeze(
        can_write=_can_write(path.parent) or _can_write(shared),
        waiting=[_size(path.with_name(path.name + end)) for end in _WAITING],
    )


def must_freeze(*, can_write: bool, waiting: list[int]) -> bool:
    """Decide that: *can_write* beside it, and bytes that are *waiting* to get into the file."""
    return not can_write and not any(waiting)


def state_of(path: Path) -> tuple[int, ...]:
    """Return what changes when the database at *path* is written after all."""
    found = path.stat()
    beside = [_size(path.with_name(path.name + end)) for end in _WAITING]
    return (found.st_size, found.st_mtime_ns, *beside)


def _can_write(path: Path) -> bool:
    # Also False for whoever may do everything, where the medium itself is read-only.
    has_ids = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=has_ids)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
