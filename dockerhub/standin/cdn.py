"""The place that blobs come from: addresses that are signed for a while, and nothing else.

Source: the redirects and answers of production.cloudflare.docker.com, recorded 2023 to 2025.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from aiohttp import web

from dockerhub.standin.formats import BLOB
from dockerhub.standin.service import Service, ServiceName
from dockerhub.standin.signin import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin.options import Options
    from dockerhub.standin.routes import Routes
    from dockerhub.standin.world import World

_START = "/registry-v2/docker/registry/v2/blobs/sha256"
_REMEMBERED = 100_000
_TWO_WAYS = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidArgument</Code>'
    "<Message>Only one auth mechanism allowed</Message></Error>"
)


class Cdn(Service):
    """Serves blobs to whom the registry sent here; it wants no ``Authorization``."""

    name: ClassVar[ServiceName] = "cdn"

    def __init__(self, world: World, options: Options, url: Callable[[], str]) -> None:
        self._world, self._options, self._url = world, options, url
        self._offered: OrderedDict[str, str] = OrderedDict()

    def add_to(self, routes: Routes) -> None:
        routes.get("cdn", f"{_START}/{{start}}/{{hex}}/data", self.blob)

    def offer(self, repository: str, digest: str) -> str:
        """Return where the blob of *repository* can be had from now on."""
        self._offered[digest] = repository
        self._offered.move_to_end(digest)
        if len(self._offered) > _REMEMBERED:
            self._offered.popitem(last=False)
        end = int(self._options.clock() + self._options.cdn_seconds)
        path = f"{_START}/{digest[7:9]}/{digest[7:]}/data"
        return f"{self._url()}{path}?verify={end}-{quote(_signature(path, end), safe='')}"

    async def blob(self, request: web.Request) -> web.Response:
        digest = f"sha256:{request.match_info['hex']}"
        if "Authorization" in request.headers:
            return web.Response(status=400, text=_TWO_WAYS, content_type="application/xml")
        if not self._is_signed(request) or digest not in self._offered:
            return web.Response(status=403, text="Forbidden\n")
        with self._world.lock:
            try:
                state = self._world.registry_state(self._offered[digest])
                body = state.holdings.blob(digest)
            except KeyError:
                return _nothing()
        headers = {
            "Content-Type": BLOB,
            "Cache-Control": "public, max-age=14400",
            "Accept-Ranges": "bytes",
            "ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"',
        }
        return web.Response(body=body, headers=headers)

    def caller(self, authorization: str | None) -> Caller:
        return Caller() if authorization is None else Caller(problem="foreign")

    def blocked(self, request: web.Request) -> web.Response:
        return _nothing()

    def _is_signed(self, request: web.Request) -> bool:
        end, _, signature = request.query.get("verify", "").partition("-")
        if not end.isascii() or not end.isdigit() or len(end) > 12:
            return False
        in_time = int(end) > self._options.clock()
        return in_time and signature == _signature(request.path, int(end))


def _signature(path: str, end: int) -> str:
    made = blake2b(f"{path} {end}".encode(), digest_size=20, key=b"standin").digest()
    return base64.b64encode(made).decode()


def _nothing() -> web.Response:
    return web.Response(status=404, text="Not Found\n")
