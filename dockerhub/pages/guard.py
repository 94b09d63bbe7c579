"""Stands before the pages: who may ask for what, and what a browser may do with the answer. Pure.

The pages have no sign-in. They are bound to this machine; what is left are the other pages that a
browser has open, and text from the Hub that wants to be a script.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from dockerhub.pages.csv_cells import harmless_csv

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Message, Receive, Send], Awaitable[None]]

nonce: ContextVar[str] = ContextVar("nonce", default="")
"""What the scripts of our own templates carry in this answer; a text that becomes markup cannot."""

asks_csv: ContextVar[bool] = ContextVar("asks_csv", default=False)
"""Whether this answer is to be CSV, which has no place for what is wrong with it."""

_ALLOWED_METHODS = {"GET", "HEAD"}
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    # No other site may embed an answer, nor keep a hand on a window that shows one.
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
# Styles may stand in the markup: Datasette's templates and the charts' library write them there.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'{more}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
# The charts of datasette-vega compile their expressions; those of the dashboards are interpreted.
_COMPILING = " 'unsafe-eval'"


class Guard:
    """An ASGI application around another one."""

    def __init__(
        self, app: App, *, hosts: Collection[str], compiling: str, unfit: Callable[[], str]
    ) -> None:
        """*hosts* are the values of `Host` that are answered, *compiling* the path with charts.

        *unfit* returns why nothing can be answered now, empty if all is well.
        """
        self._unfit = unfit
        self._app = app
        self._hosts = {host.encode() for host in hosts}
        self._compiling = compiling

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce.set(secrets.token_urlsafe(16))
        asks_csv.set(_wants_csv(scope))
        guarded = _guarded(send, self._policy(scope["path"]), is_csv=asks_csv.get())
        # A name that somebody has pointed at this machine is not ours: DNS rebinding.
        names = [value for name, value in scope["headers"] if name == b"host"]
        if len(names) != 1 or names[0].lower() not in self._hosts:
            await _refuse(guarded, 421, f"Host: expected {_shown(self._hosts)}")
        elif scope["method"] not in _ALLOWED_METHODS:
            await _refuse(guarded, 405, "expected GET or HEAD: these pages are read-only")
        elif _is_foreign(scope):
            await _refuse(guarded, 403, "expected to be asked by these pages or by their reader")
        elif reason := self._unfit():
            await _refuse(guarded, 503, reason)
        else:
            await self._app(scope, receive, guarded)

    def _policy(self, path: str) -> bytes:
        compiles = path == self._compiling or path.startswith(f"{self._compiling}/")
        more = _COMPILING if compiles else ""
        return _POLICY.format(nonce=nonce.get(), more=more).encode()


def _wants_csv(scope: Message) -> bool:
    """Tell whether CSV is asked for; Datasette calls it plain text unless it is to be saved."""
    return scope["path"].endswith(".csv") or b"_format=csv" in scope.get("query_string", b"")


def _is_foreign(scope: Message) -> bool:
    """Tell whether a page from elsewhere asks in the background; a link that is followed may.

    Source: https://www.w3.org/TR/fetch-metadata/ (read 2026-11-22)
    """
    said = {name: value for name, value in scope["headers"] if name.startswith(b"sec-fetch-")}
    if said.get(b"sec-fetch-site", b"none") in {b"none", b"same-origin"}:
        return False
    is_link = said.get(b"sec-fetch-mode") == b"navigate"
    return not (is_link and said.get(b"sec-fetch-dest") == b"document")


def _guarded(send: Send, policy: bytes, *, is_csv: bool) -> Send:
    """Return *send* with our headers, and without what a spreadsheet would run."""
    is_table = is_csv

    async def guarded(message: Message) -> None:
        nonlocal is_table
        if message["type"] == "http.response.start":
            is_table = is_csv and message["status"] == 200
            own = {**_HEADERS, b"content-security-policy": policy}
            kept = [each for each in message.get("headers", []) if each[0].lower() not in own]
            message["headers"] = [*kept, *own.items()]
        elif is_table and message.get("body"):
            message["body"] = harmless_csv(message["body"])
        await send(message)

    return guarded


async def _refuse(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})


def _shown(hosts: Collection[bytes]) -> str:
    return " or ".join(sorted(host.decode() for host in hosts))
