"""Control endpoints under ``/_standin/``: for those who run the stand-in as a process."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dockerhub.standin.answers import json_answer
from dockerhub.standin.rows import raw_json
from dockerhub.standin.switches import set_switches

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.drift import Drifter
    from dockerhub.standin.journal import Journal
    from dockerhub.standin.options import Options
    from dockerhub.standin.registry_tokens import RegistryTokens
    from dockerhub.standin.signin import Accounts
    from dockerhub.standin.world import World

PREFIX = "/_standin/"


class Control:
    """Reads and presses what belongs to one stand-in; nothing of it is in the journal."""

    def __init__(
        self,
        *,
        world: World,
        options: Options,
        journal: Journal,
        accounts: Accounts,
        drifter: Drifter,
        tokens: RegistryTokens,
    ) -> None:
        self._world = world
        self._options = options
        self._journal = journal
        self._accounts = accounts
        self._drifter = drifter
        self._tokens = tokens

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get(f"{PREFIX}journal", self.journal)
        router.add_get(f"{PREFIX}truth", self.truth)
        router.add_get(f"{PREFIX}windows", self.windows)
        router.add_get(f"{PREFIX}pull-windows", self.pull_windows)
        router.add_get(f"{PREFIX}pulls", self.pulls)
        router.add_get(f"{PREFIX}drifted", self.drifted)
        router.add_post(f"{PREFIX}options", self.options)
        router.add_post(f"{PREFIX}press", self.press)
        router.add_post(f"{PREFIX}clear", self.clear)
        router.add_post(f"{PREFIX}expire-tokens", self.expire_tokens)

    async def journal(self, request: web.Request) -> web.Response:
        issued = {
            "tokens_issued": self._accounts.issued_count,
            "registry_tokens_issued": self._tokens.issued_count,
        }
        return _answer(self._journal.summary() | issued)

    async def truth(self, request: web.Request) -> web.Response:
        return _answer(self._world.counts())

    async def windows(self, request: web.Request) -> web.Response:
        return _answer([asdict(window) for window in self._journal.windows()])

    async def pull_windows(self, request: web.Request) -> web.Response:
        return _answer([asdict(window) for window in self._journal.pull_windows()])

    async def pulls(self, request: web.Request) -> web.Response:
        return _answer(self._journal.pulls())

    async def drifted(self, request: web.Request) -> web.Response:
        return _answer([asdict(change) for change in self._drifter.changes])

    async def options(self, request: web.Request) -> web.Response:
        """Set switches; the body is a JSON object of fields of `Options` and their values."""
        try:
            set_switches(self._options, await request.read())
        except ValueError as error:
            return _refused(error)
        return _answer({})

    async def press(self, request: web.Request) -> web.Response:
        """Press the change button; the body may hold its arguments as a JSON object."""
        try:
            arguments: dict[str, Any] = json.loads(await request.read() or b"{}")
            changes = self._world.press(**arguments)
        except (TypeError, ValueError) as error:
            return _refused(error)
        return _answer([asdict(change) for change in changes])

    async def clear(self, request: web.Request) -> web.Response:
        self._journal.clear()
        return _answer({})

    async def expire_tokens(self, request: web.Request) -> web.Response:
        self._accounts.expire_all()
        self._tokens.expire_all()
        return _answer({})


def _answer(content: object) -> web.Response:
    return json_answer(raw_json(content))


def _refused(error: Exception) -> web.Response:
    return json_answer(raw_json({"message": str(error)}), 400)
