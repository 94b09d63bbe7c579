"""The front of a service: every request passes here, is limited, answered and recorded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from dockerhub.standin.answers import Refusal, compress
from dockerhub.standin.caller import CALLER
from dockerhub.standin.control import PREFIX
from dockerhub.standin.instead import Answer, Asked
from dockerhub.standin.journal import Exchange
from dockerhub.standin.pulls import PULL, Pull
from dockerhub.standin.spoilt import spoilt

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

    from dockerhub.standin.drift import Drifter
    from dockerhub.standin.faults import Faults
    from dockerhub.standin.guard import Guard
    from dockerhub.standin.instead import Instead
    from dockerhub.standin.journal import Journal
    from dockerhub.standin.options import Options
    from dockerhub.standin.routes import Handler, Routes
    from dockerhub.standin.service import Service

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What all services share; each has a middleware of its own."""

    options: Options
    guard: Guard
    instead: Instead
    faults: Faults
    drifter: Drifter
    journal: Journal

    def middleware(self, service: Service, routes: Routes) -> Middleware:
        """Return the middleware of *service*."""

        @web.middleware
        async def exchange(request: web.Request, handler: Handler) -> web.StreamResponse:
            if service.name == "hub" and request.path.startswith(PREFIX):
                return await handler(request)
            return await self._exchange(request, service, routes, handler)

        return exchange

    async def _exchange(
        self, request: web.Request, service: Service, routes: Routes, handler: Handler
    ) -> web.StreamResponse:
        """Answer one request: what stands before the service goes first, then a fault, then it."""
        asked = self._asked(request, service, routes.kind(request))
        answer = self.instead.answer(asked) or await self._service_answer(asked, handler)
        self._finish(asked, answer)
        self._record(asked, answer)
        return answer.response

    def _asked(self, request: web.Request, service: Service, kind: str) -> Asked:
        caller = service.caller(request.headers.get("Authorization"))
        request[CALLER] = caller
        address = request.remote or ""
        return Asked(
            request=request,
            service=service,
            kind=kind,
            verdict=service.verdict(address, caller),
            standing=self.guard.arrived(service.name, address),
        )

    async def _service_answer(self, asked: Asked, handler: Handler) -> Answer:
        # Drawn before anything is awaited: in the order of the requests.
        fault = self.faults.draw(asked.kind)
        # What is spoilt was answered all the same: a fault has the effects of a true answer.
        true = await self._true_response(asked, handler)
        if fault is None:
            return Answer(true)
        return Answer(spoilt(fault, true, asked.request, self.options), fault)

    async def _true_response(self, asked: Asked, handler: Handler) -> web.Response:
        request = asked.request
        unwelcome = asked.service.unwelcome(asked.kind, request[CALLER])
        if unwelcome is not None:
            return unwelcome
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
        told = asked.service.headers(asked.request)
        # The abuse limit stands before everything that knows about windows.
        if asked.verdict and answer.fault != "abuse":
            told |= asked.verdict.headers
        for name, value in told.items():
            response.headers.setdefault(name, value)
        packed = self.options.cheap or "Content-Encoding" in response.headers
        packed = packed or not asked.service.compresses
        if isinstance(response, web.Response) and not packed:
            compress(asked.request, response)

    def _record(self, asked: Asked, answer: Answer) -> None:
        request, caller = asked.request, asked.request[CALLER]
        sent = request.headers.get("Authorization")
        pull = request.get(PULL) or Pull("")
        exchange = Exchange(
            at=self.options.clock(),
            kind=asked.kind,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            status=answer.response.status,
            account=caller.account,
            token=None if sent is None else (caller.problem or "good"),
            stray=sent is not None and asked.service.is_stray(asked.kind, sent, caller),
            scripted=answer.scripted,
            fault=answer.fault,
            user_agent=request.headers.get("User-Agent"),
            remote=request.remote or "",
            repository=pull.repository or None,
            reference=pull.reference,
            charged=pull.charged,
        )
        self.journal.record(exchange)
