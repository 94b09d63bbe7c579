"""Manifests and indexes, as the registry holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dockerhub.errors import NameRefused, PayloadError, ProvenUnreadable
from dockerhub.items import Manifest
from dockerhub.kinds import ManifestKind
from dockerhub.media_types import (
    INDEXES,
    MANIFESTS,
    PREDICATE_TYPE,
    REFERENCE_DIGEST,
    SCHEMA_1,
)
from dockerhub.names import digest_bytes
from dockerhub.payloads.bodies import decode_at, entries, kept
from dockerhub.payloads.descriptors import MOST_WORD, WireAnnotated, read_annotations
from dockerhub.payloads.manifest_forms import (
    Form,
    artifact_type_of,
    bare_type,
    form_of,
    is_known,
    kind_of,
)
from dockerhub.payloads.manifest_parts import MOST_LAYERS, decode_manifest, parts_of
from dockerhub.payloads.proof import prove

if TYPE_CHECKING:
    from dockerhub.contents import Member, Platform
    from dockerhub.names import RepositoryName

_ANNOTATED = msgspec.json.Decoder(WireAnnotated)


def read_manifest(
    body: bytes,
    *,
    content_type: str | None,
    digest: bytes,
    repository: RepositoryName,
    seen: int,
    platform: Platform | None = None,
    attests: bool = False,
) -> Manifest:
    """Return what `GET /v2/{name}/manifests/{reference}` says; its bytes are not proven here.

    *digest* is the one asked for; *platform* is what the index or Hub says of it, *attests*
    whether the index calls it an attestation. Of schema 1 nothing is read but that it is that. A
    bad member of an index is left out and counted; `read_refusals` says why.

    :raises PayloadError: if it is none; if it contradicts itself; if a layer or its config is bad
    Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md (read 2026-11-22)
    """
    wire = decode_manifest(body)
    form = form_of(content_type, wire.media_type, wire.keys())
    parts = parts_of(wire, form)
    layer_types = [layer.media_type for layer in parts.layers]
    config_type = parts.config.media_type if parts.config else None
    annotations = read_annotations(wire.annotations) if form is not Form.SCHEMA_1 else ()
    kind = {Form.INDEX: ManifestKind.INDEX, Form.SCHEMA_1: ManifestKind.SCHEMA_1}.get(form)
    kind = kind or kind_of(config_type, layer_types, annotations, attests=attests)
    artifact_type = kept(wire.artifact_type, MOST_WORD)
    if kind is ManifestKind.ARTIFACT:
        artifact_type = artifact_type_of(artifact_type, config_type, layer_types)
    elif kind is ManifestKind.SCHEMA_1:
        artifact_type = None
    return Manifest(
        seen=seen,
        repository=repository,
        digest=digest,
        kind=kind,
        media_type=_media_type(wire.media_type, content_type),
        size=len(body),
        artifact_type=artifact_type,
        config=parts.config,
        layers=parts.layers,
        members=parts.members,
        subject=parts.subject,
        annotations=annotations,
        platform=platform,
        refused_count=len(parts.refusals),
    )


def read_proven_manifest(
    body: bytes,
    *,
    content_type: str | None,
    digest: bytes,
    repository: RepositoryName,
    seen: int,
    size: int | None = None,
    platform: Platform | None = None,
    attests: bool = False,
) -> Manifest:
    """Return what `read_manifest` does, of bytes that are those of *digest* and *size*.

    The digest of a signed schema 1 manifest is one of what was signed and not of its bytes, so it
    is taken as it was asked for.

    :raises PayloadError: as `read_manifest`, and if the bytes are not those
    :raises PayloadRefused: if they are, but not as many as *size*
    :raises ProvenUnreadable: if they are, and are no manifest whatever the answer calls them
    """

    def manifest(called: str | None) -> Manifest:
        return read_manifest(
            body,
            content_type=called,
            digest=digest,
            repository=repository,
            seen=seen,
            platform=platform,
            attests=attests,
        )

    try:
        prove(body, digest, size, "manifest")
    except PayloadError as unproven:
        if not _is_schema_1(body, content_type):
            raise
        found = manifest(content_type)
        if found.kind is not ManifestKind.SCHEMA_1:
            raise unproven from None
        return found
    try:
        return manifest(content_type)
    except PayloadError as error:
        try:
            manifest(None)
        except PayloadError:
            raise ProvenUnreadable(str(error)) from error
        # What the answer calls it is not proven: another answer may call it what it is.
        raise


def unreadable_manifest(
    body: bytes,
    *,
    digest: bytes,
    repository: RepositoryName,
    seen: int,
    platform: Platform | None = None,
) -> Manifest:
    """Return what is recorded of bytes for which `read_proven_manifest` raises ProvenUnreadable."""
    return Manifest(
        seen=seen,
        repository=repository,
        digest=digest,
        kind=ManifestKind.UNREADABLE,
        media_type=None,
        size=len(body),
        platform=platform,
        refused_count=1,
    )


def read_refusals(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Return why members, or the subject, of a manifest were left out, each with its place.

    :raises PayloadError: as `read_manifest`
    """
    wire = decode_manifest(body)
    return parts_of(wire, form_of(content_type, wire.media_type, wire.keys())).refusals


def read_predicate_types(body: bytes) -> tuple[str | None, ...]:
    """Return, for each layer of a manifest, what its statement states, None where it has none.

    :raises PayloadError: if the layers cannot be read
    """
    wire = decode_manifest(body)
    found: list[str | None] = []
    for position, raw in enumerate(entries(wire.layers, "$.layers", MOST_LAYERS, "layers")):
        layer: WireAnnotated = decode_at(_ANNOTATED, raw, f"$.layers[{position}]")
        said = dict(read_annotations(layer.annotations)).get(PREDICATE_TYPE)
        found.append(kept(said, MOST_WORD))
    return tuple(found)


def attestation_subject(member: Member) -> bytes | None:
    """Return the digest of the image that an attestation in an index says it is about."""
    said = dict(member.annotations).get(REFERENCE_DIGEST)
    try:
        return digest_bytes(said) if said else None
    except NameRefused:
        return None


def holds_manifest(member: Member) -> bool:
    """Tell whether *member* is to be had as a manifest: an index of a build cache holds layers."""
    bare = bare_type(member.descriptor.media_type)
    return not bare or bare in INDEXES | MANIFESTS | SCHEMA_1


def _media_type(said: str | None, content_type: str | None) -> str | None:
    if said:
        return kept(said, MOST_WORD)
    return bare_type(content_type) if is_known(content_type) else None


def _is_schema_1(body: bytes, content_type: str | None) -> bool:
    """Tell whether *body* may be schema 1, of whose digest its bytes are no proof."""
    return bare_type(content_type) in SCHEMA_1 or b'"fsLayers"' in body
