"""Provenance: how an image was built, as BuildKit tells it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dockerhub.errors import PayloadError
from dockerhub.payloads.bodies import decode_at, entries, kept
from dockerhub.payloads.descriptors import MOST_WORD, NOT_SAID
from dockerhub.payloads.materials import MOST_URI, read_base

if TYPE_CHECKING:
    from dockerhub.contents import Base

PROVENANCE = "https://slsa.dev/provenance/"
MOST_BASES = 200
MOST_MATERIALS = 10_000
MOST_INFOS = 1000
MOST_DOCKERFILE = 256 * 1024
"""Bytes; what is longer is cut."""


class WireDigests(msgspec.Struct, frozen=True):
    """`digest`: of an image by sha256, of a commit by sha1, which some call gitCommit."""

    sha256: str | None = None
    sha1: str | None = None
    git_commit: str | None = msgspec.field(default=None, name="gitCommit")


class WireMaterial(msgspec.Struct, frozen=True):
    """Something that the build was made of, or its config source."""

    uri: str | None = None
    digest: WireDigests | None = None
    entry_point: str | None = msgspec.field(default=None, name="entryPoint")
    path: str | None = None


class WireInputs(msgspec.Struct, frozen=True):
    """`invocation` of v0.2, `externalParameters` of v1."""

    config_source: WireMaterial | None = msgspec.field(default=None, name="configSource")


class WireBuilder(msgspec.Struct, frozen=True):
    """`builder`: "" where BuildKit does not know who called it."""

    id: str | None = None


class WireVcs(msgspec.Struct, frozen=True):
    """`vcs`: what the build's caller said of the folder that he built."""

    source: str | None = None
    revision: str | None = None


class WireInfo(msgspec.Struct, frozen=True):
    """One of `source.infos`: a file that told the builder what to do."""

    filename: str | None = None
    language: str | None = None
    data: str | None = None


class WireSource(msgspec.Struct, frozen=True):
    """`source`: there with `mode=max` alone."""

    infos: msgspec.Raw = NOT_SAID


class WireBuildkit(msgspec.Struct, frozen=True):
    """BuildKit's own metadata."""

    vcs: WireVcs | None = None
    source: WireSource | None = None


class WireMetadata(msgspec.Struct, frozen=True):
    """`metadata`: v1 was first written with the key of v0.2."""

    buildkit: WireBuildkit | None = msgspec.field(default=None, name="buildkit_metadata")
    buildkit_of_v02: WireBuildkit | None = msgspec.field(
        default=None, name="https://mobyproject.org/buildkit@v1#metadata"
    )


class WireDefinition(msgspec.Struct, frozen=True):
    """`buildDefinition` of v1."""

    build_type: str | None = msgspec.field(default=None, name="buildType")
    inputs: WireInputs | None = msgspec.field(default=None, name="externalParameters")
    materials: msgspec.Raw = msgspec.field(default=NOT_SAID, name="resolvedDependencies")


class WireRunDetails(msgspec.Struct, frozen=True):
    """`runDetails` of v1."""

    builder: WireBuilder | None = None
    metadata: WireMetadata | None = None


class WireProvenance(msgspec.Struct, frozen=True):
    """The predicate, of v0.2 or of v1: they have no key in common.

    Source: https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md
    (read 2026-11-22)
    """

    builder: WireBuilder | None = None
    build_type: str | None = msgspec.field(default=None, name="buildType")
    invocation: WireInputs | None = None
    materials: msgspec.Raw = NOT_SAID
    metadata: WireMetadata | None = None
    definition: WireDefinition | None = msgspec.field(default=None, name="buildDefinition")
    details: WireRunDetails | None = msgspec.field(default=None, name="runDetails")


class Provenance(NamedTuple):
    """What was read of it."""

    builder: str | None = None
    build_type: str | None = None
    source: str | None = None
    revision: str | None = None
    bases: tuple[Base, ...] = ()
    dockerfile: str | None = None
    detail: str | None = None
    """why something was not read"""


_PREDICATE = msgspec.json.Decoder(WireProvenance)
_MATERIAL = msgspec.json.Decoder(WireMaterial)
_INFO = msgspec.json.Decoder(WireInfo)


def is_provenance(predicate_type: str) -> bool:
    """Tell whether a predicate is a provenance of a version that is read."""
    version = predicate_type.removeprefix(PROVENANCE)
    return version != predicate_type and (version == "v0.2" or version.partition(".")[0] == "v1")


