"""Which platforms of an image a question is about, and what belongs to the same image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.kinds import ManifestKind
from dockerhub.moments import iso
from dockerhub.names import ImageName, digest_text
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.lineage_levels import crawl_of
from dockerhub.reports.stored_images import (
    NotStored,
    default_platform,
    fetch_arguments,
    name_of,
    platforms_of,
    reference_of,
)

if TYPE_CHECKING:
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.images_reader import ImagePlatform
    from dockerhub.store.questions import Questions

ALL_PLATFORMS = "all"
_DEEPEST = 3  # indexes in each other, as the views follow them


class Chosen(NamedTuple):
    """The platforms of an image that are meant."""

    entries: dict[str, ImagePlatform]
    notes: list[str]
    """what is to be said of the others"""
    own: frozenset[bytes]
    """digests of all that is the image itself: its index and all its platforms' manifests"""


def chosen_platforms(
    questions: Questions, stored: Stored, image: ImageName, platform: str | None
) -> Chosen:
    """Return the platforms of an image that are meant; of a tag that is gone, what it showed last.

    :raises NotAnswered: if the image is not stored, or has no such platform
    """
    asked = None if platform == ALL_PLATFORMS else platform
    shown, notes = _shown(questions, stored, image)
    try:
        entries = _entries(questions, stored, shown, asked)
        every = _entries(questions, stored, shown, None)
    except NotStored as error:
        raise not_answered(error, image, asked) from None
    digests = (digest for one in every.values() for digest in (one.digest, one.index_digest))
    own = frozenset(digest for digest in digests if digest is not None)
    if platform == ALL_PLATFORMS or len(entries) == 1:
        return Chosen(entries, notes, own)
    key = default_platform(list(entries))
    others = ", ".join(one for one in entries if one != key)
    more = f"this is {key}; --platform all shows {others} too"
    return Chosen({key: entries[key]}, [*notes, more], own)


def not_answered(error: NotStored, image: ImageName, platform: str | None) -> NotAnswered:
    """Return what *error* says, with the crawl that brings what lacks."""
    return NotAnswered(error.reason, crawl_of(error.fetch or fetch_arguments(image, platform)))


def _shown(questions: Questions, stored: Stored, image: ImageName) -> tuple[ImageName, list[str]]:
    """Return an image, or the digest that its tag showed last if that is gone."""
    repository, reference = image.repository, reference_of(image)
    if image.digest is not None or stored.images.platforms_of(repository, reference):
        return image, []
    asked = {"namespace": repository.namespace, "name": repository.name, "tag": reference}
    for digest, gone in questions.ask("last_shown", asked):
        last = ImageName(repository=repository, digest=digest_text(digest))
        when = f"{name_of(image)} is gone since {iso(gone)[:10]}"
        return last, [f"{when}; this is about what it showed last, {last.digest}"]
    return image, []


def _entries(
    questions: Questions,
    stored: Stored,
    image: ImageName,
    platform: str | None,
    depth: int = 1,
) -> dict[str, ImagePlatform]:
    """Return the platforms of an image as they are stored, with those of indexes in its index.

    :raises NotStored: if nothing is known of the image, or it has no such platform
    """
    shown = stored.images.platforms_of(image.repository, reference_of(image))
    nested = [one.digest for one in shown if _is_index(questions, one.digest)]
    if not nested or depth == _DEEPEST:
        return platforms_of(stored, image, platform)
    found: dict[str, ImagePlatform] = {}
    images = [ImageName(repository=image.repository, digest=digest_text(one)) for one in nested]
    lacking = None
    for one in images:
        try:
            found = _entries(questions, stored, one, platform, depth + 1) | found
        except NotStored as error:
            lacking = error
    try:
        beside = platforms_of(stored, image, platform)
    except NotStored as error:
        lacking = lacking or error
    else:
        found |= {key: one for key, one in beside.items() if one.digest not in nested}
    if not found and lacking is not None:
        raise lacking
    return found


def _is_index(questions: Questions, digest: bytes) -> bool:
    rows = questions.ask("manifest", {"digest": digest})
    return bool(rows) and rows[0][0] == ManifestKind.INDEX
