"""What an image is built on, down to the root: by its layers, and as it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.lineage_levels import PlatformLineage, crawl_of, platform_lineage
from dockerhub.reports.stored_images import (
    NotStored,
    contents_of,
    default_platform,
    fetch_arguments,
    name_of,
    platforms_of,
)

if TYPE_CHECKING:
    from dockerhub.names import ImageName
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.images_reader import ImagePlatform
    from dockerhub.store.questions import Questions

ALL_PLATFORMS = "all"


class Lineage(NamedTuple):
    """What an image is built on."""

    image: str
    platforms: tuple[PlatformLineage, ...]
    notes: tuple[str, ...] = ()


def lineage(
    questions: Questions,
    stored: Stored,
    image: ImageName,
    *,
    platform: str | None = None,
    limit: int = 100,
) -> Lineage:
    """Return what an image is built on, for one platform or all; *limit* tags of each base.

    *platform* is `linux/amd64` or the first one where it is not given, and may be `all`.

    :raises NotAnswered: if its layers are not stored
    :raises StoreError: if the database cannot be read
    """
    entries, notes = chosen_platforms(stored, image, platform)
    found, lacking = [], []
    for key, entry in entries.items():
        try:
            contents = contents_of(stored, image, key, entry)
        except NotStored as error:
            lacking.append(not_answered(error, image, key))
        else:
            found.append(platform_lineage(questions, stored, contents, limit))
    if not found:
        raise lacking[0]
    return Lineage(name_of(image), tuple(found), (*notes, *map(str, lacking)))


def chosen_platforms(
    stored: Stored, image: ImageName, platform: str | None
) -> tuple[dict[str, ImagePlatform], list[str]]:
    """Return the platforms of an image that are meant, and what is to be said of the others.

    :raises NotAnswered: if the image is not stored, or has no such platform
    """
    try:
        entries = platforms_of(stored, image, None if platform == ALL_PLATFORMS else platform)
    except NotStored as error:
        asked = None if platform == ALL_PLATFORMS else platform
        raise not_answered(error, image, asked) from None
    if platform == ALL_PLATFORMS or len(entries) == 1:
        return entries, []
    key = default_platform(list(entries))
    others = ", ".join(one for one in entries if one != key)
    return {key: entries[key]}, [f"this is {key}; --platform all shows {others} too"]


def not_answered(error: NotStored, image: ImageName, platform: str | None) -> NotAnswered:
    """Return what *error* says, with the crawl that brings what lacks."""
    return NotAnswered(error.reason, crawl_of(error.fetch or fetch_arguments(image, platform)))
