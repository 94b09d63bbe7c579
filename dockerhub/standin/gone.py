"""Endpoints that were removed, and the ways in which Docker Hub says so.

Source: docker/roadmap#756: a removed endpoint answered 410 at first, and then 200 with nothing
in it, so that old clients would stop asking again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from aiohttp import web

from dockerhub.standin.answers import json_answer
from dockerhub.standin.kinds import check_kind, kind_and_form
from dockerhub.standin.rows import go_json

if TYPE_CHECKING:
    from collections.abc import Mapping

Gone = Literal["410", "empty", "no_results", "empty_list"]
FORMS: tuple[Gone, ...] = get_args(Gone)

_MESSAGE = "this endpoint has been removed"


def form_of(gone: Mapping[str, Gone], kind: str, path: str) -> Gone | None:
    """Return how an endpoint was removed, ``None`` if it was not; kind and form go first."""
    return gone.get(kind_and_form(kind, path)) or gone.get(kind)


def gone_answer(form: Gone) -> web.Response:
    """Return what a removed endpoint answers."""
    if form == "410":
        return json_answer(go_json({"message": _MESSAGE, "errinfo": {}}), 410)
    if form == "empty":
        return web.Response(body=b"")
    if form == "no_results":
        return json_answer(go_json({"message": _MESSAGE}))
    return json_answer(go_json({"count": 0, "next": None, "previous": None, "results": []}))


def check_gone(gone: Mapping[str, Gone]) -> None:
    """Refuse endpoints and forms that there are not.

    :raises ValueError: if a key is no endpoint or a value no form
    """
    for endpoint, form in gone.items():
        check_kind("gone", endpoint, with_form=True)
        if form not in FORMS:
            raise ValueError(f"gone: {endpoint}: expected one of {' '.join(FORMS)}, got {form!r}")
