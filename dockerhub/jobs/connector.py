"""procrastinate's way to PostgreSQL, which waits for a server that went away."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from psycopg_pool import AsyncNullConnectionPool

from dockerhub.jobs.schema import SCHEMA
from dockerhub.redact import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from procrastinate.connector import Notify

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_CONNECT_SECONDS = 10
# Classes of SQL states: connection exceptions, and a server that goes or is not there yet.
_AWAY = ("08", "57P")


class PatientConnector(PsycopgConnector):
    """Asks again, for ever by default, while the server is not there."""

    def __init__(self, url: str) -> None:
        super().__init__(
            # Few questions, far between: a kept connection would only be one more that is lost.
            pool_factory=AsyncNullConnectionPool,
            conninfo=url,
            max_size=8,
            timeout=_CONNECT_SECONDS,
            configure=_find_tables,
            kwargs={"application_name": "dockerhub jobs", "connect_timeout": _CONNECT_SECONDS},
        )
        self.gives_up_at: float | None = None
        """when nobody waits for the server any longer, on the monotonic clock"""
        self._is_away = False

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Run a statement."""
        ask = super().execute_query_async
        await self._patiently(lambda: ask(query, **arguments))

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        """Return the first row that a statement answers."""
        ask = super().execute_query_one_async
        return await self._patiently(lambda: ask(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        """Return the rows that a statement answers."""
        ask = super().execute_query_all_async
        return await self._patiently(lambda: ask(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Hear of new jobs, for ever."""
        listen = super().listen_notify
        await self._patiently(lambda: listen(on_notification, channels))

    async def patiently(self, work: Callable[[], Awaitable[Found]]) -> Found:
        """Return what *work*, one transaction, does: again while the server is not there."""
        return await self._patiently(work)

    async def _patiently(self, work: Callable[[], Awaitable[Found]]) -> Found:
        pause = _FIRST_PAUSE
        while True:
            try:
                found = await work()
            except Exception as error:
                is_late = self.gives_up_at is not None and time.monotonic() > self.gives_up_at
                if is_late or not is_lost(error):
                    raise
                self._tell_away(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._tell_back()
                return found

    def _tell_away(self, error: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            why = plain(str(error.__cause__ or error))
            logger.warning("the queue's server is away, trying again (%s)", why)

    def _tell_back(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.warning("the queue's server is back")


def is_lost(error: BaseException) -> bool:
    """Tell whether *error* says that the server, or the way to it, is not there."""
    if isinstance(error, UniqueViolation):
        return False
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    if not type(cause).__module__.startswith("psycopg"):
        return False
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


async def _find_tables(connection: Any) -> None:
    await connection.execute(f"SET search_path = {SCHEMA}, pg_catalog")
    await connection.commit()
