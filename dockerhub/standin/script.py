"""Scripted answers, laid over the real ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from threading import Lock

from aiohttp import web

Body = bytes | str | dict[str, object] | list[object]


@dataclass(slots=True)
class Scripted:
    """An answer that stands in for the real one *left* times (``None``: always)."""

    pattern: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = b""
    left: int | None = 1
    used: int = 0

    def matches(self, target: str) -> bool:
        fits = target.startswith(self.pattern) or re.match(self.pattern, target)
        return self.left != 0 and bool(fits)

    def response(self) -> web.Response:
        body = self.body
        kind = "application/json"
        if isinstance(body, (bytes, str)):
            data = body.encode() if isinstance(body, str) else body
            kind = "text/plain; charset=utf-8"
        else:
            data = json.dumps(body).encode()
        headers = {"Content-Type": kind} | self.headers
        return web.Response(status=self.status, headers=headers, body=data)


class Script:
    """The scripted answers; of several that fit, the first that is not used up counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scripted: list[Scripted] = []

    def add(self, scripted: Scripted) -> None:
        with self._lock:
            self._scripted.append(scripted)

    def clear(self) -> None:
        with self._lock:
            self._scripted.clear()

    def take(self, target: str) -> Scripted | None:
        """Return what is scripted for *target* (path and query as they were sent), if anything."""
        with self._lock:
            found = next((each for each in self._scripted if each.matches(target)), None)
            if found is not None:
                found.used += 1
                found.left = None if found.left is None else found.left - 1
            return found
