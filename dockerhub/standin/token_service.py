"""The token service: tokens for the registry, to anybody or to an account.

Source: docker/docs registry/auth.md; the answers as recorded 2024 to 2026.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, ClassVar

from dockerhub.standin.answers import Refusal, json_answer
from dockerhub.standin.caller import CALLER
from dockerhub.standin.kinds import UNKNOWN
from dockerhub.standin.limits import Verdict
from dockerhub.standin.rows import go_json
from dockerhub.standin.service import Service, ServiceName
from dockerhub.standin.signin import Caller
from dockerhub.standin.windows import Windows

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.options import Options
    from dockerhub.standin.registry_tokens import RegistryTokens
    from dockerhub.standin.routes import Routes
    from dockerhub.standin.signin import Accounts


class TokenService(Service):
    """auth.docker.io: takes the secrets of accounts, and has a limit of its own."""

    name: ClassVar[ServiceName] = "auth"

    def __init__(self, *, options: Options, accounts: Accounts, tokens: RegistryTokens) -> None:
        self._options, self._accounts, self._tokens = options, accounts, tokens
        self._windows = Windows(options)

    def add_to(self, routes: Routes) -> None:
        routes.get("registry_token", "/token", self.token)

    async def token(self, request: web.Request) -> web.Response:
        """A token for the scopes that are asked for, as far as they are granted."""
        service = request.query.get("service")
        if service != self._options.registry_service:
            raise Refusal(400, {"details": f"unknown service {service!r}"})
        scopes = [each for asked in request.query.getall("scope", []) for each in asked.split()]
        issued = self._tokens.issue(request[CALLER].account, scopes)
        content: dict[str, object] = {"token": issued.token, "access_token": issued.token}
        if self._options.registry_token_expiry_told:
            content["expires_in"] = int(issued.seconds)
        return json_answer(go_json(content | {"issued_at": issued.issued_at}))

    def caller(self, authorization: str | None) -> Caller:
        if authorization is None:
            return Caller()
        name, secret = _basic(authorization)
        known = self._accounts.knows(name, secret)
        return Caller(name) if known else Caller(problem="foreign")

    def verdict(self, address: str, caller: Caller) -> Verdict | None:
        limit = self._options.auth_limit
        if limit is None:
            return None
        window = self._windows.window(address, limit)
        refused = not window.take()
        left = max(0, math.ceil(window.ends_at - self._options.clock()))
        headers = {
            "x-ratelimit-limit": f"{limit.requests}, {limit.requests};w={int(limit.seconds)}",
            "x-ratelimit-remaining": str(window.left),
            "x-ratelimit-reset": str(left),
        }
        return Verdict(refused, headers)

    def unwelcome(self, kind: str, caller: Caller) -> web.Response | None:
        if not caller.problem:
            return None
        return json_answer('{"details":"incorrect username or password"}', 401)

    def is_stray(self, kind: str, authorization: str, caller: Caller) -> bool:
        return kind == UNKNOWN or not authorization.lower().startswith("basic ")

    def blocked(self, request: web.Request) -> web.Response:
        return Refusal(404, {"details": "not found"}).response()


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret
