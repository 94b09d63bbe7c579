"""One crawl of one subject at a time: a claim that ends with the process that holds it."""

from __future__ import annotations

import hashlib
import struct
import sys
from typing import TYPE_CHECKING, Any

from dockerhub.errors import StoreError

try:
    import fcntl
except ImportError:  # no such locks on Windows: there it is left to the user
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path


# Linux's `struct flock` of 64 bits: type, whence, start, length, process.
_FLOCK = struct.Struct("hhqqi4x")


class Claim:
    """Claims of subjects in one database; they lie as locks in an empty file beside it.

    Nothing else knows that a process was killed: a number or a moment in the database would have to
    be believed, and would keep the next crawl waiting.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-crawls")
        self._file: Any = None

    def take(self, subject: str) -> bool:
        """Claim *subject* until this process ends; False if another one holds it.

        :raises StoreError: if the file cannot be written
        """
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            if fcntl is not None:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(subject))
        except BlockingIOError:
            return False
        except OSError as error:
            raise StoreError(
                f"{self._path}: expected a file to lock, got {error.strerror}"
            ) from error
        return True

    def holder(self, subject: str) -> int | None:
        """Return the process that has claimed *subject*, None where the system does not tell."""
        is_known = sys.platform == "linux" and sys.maxsize > 2**32
        if self._file is None or fcntl is None or not is_known:
            return None
        asked = _FLOCK.pack(fcntl.F_WRLCK, 0, _place(subject), 1, 0)
        kind, _, _, _, process = _FLOCK.unpack(fcntl.fcntl(self._file, fcntl.F_GETLK, asked))
        # A process of another machine, or of another container, has no number here.
        return process if kind != fcntl.F_UNLCK and process > 0 else None

    def release(self) -> None:
        """Let go of all that is claimed, before this process ends."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _place(subject: str) -> int:
    return int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=7).digest())
