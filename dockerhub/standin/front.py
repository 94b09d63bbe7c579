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
from dockerhub.standin.instead import Answer, Asked
from dockerhub.standin.journal import Exchange
from dockerhub.standin.kinds import UNKNOWN
from dockerhub.standin.rows import go_json
from dockerhub.standin.spoilt import spoilt

if TYPE_CHECKING:
    from dockerhub.standin.drift import Drifter
    from dockerhub.standin.faults import Faults
    from dockerhub.standin.guard import Guard
    from dockerhub.standin.instead import Instead
    from dockerhub.standin.journal import Journal
    from dockerhub.standin.limits import Limits
    from dockerhub.standin.options import Options
    from dockerhub.standin.signin import Accounts

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """The middleware; *kind_of* names the endpoint of a request, ``unknown`` if there is none."""

    options: Options
    accounts: Accounts
    limits: Limits
    guard: Guard
    instead: Instead
    faults: Faults
    drifter: Drifter
    journal: Journal
    kind_of: Callable[[web.Request], str]

    async def exchange(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer one request: what stands before the Hub API goes first, then a fault, then it."""
        if request.path.startswith(PREFIX):
            return await handler(request)
        asked = self._asked(request)
        answer = self.instead.answer(asked) or await self._hub_answer(asked, handler)
        self._finish(asked, answer)
        self._record(asked, answer)
        return answer.response

    def _asked(self, request: web.Request) -> Asked:
        caller = self.accounts.caller(request.headers.get("Authorization"))
        request[CALLER] = caller
        address = request.remote or ""
        return Asked(
            request=request,
            kind=self.kind_of(request),
            verdict=self.limits.take(address, caller.account),
            standing=self.guard.arrived(address),
        )

    async def _hub_answer(self, asked: Asked, handler: Handler) -> Answer:
        # Drawn before anything is awaited: in the order of the requests.
        fault = self.faults.draw(asked.kind)
        # What is spoilt was answered all the same: a fault has the effects of a true answer.
        true = await self._true_response(asked, handler)
        if fault is None:
            return Answer(true)
        return Answer(spoilt(fault, true, asked.request, self.options), fault)

    async def _true_response(self, asked: Asked, handler: Handler) -> web.Response:
        request = asked.request
        if request[CALLER].problem and asked.kind != "sign_in":
            content = {"detail": "token is expired or unknown", "message": "unauthorized"}
            return json_answer(go_json(content), 401)
        try:
            response = await handler(request)
            self.drifter.answered(asked.kind)
        except Refusal as refusal:
            return refusal.response()
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return web.Response(status=500, text="the stand-in failed\n")
        assert isinstance(response, web.Response)  # noqa: S101  (for the type checker)
        return response

    def _finish(self, asked: Asked, answer: Answer) -> None:
        response = answer.response
        # The abuse limit stands before everything that knows about windows.
        told = asked.verdict.headers if asked.verdict and answer.fault != "abuse" else {}
        for name, value in told.items():
            response.headers.setdefault(name, value)
        packed = self.options.cheap or "Content-Encoding" in response.headers
        if isinstance(response, web.Response) and not packed:
            compress(asked.request, response)

    def _record(self, asked: Asked, answer: Answer) -> None:
        request, caller = asked.request, asked.request[CALLER]
        sent = "Authorization" in request.headers
        # Signing in needs no token, and a token of somebody else should never arrive.
        stray = sent and (asked.kind in ("sign_in", UNKNOWN) or caller.problem == "foreign")
        exchange = Exchange(
            at=self.options.clock(),
            kind=asked.kind,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            status=answer.response.status,
            account=caller.account,
            token=(caller.problem or "good") if sent else None,
            stray=stray,
            scripted=answer.scripted,
            fault=answer.fault,
            user_agent=request.headers.get("User-Agent"),
            remote=request.remote or "",
        )
        self.journal.record(exchange)
