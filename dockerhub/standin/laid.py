"""What was laid into a repository by hand: it looks to Docker Hub as it was said to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.standin.truth import Digests, Image, ImageSet

if TYPE_CHECKING:
    from dockerhub.standin.contents import Stored


@dataclass(frozen=True, slots=True)
class Laid:
    """A manifest under its *digest*, which may be a wrong one, and what Docker Hub shows of it."""

    digest: str
    stored: Stored
    shown: ImageSet

    def image_set(self) -> ImageSet:
        return self.shown

    def manifest(self) -> tuple[str, Stored]:
        return self.digest, self.stored

    def digests(self) -> Digests:
        return Digests(tag=self.digest, index=None, images=(), configs=(), attestations=())


def shown_set(
    digest: str, media_type: str, content_type: str, images: tuple[Image, ...], size: int
) -> ImageSet:
    """Return what Docker Hub shows of something that no push of the world made."""
    return ImageSet(
        digest=digest,
        media_type=media_type,
        content_type=content_type,
        images=images,
        full_size=size,
        status="active",
        last_pulled=None,
        shows_pushed=True,
    )
