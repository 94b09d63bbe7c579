"""What is different between two images, platform by platform."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.configs import ConfigChange, config_changes
from dockerhub.reports.dockerfile import known_of
from dockerhub.reports.instructions import read_instructions
from dockerhub.reports.stored_images import NotStored, contents_of, name_of, platforms_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.names import ImageName
    from dockerhub.reports.instructions import Instruction
    from dockerhub.reports.stored_images import Contents, Stored
    from dockerhub.store.images_reader import ImagePlatform


# Pairs of steps; more would take minutes in lists that are made to. No real image has so many.
_MOST_COMPARED = 250 * 250


class ComparedLayer(NamedTuple):
    """One layer and what made it."""

    digest: bytes
    size: int | None
    """compressed bytes"""
    instruction: Instruction | None


class StepChange(NamedTuple):
    """A build step that one image has and the other has not, in their order."""

    is_added: bool
    instruction: Instruction


class PlatformComparison(NamedTuple):
    """Two images for one platform."""

    platform: str
    old_digest: bytes
    new_digest: bytes
    old_size: int | None
    new_size: int | None
    shared: tuple[ComparedLayer, ...] = ()
    removed: tuple[ComparedLayer, ...] = ()
    added: tuple[ComparedLayer, ...] = ()
    steps: tuple[StepChange, ...] = ()
    config: tuple[ConfigChange, ...] | None = None
    """None where a config was not read"""

    @property
    def is_same(self) -> bool:
        """Whether both are one image."""
        return self.old_digest == self.new_digest


class Comparison(NamedTuple):
    """Two images, and what of them was compared."""

    old: str
    new: str
    platforms: tuple[PlatformComparison, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    unread: tuple[NotStored, ...]
    """why a platform that both have is not among `platforms`"""

    @property
    def fetch(self) -> dict[str, str] | None:
        """The arguments of the spider `manifests` that bring something of what is missing."""
        return self.unread[0].fetch if self.unread else None


def compare(
    stored: Stored, old: ImageName, new: ImageName, *, platform: str | None = None
) -> Comparison:
    """Return what is different between two images, for all platforms or one.

    :raises NotStored: if one of them is not in the database, or no platform of both is
    :raises StoreError: if the database cannot be read
    """
    of_old = platforms_of(stored, old, platform)
    of_new = platforms_of(stored, new, platform)
    found: list[PlatformComparison] = []
    unread: list[NotStored] = []
    for key in of_old:
        if key in of_new:
            try:
                found.append(_platform(stored, key, (old, of_old[key]), (new, of_new[key])))
            except NotStored as error:
                unread.append(error)
    if unread and not found:
        raise unread[0]
    return Comparison(
        name_of(old),
        name_of(new),
        tuple(found),
        tuple(key for key in of_old if key not in of_new),
        tuple(key for key in of_new if key not in of_old),
        tuple(unread),
    )


def _platform(
    stored: Stored,
    key: str,
    old: tuple[ImageName, ImagePlatform],
    new: tuple[ImageName, ImagePlatform],
) -> PlatformComparison:
    digests = old[1].digest, new[1].digest
    if digests[0] == digests[1]:
        # Nothing of it has to be known to say that.
        return PlatformComparison(key, *digests, old[1].size, new[1].size, config=())
    before, after = (contents_of(stored, image, key, entry) for image, entry in (old, new))
    its, ours = list(_layers(before)), list(_layers(after))
    shared = Counter(layer.digest for layer in its) & Counter(layer.digest for layer in ours)
    return PlatformComparison(
        key,
        *digests,
        before.size,
        after.size,
        tuple(_split(ours, shared)[0]),
        tuple(_split(its, shared)[1]),
        tuple(_split(ours, shared)[1]),
        tuple(_step_changes(before, after)),
        config_changes(before.config, after.config),
    )


def _split(
    layers: Sequence[ComparedLayer], shared: Counter[bytes]
) -> tuple[list[ComparedLayer], list[ComparedLayer]]:
    """Return the layers that are shared, and the others; one may be there several times."""
    left = shared.copy()
    inside: list[ComparedLayer] = []
    outside: list[ComparedLayer] = []
    for layer in layers:
        is_shared = left[layer.digest] > 0
        left[layer.digest] -= is_shared
        (inside if is_shared else outside).append(layer)
    return inside, outside


def _layers(contents: Contents) -> Iterator[ComparedLayer]:
    """Yield the layers with the steps that made them: the n-th made is the n-th layer."""
    made = [
        instruction
        for step, instruction in zip(contents.steps, _instructions(contents), strict=True)
        if step.layer is not None
    ]
    fits = len(made) == len(contents.layers)
    for place, layer in enumerate(contents.layers):
        yield ComparedLayer(layer.digest, layer.size, made[place] if fits else None)


def _instructions(contents: Contents) -> list[Instruction]:
    return read_instructions(
        [step.instruction for step in contents.steps],
        is_windows=contents.is_windows,
        known=known_of(contents.config),
    )


def _step_changes(before: Contents, after: Contents) -> Iterator[StepChange]:
    old, new = _instructions(before), _instructions(after)
    texts = [" ".join(one.text.split()) for one in old], [" ".join(one.text.split()) for one in new]
    for is_added, place in changed_places(*texts):
        yield StepChange(is_added, (new if is_added else old)[place])


def changed_places(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int]]:
    """Yield what is not in both lists: whether it is added, and its place in its list."""
    if len(old) * len(new) > _MOST_COMPARED:
        yield from _unordered(old, new)
        return
    for tag, start, end, new_start, new_end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield from ((False, place) for place in range(start, end))
            yield from ((True, place) for place in range(new_start, new_end))


def _unordered(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int]]:
    for is_added, lines, others in ((False, old, new), (True, new, old)):
        left = Counter(others)
        for place, line in enumerate(lines):
            left[line] -= 1
            if left[line] < 0:
                yield is_added, place
