"""The registry: manifests, blobs and the names of tags.

Source: docker/docs registry API (latest.yaml); the forms of its answers as recorded since 2020.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from aiohttp import web

from dockerhub.standin.answers import json_answer
from dockerhub.standin.caller import CALLER
from dockerhub.standin.formats import BLOB, DOCKER, OCI
from dockerhub.standin.pull_limits import check_pull
from dockerhub.standin.pulls import PULL, Pull
from dockerhub.standin.registry_errors import (
    RegistryRefusal,
    blob_unknown,
    manifest_unknown,
    name_unknown,
)
from dockerhub.standin.registry_tokens import bearer
from dockerhub.standin.rows import go_json
from dockerhub.standin.tag_pages import tag_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin.cdn import Cdn
    from dockerhub.standin.contents import Stored
    from dockerhub.standin.options import Options
    from dockerhub.standin.pull_limits import PullLimits
    from dockerhub.standin.registry_tokens import RegistryTokens
    from dockerhub.standin.repository_state import RepositoryState
    from dockerhub.standin.world import World

_DEFAULT = ("linux", "amd64")
_OCI_ONLY = {OCI.manifest_type: "OCI manifest", OCI.index_type: "OCI index"}


class RegistryApi:
    """Answers about what *world* holds, to those whose token is good."""

    def __init__(
        self,
        *,
        world: World,
        options: Options,
        tokens: RegistryTokens,
        pulls: PullLimits,
        cdn: Cdn,
        realm: Callable[[], str],
    ) -> None:
        self._world, self._options = world, options
        self._tokens, self._pulls, self._cdn, self._realm = tokens, pulls, cdn, realm

    async def base(self, request: web.Request) -> web.Response:
        self._check(request, None)
        return json_answer("{}")

    async def catalog(self, request: web.Request) -> web.Response:
        """The list of all repositories: nobody is ever granted it."""
        self._challenge("registry:catalog:*", "insufficient_scope", None)

    async def manifest(self, request: web.Request) -> web.Response:
        """A manifest by tag or digest: a GET that finds it is a pull."""
        name, reference = self._repository(request), request.match_info["reference"]
        address, account = request.remote or "", request[CALLER].account
        pull = request[PULL] = Pull(name, reference, self._pulls.window(address, account))
        if request.method == "GET":
            check_pull(pull.window)
        with self._world.lock:
            digest, found = self._found(name, reference, request.headers.get("Accept", ""))
        if request.method == "GET":
            pull.charge()
        headers = {"Content-Type": found.media_type} | _identity(digest)
        return web.Response(body=found.body, headers=headers)

    async def blob(self, request: web.Request) -> web.Response:
        """A blob: it comes from elsewhere, as a rule."""
        name, digest = self._repository(request), request.match_info["digest"]
        request[PULL] = Pull(name, digest)
        with self._world.lock:
            try:
                body = self._state(name).holdings.blob(digest)
            except KeyError:
                raise blob_unknown(digest) from None
        if self._options.redirect_blobs:
            location = self._cdn.offer(name, digest)
            return web.Response(status=307, headers={"Location": location, "Content-Type": BLOB})
        return web.Response(body=body, headers={"Content-Type": BLOB} | _identity(digest))

    async def tag_names(self, request: web.Request) -> web.Response:
        """The names of all tags in ASCII order, or a page of them."""
        name = self._repository(request)
        request[PULL] = Pull(name)
        with self._world.lock:
            try:
                names = self._state(name).tags.names()
            except KeyError:
                names = []
        if not names:
            raise name_unknown(name)
        shown, link = tag_page(name, names, request.query)
        answer = json_answer(go_json({"name": name, "tags": shown}))
        if link:
            answer.headers["Link"] = link
        return answer

    def _found(self, name: str, reference: str, accept: str) -> tuple[str, Stored]:
        try:
            state = self._state(name)
            digest, found = state.manifest(reference)
        except KeyError:
            raise manifest_unknown(name, reference) from None
        accepted = {each.partition(";")[0].strip() for each in accept.split(",")}
        if found.media_type in accepted:
            return digest, found
        if found.media_type in _OCI_ONLY:
            what = _OCI_ONLY[found.media_type]
            message = f"{what} found, but Accept header does not support {what}s"
            raise RegistryRefusal(404, "MANIFEST_UNKNOWN", message)
        if found.media_type == DOCKER.index_type and ":" not in reference:
            # The old default: who does not know lists gets the image of one platform.
            return state.manifest(_default(found.body))
        return digest, found

    def _state(self, name: str) -> RepositoryState:
        return self._world.registry_state(name)

    def _repository(self, request: web.Request) -> str:
        name: str = request.match_info["name"]
        self._check(request, name)
        return name

    def _check(self, request: web.Request, name: str | None) -> None:
        """Refuse a request without a token that is good for the repository *name*."""
        authorization = request.headers.get("Authorization")
        scope = None if name is None else f"repository:{name}:pull"
        if authorization is None:
            self._challenge(scope, None, name)
        if request[CALLER].problem:
            self._challenge(scope, "invalid_token", name)
        grant = self._tokens.grant(bearer(authorization))
        if name is not None and (grant is None or name not in grant.readable):
            self._challenge(scope, "insufficient_scope", name)

    def _challenge(self, scope: str | None, error: str | None, name: str | None) -> NoReturn:
        said = f'Bearer realm="{self._realm()}",service="{self._options.registry_service}"'
        said += f',scope="{scope}"' if scope else ""
        said += f',error="{error}"' if error else ""
        about = {"Type": "repository", "Class": "", "Name": name, "Action": "pull"}
        detail = [about] if name else None
        headers = {"Www-Authenticate": said}
        raise RegistryRefusal(401, "UNAUTHORIZED", "authentication required", detail, headers)


def _default(index: bytes) -> str:
    entries = json.loads(index)["manifests"]
    fits = [e for e in entries if (e["platform"]["os"], e["platform"]["architecture"]) == _DEFAULT]
    digest: str = (fits or entries)[0]["digest"]
    return digest


def _identity(digest: str) -> dict[str, str]:
    return {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
