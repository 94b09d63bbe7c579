"""A plain HTTP client: what the tests see is what came over the wire."""

from __future__ import annotations

import gzip
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """A response; *headers* by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: object = None
) -> Answer:
    """Send one request and return the answer, unpacked if it was compressed."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection.request(method, target, body=data, headers=headers or {})
        response = connection.getresponse()
        content = response.read()
        found = {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()
    if found.get("content-encoding") == "gzip" and content:
        content = gzip.decompress(content)
    return Answer(response.status, found, content)


def signed_in(url: str, name: str = "ada", secret: str = "secret") -> dict[str, str]:
    """Return the headers of somebody who has just signed in."""
    credentials = {"identifier": name, "secret": secret}
    answer = ask(f"{url}/v2/auth/token", method="POST", body=credentials)
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def walk(url: str, headers: dict[str, str] | None = None) -> list[Any]:
    """Return all rows of a paged list, by following ``next``."""
    rows: list[Any] = []
    while url:
        page = ask(url, headers=headers).json
        rows += page["results"]
        url = page["next"]
    return rows
