"""The stand-in as a server: real HTTP on the loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from dockerhub.standin.control import Control
from dockerhub.standin.drift import Drifter
from dockerhub.standin.faults import Faults
from dockerhub.standin.front import Front, Handler
from dockerhub.standin.guard import Guard
from dockerhub.standin.hub import HubApi
from dockerhub.standin.instead import Instead
from dockerhub.standin.journal import Journal
from dockerhub.standin.limits import Limits
from dockerhub.standin.options import Options
from dockerhub.standin.people import PeopleApi
from dockerhub.standin.routes import Routes
from dockerhub.standin.script import Body, Script, Scripted
from dockerhub.standin.signin import Accounts

if TYPE_CHECKING:
    from types import TracebackType

    from dockerhub.standin.truth import Change
    from dockerhub.standin.world import World


class StandIn:
    """A local Docker Hub that serves *world*: ``with StandIn(world) as hub: get(hub.url)``.

    Further keyword arguments are the fields of `Options`; they may be changed while it runs
    through `options`. *port* 0 takes any free one.

    :raises OSError: from `start`, if it cannot listen there
    """

    def __init__(
        self, world: World, *, host: str = "127.0.0.1", port: int = 0, **options: Any
    ) -> None:
        self.world = world
        self.options = Options(**options)
        self.accounts = Accounts(self.options)
        self._limits = Limits(self.options)
        self.journal = Journal(self._limits.windows, self._limits.clear)
        self._script = Script()
        self._drifter = Drifter(world, self.options)
        self._hub = HubApi(world, self.options)
        self._host, self._port = host, port
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._failure: OSError | OverflowError | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    def start(self) -> Self:
        """Listen; returns when the first request may come."""
        self._thread = threading.Thread(target=self._run, name="standin", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop listening and drop every connection; the journal stays readable."""
        if self._thread is None or self._loop is None or self._over is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def expire_tokens(self) -> None:
        """Let every token given out so far be over now."""
        self.accounts.expire_all()

    def warm(self, page_size: int = 100, ordering: str | None = "last_updated") -> None:
        """Render all pages of tags in advance, as far as a *cheap* stand-in keeps them."""
        self._hub.warm(page_size, ordering)

    def script(
        self,
        pattern: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        body: Body = b"",
        times: int | None = 1,
    ) -> Scripted:
        """Answer *times* requests (``None``: all) to *pattern* in this way, and not as usual.

        *pattern* is the start of path and query, or a regular expression for it. A body that is
        not text is sent as JSON. Limits count the request, and add their headers where *headers*
        do not say otherwise.
        """
        scripted = Scripted(pattern, status, dict(headers or {}), body, times)
        self._script.add(scripted)
        return scripted

    @property
    def drifted(self) -> list[Change]:
        """What the drift changed so far, in order."""
        return list(self._drifter.changes)

    def clear_script(self) -> None:
        """Take every scripted answer away."""
        self._script.clear()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            self._port = runner.addresses[0][1]
            self._ready.set()
            await self._over.wait()
        except (OSError, OverflowError) as error:
            self._failure = error
        finally:
            self._ready.set()
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        people = PeopleApi(self.world, self.options, self.accounts)
        routes = Routes(application.router, self._hub, people)
        control = Control(
            world=self.world,
            options=self.options,
            journal=self.journal,
            accounts=self.accounts,
            drifter=self._drifter,
        )
        control.add_to(application.router)
        front = Front(
            options=self.options,
            accounts=self.accounts,
            limits=self._limits,
            guard=Guard(self.options),
            instead=Instead(self.options, self._script),
            faults=Faults(self.options),
            drifter=self._drifter,
            journal=self.journal,
            kind_of=routes.kind,
        )

        @web.middleware
        async def exchange(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await front.exchange(request, handler)

        application.middlewares.append(exchange)
        return application
