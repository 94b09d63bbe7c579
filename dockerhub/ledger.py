"""What the crawls into one database leave each other of a limit that they share.

Each crawl knows what it has under way itself and what its own answers said. Two of them at one
address would each take what is left, and one would be refused.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

try:
    import fcntl
except ImportError:  # no such locks on Windows: there each crawl goes by its own answers
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

_ENTRY = struct.Struct("<8sqqqqd")
_MUTEX = 1 << 40
"""the byte that is locked while entries are read and written; far behind all of them"""
_MOST_ENTRIES = 10_000


class Shown(NamedTuple):
    """A window of the server's, as far as one crawl has been shown it."""

    limit: int
    remaining: int
    """the lowest that was told"""
    reset: int
    """in the server's clock: which window it is"""
    resets_at: float
    """in our clock, which is that of all crawls on this machine"""


_NOTHING = Shown(0, 0, -1, 0.0)


class _Entry(NamedTuple):
    """What one crawl says of one limit."""

    place: int
    key: bytes
    claimed: int
    """how many requests it has under way, is about to send, or has lost"""
    shown: Shown


class Ledger:
    """The entries of all crawls, in the file *path*; *key* says which limit is meant.

    A crawl has its entry locked for as long as it lives, so nobody has to tidy up after one that
    was killed. Where the file cannot be used each crawl goes by its own answers.
    """

    def __init__(self, path: Path, key: str, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._key = hashlib.blake2b(key.encode(), digest_size=8).digest()
        self._clock = clock
        self._file = self._place = -1
        self._is_off = fcntl is None

    def seen(self) -> Shown | None:
        """Return the newest window that any crawl was shown and that is not over, if any."""
        return self._locked(self._newest, None)

    def claim(self, count: int, *, room: int, reset: int | None) -> bool:
        """Claim *count* requests of *room* in the window *reset*; False if others have too many.

        One that was killed may have sent what it had claimed: it counts until the window is over.
        None stands for a window that nobody has been shown yet.
        """
        return self._locked(lambda: self._claim(count, room, reset), True)

    def tell(self, claimed: int, shown: Shown | None) -> None:
        """Say how many requests are claimed now, and what was shown of the window."""
        self._locked(lambda: self._write(claimed, shown or _NOTHING), None)

    def close(self) -> None:
        """Let go of the entry, before this process ends."""
        self._is_off = True
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _newest(self) -> Shown | None:
        now = self._clock()
        found = [each.shown for each in self._entries() if each.shown.resets_at > now]
        return max(found, key=lambda shown: (shown.reset, -shown.remaining), default=None)

    def _claim(self, count: int, room: int, reset: int | None) -> bool:
        shown, others = _NOTHING, 0
        for each in self._entries():
            if each.place == self._place:
                shown = each.shown
            elif each.claimed and (each.shown.reset == reset or self._is_alive(each.place)):
                others += each.claimed
        if others + count > room:
            return False
        self._write(count, shown)
        return True

    def _locked(self, work: Callable[[], Found], otherwise: Found) -> Found:
        """Return what *work* does while all others are kept out."""
        if self._is_off:
            return otherwise
        try:
            if self._file < 0:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _MUTEX)
            try:
                if self._place < 0:
                    self._place = self._free_place()
                return work()
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _MUTEX)
        except OSError as error:
            words = "%s: expected a file to lock, got %s: crawls at once share no budget"
            logger.warning(words, self._path, error.strerror)
            self.close()
            return otherwise

    def _free_place(self) -> int:
        """Return a place that nobody has locked, and lock it.

        What a crawl that is gone was shown is kept while its window lasts.
        """
        now, place = self._clock(), 0
        for each in self._all():
            place = each.place + 1
            if each.shown.resets_at <= now and self._lock(each.place):
                return each.place
        while not self._lock(place):  # of one that has written nothing yet
            place += 1
        return place

    def _is_alive(self, place: int) -> bool:
        if not self._lock(place):
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
        return False

    def _lock(self, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _entries(self) -> list[_Entry]:
        return [each for each in self._all() if each.key == self._key]

    def _all(self) -> list[_Entry]:
        data = os.pread(self._file, _ENTRY.size * _MOST_ENTRIES, 0)
        whole = data[: len(data) // _ENTRY.size * _ENTRY.size]
        return [
            _Entry(place, key, claimed, Shown(*shown))
            for place, (key, claimed, *shown) in enumerate(_ENTRY.iter_unpack(whole))
        ]

    def _write(self, claimed: int, shown: Shown) -> None:
        text = _ENTRY.pack(self._key, claimed, *shown)
        os.pwrite(self._file, text, self._place * _ENTRY.size)
