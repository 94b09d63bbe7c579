"""One crawl of one subject at a time: a claim that ends with the process that holds it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dockerhub.errors import StoreError

try:
    import fcntl
except ImportError:  # no such locks on Windows: there it is left to the user
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path


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
        place = int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=7).digest())
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            if fcntl is not None:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except BlockingIOError:
            return False
        except OSError as error:
            raise StoreError(
                f"{self._path}: expected a file to lock, got {error.strerror}"
            ) from error
        return True
