"""What answers instead of a service, first things first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from dockerhub.standin.answers import json_answer
from dockerhub.standin.gone import form_of, gone_answer
from dockerhub.standin.kinds import TOKENS, UNKNOWN
from dockerhub.standin.pages import guard_page, server_error

if TYPE_CHECKING:
    from dockerhub.standin.guard import Standing
    from dockerhub.standin.limits import Verdict
    from dockerhub.standin.options import Options
    from dockerhub.standin.script import Script
    from dockerhub.standin.service import Service

UNKNOWN_STATUS = 599


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request, its kind of endpoint, and what limits and guards say about it."""

    request: web.Request
    service: Service
    kind: str
    verdict: Verdict | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Answer:
    """A response and, if it is not the true one, why: the name of a *fault*, or *scripted*."""

    response: web.StreamResponse
    fault: str | None = None
    scripted: bool = False


class Instead:
    """Answers in place of a service where something goes before it."""

    def __init__(self, options: Options, script: Script) -> None:
        self._options = options
        self._script = script
        # The order counts: the first that has an answer gives it.
        self._steps = (
            self._over_limit,
            self._abuse,
            self._scripted,
            self._nobody,
            self._bot_guard,
            self._block,
            self._gone,
        )

    def answer(self, asked: Asked) -> Answer | None:
        """Return the answer of the first that has one, ``None`` if the service is to answer."""
        answers = (step(asked) for step in self._steps)
        return next((answer for answer in answers if answer is not None), None)

    def _over_limit(self, asked: Asked) -> Answer | None:
        if asked.verdict is None or not asked.verdict.refused:
            return None
        if self._options.refusal == "json":
            refusal = json_answer('{"detail":"Rate limit exceeded","error":false}', 429)
        else:
            refusal = _too_many()
        return self._nobody(asked) or Answer(refusal)

    def _abuse(self, asked: Asked) -> Answer | None:
        return Answer(_too_many(), "abuse") if asked.standing.abusive else None

    def _scripted(self, asked: Asked) -> Answer | None:
        scripted = self._script.take(asked.request.path_qs)
        return None if scripted is None else Answer(scripted.response(), scripted=True)

    def _nobody(self, asked: Asked) -> Answer | None:
        if asked.kind != UNKNOWN:
            return None
        return Answer(web.Response(status=UNKNOWN_STATUS, text="no Docker Hub answers here\n"))

    def _bot_guard(self, asked: Asked) -> Answer | None:
        return Answer(guard_page(), "bot_guard") if asked.standing.suspected else None

    def _block(self, asked: Asked) -> Answer | None:
        block = asked.standing.block
        if block is None or asked.kind in TOKENS:
            return None
        if block == "500":
            return Answer(server_error(), "block")
        return Answer(asked.service.blocked(asked.request), "block")

    def _gone(self, asked: Asked) -> Answer | None:
        form = form_of(self._options.gone, asked.kind, asked.request.path)
        return None if form is None else Answer(gone_answer(form), "gone")


def _too_many() -> web.Response:
    return web.Response(status=429, text="429 Too Many Requests\n")
