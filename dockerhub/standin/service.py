"""What the four services of a stand-in have in common, and where they may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from dockerhub.standin.kinds import UNKNOWN

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.limits import Verdict
    from dockerhub.standin.routes import Routes
    from dockerhub.standin.signin import Caller

ServiceName = Literal["hub", "registry", "auth", "cdn"]


class Service:
    """One of the servers: who asks there, what limits it, and how it says no."""

    name: ClassVar[ServiceName]
    compresses: ClassVar[bool] = False

    def add_to(self, routes: Routes) -> None:
        """Add the endpoints of the service."""
        raise NotImplementedError

    def caller(self, authorization: str | None) -> Caller:
        """Return who asks, by the ``Authorization`` header."""
        raise NotImplementedError

    def verdict(self, address: str, caller: Caller) -> Verdict | None:
        """Count one request; ``None`` if nothing limits it."""
        return None

    def unwelcome(self, kind: str, caller: Caller) -> web.Response | None:
        """Return the answer to a caller whose header is no good, whatever is asked."""
        return None

    def is_stray(self, kind: str, authorization: str, caller: Caller) -> bool:
        """Return whether this header should never have come here."""
        return kind == UNKNOWN or caller.problem == "foreign"

    def headers(self, request: web.Request) -> dict[str, str]:
        """Return what is added to every answer to *request*, faults as well."""
        return {}

    def blocked(self, request: web.Request) -> web.Response:
        """Return what a blocked caller may get: just what it would get if nothing were there."""
        raise NotImplementedError
