"""Waits for a database's server that went away, and does again what it took with it.

What is done again has to be one transaction, and one that may be done twice: nobody can tell
whether a COMMIT whose answer was lost has been heard.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from dockerhub.errors import StoreError
from dockerhub.redact import plain
from dockerhub.store.engine import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

# A server that is started anew is back within seconds; one that recovers takes longer.
WAIT_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0


class Lost(DatabaseError):
    """Raised when the server went away; what was not committed is not there."""


@runtime_checkable
class Reopened(Protocol):
    """A connection that can be made once more, in its own place."""

    def reopen(self) -> None: ...


def patiently(connection: object, work: Callable[[], Found]) -> Found:
    """Return what *work* does; if *connection* is lost meanwhile, reopen it and do it again.

    :raises StoreError: if the server is not back in time, or *work* fails otherwise
    """
    until: float | None = None
    while True:
        try:
            found = work()
        except StoreError as error:
            lost = error.__cause__
            if not (isinstance(lost, Lost) and isinstance(connection, Reopened)):
                raise
            if until is None:
                until = time.monotonic() + WAIT_SECONDS
                words = "database: the server went away, waiting up to %.0f s for it (%s)"
                logger.warning(words, WAIT_SECONDS, plain(str(lost)))
            if not _is_reopened(connection, until):
                raise
        else:
            if until is not None:
                logger.warning("database: the server is back, nothing is lost")
            return found


def _is_reopened(connection: Reopened, until: float) -> bool:
    pause = _FIRST_PAUSE
    while time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        try:
            connection.reopen()
        except DatabaseError:
            continue
        return True
    return False
