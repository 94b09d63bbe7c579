"""Whether the base images that are said of an image are those that its layers show."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import NameRefused
from dockerhub.media_types import BASE_DIGEST
from dockerhub.names import OFFICIAL_NAMESPACE, RepositoryName, digest_bytes, read_digest_text
from dockerhub.reports.base_images import BaseEvidence, SaidBase, said_bases
from dockerhub.reports.stored_images import reference_of
from dockerhub.store.bases_reader import TagName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dockerhub.names import ImageName
    from dockerhub.reports.stored_images import Contents, Stored
    from dockerhub.store.images_reader import StoredAttestation
    from dockerhub.store.questions import Questions

SCRATCH = "scratch"
"""no image: what a Dockerfile names that begins with nothing"""
_SCRATCH = RepositoryName(OFFICIAL_NAMESPACE, SCRATCH)
_LONE_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII | re.IGNORECASE)


class Confidence(StrEnum):
    """How sure it is that one image is built on another."""

    PROVEN = "proven"
    """all its layers are the lowest ones, by the bytes of both manifests"""
    TOLD = "told"
    """all its layers are the lowest ones, as Hub tells the layers of one of them or of both"""
    SAID = "said"
    """somebody names it; whether its layers are the lowest ones is not known here, or both have the
    same layers and name each other"""
    CONTRADICTED = "contradicted"
    """an annotation or a label names it by its digest, and its layers are not the lowest ones"""
    USED = "used"
    """the provenance names it, and its layers are not the lowest ones: a stage of the build"""


class Known(NamedTuple):
    """What the layers say of a base image that is named."""

    place: int | None
    """of the uppermost layer that is its own too; None where it has others, or none are known"""
    has_layers: bool
    """whether its layers are known"""
    is_own: bool = False
    """whether the image names but itself"""


def heard(
    stored: Stored, contents: Contents, attestations: Sequence[StoredAttestation]
) -> list[SaidBase]:
    """Return what an image is built on as it is said, without what says nothing.

    Annotations and labels are written by people: their digests may have upper-case letters.
    """
    said = said_bases(stored, contents, attestations)
    read = stored.images.annotations_of
    annotations = read(contents.digest)
    if contents.index_digest is not None:
        annotations |= read(contents.index_digest, contents.digest)
    labels = contents.config.labels if contents.config is not None else {}
    words = {BaseEvidence.ANNOTATION: annotations, BaseEvidence.LABEL: labels}
    told = {one.evidence: one for one in said if one.evidence in words}
    found = [
        told.get(evidence, SaidBase(None, None, evidence))._replace(
            digest=_digest(of.get(BASE_DIGEST))
        )
        for evidence, of in words.items()
    ]
    found += [one for one in said if one.evidence not in words]
    return [one for one in map(_mended, found) if one.name or one.digest]


def hub_image(said: SaidBase) -> ImageName | None:
    """Return the image on Docker Hub that is named, None if it is none, or no image at all."""
    is_digest = said.name is not None and said.name.lower().startswith("sha256:")
    return None if said.name == SCRATCH or is_digest else said.image


def tag_said(said: SaidBase) -> TagName | None:
    """Return the tag that is named, None if it is none on Docker Hub."""
    image = hub_image(said)
    if image is None or (image.tag is None and image.digest is not None):
        return None
    return TagName(image.repository, image.tag or "latest")


def known_of(
    questions: Questions,
    stored: Stored,
    said: SaidBase,
    places: Mapping[bytes, int],
    platform_id: int | None,
    own: Collection[bytes],
) -> Known:
    """Return what the layers of an image say of a base that is named.

    *places* are those of its chains, by chain: all that it stands on, and its own. A digest means
    one image; a name means what its tag shows, or has shown while we looked. *own* are the digests
    that are the image itself.

    :raises StoreError: if the database cannot be read
    """
    digests = _digests(questions, stored, said)
    has_layers = False
    for rows in _members(questions, digests, own):
        found = [places[chain] for _, chain, _ in rows if chain is not None and chain in places]
        if found:
            return Known(max(found), has_layers=True)
        has_layers |= any(
            chain is not None and (len(rows) == 1 or platform in {platform_id, None})
            for _, chain, platform in rows
        )
    is_own = bool(digests) and all(one in own for one in digests)
    return Known(None, has_layers, is_own)


def named_manifests(
    questions: Questions, stored: Stored, said: Iterable[SaidBase], own: Collection[bytes] = ()
) -> dict[bytes, bytes | None]:
    """Return the manifests that are named, beside the image's *own* ones: chain by digest.

    :raises StoreError: if the database cannot be read
    """
    return {
        digest: chain
        for one in said
        for rows in _members(questions, _digests(questions, stored, one), own)
        for digest, chain, _ in rows
    }


def confidence_of(said: SaidBase, known: Known) -> Confidence:
    """Return how sure a base is that is named and that the layers do not show."""
    if not known.has_layers:
        return Confidence.SAID
    if said.evidence is BaseEvidence.PROVENANCE:
        return Confidence.USED
    # What a tag shows now says little of what it showed when it was built on.
    return Confidence.SAID if said.digest is None else Confidence.CONTRADICTED


def _mended(said: SaidBase) -> SaidBase:
    """Return what is said with a blank name left out, and a digest as one, not as a name."""
    name = (said.name or "").strip() or None
    if name is not None and _LONE_DIGEST.fullmatch(name):
        return said._replace(name=None, digest=said.digest or read_digest_text(name))
    image = said.image
    is_scratch = image is not None and image.repository == _SCRATCH
    return said._replace(name=SCRATCH, digest=None) if is_scratch else said._replace(name=name)


def _digest(text: str | None) -> bytes | None:
    try:
        return read_digest_text(text or "")
    except NameRefused:
        return None


def _members(
    questions: Questions, digests: Sequence[bytes], own: Collection[bytes]
) -> Iterator[list[tuple[bytes, bytes | None, int | None]]]:
    """Yield digest, chain and platform of the manifests of each digest, without the *own* ones."""
    for digest in digests:
        rows = [] if digest in own else questions.ask("members", {"digest": digest})
        others = [(one, chain, platform) for one, chain, platform in rows if one not in own]
        if others:
            yield others


def _digests(questions: Questions, stored: Stored, said: SaidBase) -> list[bytes]:
    if said.digest is not None:
        return [said.digest]
    image = hub_image(said)
    if image is None:
        return []
    if image.digest is not None:
        return [digest_bytes(image.digest)]
    shown = stored.images.platforms_of(image.repository, reference_of(image))
    asked = {"namespace": image.repository.namespace, "name": image.repository.name}
    left = questions.ask("left_by", {**asked, "tag": reference_of(image)})
    return [*[entry.digest for entry in shown], *[digest for digest, _ in left]]
