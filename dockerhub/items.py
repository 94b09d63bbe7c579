"""The items: what one response said, whole. Each holds its rows and, for a page, its walk's step.

Times are microseconds since 1970 UTC, sizes compressed bytes, missing is None. The JSON name that a
field comes from stands behind it where it differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dockerhub.contents import (
        Base,
        BuildStep,
        BuiltImage,
        Descriptor,
        Member,
        Package,
        Platform,
    )
    from dockerhub.kinds import ManifestKind, StopReason
    from dockerhub.names import RepositoryName


class ImageRow(NamedTuple):
    """One image of a tag: a platform's manifest, or an attestation (`unknown/unknown`)."""

    digest: bytes | None
    """32 bytes of the platform manifest's digest; absent in old payloads."""
    size: int | None
    os: str | None
    architecture: str | None
    variant: str | None
    os_version: str | None
    features: str | None
    os_features: str | None


class TagRow(NamedTuple):
    """One tag of a repository."""

    name: str
    digest: bytes | None
    """32 bytes of the index's (or single manifest's) digest; absent for pushes before 2023."""
    full_size: int | None
    """Compressed bytes of one platform; None where Hub says 0, which means unknown."""
    last_updated: int | None
    last_pushed: int | None
    """`tag_last_pushed`"""
    last_pulled: int | None
    """`tag_last_pulled`"""
    status: str | None
    """`tag_status`: active or inactive, words unknown to us are kept."""
    media_type: str | None
    content_type: str | None
    images: tuple[ImageRow, ...]


class RepositoryRow(NamedTuple):
    """One repository as a namespace's list, a search or its own detail says it.

    A search hit knows little more than names and counts; what it does not say is None.
    """

    repository: RepositoryName
    description: str | None
    star_count: int | None
    pull_count: int | None
    last_updated: int | None = None
    last_modified: int | None = None
    registered: int | None = None
    """`date_registered`"""
    repository_type: str | None = None
    status: int | None = None
    status_description: str | None = None
    is_private: bool | None = None
    is_automated: bool | None = None
    storage_size: int | None = None
    source: str | None = None
    media_types: tuple[str | None, ...] = ()
    content_types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """The slugs of `categories`."""

    @property
    def is_never_pushed(self) -> bool:
        """Whether all that a list says speaks for a repository without any tag."""
        return not (
            self.last_updated or self.storage_size or self.media_types or self.content_types
        )


class WalkKey(NamedTuple):
    """What makes two walks the same list, asked for in the same way by the same caller."""

    kind: str
    """`repositories`, `search`, `tags`; `names` and `details` of tags that Hub cut off;
    `repository` for one whose own page could not be read"""
    subject: str
    """a namespace, a query or a full repository name"""
    ordering: str
    arguments: str
    signed_in: bool


class WalkStep(NamedTuple):
    """How far a walk has come with the response that this travels with."""

    key: WalkKey
    started: int
    is_full: bool
    """whether it goes from end to end, or only until what is known"""
    subject_updated: int | None
    """`last_updated` of the repository when its walk began"""
    pages: int
    row_count: int
    """distinct rows that came, those refused included"""
    refused_count: int
    first_count: int | None
    """`count` as the first page said it"""
    last_count: int | None
    next_page: int | None
    stop_reason: StopReason | None
    detail: str | None = None
    """what went wrong, for a walk that ended before its end"""
    began_again: int | None = None
    """when it began again from the top, because the list had moved"""
    leg: str = ""
    """the order in which the next page is to be asked for: several, where one order is cut"""
    reach: int | None = None
    """the first row, counted from 0, that the caller may not see"""

    @property
    def missing_count(self) -> int:
        """How many rows the list is known to hold that did not come."""
        return max(0, (self.last_count or 0) - self.row_count)


class _Short:
    """Gives items a short text: Scrapy logs each of them with -L DEBUG."""

    __slots__ = ()

    def __str__(self) -> str:
        rows: tuple[object, ...] = getattr(self, "rows", ())
        about = getattr(self, "repository", "")
        return f"{type(self).__name__} {about} {len(rows)} rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryPage(_Short):
    """One page of a namespace's repositories or of a search's hits."""

    seen: int
    rows: tuple[RepositoryRow, ...]
    is_search: bool = False
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryDetail(_Short):
    """One repository's own page: the row and what only the detail says."""

    seen: int
    row: RepositoryRow
    full_description: str | None
    collaborator_count: int | None
    immutable_tags_enabled: bool | None
    immutable_tags_rules: tuple[str, ...]
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagPage(_Short):
    """One page of a repository's tags, or a single tag asked for by its name."""

    seen: int
    repository: RepositoryName
    rows: tuple[TagRow, ...]
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence(_Short):
    """A direct 404 for a repository, or for one of its tags."""

    seen: int
    repository: RepositoryName
    tag: str | None = None
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkEnd(_Short):
    """How far a walk is after an answer that holds no data: most of the time it ended with it."""

    seen: int
    walk: WalkStep


