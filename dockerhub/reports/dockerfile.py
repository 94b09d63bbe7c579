"""The Dockerfile of an image: the true one where it is attested, else what its steps tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.base_images import find_base, said_bases
from dockerhub.reports.instructions import Known, read_instructions
from dockerhub.reports.stored_images import (
    DEFAULT_PLATFORM,
    contents_of,
    default_platform,
    fetch_arguments,
    name_of,
    platforms_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.names import ImageName
    from dockerhub.reports.base_images import Base, SaidBase
    from dockerhub.reports.instructions import Instruction
    from dockerhub.reports.stored_images import Contents, Stored
    from dockerhub.store.images_reader import StoredAttestation, StoredConfig


class Step(NamedTuple):
    """One instruction and what it made."""

    instruction: Instruction
    layer: bytes | None
    """32 bytes of the layer's digest; None where it changed metadata only"""
    size: int | None
    """compressed bytes of that layer"""
    created: int | None


class Dockerfile(NamedTuple):
    """What an image was built from, as far as it is known."""

    image: str
    platform: str
    others: tuple[str, ...]
    """the platforms that it has besides"""
    is_chosen: bool
    """whether the platform was ours to choose"""
    digest: bytes
    true_text: str | None
    """the Dockerfile itself, where its builder attested it"""
    base: Base | None
    """the base image, where the steps that are its own are known"""
    said: tuple[SaidBase, ...]
    """what is said of the base image, believed or not"""
    steps: tuple[Step, ...]
    """those above the base; all, where that is not known"""

    @property
    def is_windows(self) -> bool:
        """Whether a backslash continues no line."""
        return self.platform.startswith("windows/")

    @property
    def fetch(self) -> dict[str, str] | None:
        """The arguments of the spider `manifests` that bring the base image, if it is named."""
        images = {one.image for one in self.said}
        if self.true_text is not None or self.base is not None or len(images) != 1:
            return None
        image = images.pop()
        return None if image is None else fetch_arguments(image, self.platform)


def dockerfile_of(
    stored: Stored, image: ImageName, *, platform: str | None = None, steps_only: bool = False
) -> Dockerfile:
    """Return the Dockerfile of one platform of an image.

    :raises NotStored: if the image or what it is made of is not in the database
    :raises StoreError: if the database cannot be read
    """
    everything = platforms_of(stored, image)
    asked = platforms_of(stored, image, platform)
    key = default_platform(list(asked))
    contents = contents_of(stored, image, key, asked[key])
    attestations = stored.images.attestations_of(contents.digest, contents.index_digest)
    said = said_bases(stored, contents, attestations)
    base = find_base(stored, contents, said)
    if base is not None and not base.step_count:
        base = None
    steps = _steps(contents)
    return Dockerfile(
        name_of(image),
        key,
        tuple(other for other in everything if other != key),
        len(asked) > 1 or (platform is None and key != DEFAULT_PLATFORM),
        contents.digest,
        None if steps_only else _true_text(attestations),
        base,
        tuple(said),
        tuple(steps[base.step_count :] if base else steps),
    )


def known_of(config: StoredConfig | None) -> Known | None:
    """Return what tells how the steps of an image with that config have to be read."""
    if config is None:
        return None
    env = dict(pair.partition("=")[::2] for pair in config.env)
    return Known(env, config.labels, config.cmd or (), config.entrypoint or ())


def _steps(contents: Contents) -> list[Step]:
    instructions = read_instructions(
        [step.instruction for step in contents.steps],
        is_windows=contents.is_windows,
        known=known_of(contents.config),
    )
    return [
        Step(instruction, step.layer, step.size, step.created)
        for instruction, step in zip(instructions, contents.steps, strict=True)
    ]


def _true_text(attestations: Sequence[StoredAttestation]) -> str | None:
    texts = [one.dockerfile for one in attestations if one.dockerfile]
    return texts[0] if texts else None
