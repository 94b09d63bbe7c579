"""Requests and answers by hand, and what the middleware that reads answers makes of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from dockerhub.errors import HubRefusal
from dockerhub.meta import KNOWN, SENT
from dockerhub.names import RepositoryName
from dockerhub.urls import HubUrls

if TYPE_CHECKING:
    from dockerhub.middlewares.answers import AnswersMiddleware

HUB = "http://127.0.0.1:9"
NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""

URLS = HubUrls(HUB)
REDIS = URLS.repository(RepositoryName("bitnami", "redis"))
NGINX = URLS.repository(RepositoryName("bitnami", "nginx"))
TAGS = URLS.tag_list(RepositoryName("bitnami", "redis"), 1, 100)
LIST = URLS.namespace_list("bitnami", 1, 100)
ALPINE = URLS.repository(RepositoryName("library", "alpine"))
BUSYBOX = URLS.repository(RepositoryName("library", "busybox"))

ERROR = b'{"message":"no"}'
PAGE = b'{"count":1,"results":[]}'
DETAIL = b'{"name":"redis"}'
HTML = b"<html>no</html>"


def answer(status: int, body: bytes = ERROR, url: str = LIST, **headers: str) -> Response:
    """Return an answer; an underscore in a header's name is a hyphen."""
    named: dict[Any, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(url, status, headers=named, body=body)


def good(url: str = LIST) -> Response:
    """Return what any endpoint may answer."""
    return answer(200, b'{"name":"x","results":[]}', url)


def known(url: str = REDIS, *, sent: float = NOW, **meta: Any) -> Request:
    """Return a request for what exists, as far as we know, that went at *sent*."""
    return Request(url, meta={KNOWN: True, SENT: sent, **meta}, cb_kwargs={"walk": 1})


def asked(url: str = LIST, *, sent: float = NOW, **meta: Any) -> Request:
    """Return a request for what may exist or not, that went at *sent*."""
    return Request(url, meta={SENT: sent, **meta}, cb_kwargs={"walk": 1})


class Closing:
    """Stands for the engine's end of a crawl: notes why it was asked for."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def __call__(self, *, reason: str) -> None:
        self.reasons.append(reason)


def outcomes(
    middleware: AnswersMiddleware, *exchanges: tuple[Request, Response | Exception]
) -> list[Any]:
    """Return what becomes of each exchange in turn: a response, a request or a refusal."""

    async def scenario() -> list[Any]:
        found: list[Any] = []
        for request, said in exchanges:
            try:
                if isinstance(said, Response):
                    found.append(middleware.process_response(request, said))
                else:
                    found.append(middleware.process_exception(request, said))
            except HubRefusal as refusal:
                found.append(refusal)
        await asyncio.sleep(0)
        return found

    return asyncio.run(scenario())


def outcome(middleware: AnswersMiddleware, request: Request, said: Response | Exception) -> Any:
    """Return what becomes of one exchange."""
    return outcomes(middleware, (request, said))[0]
