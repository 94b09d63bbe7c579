"""The images of one push, generated from its key alone."""

from __future__ import annotations

from dataclasses import dataclass

from dockerhub.standin.chance import digest, many_digits, number
from dockerhub.standin.layers import BASE_COUNT, base_size, own_size
from dockerhub.standin.moments import SECOND, START, microseconds, moment_text
from dockerhub.standin.shape import LINUX, WINDOWS, Shape
from dockerhub.standin.truth import Image, ImageSet

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
# A tag of one platform carries the type of its config, not of its manifest.
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
_WHOLE_SECONDS_BEFORE = microseconds(2021)
_NANOSECONDS_SINCE = microseconds(2024)

Platform = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Push:
    """One push: *key* names it within its repository, *at* is its moment in microseconds.

    A *legacy* push is shown without ``digest``; a *generated* one may have oddities. *blueprint*
    is that of the repository.
    """

    blueprint: Blueprint
    key: str
    at: int
    legacy: bool = False
    generated: bool = True

    def image_set(self) -> ImageSet:
        return self.blueprint.image_set(self)


class Blueprint:
    """What the images of one *repository* (seed and full name) have in common."""

    __slots__ = ("_bases", "_last", "_platforms", "repository", "shape")

    def __init__(self, repository: str, shape: Shape) -> None:
        self.repository, self.shape = repository, shape
        self._platforms = _platforms(repository, shape)
        # Two base images: the one that old pushes stand on, and today's.
        self._bases = tuple(number(repository, "base", old) % BASE_COUNT for old in (False, True))
        self._last: tuple[Push, ImageSet] | None = None

    def image_set(self, push: Push) -> ImageSet:
        """Return what *push* put there: the images, their digest, their state."""
        # Tags of one push stand next to each other, so remembering one saves most of the work.
        last = self._last
        if last is not None and last[0] is push:
            return last[1]
        made = self._image_set(push)
        self._last = (push, made)
        return made

    def _image_set(self, push: Push) -> ImageSet:
        shape = self.shape
        digits = many_digits(2 + len(self._platforms), self.repository, push.key)
        throws = bytes.fromhex(digits[:64])
        if push.generated and throws[0] < shape.imageless * 256:
            return _imageless(None if push.legacy else f"sha256:{digits[64:128]}")
        images = self._images(push, digits[128:], throws)
        attested = throws[1] < shape.attestations * 256
        if attested:
            images += tuple(_attestation(image) for image in images)
        single = len(images) == 1
        untyped = push.legacy and throws[2] % 2 == 0
        media_type = CONFIG_TYPE if single else INDEX_TYPES[0 if attested else throws[3] % 2]
        index = images[0].digest if single else f"sha256:{digits[64:128]}"
        return ImageSet(
            digest=None if push.legacy else index,
            media_type=None if untyped else media_type,
            content_type=None if untyped else "image",
            images=images,
            full_size=0 if push.legacy and not single else images[0].size,
            status=images[0].status,
            last_pulled=images[0].last_pulled,
            shows_pushed=throws[4] % 16 != 0,
        )

    def _images(self, push: Push, digits: str, throws: bytes) -> tuple[Image, ...]:
        base = self._bases[push.legacy]
        status = "inactive" if push.generated and throws[5] % 3 == 0 else "active"
        pulled, pushed = _pulled_text(push.at, throws), _pushed_text(push.at, throws)
        images = []
        for place, (os, architecture, variant, os_version) in enumerate(self._platforms):
            own = f"sha256:{digits[64 * place : 64 * place + 64]}"
            image = Image(
                os=os,
                architecture=architecture,
                variant=variant,
                os_version=os_version,
                digest=own,
                size=base_size(base, (os, architecture, variant, os_version)) + own_size(own),
                status=status,
                last_pulled=pulled,
                last_pushed=pushed,
                base=base,
            )
            images.append(image)
        return tuple(images)


def _platforms(repository: str, shape: Shape) -> tuple[Platform, ...]:
    """Return (os, architecture, variant, os_version) of what *repository* is built for."""
    throw = number(repository, "platforms")
    # Docker Hub shows arm64 both with and without its variant, depending on who built it.
    bare = throw % 2 == 0
    chosen: list[Platform] = [
        ("linux", architecture, None if bare and architecture == "arm64" else variant, None)
        for architecture, variant in LINUX[: shape.platforms]
    ]
    if shape.windows or (shape.windows is None and throw // 2 % 12 == 0):
        chosen += [("windows", "amd64", None, version) for version in WINDOWS]
    return tuple(chosen)


def _imageless(index: str | None) -> ImageSet:
    return ImageSet(
        digest=index,
        media_type=INDEX_TYPES[0],
        content_type="unrecognized",
        images=(),
        full_size=0,
        status="inactive",
        last_pulled=None,
        shows_pushed=True,
    )


def _attestation(image: Image) -> Image:
    own = digest(image.digest, "attestation")
    return Image(
        os="unknown",
        architecture="unknown",
        variant=None,
        os_version=None,
        digest=own,
        size=900 + int(own[7:11], 16),
        status=image.status,
        last_pulled=None,
        last_pushed=image.last_pushed,
        base=None,
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
