"""What the entries of a manifest say: the layers of an image, the members of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dockerhub.caps import MANIFEST_BYTES, MOST_MEMBERS
from dockerhub.errors import PayloadError
from dockerhub.payloads.bodies import decode_body, entries, is_said
from dockerhub.payloads.descriptors import NOT_SAID, read_descriptor, read_member
from dockerhub.payloads.manifest_forms import Form

if TYPE_CHECKING:
    from dockerhub.contents import Descriptor, Member

MOST_LAYERS = 1000
"""An image can have no more than 127; an artifact more."""


class WireManifest(msgspec.Struct, frozen=True):
    """A manifest or an index of either family, or as much of schema 1 as tells it.

    Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md and
    https://github.com/opencontainers/image-spec/blob/main/image-index.md (read 2026-11-22)
    """

    media_type: str | None = msgspec.field(default=None, name="mediaType")
    artifact_type: str | None = msgspec.field(default=None, name="artifactType")
    manifests: msgspec.Raw = NOT_SAID
    layers: msgspec.Raw = NOT_SAID
    config: msgspec.Raw = NOT_SAID
    fs_layers: msgspec.Raw = msgspec.field(default=NOT_SAID, name="fsLayers")
    subject: msgspec.Raw = NOT_SAID
    annotations: msgspec.Raw = NOT_SAID

    def keys(self) -> list[str]:
        """Return the keys that tell a form and hold something."""
        parts = {
            "manifests": self.manifests,
            "layers": self.layers,
            "config": self.config,
            "fsLayers": self.fs_layers,
        }
        return [key for key, raw in parts.items() if is_said(raw)]


class Parts(NamedTuple):
    """What the entries of a manifest say, and why others were refused."""

    members: tuple[Member, ...] = ()
    layers: tuple[Descriptor, ...] = ()
    config: Descriptor | None = None
    subject: bytes | None = None
    refusals: tuple[str, ...] = ()


_MANIFEST = msgspec.json.Decoder(WireManifest)


def decode_manifest(body: bytes) -> WireManifest:
    """Return a manifest or an index with its entries undecoded.

    :raises PayloadError: if it is too long, or none
    """
    wire: WireManifest = decode_body(_MANIFEST, body, MANIFEST_BYTES)
    return wire


def parts_of(wire: WireManifest, form: Form) -> Parts:
    """Return what the entries say.

    :raises PayloadError: if they are missing, too many, or one of a manifest is bad
    """
    if form is Form.SCHEMA_1:
        return Parts()
    refusals: list[str] = []
    subject = _subject(wire.subject, refusals)
    if form is Form.INDEX:
        _require(wire.manifests, "manifests")
        members = _members(wire.manifests, refusals)
        return Parts(members=members, subject=subject, refusals=tuple(refusals))
    _require(wire.layers, "layers")
    layers = entries(wire.layers, "$.layers", MOST_LAYERS, "layers")
    return Parts(
        layers=tuple([read_descriptor(raw, f"$.layers[{n}]") for n, raw in enumerate(layers)]),
        config=read_descriptor(wire.config, "$.config") if is_said(wire.config) else None,
        subject=subject,
        refusals=tuple(refusals),
    )


def _members(raw: msgspec.Raw, refusals: list[str]) -> tuple[Member, ...]:
    members = []
    for position, entry in enumerate(entries(raw, "$.manifests", MOST_MEMBERS, "members")):
        try:
            members.append(read_member(entry, f"$.manifests[{position}]"))
        except PayloadError as error:
            refusals.append(str(error))
    return tuple(members)


def _subject(raw: msgspec.Raw, refusals: list[str]) -> bytes | None:
    if not is_said(raw):
        return None
    try:
        return read_descriptor(raw, "$.subject").digest
    except PayloadError as error:
        refusals.append(str(error))
        return None


def _require(raw: msgspec.Raw, key: str) -> None:
    """Refuse what lacks a list altogether; null is an empty one to who wrote it, a text is not."""
    if not bytes(raw):
        raise PayloadError(f"$: object missing required field `{key}`")
    if bytes(raw) == b'""':
        raise PayloadError(f"$.{key}: expected `array`, got `str`")
