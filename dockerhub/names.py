"""Repositories, tags and digests as people and payloads write them.

Docker Hub's implied `library/` and `docker.io/` are resolved here and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from dockerhub.errors import NameRefused

OFFICIAL_NAMESPACE = "library"

_HUB_HOSTS = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")
# The grammar of a path component: distribution/reference, reference.go, read 2026-11-22.
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*", re.ASCII)
# Hub holds names older than that grammar, so its own answers are read more loosely; what is kept
# out is all that could mean something in a path, a URL, a terminal or a page.
_LOOSE_COMPONENT = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9_-]|\.(?!\.)){0,254}", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)

DIGEST_PREFIX = "sha256:"


class RepositoryName(NamedTuple):
    """A full repository name; `library/` is always spelt out."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @classmethod
    def of(cls, full_name: str) -> RepositoryName:
        """Return the repository of a `namespace/name` that was made from one."""
        namespace, _, name = full_name.partition("/")
        return cls(namespace, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageName:
    """An image as people name it: a repository and, if they said so, its tag and digest."""

    repository: RepositoryName
    tag: str | None = None
    digest: str | None = None


def read_image_name(text: str) -> ImageName:
    """Return the image that *text* names: `nginx`, `docker.io/a/b`, `a/b:tag`, `a/b@sha256:...`.

    :raises NameRefused: if a part is not allowed, or the name is for another registry
    """
    rest, at, digest = text.strip().partition("@")
    path, colon, tag = rest.partition(":")
    if colon and "/" in tag:
        raise NameRefused("an image on Docker Hub", text)
    if colon and not _TAG.fullmatch(tag):
        raise NameRefused("a tag after the colon", tag)
    if at and not _DIGEST.fullmatch(digest.lower()):
        raise NameRefused("sha256: and 64 hex digits after the @", digest)
    return ImageName(
        repository=_strict_repository(path), tag=tag or None, digest=digest.lower() or None
    )


def _strict_repository(path: str) -> RepositoryName:
    for host in _HUB_HOSTS:
        path = path.removeprefix(host)
    parts = path.split("/")
    if len(parts) == 1:
        parts.insert(0, OFFICIAL_NAMESPACE)
    # Docker reads a first part with a dot, or localhost, as a registry's host.
    if len(parts) > 1 and ("." in parts[0] or parts[0] == "localhost"):
        raise NameRefused("an image on Docker Hub", path)
    if len(parts) != 2:
        raise NameRefused("namespace/name", path)
    for part in parts:
        if len(part) > 255 or not _COMPONENT.fullmatch(part):
            raise NameRefused("lower-case letters, digits and single . _ - between them", part)
    return RepositoryName(*parts)


def read_namespace(text: str) -> str:
    """Return the namespace that *text* names.

    :raises NameRefused: if it is no name of a user or an organisation
    """
    text = text.strip()
    if len(text) > 255 or not _COMPONENT.fullmatch(text):
        raise NameRefused("the name of an organisation or a user", text)
    return text


def hub_repository(namespace: str, name: str) -> RepositoryName:
    """Return the repository that one of Hub's answers names, read loosely.

    :raises NameRefused: if a part could mean something in a path, a URL or a terminal
    """
    for place, part in ((".namespace", namespace), (".name", name)):
        if not _LOOSE_COMPONENT.fullmatch(part) or part.endswith("."):
            raise NameRefused("a repository name", f"{namespace}/{name}", place)
    return RepositoryName(namespace, name)


def hub_search_name(repo_name: str) -> RepositoryName:
    """Return the repository of a search hit, where official images come bare (`nginx`).

    :raises NameRefused: as `hub_repository`
    """
    namespace, slash, name = repo_name.partition("/")
    return (
        hub_repository(namespace, name) if slash else hub_repository(OFFICIAL_NAMESPACE, namespace)
    )


def is_tag(text: str) -> bool:
    """Tell whether *text* may be a tag."""
    return _TAG.fullmatch(text) is not None


def digest_bytes(digest: str) -> bytes:
    """Return the 32 bytes of a `sha256:...` digest.

    :raises NameRefused: if it is not `sha256:` and 64 lower-case hex digits
    """
    if not _DIGEST.fullmatch(digest):
        raise NameRefused("sha256: and 64 hex digits", digest)
    return bytes.fromhex(digest[7:])


def read_digest_text(text: str) -> bytes:
    """Return the 32 bytes of a digest as people write it: in upper case too.

    :raises NameRefused: if it is not `sha256:` and 64 hex digits
    """
    return digest_bytes(text.strip().lower())


def digest_text(digest: bytes) -> str:
    """Return `sha256:` and the lower-case hex digits of 32 bytes."""
    return DIGEST_PREFIX + digest.hex()
