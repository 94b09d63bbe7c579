"""The registry's `tags/list`: names without anything else, and where the next page begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec

from dockerhub.caps import PAGE_BYTES
from dockerhub.errors import shown
from dockerhub.names import is_tag
from dockerhub.payloads.bodies import decode_body, entries

if TYPE_CHECKING:
    from dockerhub.names import RepositoryName

MOST_NAMES = 100_000
"""of one page, of which we ask for 1,000; without being asked a registry gives all at once"""
MOST_LINK = 8 * 1024

# What cosign and its like attach to an image, and what stands for a list of referrers.
_ATTACHED = re.compile(r"sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?", re.ASCII)
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|next\s*(?:[;,]|$))", re.IGNORECASE)


class WireNames(msgspec.Struct, frozen=True):
    """A page; `tags` is null for a repository that has none."""

    tags: msgspec.Raw


_NAMES = msgspec.json.Decoder(WireNames)
_NAME = msgspec.json.Decoder(str)


def read_tag_names(body: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of one page of `GET /v2/{name}/tags/list`, and why others are none.

    :raises PayloadError: if there is no `tags`, or far too many
    Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
    (read 2026-11-22)
    """
    wire: WireNames = decode_body(_NAMES, body, PAGE_BYTES)
    names: list[str] = []
    refusals: list[str] = []
    for position, raw in enumerate(entries(wire.tags, "$.tags", MOST_NAMES, "names")):
        name = _text(raw)
        if name is not None and is_tag(name):
            names.append(name)
        else:
            found = bytes(raw).decode("utf-8", "replace") if name is None else name
            refusals.append(f"$.tags[{position}]: expected a tag, got {shown(found)}")
    return tuple(names), tuple(refusals)


def is_signature_tag(name: str) -> bool:
    """Tell whether a tag is no image but what is attached to one: not worth a pull."""
    return _ATTACHED.fullmatch(name) is not None


def next_names(
    link: str | None, *, origin: str, repository: RepositoryName, after: str | None = None
) -> tuple[str | None, str | None]:
    """Return the name after which the next page begins, and why a next page is not believed.

    *link* is the header `Link`; *origin* the scheme, host and port that were asked, *after* the
    name that was asked for. Both are None where there is no next page. The link itself is never
    requested.

    Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
    (read 2026-11-22)
    """
    target = _next_target(link or "")
    if target is None:
        return None, None
    expected = f"{origin}/v2/{repository}/tags/list"
    try:
        parts = urlsplit(urljoin(expected, target))
        found = f"{parts.scheme}://{parts.netloc}{parts.path}"
        last = parse_qs(parts.query, max_num_fields=20).get("last", [])
    except ValueError:
        return None, f"Link: expected a page of {expected}, got {shown(target)}"
    if found != expected:
        return None, f"Link: expected a page of {expected}, got {shown(target)}"
    if len(last) != 1 or not is_tag(last[0]):
        return None, f"Link: expected one tag as last, got {shown(target)}"
    if last[0] == after:
        return None, f"Link: expected a page after {shown(after)}, got the same"
    return last[0], None


def _text(raw: msgspec.Raw) -> str | None:
    try:
        return _NAME.decode(raw)
    except msgspec.ValidationError:
        return None


def _next_target(link: str) -> str | None:
    for target, parameters in _LINK.findall(link[:MOST_LINK]):
        if _NEXT.search(parameters):
            return str(target)
    return None