@dataclass(frozen=True, kw_only=True, slots=True)
class TagImages(_Short):
    """What `/tags/{tag}/images` says: the images of a tag, each with its layers and steps."""

    seen: int
    repository: RepositoryName
    tag: str
    rows: tuple[BuiltImage, ...]
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest(_Short):
    """One manifest or index, proven against its digest."""

    seen: int
    repository: RepositoryName
    digest: bytes
    kind: ManifestKind
    media_type: str | None
    size: int
    """bytes of the manifest itself"""
    artifact_type: str | None = None
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    members: tuple[Member, ...] = ()
    subject: bytes | None = None
    """32 bytes of the manifest that an attestation or artifact is about"""
    annotations: tuple[tuple[str, str], ...] = ()
    platform: Platform | None = None
    """as the index or Hub says, None where nobody did"""
    refused_count: int = 0
    """entries that could not be read"""
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Config(_Short):
    """One image config, proven against its digest."""

    seen: int
    repository: RepositoryName
    digest: bytes
    size: int
    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    os_version: str | None = None
    """`os.version`"""
    created: int | None = None
    """None too for moments up to 1970, which stand for nothing said"""
    author: str | None = None
    user: str | None = None
    working_dir: str | None = None
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    env: tuple[str, ...] = ()
    """`NAME=value`"""
    labels: tuple[tuple[str, str], ...] = ()
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    stop_signal: str | None = None
    diff_ids: tuple[bytes, ...] = ()
    steps: tuple[BuildStep, ...] = ()
    """`history`; the layers are counted as it counts them, which need not fit a manifest"""
    detail: str | None = None
    """why it was not read, where it was not"""
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation(_Short):
    """One statement of an attestation manifest, proven against its digest, and what was read."""

    seen: int
    repository: RepositoryName
    digest: bytes
    manifest: bytes
    """32 bytes of the attestation manifest that holds it"""
    subject: bytes | None
    """32 bytes of the image manifest that it is about"""
    predicate_type: str | None
    size: int
    builder: str | None = None
    build_type: str | None = None
    source: str | None = None
    """the repository that it was built from"""
    revision: str | None = None
    bases: tuple[Base, ...] = ()
    dockerfile: str | None = None
    packages: tuple[Package, ...] = ()
    package_count: int | None = None
    """packages that the SBOM has; more than `packages` where that was cut"""
    detail: str | None = None
    """why it was not read, where it was not"""
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagDigest(_Short):
    """What the registry's HEAD says of a tag: its digest now."""

    seen: int
    repository: RepositoryName
    tag: str
    digest: bytes
    media_type: str | None
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagNames(_Short):
    """One page of the registry's `tags/list`: names without anything else."""

    seen: int
    repository: RepositoryName
    rows: tuple[str, ...]
    walk: WalkStep | None = None


class Find(NamedTuple):
    """In which ways a discovery found a repository."""

    by_owner: bool
    """by a search for the beginning of its namespace's name"""
    by_name: bool
    """by a search for the beginning of a word of its own name or description"""
    is_namesake: bool
    """whether a word of those begins as its namespace does"""


class PrefixStep(NamedTuple):
    """How far the search for a prefix has come with the response that this travels with."""

    prefix: str
    state: str
    """open, done, split, plateau or refused"""
    said_count: int | None
    """hits that the search says it has"""
    next_page: int
    signed_in: bool
    children: tuple[tuple[str, int], ...] = ()
    """the longer prefixes to be searched for instead, each with the hits that it may have"""
    reach: int | None = None
    """hits that may be seen, where it was met"""
    detail: str | None = None
    """what went wrong"""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogPage(_Short):
    """One page of a discovery: hits for a prefix, or repositories of a namespace it came upon."""

    seen: int
    rows: tuple[RepositoryRow, ...]
    finds: tuple[Find, ...]
    """of each row"""
    since: int
    """when the discovery began: hits that were seen since need no second writing"""
    step: PrefixStep | None = None
    """None for a namespace's list, which has a walk"""
    walk: WalkStep | None = None

    @property
    def is_search(self) -> bool:
        """Whether its rows are hits, which say little."""
        return self.step is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogPlan(_Short):
    """What a discovery begins with."""

    seen: int
    prefixes: tuple[tuple[str, int], ...]
    """each with the hits that it may have"""
    namespaces: tuple[tuple[str, str], ...]
    """each with what led to it: official or lineage"""
    under: str
    """the prefix to which all is confined; empty: none"""
    renew_before: int
    """what was asked before is asked again"""
    walk: WalkStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NamespaceEnd(_Short):
    """The list of a namespace that a discovery came upon has ended, or is not to be had."""

    seen: int
    namespace: str
    state: str
    """done or refused"""
    walk: WalkStep | None = None


Item = (
    RepositoryPage
    | RepositoryDetail
    | TagPage
    | Absence
    | WalkEnd
    | TagImages
    | Manifest
    | Config
    | Attestation
    | TagDigest
    | TagNames
    | CatalogPage
    | CatalogPlan
    | NamespaceEnd
)
