"""The layers of an image: shared base layers below, its own above."""

from __future__ import annotations

from functools import lru_cache

from dockerhub.standin.chance import digest, number
from dockerhub.standin.truth import Image, Layer

BASE_COUNT = 6
_BASE_STEPS = (
    "ADD file:{key} in / ",
    "/bin/sh -c set -eu; groupadd -r svc && useradd -r -g svc svc",
    "/bin/sh -c refresh-packages && install-package ca-certificates tzdata",
)
_OWN_STEPS = (
    "RUN /bin/sh -c fetch-release && unpack-release /opt/app # buildkit",
    "COPY rootfs/ / # buildkit",
    "/bin/sh -c chown -R svc:svc /opt/app && rm -rf /tmp/*",
)


@lru_cache(maxsize=256)
def base_layers(base: int, platform: tuple[str, str, str | None, str | None]) -> tuple[Layer, ...]:
    """Return the layers of base image *base* for one (os, architecture, variant, os_version).

    They are the same in every repository and every world.
    """
    steps = _BASE_STEPS[: 1 + base % len(_BASE_STEPS)]
    return tuple(
        Layer(
            digest=digest("base", base, *platform, position),
            size=1_500_000 // (position + 1)
            + number("base", base, *platform, position) % 9_999_999,
            instruction=step.format(key=digest("file", base, *platform)[7:]),
        )
        for position, step in enumerate(steps)
    )


@lru_cache(maxsize=256)
def base_size(base: int, platform: tuple[str, str, str | None, str | None]) -> int:
    """Return the compressed bytes of the layers of base image *base*."""
    return sum(layer.size for layer in base_layers(base, platform))


def own_size(image_digest: str) -> int:
    """Return the compressed bytes of the layers that only the image *image_digest* has."""
    first, second, third = _own_sizes(image_digest)
    return first + second + third


def _own_sizes(image_digest: str) -> tuple[int, int, int]:
    # Read off the digest, so that a page of tags need not make the layers to know their sum.
    packed = int(image_digest[7:23], 16)
    return (
        1_000 + packed % 30_000_000,
        200 + (packed >> 25) % 400_000,
        32 + (packed >> 44) % 4_096,
    )


def layers_of(image: Image) -> tuple[Layer, ...]:
    """Return the build steps of *image*, bottom first; their sizes add up to its size.

    Steps without a digest changed metadata only. An attestation has none.
    Source: the shape of hub.docker.com's ``/tags/{tag}/images`` (undocumented).
    """
    if image.base is None:
        return ()
    platform = (image.os, image.architecture, image.variant, image.os_version)
    own = [
        Layer(digest=digest(image.digest, position), size=size, instruction=step)
        for position, (size, step) in enumerate(
            zip(_own_sizes(image.digest), _OWN_STEPS, strict=True)
        )
    ]
    base = base_layers(image.base, platform)
    return (*base, _empty(' CMD ["/bin/sh"]'), _empty("ENV LANG=C.UTF-8"), *own, _entry(image))


def _empty(instruction: str) -> Layer:
    return Layer(digest=None, size=0, instruction=instruction)


def _entry(image: Image) -> Layer:
    return _empty(f'CMD ["/opt/app/run" "--arch={image.architecture}"]')