def read_provenance(raw: msgspec.Raw) -> Provenance:
    """Return what the predicate of a provenance says, of both versions that BuildKit writes.

    What its caller says of the source (`vcs`) comes before where the build's config came from: that
    is told only where the builder fetched the source itself.

    :raises PayloadError: if it is none, naming the place
    Source: https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md
    (read 2026-11-22)
    """
    wire: WireProvenance = decode_at(_PREDICATE, raw, "$.predicate")
    definition = wire.definition or WireDefinition()
    details = wire.details or WireRunDetails()
    inputs = definition.inputs or wire.invocation or WireInputs()
    config = inputs.config_source or WireMaterial()
    metadata = details.metadata or wire.metadata or WireMetadata()
    buildkit = metadata.buildkit or metadata.buildkit_of_v02 or WireBuildkit()
    builder = details.builder or wire.builder or WireBuilder()
    source, revision = _source(buildkit.vcs or WireVcs(), config)
    refusals: list[str] = []
    bases = (
        *_bases(wire.materials, "$.predicate.materials", refusals),
        *_bases(definition.materials, "$.predicate.buildDefinition.resolvedDependencies", refusals),
    )
    infos = buildkit.source.infos if buildkit.source else NOT_SAID
    place = "$.predicate.runDetails.metadata" if details.metadata else "$.predicate.metadata"
    return Provenance(
        kept(builder.id, MOST_URI),
        kept(definition.build_type or wire.build_type, MOST_URI),
        source,
        revision,
        _most_telling(bases),
        _dockerfile(infos, place, config.entry_point or config.path, refusals),
        refusals[0] if refusals else None,
    )


def _source(vcs: WireVcs, config: WireMaterial) -> tuple[str | None, str | None]:
    uri, _, fragment = (config.uri or "").partition("#")
    digests = config.digest or WireDigests()
    # Behind a colon stands the folder that was built.
    revision = digests.sha1 or digests.git_commit or fragment.partition(":")[0]
    if vcs.source:
        # The commit of another repository would be no revision of this one.
        revision = revision if vcs.source == uri else ""
    source = kept(vcs.source or uri, MOST_URI)
    return source, kept(vcs.revision or revision, MOST_WORD)


def _bases(raw: msgspec.Raw, place: str, refusals: list[str]) -> list[Base]:
    bases = []
    for position, entry in enumerate(entries(raw, place, MOST_MATERIALS, "materials")):
        try:
            wire: WireMaterial = decode_at(_MATERIAL, entry, f"{place}[{position}]")
        except PayloadError as error:
            refusals.append(str(error))
            continue
        if wire.uri:
            bases.append(read_base(wire.uri, wire.digest.sha256 if wire.digest else None))
    return bases


def _most_telling(bases: tuple[Base, ...]) -> tuple[Base, ...]:
    """Return all, or as many as are kept, images before all else."""
    if len(bases) > MOST_BASES:
        bases = tuple(sorted(bases, key=lambda base: base.name is None))
    return bases[:MOST_BASES]


def _dockerfile(
    raw: msgspec.Raw, metadata: str, filename: str | None, refusals: list[str]
) -> str | None:
    # Between the two stands the key of BuildKit's own, which is an address in v0.2.
    place = f"{metadata}.*.source.infos"
    try:
        for position, entry in enumerate(entries(raw, place, MOST_INFOS, "files")):
            info: WireInfo = decode_at(_INFO, entry, f"{place}[{position}]")
            if info.data and _is_dockerfile(info, filename):
                return _text(info.data, f"{place}[{position}].data")
    except PayloadError as error:
        refusals.append(str(error))
    return None


def _is_dockerfile(info: WireInfo, filename: str | None) -> bool:
    name = (info.filename or "").lower()
    said = (info.language or "").lower() == "dockerfile" or "dockerfile" in name
    return said or bool(name and filename and name == filename.lower())


def _text(data: str, place: str) -> str | None:
    # Four signs stand for three bytes.
    cut = data[: -(-MOST_DOCKERFILE // 3) * 4]
    try:
        found = base64.b64decode(cut)
    except (binascii.Error, ValueError) as error:
        raise PayloadError(f"{place}: expected base64, got {len(data)} signs: {error}") from error
    return kept(found[:MOST_DOCKERFILE].decode("utf-8", "replace"), MOST_DOCKERFILE)
