"""The front of a stand-in: every request passes here, is limited, answered and recorded."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from dockerhub.standin.answers import Refusal, compress, json_answer
from dockerhub.standin.caller import CALLER
from dockerhub.standin.control import PREFIX
from dockerhub.standin.journal import Exchange
from dockerhub.standin.rows import go_json

if TYPE_CHECKING:
    from dockerhub.standin.journal import Journal
    from dockerhub.standin.limits import Limits, Verdict
    from dockerhub.standin.options import Options
    from dockerhub.standin.script import Script
    from dockerhub.standin.signin import Accounts, Caller

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
UNKNOWN_STATUS = 599


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """The middleware; *kind_of* names the endpoint of a request, ``unknown`` if there is none."""

    options: Options
    accounts: Accounts
    limits: Limits
    script: Script
    journal: Journal
    kind_of: Callable[[web.Request], str]

    async def exchange(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer one request; a scripted answer goes before everything but a 429."""
        if request.path.startswith(PREFIX):
            return await handler(request)
        kind = self.kind_of(request)
        caller = self.accounts.caller(request.headers.get("Authorization"))
        request[CALLER] = caller
        verdict = self.limits.take(request.remote or "", caller.account)
        scripted = None if verdict and verdict.refused else self.script.take(request.path_qs)
        if scripted is not None:
            response = scripted.response()
        else:
            response = await self._response(request, handler, kind, verdict)
        for name, value in (verdict.headers if verdict else {}).items():
            response.headers.setdefault(name, value)
        if not self.options.cheap and "Content-Encoding" not in response.headers:
            compress(request, response)
        self._record(request, kind, caller, response.status, scripted is not None)
        return response

    async def _response(
        self, request: web.Request, handler: Handler, kind: str, verdict: Verdict | None
    ) -> web.Response:
        if kind == "unknown":
            return web.Response(status=UNKNOWN_STATUS, text="no Docker Hub answers here\n")
        if verdict and verdict.refused:
            return self._too_many()
        if request[CALLER].problem and kind != "sign_in":
            content = {"detail": "token is expired or unknown", "message": "unauthorized"}
            return json_answer(go_json(content), 401)
        try:
            response = await handler(request)
        except Refusal as refusal:
            return refusal.response()
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return web.Response(status=500, text="the stand-in failed\n")
        assert isinstance(response, web.Response)  # noqa: S101  (for the type checker)
        return response

    def _too_many(self) -> web.Response:
        if self.options.refusal == "json":
            return json_answer('{"detail":"Rate limit exceeded","error":false}', 429)
        return web.Response(status=429, text="429 Too Many Requests\n")

    def _record(
        self, request: web.Request, kind: str, caller: Caller, status: int, scripted: bool
    ) -> None:
        sent = "Authorization" in request.headers
        # Signing in needs no token, and a token of somebody else should never arrive.
        stray = sent and (kind in ("sign_in", "unknown") or caller.problem == "foreign")
        exchange = Exchange(
            at=self.options.clock(),
            kind=kind,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            status=status,
            account=caller.account,
            token=(caller.problem or "good") if sent else None,
            stray=stray,
            scripted=scripted,
            user_agent=request.headers.get("User-Agent"),
            remote=request.remote or "",
        )
        self.journal.record(exchange)
