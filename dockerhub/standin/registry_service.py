"""The registry as one of the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dockerhub.standin.pulls import PULL
from dockerhub.standin.registry_errors import blob_unknown, manifest_unknown, name_unknown
from dockerhub.standin.service import Service, ServiceName

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.pull_limits import PullLimits
    from dockerhub.standin.registry import RegistryApi
    from dockerhub.standin.registry_tokens import RegistryTokens
    from dockerhub.standin.routes import Routes
    from dockerhub.standin.signin import Caller


class RegistryService(Service):
    """registry-1.docker.io: its own tokens, and the limit of pulls."""

    name: ClassVar[ServiceName] = "registry"

    def __init__(self, *, api: RegistryApi, tokens: RegistryTokens, pulls: PullLimits) -> None:
        self._api, self._tokens, self._pulls = api, tokens, pulls

    def add_to(self, routes: Routes) -> None:
        api = self._api
        routes.get("registry_base", "/v2/", api.base)
        routes.get("registry_catalog", "/v2/_catalog", api.catalog)
        routes.get("manifest", "/v2/{name:.+}/manifests/{reference}", api.manifest)
        routes.get("blob", "/v2/{name:.+}/blobs/{digest}", api.blob)
        routes.get("tag_names", "/v2/{name:.+}/tags/list", api.tag_names)

    def caller(self, authorization: str | None) -> Caller:
        return self._tokens.caller(authorization)

    def headers(self, request: web.Request) -> dict[str, str]:
        told = {"Docker-Distribution-Api-Version": "registry/2.0"}
        pull = request.get(PULL)
        if pull is None or pull.window is None:
            return told
        return told | self._pulls.headers(pull.window)

    def blocked(self, request: web.Request) -> web.Response:
        asked = request.match_info
        name = asked.get("name", "")
        if "reference" in asked:
            return manifest_unknown(name, asked["reference"]).response()
        return (
            blob_unknown(asked["digest"]) if "digest" in asked else name_unknown(name)
        ).response()
