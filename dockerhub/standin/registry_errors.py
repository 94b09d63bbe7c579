"""Refusals of the registry, in its form. Source: distribution spec, "Error Codes"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.answers import Refusal, json_answer
from dockerhub.standin.rows import go_json

if TYPE_CHECKING:
    from aiohttp import web

_NOTHING = object()


class RegistryRefusal(Refusal):
    """Raised when the registry answers with an error, by whoever finds out."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: object = _NOTHING,
        headers: dict[str, str] | None = None,
    ) -> None:
        error: dict[str, object] = {"code": code, "message": message}
        if detail is not _NOTHING:
            error["detail"] = detail
        super().__init__(status, {"errors": [error]})
        self.headers = headers or {}

    def response(self) -> web.Response:
        made = json_answer(go_json(self.content), self.status)
        made.headers.update(self.headers)
        return made


def manifest_unknown(repository: str, reference: str) -> RegistryRefusal:
    """Return a 404 for a manifest; with a digest the detail is a text."""
    detail: object = {"Tag": reference}
    if ":" in reference:
        detail = f"unknown manifest name={repository} revision={reference}"
    return RegistryRefusal(404, "MANIFEST_UNKNOWN", "manifest unknown", detail)


def blob_unknown(digest: str) -> RegistryRefusal:
    """Return a 404 for a blob."""
    return RegistryRefusal(404, "BLOB_UNKNOWN", "blob unknown to registry", digest)


def name_unknown(repository: str) -> RegistryRefusal:
    """Return a 404 for a repository to which nothing was ever pushed."""
    message = "repository name not known to registry"
    return RegistryRefusal(404, "NAME_UNKNOWN", message, {"name": repository})
