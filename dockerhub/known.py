"""What the database knows, as far as it decides what to ask Hub and the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dockerhub.kinds import Evidence, ManifestKind


class SettledWalk(NamedTuple):
    """The last walk of a repository's tags that ended well, for the same caller and arguments."""

    subject_updated: int | None
    """`last_updated` of the repository when that walk began"""
    full_at: int
    """when its tags were last walked from end to end"""
    finished: int = 0
    """when that walk ended: a row that was not seen since is as that walk left it"""


class OpenWalk(NamedTuple):
    """A walk that was killed or interrupted before its end."""

    started: int
    is_full: bool
    pages: int
    next_page: int | None
    last_count: int | None
    """how many rows its last page promised"""
    leg: str = ""
    """the order in which it was to ask next"""
    reach: int | None = None
    """the first row, counted from 0, that the caller may not see"""
    first_count: int | None = None
    """how many rows its first page promised"""
    subject_updated: int | None = None
    """`last_updated` of the repository when it began"""


class KnownRepository(NamedTuple):
    """What the database knows of one repository."""

    description: str | None
    last_updated: int | None
    last_modified: int | None
    detail_due: bool
    settled: SettledWalk | None
    open: OpenWalk | None
    has_tags: bool = False
    """whether any tag of it is known that is not gone"""


class KnownTag(NamedTuple):
    """What the database knows of one tag."""

    last_updated: int | None
    digest: bytes | None
    last_seen: int


class KnownEntry(NamedTuple):
    """One image or attestation of an image set, and what is stored of its manifest."""

    digest: bytes | None
    """32 bytes; None where neither Hub nor an index tells it"""
    os: str | None
    architecture: str | None
    variant: str | None
    os_version: str | None
    kind: ManifestKind | None
    """what its manifest is; None while that is not stored, unless an index calls it an index"""
    evidence: Evidence | None
    """who told us what is in it; None while nobody did"""
    is_whole: bool
    """whether its config, or all statements of an attestation, are stored too"""
    subject: bytes | None = None
    """32 bytes of the image that an attestation is about; None where no index tells it"""
    size: int | None = None
    """bytes of its manifest; None where no index tells it"""


class KnownSet(NamedTuple):
    """An image set of which something may be lacking, under one of the tags that show it."""

    tag: str
    """the newest live tag that shows it"""
    digest: bytes | None
    """32 bytes of the index, or of the single manifest; None where nobody told it yet"""
    entries: tuple[KnownEntry, ...]
    """as Hub lists them, else as the stored index does; empty where neither is known"""
    is_stored: bool
    """whether the manifest or index behind `digest` is stored"""
    is_blank: bool = False
    """whether nothing but the name of its tag was told, neither by Hub nor by the registry"""


class KnownManifest(NamedTuple):
    """What is stored of one manifest."""

    kind: ManifestKind
    evidence: Evidence
    config_digest: bytes | None
    is_whole: bool
    """whether its config, or all statements of an attestation, are stored too"""
