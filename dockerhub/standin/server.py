"""The stand-in as a server: real HTTP on the loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from dockerhub.standin.cdn import Cdn
from dockerhub.standin.control import Control
from dockerhub.standin.drift import Drifter
from dockerhub.standin.faults import Faults
from dockerhub.standin.front import Front
from dockerhub.standin.guard import Guard
from dockerhub.standin.hub import HubApi
from dockerhub.standin.hub_service import HubService
from dockerhub.standin.instead import Instead
from dockerhub.standin.journal import Journal
from dockerhub.standin.limits import Limits
from dockerhub.standin.options import Options
from dockerhub.standin.people import PeopleApi
from dockerhub.standin.pull_limits import PullLimits
from dockerhub.standin.registry import RegistryApi
from dockerhub.standin.registry_service import RegistryService
from dockerhub.standin.registry_tokens import RegistryTokens
from dockerhub.standin.routes import Routes
from dockerhub.standin.script import Body, Script, Scripted
from dockerhub.standin.signin import Accounts
from dockerhub.standin.token_service import TokenService

if TYPE_CHECKING:
    from types import TracebackType

    from dockerhub.standin.service import Service, ServiceName
    from dockerhub.standin.truth import Change
    from dockerhub.standin.world import World


class StandIn:
    """A local Docker Hub that serves *world*: ``with StandIn(world) as hub: get(hub.url)``.

    Further keyword arguments are the fields of `Options`; they may be changed while it runs
    through `options`. *port* (that of the Hub API) and the others may be 0: any free one.

    :raises OSError: from `start`, if it cannot listen there
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        registry_port: int = 0,
        auth_port: int = 0,
        cdn_port: int = 0,
        **options: Any,
    ) -> None:
        self.world = world
        self.options = Options(**options)
        self.accounts = Accounts(self.options)
        self._limits = Limits(self.options)
        self._pulls = PullLimits(self.options)
        self.registry_tokens = RegistryTokens(world, self.options, self._pulls)
        self.journal = Journal(self._limits, self._pulls)
        self._script = Script()
        self._drifter = Drifter(world, self.options)
        self._hub = HubApi(world, self.options)
        self._front = Front(
            options=self.options,
            guard=Guard(self.options),
            instead=Instead(self.options, self._script),
            faults=Faults(self.options),
            drifter=self._drifter,
            journal=self.journal,
        )
        self._host = host
        self._ports: dict[ServiceName, int] = {
            "hub": port,
            "registry": registry_port,
            "auth": auth_port,
            "cdn": cdn_port,
        }
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._failure: OSError | OverflowError | None = None
        self._starting: ServiceName = "hub"

    @property
    def url(self) -> str:
        """Where the Hub API listens, without a slash at the end."""
        return self._url("hub")

    @property
    def registry_url(self) -> str:
        """Where the registry listens."""
        return self._url("registry")

    @property
    def auth_url(self) -> str:
        """Where the token service of the registry listens."""
        return self._url("auth")

    @property
    def cdn_url(self) -> str:
        """Where blobs come from."""
        return self._url("cdn")

    @property
    def refused_url(self) -> str:
        """Where it could not listen, after `start` failed."""
        return self._url(self._starting)

    def token_certificate(self) -> str:
        """Return what a real registry is to trust, to take the tokens given out here: PEM."""
        return self.registry_tokens.signer.certificate

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
        """Let every token given out so far be over now, those of the registry as well."""
        self.accounts.expire_all()
        self.registry_tokens.expire_all()

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

    def _url(self, service: ServiceName) -> str:
        return f"http://{self._host}:{self._ports[service]}"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        runners: list[web.AppRunner] = []
        try:
            for service in self._services():
                runner = web.AppRunner(
                    self._application(service), access_log=None, shutdown_timeout=0.2
                )
                runners.append(runner)
                await runner.setup()
                self._starting = service.name
                await web.TCPSite(runner, self._host, self._ports[service.name]).start()
                self._ports[service.name] = runner.addresses[0][1]
            self._ready.set()
            await self._over.wait()
        except (OSError, OverflowError) as error:
            self._failure = error
        finally:
            self._ready.set()
            await asyncio.gather(*[runner.cleanup() for runner in runners])

    def _services(self) -> list[Service]:
        world, options, tokens = self.world, self.options, self.registry_tokens
        people = PeopleApi(world, options, self.accounts)
        hub = HubService(hub=self._hub, people=people, accounts=self.accounts, limits=self._limits)
        cdn = Cdn(world, options, lambda: self.cdn_url)
        api = RegistryApi(
            world=world,
            options=options,
            tokens=tokens,
            pulls=self._pulls,
            cdn=cdn,
            realm=lambda: f"{self.auth_url}/token",
        )
        registry = RegistryService(api=api, tokens=tokens, pulls=self._pulls)
        auth = TokenService(options=options, accounts=self.accounts, tokens=tokens)
        return [hub, registry, auth, cdn]

    def _application(self, service: Service) -> web.Application:
        application = web.Application()
        routes = Routes(application.router)
        service.add_to(routes)
        if service.name == "hub":
            self._control().add_to(application.router)
        application.middlewares.append(self._front.middleware(service, routes))
        return application

    def _control(self) -> Control:
        return Control(
            world=self.world,
            options=self.options,
            journal=self.journal,
            accounts=self.accounts,
            drifter=self._drifter,
            tokens=self.registry_tokens,
        )
