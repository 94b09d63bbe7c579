"""The Hub API as one of the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dockerhub.standin.answers import Refusal, json_answer
from dockerhub.standin.rows import go_json
from dockerhub.standin.service import Service, ServiceName

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.hub import HubApi
    from dockerhub.standin.limits import Limits, Verdict
    from dockerhub.standin.people import PeopleApi
    from dockerhub.standin.routes import Handler, Routes
    from dockerhub.standin.signin import Accounts, Caller

_NEW = "/v2/namespaces/{namespace}/repositories"
_OLD = "/v2/repositories/{namespace}"


class HubService(Service):
    """hub.docker.com: its own accounts and its own limit."""

    name: ClassVar[ServiceName] = "hub"
    compresses: ClassVar[bool] = True

    def __init__(
        self, *, hub: HubApi, people: PeopleApi, accounts: Accounts, limits: Limits
    ) -> None:
        self._hub, self._people = hub, people
        self._accounts, self._limits = accounts, limits

    def add_to(self, routes: Routes) -> None:
        hub, people = self._hub, self._people
        for start in (_NEW, _OLD):
            _get(routes, "namespace_list", start, hub.namespace_list)
            _get(routes, "repository", f"{start}/{{repository}}", hub.repository)
            _get(routes, "tag_list", f"{start}/{{repository}}/tags", hub.tag_list)
            _get(routes, "tag", f"{start}/{{repository}}/tags/{{tag}}", hub.tag)
            images = f"{start}/{{repository}}/tags/{{tag}}/images"
            _get(routes, "tag_images", images, hub.tag_images)
        _get(routes, "search", "/v2/search/repositories", hub.search)
        _get(routes, "user", "/v2/users/{name}", people.user)
        _get(routes, "user", "/v2/orgs/{name}", people.organization)
        _get(routes, "categories", "/v2/categories", people.categories)
        _post(routes, "sign_in", "/v2/auth/token", people.token)
        _post(routes, "sign_in", "/v2/users/login", people.login)

    def caller(self, authorization: str | None) -> Caller:
        return self._accounts.caller(authorization)

    def verdict(self, address: str, caller: Caller) -> Verdict | None:
        return self._limits.take(address, caller.account)

    def unwelcome(self, kind: str, caller: Caller) -> web.Response | None:
        if not caller.problem or kind == "sign_in":
            return None
        content = {"detail": "token is expired or unknown", "message": "unauthorized"}
        return json_answer(go_json(content), 401)

    def is_stray(self, kind: str, authorization: str, caller: Caller) -> bool:
        # Signing in needs no token.
        return kind == "sign_in" or super().is_stray(kind, authorization, caller)

    def blocked(self, request: web.Request) -> web.Response:
        asked = request.match_info
        errinfo = {key: asked[key] for key in ("namespace", "repository") if key in asked}
        if "name" in asked:
            errinfo["org" if request.path.startswith("/v2/orgs/") else "user"] = asked["name"]
        return Refusal.not_found(**errinfo).response()


def _get(routes: Routes, kind: str, path: str, handler: Handler) -> None:
    # Each answers with and without a slash at its end, as on Docker Hub.
    for form in (path, f"{path}/"):
        routes.get(kind, form, handler)


def _post(routes: Routes, kind: str, path: str, handler: Handler) -> None:
    for form in (path, f"{path}/"):
        routes.post(kind, form, handler)
