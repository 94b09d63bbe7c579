"""Whether the base images that are said of an image are those that its layers show."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.names import digest_bytes
from dockerhub.reports.base_images import BaseEvidence
from dockerhub.reports.stored_images import reference_of
from dockerhub.store.bases_reader import TagName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.reports.base_images import SaidBase
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.questions import Questions


class Confidence(StrEnum):
    """How sure it is that one image is built on another."""

    PROVEN = "proven"
    """all its layers are the lowest ones, by the bytes of both manifests"""
    TOLD = "told"
    """all its layers are the lowest ones, as Hub tells the layers of one of them or of both"""
    SAID = "said"
    """somebody names it; whether its layers are the lowest ones is not known here"""
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


def tag_said(said: SaidBase) -> TagName | None:
    """Return the tag that is named, None if it is none on Docker Hub."""
    image = said.image
    if image is None or (image.tag is None and image.digest is not None):
        return None
    return TagName(image.repository, image.tag or "latest")


def known_of(
    questions: Questions,
    stored: Stored,
    said: SaidBase,
    places: Mapping[bytes, int],
    platform_id: int | None,
) -> Known:
    """Return what the layers of an image say of a base that is named.

    *places* are those of its chains, by chain: all that it stands on, and its own. A digest means
    one image; a name means what its tag shows, or has shown while we looked.

    :raises StoreError: if the database cannot be read
    """
    has_layers = False
    for digest in _digests(questions, stored, said):
        rows = questions.ask("members", {"digest": digest})
        found = [places[chain] for _, chain, _ in rows if chain in places]
        if found:
            return Known(max(found), has_layers=True)
        has_layers |= any(
            chain is not None and (len(rows) == 1 or platform in {platform_id, None})
            for _, chain, platform in rows
        )
    return Known(None, has_layers)


def confidence_of(said: SaidBase, known: Known) -> Confidence:
    """Return how sure a base is that is named and that the layers do not show."""
    if not known.has_layers:
        return Confidence.SAID
    if said.evidence is BaseEvidence.PROVENANCE:
        return Confidence.USED
    # What a tag shows now says little of what it showed when it was built on.
    return Confidence.SAID if said.digest is None else Confidence.CONTRADICTED


def _digests(questions: Questions, stored: Stored, said: SaidBase) -> list[bytes]:
    if said.digest is not None:
        return [said.digest]
    image = said.image
    if image is None:
        return []
    if image.digest is not None:
        return [digest_bytes(image.digest)]
    shown = stored.images.platforms_of(image.repository, reference_of(image))
    asked = {"namespace": image.repository.namespace, "name": image.repository.name}
    left = questions.ask("left_by", {**asked, "tag": reference_of(image)})
    return [*[entry.digest for entry in shown], *[digest for (digest,) in left]]
