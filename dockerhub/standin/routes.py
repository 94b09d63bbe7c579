"""Which path is which endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from dockerhub.standin.kinds import UNKNOWN

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Routes:
    """Routes on *router*, and the kind of each."""

    def __init__(self, router: web.UrlDispatcher) -> None:
        self._router = router
        self._kinds: dict[web.AbstractRoute, str] = {}

    def kind(self, request: web.Request) -> str:
        """Return the kind of endpoint of *request*, ``unknown`` if there is none."""
        return self._kinds.get(request.match_info.route, UNKNOWN)

    def get(self, kind: str, path: str, handler: Handler) -> None:
        """Let *handler* answer GET and HEAD."""
        resource = self._router.add_resource(path)
        for method in ("GET", "HEAD"):
            self._kinds[resource.add_route(method, handler)] = kind

    def post(self, kind: str, path: str, handler: Handler) -> None:
        self._kinds[self._router.add_post(path, handler)] = kind
