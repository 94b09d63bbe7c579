"""The servers of a stand-in: real HTTP on the loopback, all in one thread of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockerhub.standin.service import ServiceName

_SHUTDOWN_SECONDS = 0.2


class Servers:
    """Several applications on one host, each on its port, that start and stop together.

    They are made by *application* when they start. Port 0 takes any free one.
    """

    def __init__(
        self,
        host: str,
        ports: Mapping[ServiceName, int],
        application: Callable[[ServiceName], web.Application],
    ) -> None:
        self._host, self._ports = host, dict(ports)
        self._application = application
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._failure: OSError | OverflowError | None = None
        self.starting: ServiceName | None = None

    def url(self, name: ServiceName) -> str:
        """Return where one of them listens, without a slash at the end."""
        return f"http://{self._host}:{self._ports[name]}"

    def start(self) -> None:
        """Listen; returns when the first request may come.

        :raises OSError: if it cannot listen; `starting` says which one
        """
        self._thread = threading.Thread(target=self._run, name="standin", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._thread is None or self._loop is None or self._over is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
        self._thread = None

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        runners: list[web.AppRunner] = []
        try:
            for name in self._ports:
                self.starting = name
                runners.append(self._runner(name))
                await self._listen(name, runners[-1])
            self._ready.set()
            await self._over.wait()
        except (OSError, OverflowError) as error:
            self._failure = error
        finally:
            self._ready.set()
            await asyncio.gather(*[runner.cleanup() for runner in runners])

    def _runner(self, name: ServiceName) -> web.AppRunner:
        application = self._application(name)
        return web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)

    async def _listen(self, name: ServiceName, runner: web.AppRunner) -> None:
        await runner.setup()
        await web.TCPSite(runner, self._host, self._ports[name]).start()
        self._ports[name] = runner.addresses[0][1]
