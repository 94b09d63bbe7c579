"""What images are made of: the rows of the items that say it.

Sizes are bytes as they are stored, digests 32 bytes, missing is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.media_types import ATTESTATION_REFERENCE, REFERENCE_TYPE

if TYPE_CHECKING:
    from dockerhub.items import ImageRow


Platform = tuple[str | None, str | None, str | None, str | None]
"""os, architecture, variant, os_version"""

UNKNOWN_PLATFORM = ("unknown", "unknown")
"""os and architecture of what is no image: BuildKit's attestations have them"""


class Descriptor(NamedTuple):
    """What a manifest says of a blob or of another manifest."""

    digest: bytes
    """32 bytes"""
    size: int | None
    """bytes of the blob as it is stored: of a layer, compressed; None where Hub does not say it"""
    media_type: str | None


class Member(NamedTuple):
    """One entry of an index: a platform's manifest, an attestation, or another index."""

    descriptor: Descriptor
    os: str | None
    architecture: str | None
    variant: str | None
    os_version: str | None
    """`platform["os.version"]`"""
    artifact_type: str | None
    annotations: tuple[tuple[str, str], ...]

    @property
    def is_attestation(self) -> bool:
        """Whether BuildKit says so; a platform of unknown/unknown alone is a guess."""
        said = dict(self.annotations).get(REFERENCE_TYPE)
        if said is not None:
            return said == ATTESTATION_REFERENCE
        return (self.os, self.architecture) == UNKNOWN_PLATFORM


class BuildStep(NamedTuple):
    """One step of a build."""

    instruction: str | None
    layer: int | None
    """place among the layers that it made, from 0; None where it changed metadata only"""
    created: int | None = None


class BuiltImage(NamedTuple):
    """One image of a tag with its layers and steps, bottom first, as Hub shows them."""

    image: ImageRow
    layers: tuple[Descriptor, ...]
    steps: tuple[BuildStep, ...]


class Base(NamedTuple):
    """Something that a build was made of, as its provenance names it: a base image or a source."""

    uri: str
    name: str | None
    """`docker.io/library/alpine:3.20` where the URI names an image, else None"""
    digest: bytes | None
    """32 bytes"""


class Package(NamedTuple):
    """One package of an SBOM."""

    name: str
    version: str | None
    purl: str | None
