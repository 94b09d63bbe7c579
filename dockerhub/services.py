"""The services that a crawl asks, each with limits of its own, and how a request is told to one."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from dockerhub.endpoints import Kept, endpoint_of
from dockerhub.names import DIGEST_PREFIX, digest_text
from dockerhub.urls import is_loopback_url, read_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.names import RepositoryName

NAMES_A_PAGE = 1000
"""Names of tags that are asked for at once; 10,000 of a huge repository time out."""


class Service(StrEnum):
    """What has a limit of its own, those first that are asked first.

    An address that the registry has given lives for a while only; and what a manifest leads to
    goes before the next manifest, or it would fill the memory.
    """

    CDN = "cdn"
    """where the registry sends us for a blob"""
    HUB = "hub"
    REGISTRY = "registry"
    """the registry, as far as it costs no pull"""
    PULLS = "pulls"
    """GETs of manifests, each of which is a pull"""


class Services:
    """Tells the services apart by origin and method."""

    def __init__(self, *, hub: str, registry: str, auth: str) -> None:
        self.hub, self.registry, self.auth = hub, registry, auth

    @classmethod
    def of_settings(cls, settings: Mapping[str, str]) -> Services:
        """Read the origins.

        :raises ArgumentError: naming the setting that is none
        """
        hub, registry, auth = (
            read_origin(f"setting {name}", settings[name])
            for name in ("DOCKERHUB_HUB_URL", "DOCKERHUB_REGISTRY_URL", "DOCKERHUB_AUTH_URL")
        )
        return cls(hub=hub, registry=registry, auth=auth)

    def of(self, url: str, method: str = "GET", *, is_redirected: bool = False) -> Service | None:
        """Return the service that a request goes to, None if it is none of ours.

        A pull is a GET of a manifest.
        Source: https://docs.docker.com/docker-hub/usage/pulls/ (read 2026-11-22)
        """
        if is_redirected:
            return Service.CDN if self.may_redirect(url) else None
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        if origin == self.hub:
            return Service.HUB
        if origin != self.registry:
            return None
        is_pull = method == "GET" and endpoint_of(url).kept is Kept.MANIFEST
        return Service.PULLS if is_pull else Service.REGISTRY

    def may_redirect(self, url: str) -> bool:
        """Tell whether a blob may be fetched at *url*: over https, or among loopback hosts."""
        if url.startswith("https://"):
            return True
        return is_loopback_url(url) and is_loopback_url(self.registry)


def judged_body(url: str, body: bytes) -> bytes:
    """Return the body by which an answer to *url* is judged: `{}` for data that looks like none.

    What the digest in *url* proves is data whatever it looks like: nothing else is to be had there.
    """
    name = url.rpartition("/")[2]
    is_odd = name.startswith(DIGEST_PREFIX) and body[:1] != b"{"
    return b"{}" if is_odd and name == digest_text(hashlib.sha256(body).digest()) else body


class RegistryUrls:
    """Builds the URLs of one registry; *origin* is scheme, host and port without a path.

    Source: https://distribution.github.io/distribution/spec/api/ (read 2026-11-22)
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def base(self) -> str:
        """Return what answers every caller with the challenge."""
        return f"{self.origin}/v2/"

    def manifest(self, repository: RepositoryName, reference: bytes | str) -> str:
        """Return a manifest, by the 32 bytes of its digest or by a tag."""
        name = reference if isinstance(reference, str) else digest_text(reference)
        return f"{self._repository(repository)}/manifests/{quote(name, safe=':')}"

    def blob(self, repository: RepositoryName, digest: bytes) -> str:
        """Return a blob, by the 32 bytes of its digest."""
        return f"{self._repository(repository)}/blobs/{digest_text(digest)}"

    def tag_names(self, repository: RepositoryName, last: str = "") -> str:
        """Return the page of a repository's tag names that follows the name *last*."""
        query = {"n": NAMES_A_PAGE} | ({"last": last} if last else {})
        return f"{self._repository(repository)}/tags/list?{urlencode(query)}"

    def _repository(self, repository: RepositoryName) -> str:
        return f"{self.origin}/v2/{quote(str(repository))}"
