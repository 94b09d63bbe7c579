"""A repository's tags, with the images that each shows by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.tag_lines import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dockerhub.store.questions import Questions

Sizes = dict[str | None, int | None]
"""compressed bytes by platform; a platform that Hub does not say is None, and so is a size"""
Images = list[tuple[int, int | None]]
"""images as the number of their platform and their size"""


# What is meant where no variant is said, as Docker's own tools read it; Hub says it or not.
_IMPLIED_VARIANTS = {"arm64": "v8", "arm": "v7"}


class StoredTag(NamedTuple):
    """A tag that is there."""

    id: int
    name: str
    image_set_id: int
    pushed: int | None
    registry_digest: bytes | None
    """what the registry said that it shows"""


class Platforms:
    """What platforms are called: `linux/arm64/v8`, `windows/amd64 10.0.20348`.

    What is stated about an image is no image, and has no name. Builds of one Windows are one.
    """

    def __init__(self, questions: Questions, only: str | None = None) -> None:
        self._names = {
            number: name
            for number, *words in questions.ask("platforms")
            if words[:2] != ["unknown", "unknown"]
            and _is_meant(name := platform_name(*words), only)
        }

    def sizes(self, images: Iterable[tuple[int, int | None]]) -> Sizes:
        """Return images by the names of their platforms; the first one of a name counts."""
        sizes: Sizes = {}
        for number, size in images:
            if number in self._names:
                sizes.setdefault(self._names[number], size)
        return sizes


def platform_name(os: str, architecture: str, variant: str, os_version: str) -> str | None:
    """Return what a platform is called, None if nothing is said of it."""
    if not (os or architecture):
        return None
    variant = variant or _IMPLIED_VARIANTS.get(architecture, "")
    name = "/".join((os or "unknown", architecture or "unknown", *filter(None, [variant])))
    build = ".".join(os_version.split(".")[:3])
    return f"{name} {build}" if build else name


def _is_meant(name: str | None, only: str | None) -> bool:
    return only is None or (name is not None and f"{name} ".startswith((f"{only} ", f"{only}/")))


def read_tags(questions: Questions, repository_id: int) -> list[StoredTag]:
    """Return the tags of a repository, those pushed last first and those of unknown push last."""
    tags = map(StoredTag._make, questions.each("tags", (repository_id,)))
    return sorted(tags, key=push_order, reverse=True)


def push_order(tag: StoredTag) -> tuple[int, tuple[int, ...], str]:
    """Return by what tags are in order: their push, then their version."""
    # No moment that Hub can say comes before the year 1.
    return (-(2**63) if tag.pushed is None else tag.pushed, version_of(tag.name), tag.name)


def read_images(
    questions: Questions, platforms: Platforms, repository_id: int, tags: Sequence[StoredTag]
) -> Mapping[int, Sizes]:
    """Return what the tags of a repository show, by the tags' numbers."""
    listed = _grouped(questions.each("images", (repository_id,)))
    by_set = {set_id: platforms.sizes(images) for set_id, images in listed.items()}
    unlisted = _grouped(questions.each("unlisted_images", (repository_id,)))
    by_tag = {tag_id: platforms.sizes(images) for tag_id, images in unlisted.items()}
    return {tag.id: by_set.get(tag.image_set_id) or by_tag.get(tag.id, {}) for tag in tags}


def _grouped(rows: Iterable[tuple[int, int, int | None]]) -> dict[int, Images]:
    groups: dict[int, Images] = {}
    for number, platform_id, size in rows:
        groups.setdefault(number, []).append((platform_id, size))
    return groups


def sizes_behind(
    questions: Questions, platforms: Platforms, image_set_id: int, digest: bytes | None
) -> Sizes:
    """Return what an image set shows, or where Hub lists none what the registry shows."""
    listed = questions.ask("images_of_set", (image_set_id,))
    return platforms.sizes(listed or questions.ask("images_of_digest", (digest,)))


class TagImages:
    """What single tags show, each image set read once."""

    def __init__(self, questions: Questions, platforms: Platforms) -> None:
        self._questions = questions
        self._platforms = platforms
        self._known: dict[tuple[int, bytes | None], Sizes] = {}

    def of(self, tag: StoredTag) -> Sizes:
        """Return the sizes of what a tag shows, by platform."""
        key = tag.image_set_id, tag.registry_digest
        if key not in self._known:
            digest = self._questions.one("digest_of_set", key[:1]) or tag.registry_digest
            self._known[key] = sizes_behind(self._questions, self._platforms, key[0], digest)
        return self._known[key]
