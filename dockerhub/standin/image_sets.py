"""What Docker Hub shows of a push: its images and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.formats import OCI
from dockerhub.standin.moments import SECOND, START, microseconds, moment_text
from dockerhub.standin.truth import Image, ImageSet

if TYPE_CHECKING:
    from dockerhub.standin.contents import Contents
    from dockerhub.standin.images import Push
    from dockerhub.standin.truth import Platform

_WHOLE_SECONDS_BEFORE = microseconds(2021)
_NANOSECONDS_SINCE = microseconds(2024)
_ATTESTED: Platform = ("unknown", "unknown", None, None)
"""The platform of an attestation."""


def image_set(
    push: Push, contents: Contents, platforms: tuple[Platform, ...], throws: bytes
) -> ImageSet:
    """Return what Docker Hub shows of *push*; *throws* decide about its oddities."""
    make = contents.make
    images = _images(push, contents, platforms, throws)
    single = len(images) == 1
    untyped = push.legacy and throws[2] % 2 == 0
    # A tag of one platform carries the type of its config, not of its manifest.
    media_type = make.format.config_type if single else make.format.index_type
    return ImageSet(
        digest=None if push.legacy else contents.tag,
        media_type=None if untyped else media_type,
        content_type=None if untyped else "image",
        images=images,
        full_size=0 if push.legacy and not single else images[0].size,
        status=images[0].status,
        last_pulled=images[0].last_pulled,
        shows_pushed=throws[4] % 16 != 0,
    )


def _images(
    push: Push, contents: Contents, platforms: tuple[Platform, ...], throws: bytes
) -> tuple[Image, ...]:
    make = contents.make
    status = "inactive" if push.generated and throws[5] % 3 == 0 else "active"
    pulled, pushed = _pulled_text(push.at, throws), _pushed_text(push.at, throws)
    base, builder, copied = make.base, make.builder, contents.copied
    # By their places: a page of tags makes hundreds.
    images = [
        Image(*platform, digest, size, status, pulled, pushed, base, builder, first, copied)
        for (digest, size, first), platform in zip(contents.images, platforms, strict=True)
    ]
    for digest, size, _ in contents.attestations:
        images.append(Image(*_ATTESTED, digest, size, status, None, pushed, None))
    return tuple(images)


def imageless_set(index: str | None) -> ImageSet:
    """Return what Docker Hub shows of an index of nothing."""
    return ImageSet(
        digest=index,
        media_type=OCI.index_type,
        content_type="unrecognized",
        images=(),
        full_size=0,
        status="inactive",
        last_pulled=None,
        shows_pushed=True,
    )


def _pulled_text(pushed_at: int, throws: bytes) -> str | None:
    if throws[6] % 16 == 0:
        return None
    share = int.from_bytes(throws[7:10]) / 2**24
    at = pushed_at + 5 * SECOND + int(max(START - pushed_at, 0) * share)
    nanoseconds = int.from_bytes(throws[10:12]) % 1000 if at >= _NANOSECONDS_SINCE else 0
    return moment_text(at, nanoseconds)


def _pushed_text(pushed_at: int, throws: bytes) -> str | None:
    if throws[12] % 16 == 0:
        return None
    if pushed_at < _WHOLE_SECONDS_BEFORE:
        return moment_text(pushed_at // SECOND * SECOND)
    return moment_text(pushed_at - 2 * SECOND)
