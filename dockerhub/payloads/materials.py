"""What a build was made of, as a provenance names it: images by package URLs, sources by theirs."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from dockerhub.contents import Base
from dockerhub.errors import NameRefused
from dockerhub.names import digest_bytes, read_image_name
from dockerhub.payloads.bodies import kept

MOST_URI = 2048
"""Signs; what is longer is cut, and names no image."""

_PACKAGE = "pkg:docker/"
_IMAGE = "docker-image://"
_SHA256 = "sha256:"
# A host is told by a dot or a port; what stands for Docker Hub is read by `names`.
_ELSEWHERE = re.compile(
    r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?|localhost(?::[0-9]+)?|[a-z0-9-]+:[0-9]+)"
    r"(?:/[a-z0-9][a-z0-9._-]*)+(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?",
    re.ASCII,
)


def read_base(uri: str, sha256: str | None) -> Base:
    """Return what a material of a build is; *sha256* is its digest in hex, where it has one.

    Source: https://github.com/package-url/purl-spec and
    https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md
    (read 2026-11-22)
    """
    reference = _reference(uri) if len(uri) <= MOST_URI else None
    name, _, said = (reference or "").partition("@")
    digest = _digest(f"{_SHA256}{sha256}") if sha256 else _digest(said)
    return Base(kept(uri, MOST_URI) or "", _full_name(name) if name else None, digest)


def _reference(uri: str) -> str | None:
    """Return `name:tag@digest` of an image's URI, None for all others."""
    if uri.startswith(_IMAGE):
        return uri.removeprefix(_IMAGE)
    if not uri.startswith(_PACKAGE):
        return None
    path, _, query = uri.removeprefix(_PACKAGE).partition("#")[0].partition("?")
    name, _, version = path.partition("@")
    more = dict(parse_qsl(query))
    name, version = unquote(name).strip("/"), unquote(version)
    registry = more.get("repository_url", "").partition("://")[2] or more.get("repository_url", "")
    if registry:
        name = f"{registry.strip('/')}/{name}"
    if version.startswith(_SHA256):
        return f"{name}@{version}"
    tagged = f"{name}:{version}" if version else name
    return f"{tagged}@{more.get('digest', '')}"


def _full_name(reference: str) -> str | None:
    """Return the name with its registry spelt out, None if it is none."""
    try:
        image = read_image_name(reference)
    except NameRefused:
        return reference if _ELSEWHERE.fullmatch(reference) else None
    tag = f":{image.tag}" if image.tag else ""
    return f"docker.io/{image.repository}{tag}"


def _digest(text: str) -> bytes | None:
    try:
        return digest_bytes(text)
    except NameRefused:
        return None
