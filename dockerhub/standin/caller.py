"""Who sent a request: known before its route is run."""

from __future__ import annotations

from aiohttp import web

from dockerhub.standin.signin import Caller

CALLER = web.RequestKey("caller", Caller)


def is_anonymous(request: web.Request) -> bool:
    """Return whether nobody is signed in."""
    return request[CALLER].account is None
