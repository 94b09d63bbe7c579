"""What is true in a world: the rows that a crawler should end up with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Builder = Literal["classic", "buildkit"]
Platform = tuple[str, str, str | None, str | None]
"""os, architecture, variant and os_version"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One build step of an image; without *digest* and with size 0 it changed metadata only.

    *size* is in compressed bytes.
    """

    digest: str | None
    size: int
    instruction: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A base image: its *name* and *tag* in ``library``, and the *digest* of its index."""

    name: str
    tag: str
    digest: str

    @property
    def full_name(self) -> str:
        return f"docker.io/library/{self.name}:{self.tag}"


class Image(NamedTuple):
    """One entry of a tag's ``images``: a platform, or an attestation (os ``unknown``).

    *size* is in compressed bytes and the sum of the image's layers, *digest* that of the
    platform's manifest. *base* numbers the base image whose layers it stands on, *builder* made
    its own layers, of whose digests *first* and *copied* are the hex digits; an attestation has
    none of these. The moments are the texts that are served.
    """

    os: str
    architecture: str
    variant: str | None
    os_version: str | None
    digest: str
    size: int
    status: str
    last_pulled: str | None
    last_pushed: str | None
    base: int | None
    builder: Builder | None = None
    first: str = ""
    copied: str = ""

    @property
    def is_attestation(self) -> bool:
        return self.os == "unknown"


class ImageSet(NamedTuple):
    """What one push put there; every tag that points to it shows the same images.

    *full_size* is that of the first platform in compressed bytes, 0 where Docker Hub shows none.
    """

    digest: str | None
    media_type: str | None
    content_type: str | None
    images: tuple[Image, ...]
    full_size: int
    status: str
    last_pulled: str | None
    shows_pushed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Digests:
    """What a tag points to in the registry.

    *tag* is the digest that the registry answers for it: of an *index* if there is one, else of
    the only image. *configs* are those of the *images*, in their order; *attestations* are
    manifests.
    """

    tag: str
    index: str | None
    images: tuple[str, ...]
    configs: tuple[str, ...]
    attestations: tuple[str, ...]


class Tag(NamedTuple):
    """One tag; *digest* is that of the index, or ``None`` where Docker Hub leaves it out."""

    id: int
    name: str
    repository_id: int
    creator: int
    last_updater: int
    last_updater_username: str
    last_updated: str
    digest: str | None
    media_type: str | None
    content_type: str | None
    images: tuple[Image, ...]
    full_size: int
    tag_status: str
    tag_last_pulled: str | None
    tag_last_pushed: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A category of Docker Hub's catalogue."""

    name: str
    slug: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """One repository; field names and meanings are those of the Hub API.

    *full_description* is ``None`` where the key is absent, *last_updated* where nothing was ever
    pushed. *tag_count* is not served by Docker Hub.
    """

    id: int
    namespace: str
    name: str
    repository_type: str | None
    status: int
    status_description: str
    description: str
    full_description: str | None
    is_private: bool
    is_automated: bool
    star_count: int
    pull_count: int
    last_updated: str | None
    last_modified: str | None
    date_registered: str
    collaborator_count: int
    media_types: tuple[str | None, ...]
    content_types: tuple[str, ...]
    categories: tuple[Category, ...]
    immutable_tags_enabled: bool
    immutable_tags_rules: tuple[str, ...]
    storage_size: int | None
    source: str | None
    tag_count: int

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def is_official(self) -> bool:
        return self.namespace == "library"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that the change button did.

    *kind* is one of ``push_tag move_tag delete_tag create_repository delete_repository
    edit_description grow_pulls``; *repository* is the full name (``None`` for all).
    """

    kind: str
    repository: str | None = None
    tag: str | None = None
