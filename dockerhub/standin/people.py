"""Sign-in, users, organisations and categories: the small routes of the Hub API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dockerhub.standin.answers import Refusal, json_answer
from dockerhub.standin.categories import CATEGORIES
from dockerhub.standin.chance import digest
from dockerhub.standin.rows import go_json

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.options import Options
    from dockerhub.standin.signin import Accounts
    from dockerhub.standin.world import World


class PeopleApi:
    """Answers about people: who they are, and whether they may sign in."""

    def __init__(self, world: World, options: Options, accounts: Accounts) -> None:
        self._world = world
        self._options = options
        self._accounts = accounts

    async def token(self, request: web.Request) -> web.Response:
        """Create an access token. Source: docker/docs hub latest.yaml, AuthCreateAccessToken."""
        gone = self._options.token_endpoint_status
        if gone is not None:
            raise Refusal(gone, {"message": "this route is not available", "errinfo": {}})
        account = await self._account(request, "identifier", "secret")
        token = self._accounts.issue(account, self._options.token_seconds)
        return json_answer(go_json({"access_token": token}))

    async def login(self, request: web.Request) -> web.Response:
        """Create a token the old way. Source: docker/docs hub latest.yaml, PostUsersLogin."""
        account = await self._account(request, "username", "password")
        token = self._accounts.issue(account, self._options.login_seconds)
        return json_answer(go_json({"token": token}))

    async def user(self, request: web.Request) -> web.Response:
        return self._person(request.match_info["name"], user=True)

    async def organization(self, request: web.Request) -> web.Response:
        return self._person(request.match_info["name"], user=False)

    async def categories(self, request: web.Request) -> web.Response:
        return json_answer(go_json([{"name": c.name, "slug": c.slug} for c in CATEGORIES]))

    async def _account(self, request: web.Request, name_key: str, secret_key: str) -> str:
        try:
            sent = json.loads(await request.read())
        except ValueError:
            sent = None
        name, secret = (
            (sent.get(name_key), sent.get(secret_key)) if isinstance(sent, dict) else (None, None)
        )
        if not isinstance(name, str) or not isinstance(secret, str):
            raise Refusal(400, {"errinfo": {}, "message": "malformed request"})
        if not self._accounts.knows(name, secret):
            raise Refusal(401, {"detail": "Incorrect authentication credentials"})
        return name

    def _person(self, name: str, *, user: bool) -> web.Response:
        if name not in self._world.namespaces() or self._world.is_user(name) != user:
            raise Refusal.not_found(**{"user" if user else "org": name})
        key = digest("person", name)[7:39]
        shown = {
            "id": key,
            "uuid": "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:])),
            "username" if user else "orgname": name,
            "full_name": name.capitalize(),
            "location": "",
            "company": "",
            "profile_url": "",
            "date_joined": "2013-11-05T08:15:30Z",
            "gravatar_url": "",
            "gravatar_email": "",
            "type": "User" if user else "Organization",
        }
        return json_answer(go_json(shown))
