"""Contents of images as rows. Pure: parameters in the order of `sql/contents_writing.sql`."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from dockerhub.contents import BuildStep
from dockerhub.errors import NameRefused
from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.media_types import (
    ATTESTATION_REFERENCE,
    EMPTY_LAYERS,
    INDEXES,
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
)
from dockerhub.names import digest_bytes
from dockerhub.store.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dockerhub.contents import BuiltImage, Descriptor, Member, Platform
    from dockerhub.items import Attestation, Config, Manifest
    from dockerhub.store.rows import Parameters

_FINGERPRINT_BYTES = 16


def chains(layers: Iterable[Descriptor]) -> list[bytes | None]:
    """Return what stands for each layer together with all that are below it.

    Two images that share a chain share everything up to that layer. A layer that holds nothing has
    None and changes nothing: builders leave it out or put it in as they like.
    """
    found: list[bytes | None] = []
    below = b""
    for layer in layers:
        if layer.digest in EMPTY_LAYERS:
            found.append(None)
            continue
        below = hashlib.blake2b(below + layer.digest, digest_size=_FINGERPRINT_BYTES).digest()
        found.append(below)
    return found


def top_chain(layers: Iterable[Descriptor], kind: ManifestKind) -> bytes | None:
    """Return what stands for all layers together, None where they are not known or hold nothing.

    Only an image stands on its layers.
    """
    if kind is not ManifestKind.IMAGE:
        return None
    known = [mark for mark in chains(layers) if mark is not None]
    return known[-1] if known else None


def text_fingerprint(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=_FINGERPRINT_BYTES).digest()


def platform_columns(platform: Platform | None) -> tuple[str, ...]:
    """Return the columns of a platform; what was not said is empty."""
    return (*[word or "" for word in platform or (None,) * 4], "", "")


def proven_parameters(item: Manifest, platform_id: int | None, subject: bytes | None) -> Parameters:
    """Return the parameters of `put_manifest` for what the registry showed."""
    return (
        item.digest,
        item.kind,
        item.media_type,
        item.artifact_type,
        platform_id,
        item.size,
        item.config.size if item.config else None,
        item.config.digest if item.config else None,
        subject,
        item.refused_count,
        Evidence.REGISTRY,
        item.seen,
        top_chain(item.layers, item.kind),
    )


def told_parameters(built: BuiltImage, platform_id: int | None, seen: int) -> Parameters:
    """Return the parameters of `put_manifest` for what Hub tells of an image."""
    unsaid = (None, None)
    chain = top_chain(built.layers, ManifestKind.IMAGE)
    facts = (platform_id, None, None, None, None, 0, Evidence.HUB, seen, chain)
    return (built.image.digest, ManifestKind.IMAGE, *unsaid, *facts)


def layer_parameters(
    manifest_id: int, layers: Sequence[Descriptor], kind: ManifestKind
) -> list[Parameters]:
    """Return the parameters of `put_manifest_layer`; only an image stands on its layers."""
    is_image = kind is ManifestKind.IMAGE
    marks = chains(layers) if is_image else [None] * len(layers)
    return [
        (manifest_id, position, layer.media_type, layer.size, mark, layer.digest)
        for position, (layer, mark) in enumerate(zip(layers, marks, strict=True))
    ]


def step_parameters(manifest_id: int, steps: Sequence[BuildStep]) -> list[Parameters]:
    """Return the parameters of `put_build_step`."""
    return [
        (
            manifest_id,
            position,
            None if step.instruction is None else text_fingerprint(step.instruction),
            step.layer,
            step.created,
        )
        for position, step in enumerate(steps)
    ]


def instruction_parameters(steps: Iterable[BuildStep]) -> list[Parameters]:
    """Return the parameters of `put_instruction`."""
    texts = {step.instruction for step in steps if step.instruction is not None}
    # In one order, whatever the seed of this process's hashes: the same items give the same rows.
    return [(text_fingerprint(text), text) for text in sorted(texts)]


def layer_count(steps: Iterable[BuildStep]) -> int:
    """Return how many layers *steps* have made."""
    return sum(step.layer is not None for step in steps)


def written_steps(steps: Sequence[BuildStep]) -> str | None:
    """Return *steps* as JSON, None if there are none."""
    return json.dumps(steps, ensure_ascii=False, separators=(",", ":")) if steps else None


def read_steps(text: str) -> list[BuildStep]:
    """Return the steps that `written_steps` wrote."""
    return [BuildStep(*step) for step in json.loads(text)]


def member_kind(member: Member) -> ManifestKind:
    """Return what an index says that a member is."""
    if member.is_attestation:
        return ManifestKind.ATTESTATION
    if member.descriptor.media_type in INDEXES:
        return ManifestKind.INDEX
    return ManifestKind.ARTIFACT if member.artifact_type else ManifestKind.IMAGE


def member_subject(member: Member) -> bytes | None:
    """Return the digest of the image that a member is about."""
    try:
        return digest_bytes(dict(member.annotations).get(REFERENCE_DIGEST, ""))
    except NameRefused:
        return None


def annotations_of(item: Manifest) -> Iterator[tuple[int, str, str]]:
    """Yield what a manifest says of itself, as of the member -1, and of its members.

    What a member's kind and subject say already is left out.
    """
    for name, value in item.annotations:
        yield -1, name, value
    for position, member in enumerate(item.members):
        subject = member_subject(member)
        for name, value in member.annotations:
            is_kind = (name, value) == (REFERENCE_TYPE, ATTESTATION_REFERENCE)
            if not is_kind and (name != REFERENCE_DIGEST or subject is None):
                yield position, name, value


def config_parameters(item: Config, platform_id: int | None, history: str | None) -> Parameters:
    """Return the parameters of `put_config`."""
    return (
        item.digest,
        item.size,
        platform_id,
        item.created,
        item.author,
        item.user,
        item.working_dir,
        _list(item.entrypoint),
        _list(item.cmd),
        _list(item.env or None),
        joined(item.exposed_ports),
        _list(item.volumes or None),
        item.stop_signal,
        b"".join(item.diff_ids) or None,
        history,
        item.detail,
        item.seen,
    )


def attestation_parameters(manifest_id: int, item: Attestation) -> Parameters:
    """Return the parameters of `put_attestation`."""
    return (
        manifest_id,
        item.digest,
        item.subject,
        item.predicate_type,
        item.size,
        item.builder,
        item.build_type,
        item.source,
        item.revision,
        item.dockerfile,
        item.package_count,
        item.detail,
        item.seen,
    )


def _list(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else json.dumps(words, ensure_ascii=False)
