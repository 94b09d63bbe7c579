"""The stand-in: a Hub API, a registry with its token service, and the place blobs come from."""

from __future__ import annotations

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
from dockerhub.standin.servers import Servers
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
        self._services = {service.name: service for service in self._all_services()}
        self._front = self._shared_front()
        ports: dict[ServiceName, int] = {"hub": port, "registry": registry_port}
        ports |= {"auth": auth_port, "cdn": cdn_port}
        self._servers = Servers(host, ports, self._application)

    @property
    def url(self) -> str:
        """Where the Hub API listens, without a slash at the end."""
        return self._servers.url("hub")

    @property
    def registry_url(self) -> str:
        """Where the registry listens."""
        return self._servers.url("registry")

    @property
    def auth_url(self) -> str:
        """Where the token service of the registry listens."""
        return self._servers.url("auth")

    @property
    def cdn_url(self) -> str:
        """Where blobs come from."""
        return self._servers.url("cdn")

    @property
    def refused_url(self) -> str:
        """Where it could not listen, after `start` failed."""
        return self._servers.url(self._servers.starting or "hub")

    def start(self) -> Self:
        """Listen; returns when the first request may come."""
        self._servers.start()
        return self

    def stop(self) -> None:
        """Stop listening and drop every connection; the journal stays readable."""
        self._servers.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def token_certificate(self) -> str:
        """Return what a real registry is to trust, to take the tokens given out here: PEM."""
        return self.registry_tokens.signer.certificate

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

        *pattern* is the start of path and query, or a regular expression for it, at any of the
        services. A body that is not text is sent as JSON. Limits of requests count it, and add
        their headers where *headers* do not say otherwise; it is never charged as a pull.
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

    def _all_services(self) -> tuple[Service, ...]:
        world, options, tokens = self.world, self.options, self.registry_tokens
        people = PeopleApi(world, options, self.accounts)
        cdn = Cdn(world, options, lambda: self.cdn_url)
        api = RegistryApi(
            world=world,
            options=options,
            tokens=tokens,
            pulls=self._pulls,
            cdn=cdn,
            realm=lambda: f"{self.auth_url}/token",
        )
        return (
            HubService(hub=self._hub, people=people, accounts=self.accounts, limits=self._limits),
            RegistryService(api=api, tokens=tokens, pulls=self._pulls),
            TokenService(options=options, accounts=self.accounts, tokens=tokens),
            cdn,
        )

    def _shared_front(self) -> Front:
        return Front(
            options=self.options,
            guard=Guard(self.options),
            instead=Instead(self.options, self._script),
            faults=Faults(self.options),
            drifter=self._drifter,
            journal=self.journal,
        )

    def _application(self, name: ServiceName) -> web.Application:
        application = web.Application()
        routes = Routes(application.router)
        service = self._services[name]
        service.add_to(routes)
        if name == "hub":
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
