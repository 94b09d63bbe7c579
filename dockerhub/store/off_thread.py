"""Runs what blocks on a database in one thread of its own, in the order in which it was asked."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dockerhub.errors import StoreClosed

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class OffThread:
    """One thread; `run` gives an awaitable of the running asyncio loop."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._is_closed = False

    def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        """Run *call* in the thread; its result or exception comes through the future.

        :raises StoreClosed: if the thread has ended
        """
        if self._is_closed:
            raise StoreClosed("database: expected to be asked before the crawl ended")
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, lambda: call(*args, **kwargs))

    def close(self) -> None:
        """Wait for what is under way, then end the thread."""
        self._is_closed = True
        self._executor.shutdown(wait=True)
