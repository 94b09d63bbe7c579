"""A receiver of webhooks on this machine, which answers as it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.real.certificate import Certificate

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Post(NamedTuple):
    """One post that came."""

    event_id: str
    body: dict[str, Any]
    headers: dict[str, str]
    path: str


def status(code: int, **headers: str) -> Answer:
    """Answer with a status; `Retry_After` is written as `Retry-After`."""

    async def answer(_: web.Request) -> web.StreamResponse:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, headers=said)

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Break off in the middle of a good answer."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def never(_: web.Request) -> web.StreamResponse:
    """Let whoever asks wait."""
    await asyncio.sleep(3600)
    return web.Response()


async def endless(request: web.Request) -> web.StreamResponse:
    """Answer well, and go on for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


class Receiver:
    """Answers each post with the next of *answers*, then with 204; keeps what came."""

    def __init__(
        self, *answers: Answer, host: str = "127.0.0.1", certificate: Certificate | None = None
    ) -> None:
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._tls.load_cert_chain(certificate.chain, certificate.key)
        self.answers = list(answers)
        self.posts: list[Post] = []
        self.host = host
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def origin(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/hook/s3cret?token=t0ken"

    @property
    def ids(self) -> list[str]:
        return [post.event_id for post in self.posts]

    @property
    def subjects(self) -> list[str]:
        return [f"{post.body['repo_name']}:{post.body['tag_name']}" for post in self.posts]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        headers = dict(request.headers)
        self.posts.append(Post(headers["Dockerhub-Event-Id"], body, headers, request.path_qs))
        answer = self.answers.pop(0) if self.answers else status(204)
        return await answer(request)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, self.host, 0, ssl_context=self._tls)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._is_ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()
