"""Which path is which endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from dockerhub.standin.hub import HubApi
    from dockerhub.standin.people import PeopleApi

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_NEW = "/v2/namespaces/{namespace}/repositories"
_OLD = "/v2/repositories/{namespace}"


class Routes:
    """The routes of the Hub API on *router*, and the kind of each."""

    def __init__(self, router: web.UrlDispatcher, hub: HubApi, people: PeopleApi) -> None:
        self._router = router
        self._kinds: dict[web.AbstractRoute, str] = {}
        for start in (_NEW, _OLD):
            self._get("namespace_list", start, hub.namespace_list)
            self._get("repository", f"{start}/{{repository}}", hub.repository)
            self._get("tag_list", f"{start}/{{repository}}/tags", hub.tag_list)
            self._get("tag", f"{start}/{{repository}}/tags/{{tag}}", hub.tag)
            images = f"{start}/{{repository}}/tags/{{tag}}/images"
            self._get("tag_images", images, hub.tag_images)
        self._get("search", "/v2/search/repositories", hub.search)
        self._get("user", "/v2/users/{name}", people.user)
        self._get("user", "/v2/orgs/{name}", people.organization)
        self._get("categories", "/v2/categories", people.categories)
        self._post("sign_in", "/v2/auth/token", people.token)
        self._post("sign_in", "/v2/users/login", people.login)

    def kind(self, request: web.Request) -> str:
        """Return the kind of endpoint of *request*, ``unknown`` if there is none."""
        route = request.match_info.route
        return self._kinds.get(route, "unknown")

    def _get(self, kind: str, path: str, handler: Handler) -> None:
        # Each answers with and without a slash at its end, as on Docker Hub.
        for form in (path, f"{path}/"):
            resource = self._router.add_resource(form)
            for method in ("GET", "HEAD"):
                self._kinds[resource.add_route(method, handler)] = kind

    def _post(self, kind: str, path: str, handler: Handler) -> None:
        for form in (path, f"{path}/"):
            self._kinds[self._router.add_post(form, handler)] = kind
