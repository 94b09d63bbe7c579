"""What a registry asks for before it answers: the challenge, and where its token is to be had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from dockerhub.errors import shown
from dockerhub.redact import shown_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.names import RepositoryName

# Docker's own is 150 characters long; a longer one than this is no challenge.
_MOST_CHARACTERS = 4096
_SCHEME = re.compile(r"\s*bearer[ \t]+", re.ASCII | re.IGNORECASE)
_PARAMETER = re.compile(
    r"""[\s,]*(?P<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s",]+))\s*(?:,|$)""",
    re.ASCII | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")
# What some drop and others read as the end of a host, and fragments, which are never sent.
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f\\#]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Challenge(NamedTuple):
    """Where a token is to be had, for whom, and for what."""

    realm: str
    """the URL of the token service, not checked"""
    service: str | None = None
    scope: str | None = None
    error: str | None = None
    """`insufficient_scope`: the token that was sent does not grant this"""


def read_challenge(header: str) -> Challenge | None:
    """Return what `Www-Authenticate` says, None unless it is a `Bearer` challenge with a realm.

    Source: https://distribution.github.io/distribution/spec/auth/token/ (read 2026-11-22) and
    RFC 9110, section 11.6.1
    """
    scheme = _SCHEME.match(header)
    if scheme is None or len(header) > _MOST_CHARACTERS or not header.isprintable():
        return None
    said: dict[str, str] = {}
    at = scheme.end()
    while (found := _PARAMETER.match(header, at)) is not None:
        at, name = found.end(), found["name"].lower()
        if name in said:  # which of them is meant cannot be told
            return None
        bare = found["bare"]
        said[name] = _ESCAPED.sub(r"\1", found["quoted"]) if bare is None else bare
    if not said.get("realm"):
        return None
    return Challenge(said["realm"], *(said.get(key) or None for key in Challenge._fields[1:]))


def realm_refusal(realm: str, auth_origin: str) -> str | None:
    """Return why *realm* is not asked, None if it may be: if it is on the host that we trust.

    Credentials go there, so scheme, host and port have to be those of *auth_origin*.
    """
    if _is_at(auth_origin, realm):
        return None
    found = shown(shown_url(realm), 100)
    return f"realm of the registry's challenge: expected a URL at {auth_origin}, got {found}"


def token_url(challenge: Challenge, scopes: Sequence[str]) -> str:
    """Return where a token for all of *scopes* is to be had; what the realm asks itself is kept.

    Source: https://distribution.github.io/distribution/spec/auth/token/ (read 2026-11-22)
    """
    parts = urlsplit(challenge.realm)
    asked = [("service", challenge.service)] if challenge.service else []
    asked += [("scope", scope) for scope in scopes]
    queries = (parts.query, urlencode(asked, safe=":/,", quote_via=quote))
    query = "&".join(query for query in queries if query)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def pull_scope(repository: RepositoryName) -> str:
    """Return the scope in which *repository* may be read."""
    return f"repository:{repository}:pull"


def _is_at(origin: str, url: str) -> bool:
    if _DOUBTFUL.search(url) or not url.isascii():
        return False
    try:
        parts = urlsplit(url)
        return "@" not in parts.netloc and _place(parts) == _place(urlsplit(origin))
    except ValueError:
        return False


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of a URL.

    :raises ValueError: if the port is no number
    """
    port = _DEFAULT_PORTS.get(parts.scheme) if parts.port is None else parts.port
    return parts.scheme, parts.hostname, port
