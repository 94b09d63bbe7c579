"""The endpoints of Docker Hub's own API, with the two forms of their paths, and the registry's."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote


class Form(StrEnum):
    """The two forms of Hub's paths.

    The old one is deprecated since 2025-06-27 and still answers.
    Source: https://docs.docker.com/reference/api/hub/deprecated/ (read 2026-11-22)
    """

    NAMESPACES = "namespaces"
    REPOSITORIES = "repositories"


class Kept(StrEnum):
    """What an endpoint shows."""

    REPOSITORIES = "lists of repositories"
    REPOSITORY = "repositories"
    TAGS = "lists of tags"
    TAG = "single tags"
    IMAGES = "build steps of tags"
    SEARCH = "search"
    MANIFEST = "manifests"
    BLOB = "blobs"
    TAG_NAMES = "names of tags"
    OTHER = "other"


class Endpoint(NamedTuple):
    """One kind of address; it answers, or is removed, on its own."""

    kept: Kept
    form: Form = Form.NAMESPACES

    def __str__(self) -> str:
        old = self.form is Form.REPOSITORIES
        return f"{self.kept} in the old form of paths" if old else str(self.kept)


_NAMESPACES = re.compile(r"/v2/namespaces/([^/?]+)/repositories")
_PATH = re.compile(
    r"/v2/(?:namespaces/(?P<new>[^/?]+)/repositories|repositories/(?P<old>[^/?]+))"
    r"(?:/(?P<name>[^/?]+)"
    r"(?:(?P<tags>/tags)(?:/(?P<tag>[^/?]+)(?P<images>/images)?)?)?)?/?(?:\?|$)"
)
_BY_DEPTH = (Kept.REPOSITORIES, Kept.REPOSITORY, Kept.TAGS, Kept.TAG, Kept.IMAGES)
_REGISTRY = re.compile(
    r"/v2/(?P<repository>[^?]+)/(?:(?P<what>manifests|blobs)/[^/?]+|(?P<names>tags/list))(?:\?|$)"
)


def endpoint_of(url: str) -> Endpoint:
    """Return the endpoint that *url* asks."""
    found = _PATH.match(_path(url))
    if found is None and (registry := _REGISTRY.match(_path(url))) is not None:
        if registry["names"]:
            return Endpoint(Kept.TAG_NAMES)
        return Endpoint(Kept.MANIFEST if registry["what"] == "manifests" else Kept.BLOB)
    if found is None:
        is_search = _path(url).startswith("/v2/search/repositories")
        return Endpoint(Kept.SEARCH if is_search else Kept.OTHER)
    depth = sum(part is not None for part in found.group("name", "tags", "tag", "images"))
    return Endpoint(_BY_DEPTH[depth], Form.NAMESPACES if found["new"] else Form.REPOSITORIES)


def subject_of(url: str) -> str | None:
    """Return the repository that *url* asks about as `namespace/name`, None if it is none."""
    found = _PATH.match(_path(url))
    if found is None and (registry := _REGISTRY.match(_path(url))) is not None:
        return unquote(registry["repository"])
    if found is None or found["name"] is None:
        return None
    return f"{found['new'] or found['old']}/{found['name']}"


def old_form(url: str) -> str | None:
    """Return *url* in the old form of Hub's paths, None if it has none or is in it already."""
    old, count = _NAMESPACES.subn(r"/v2/repositories/\1", url)
    return old if count else None


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]
