"""What an image is built on, down to the root: by its layers, and as it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.lineage_chosen import chosen_platforms, not_answered
from dockerhub.reports.lineage_levels import PlatformLineage, platform_lineage
from dockerhub.reports.stored_images import NotStored, contents_of, name_of

if TYPE_CHECKING:
    from dockerhub.names import ImageName
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.questions import Questions


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
    chosen = chosen_platforms(questions, stored, image, platform)
    found, lacking = [], []
    for key, entry in chosen.entries.items():
        try:
            contents = contents_of(stored, image, key, entry)
        except NotStored as error:
            lacking.append(not_answered(error, image, key))
        else:
            found.append(platform_lineage(questions, stored, contents, chosen.own, limit))
    if not found:
        raise lacking[0]
    return Lineage(name_of(image), tuple(found), (*chosen.notes, *map(str, lacking)))
