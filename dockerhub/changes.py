"""What changed on Docker Hub while we looked: one event, its lasting id, its words, its page."""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from dockerhub.moments import iso
from dockerhub.names import OFFICIAL_NAMESPACE, digest_text
from dockerhub.redact import plain
from dockerhub.urls import PUBLIC_HUB

KINDS = (
    "tag_created",
    "tag_moved",
    "tag_deleted",
    "repository_appeared",
    "repository_gone",
    "base_outdated",
)
"""What can happen."""

BODY_VERSION = 1
"""What `change_body` looks like; a field more is no new version, another meaning is."""

# Never another one: the ids of all events are made with it.
_IDS = uuid.UUID("5ad0d3c6-8f0b-5b8e-9c39-1f6a3c0e7d54")
_DIGITS_SHOWN = 12
_LONGEST = 1000  # signs of what is shown of a text


class Change(NamedTuple):
    """One event, as the statements of `changes_reading.sql` bring it."""

    number: int
    """rises with each event of this database"""
    kind: str
    namespace: str
    name: str
    tag: str | None
    """None if it is about the repository"""
    seen: int
    """when we noticed, microseconds since 1970 in UTC"""
    hub: int | None
    """when Docker Hub says that it happened; None where it does not say"""
    old: bytes | None
    """32 bytes: what the tag, or the base's tag, showed before"""
    new: bytes | None
    """32 bytes: what it shows now"""
    base: str | None
    """`library/debian:12-slim`; None but for `base_outdated`"""
    description: str | None
    """the short description that the repository has now"""

    @property
    def repository(self) -> str:
        """The full name of the repository."""
        return f"{self.namespace}/{self.name}"

    @property
    def subject(self) -> str:
        """What it is about: `library/nginx:1.27`, `acme/tool`."""
        return self.repository if self.tag is None else f"{self.repository}:{self.tag}"


def change_id(change: Change) -> str:
    """Return the id of an event, `urn:uuid:...`, made from what happened and nothing else.

    So it is the same in each feed, each webhook and each copy of the database.
    """
    facts = (change.kind, change.repository, change.tag, change.seen, change.hub)
    digests = (_hex(change.old), _hex(change.new))
    return lasting_id(*facts, *digests, change.base)


def lasting_id(*facts: object) -> str:
    """Return a `urn:uuid:...` that is made from *facts* alone."""
    return uuid.uuid5(_IDS, json.dumps(facts, ensure_ascii=True)).urn


def change_title(change: Change) -> str:
    """Return what happened as one printable line with short digests."""
    return plain(_sentence(change, _short), _LONGEST)


def change_text(change: Change) -> str:
    """Return what happened as one printable line with whole digests."""
    return plain(_sentence(change, _whole), _LONGEST)


def change_page(change: Change) -> str:
    """Return the page of Docker Hub on which a person sees more."""
    name = quote(change.name, safe="")
    if change.namespace == OFFICIAL_NAMESPACE:
        page = f"{PUBLIC_HUB}/_/{name}"
    else:
        page = f"{PUBLIC_HUB}/r/{quote(change.namespace, safe='')}/{name}"
    return page if change.tag is None else f"{page}/tags?{urlencode({'name': change.tag})}"


def change_body(change: Change) -> bytes:
    """Return an event as JSON for another program; only plain signs stand in it."""
    said: dict[str, Any] = {
        "version": BODY_VERSION,
        "id": change_id(change),
        "kind": change.kind,
        "repo_name": change.repository,
        "tag_name": change.tag,
        "seen_at": iso(change.seen),
        "hub_at": None if change.hub is None else iso(change.hub),
        "old_digest": None if change.old is None else digest_text(change.old),
        "new_digest": None if change.new is None else digest_text(change.new),
        "base_image": change.base,
        "url": change_page(change),
        "text": change_title(change),
    }
    return json.dumps(said, ensure_ascii=True).encode()


def _sentence(change: Change, show: Any) -> str:
    subject, old, new = change.subject, show(change.old), show(change.new)
    said = {
        "tag_created": f"{subject} is new and shows {new}",
        "tag_moved": f"{subject} moved from {old} to {new}",
        "tag_deleted": f"{subject} is gone; it showed {old}",
        "repository_appeared": f"{subject} appeared",
        "repository_gone": f"{subject} is gone",
        "base_outdated": f"{subject} is built on {change.base}, which moved from {old} to {new}",
    }
    return said.get(change.kind, f"{subject}: {change.kind}")


def _short(digest: bytes | None) -> str:
    return "an unknown digest" if digest is None else digest.hex()[:_DIGITS_SHOWN]


def _whole(digest: bytes | None) -> str:
    return "an unknown digest" if digest is None else digest_text(digest)


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
