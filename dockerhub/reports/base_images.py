"""Which image another one was built on: as its builder says, and as its layers prove."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import NameRefused
from dockerhub.media_types import BASE_DIGEST, BASE_NAME, EMPTY_LAYERS
from dockerhub.names import ImageName, digest_text, read_digest_text, read_image_name
from dockerhub.redact import plain
from dockerhub.reports.instructions import read_instructions
from dockerhub.reports.stored_images import name_of, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.reports.stored_images import Contents, Stored
    from dockerhub.store.bases_reader import TagName
    from dockerhub.store.images_reader import StoredAttestation, StoredStep

# What builders fetch beside what they build on.
_TOOLS = ("docker/dockerfile", "docker/buildkit", "docker/scout", "tonistiigi/")
_MOST_NAME = 200
# Of any registry; what is odder is no name that a Dockerfile could begin with.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*", re.ASCII)


class BaseEvidence(StrEnum):
    """Why we think so."""

    ANNOTATION = "annotation"
    LABEL = "label"
    PROVENANCE = "provenance"
    LAYERS = "layers"


class SaidBase(NamedTuple):
    """A base image as somebody names it."""

    name: str | None
    digest: bytes | None
    evidence: BaseEvidence

    @property
    def image(self) -> ImageName | None:
        """The image on Docker Hub that is meant, None if it is none or has no name."""
        image = _image(self.name)
        if image is None or self.digest is None:
            return image
        return replace(image, digest=digest_text(self.digest))

    def __str__(self) -> str:
        name = self.name or "an image"
        return f"{name}@{digest_text(self.digest)}" if self.digest else name


class Base(NamedTuple):
    """A base image that is stored, and which of the steps above it are its own."""

    name: str
    """`debian:12-slim`; what its builder says, or the name of a tag that shows it"""
    digest: bytes
    """32 bytes of its manifest"""
    evidence: BaseEvidence
    layer_count: int
    """of the image's layers, so many lowest ones; those that hold nothing among them"""
    step_count: int


def said_bases(
    stored: Stored, contents: Contents, attestations: Sequence[StoredAttestation]
) -> list[SaidBase]:
    """Return what an image is built on as it is said: by annotations, by labels, by its builder.

    A builder names all that it fetched: which of several is the base is not known.
    """
    read = stored.images.annotations_of
    annotations = read(contents.digest)
    if contents.index_digest is not None:
        annotations |= read(contents.index_digest, contents.digest)
    labels = contents.config.labels if contents.config is not None else {}
    said = [
        _said(annotations, BaseEvidence.ANNOTATION),
        _said(labels, BaseEvidence.LABEL),
    ]
    built_of = {
        SaidBase(_short(base.name), base.digest, BaseEvidence.PROVENANCE)
        for attestation in attestations
        for base in attestation.bases
        if base.name is not None and not _short(base.name).startswith(_TOOLS)
    }
    return [base for base in said if base is not None] + sorted(built_of, key=str)


def find_base(stored: Stored, contents: Contents, said: Sequence[SaidBase]) -> Base | None:
    """Return the image with most layers that another one stands on, None if none is stored.

    What is said of it is believed only of an image with the same lowest layers.
    """
    for named in said:
        for digest in _manifests(stored, named, contents):
            count = _common(stored, contents, digest)
            if count:
                name = named.name if named.name and _NAME.fullmatch(named.name) else None
                return _base(stored, contents, digest, count, name, named.evidence)
    for top, group in groupby(stored.bases.below(contents.digest), key=lambda lower: lower.top):
        lower = [(_best(image.names), image.digest) for image in group if image.names]
        if lower:
            shown, digest = min(lower, key=lambda each: name_order(each[0]))
            return _base(stored, contents, digest, top + 1, _tag(shown), BaseEvidence.LAYERS)
    return None


def _said(words: Mapping[str, str], evidence: BaseEvidence) -> SaidBase | None:
    name, digest = words.get(BASE_NAME), _digest(words.get(BASE_DIGEST))
    return SaidBase(_short(name) if name else None, digest, evidence) if name or digest else None


def _digest(text: str | None) -> bytes | None:
    try:
        return read_digest_text(text or "")
    except NameRefused:
        return None


def _short(name: str) -> str:
    """Return an image's name as people write it; what is none is kept as it is."""
    image = _image(name)
    if image is None:
        return plain(name, _MOST_NAME)
    return name_of(image).partition("@")[0] if image.tag else name_of(image)


def _image(name: str | None) -> ImageName | None:
    try:
        return read_image_name(name or "")
    except NameRefused:
        return None


def _manifests(stored: Stored, named: SaidBase, contents: Contents) -> Iterator[bytes]:
    """Yield the manifests that may be meant by what is said of a base."""
    image = _image(named.name)
    read = stored.images.platforms_of
    found = []
    if named.digest is not None:
        # A digest means the same in every repository.
        anywhere = image or read_image_name("scratch")
        found += read(anywhere.repository, digest_text(named.digest))
    if image is not None:
        found += read(image.repository, reference_of(image))
    for entry in found:
        if entry.digest != contents.digest:
            yield entry.digest


def _common(stored: Stored, contents: Contents, digest: bytes) -> int:
    """Return how many of an image's lowest layers are all those of another one, 0 if not all.

    Builders leave out or put in what holds nothing as they like.
    """
    below = [one.digest for one in stored.images.layers_of(digest)]
    left = [one for one in below if one not in EMPTY_LAYERS]
    own = [one.digest for one in contents.layers]
    if not left or len(left) >= sum(one not in EMPTY_LAYERS for one in own):
        return 0
    count = 0
    for count, one in enumerate(own, start=1):  # noqa: B007  (it is returned)
        if one not in EMPTY_LAYERS and one != left.pop(0):
            return 0
        if not left:
            break
    return count


def _base(
    stored: Stored,
    contents: Contents,
    digest: bytes,
    layer_count: int,
    name: str | None,
    evidence: BaseEvidence,
) -> Base:
    steps = _steps_below(contents, stored.images.steps_of(digest), layer_count)
    if not name:
        names = stored.bases.names_of(digest)
        name = _tag(_best(names)) if names else digest_text(digest)
    return Base(name, digest, evidence, layer_count, steps)


def _steps_below(contents: Contents, below: Sequence[StoredStep], layer_count: int) -> int:
    """Return how many of the first steps are those of the base.

    Up to the step that made its uppermost layer, and what it said after that; 0 if that cannot be
    told.
    """
    made = count = 0
    for place, step in enumerate(contents.steps, start=1):
        made += step.layer is not None
        if made == layer_count:
            count = place
            break
    own, its = _texts(contents.steps), _texts(below)
    if not count:
        return len(its) if own[: len(its)] == its and len(its) < len(own) else 0
    alike = zip(own[count:], its[count:], strict=False)
    return count + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], alike))


def _texts(steps: Sequence[StoredStep]) -> list[tuple[str, bytes | None]]:
    """Return steps as they can be compared, whoever told them."""
    read = read_instructions(step.instruction for step in steps)
    return [(one.text, step.layer) for one, step in zip(read, steps, strict=True)]


def _tag(name: TagName) -> str:
    return name_of(ImageName(repository=name.repository, tag=name.tag))


def _best(names: Sequence[TagName]) -> TagName:
    return min(names, key=name_order)


def name_order(name: TagName) -> tuple[bool, bool, int, str]:
    """Official images first, and a tag that says more than `latest`."""
    is_other = name.repository.namespace != "library"
    return is_other, name.tag == "latest", len(name.tag), str(name)
