"""Answers: JSON responses, and refusals as exceptions."""

from __future__ import annotations

import gzip
from typing import Self

from aiohttp import web

from dockerhub.standin.rows import go_json

_GZIP_FROM = 512


class Refusal(Exception):
    """Raised when a request is answered with an error, by whoever finds out."""

    def __init__(self, status: int, content: dict[str, object]) -> None:
        super().__init__(f"{status} {content}")
        self.status, self.content = status, content

    @classmethod
    def not_found(cls, **errinfo: str) -> Self:
        """Return a 404; a private repository would look the same.

        Source: the answers seen in goharbor/harbor and other trackers since 2024.
        """
        return cls(404, {"message": "httperror 404: object not found", "errinfo": errinfo})

    @classmethod
    def invalid(cls, field: str, text: str, remedy: str = "") -> Self:
        """Return a 400 in the form of docker/docs hub latest.yaml, listNamespaceRepositories."""
        return cls(400, {"fields": {field: [f"{text}{remedy}"]}, "text": text})

    def response(self) -> web.Response:
        return json_answer(go_json(self.content), self.status)


def json_answer(content: str | bytes, status: int = 200) -> web.Response:
    """Return *content*, which is JSON, as a response."""
    body = content.encode() if isinstance(content, str) else content
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


def compress(request: web.Request, response: web.Response) -> None:
    """Compress the body if the caller understands gzip and it is worth it."""
    body = response.body
    accepted = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    if not accepted or not isinstance(body, bytes) or len(body) < _GZIP_FROM:
        return
    # A fixed time in the header: the same answer is the same bytes.
    response.body = gzip.compress(body, compresslevel=4, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
