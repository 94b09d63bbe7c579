"""Descriptors: what a manifest says of a blob, and an index of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dockerhub.contents import Descriptor, Member
from dockerhub.errors import NameRefused, PayloadError
from dockerhub.names import digest_bytes
from dockerhub.payloads.bodies import decode_at, kept
from dockerhub.payloads.pairs import read_pairs
from dockerhub.payloads.wire import Size  # noqa: TC001  (msgspec looks it up)

if TYPE_CHECKING:
    from typing import Any

MOST_ANNOTATIONS = 200
"""of one object; images of today have fewer than 20"""
MOST_ANNOTATION_SIGNS = 8 * 1024
"""of one value"""
MOST_WORD = 255
"""Signs of a media type or of one part of a platform."""

NOT_SAID = msgspec.Raw(b"")


class WireDescriptor(msgspec.Struct, frozen=True):
    """What all descriptors have; inline `data` and `urls` are not read.

    Source: https://github.com/opencontainers/image-spec/blob/main/descriptor.md (read 2026-11-22)
    """

    digest: str
    size: Size
    media_type: str | None = msgspec.field(default=None, name="mediaType")

    def row(self, place: str) -> Descriptor:
        """Return the descriptor that stands at *place*.

        :raises PayloadError: if its digest is none of sha256
        """
        try:
            digest = digest_bytes(self.digest)
        except NameRefused as error:
            raise PayloadError(f"{place}.digest: {error}") from error
        return Descriptor(digest, self.size, kept(self.media_type, MOST_WORD))


class WirePlatform(msgspec.Struct, frozen=True):
    """`platform`: "" and null are alike."""

    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    os_version: str | None = msgspec.field(default=None, name="os.version")


class WireAnnotated(WireDescriptor, frozen=True):
    """A layer of an attestation, where the annotations say which statement it holds."""

    annotations: msgspec.Raw = NOT_SAID


class WireMember(WireAnnotated, frozen=True):
    """An entry of an index.

    Source: https://github.com/opencontainers/image-spec/blob/main/image-index.md (read 2026-11-22)
    """

    platform: WirePlatform | None = None
    artifact_type: str | None = msgspec.field(default=None, name="artifactType")

    def member(self, place: str) -> Member:
        """Return the entry that stands at *place*.

        :raises PayloadError: if its digest is none of sha256
        """
        platform = self.platform or WirePlatform()
        return Member(
            self.row(place),
            kept(platform.os, MOST_WORD),
            kept(platform.architecture, MOST_WORD),
            kept(platform.variant, MOST_WORD),
            kept(platform.os_version, MOST_WORD),
            kept(self.artifact_type, MOST_WORD),
            read_annotations(self.annotations),
        )


_DESCRIPTOR = msgspec.json.Decoder(WireDescriptor)
_MEMBER = msgspec.json.Decoder(WireMember)


def read_descriptor(raw: msgspec.Raw, place: str) -> Descriptor:
    """Return the descriptor of a blob that stands at *place*.

    :raises PayloadError: if there is none, naming the place
    """
    wire: Any = decode_at(_DESCRIPTOR, raw, place)
    row: Descriptor = wire.row(place)
    return row


def read_member(raw: msgspec.Raw, place: str) -> Member:
    """Return the entry of an index that stands at *place*.

    :raises PayloadError: if there is none, naming the place
    """
    wire: Any = decode_at(_MEMBER, raw, place)
    member: Member = wire.member(place)
    return member


def read_annotations(raw: msgspec.Raw) -> tuple[tuple[str, str], ...]:
    """Return annotations sorted by name; no manifest is lost for what is wrong with them."""
    try:
        return read_pairs(raw, "$", MOST_ANNOTATIONS, MOST_ANNOTATION_SIGNS)
    except PayloadError:
        return ()
