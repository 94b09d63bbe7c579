"""The layers of an image: shared base layers below, its own above.

Source: the shape of hub.docker.com's ``/tags/{tag}/images`` (undocumented), which shows the
``created_by`` of an image's history, without what the classic builder puts before it.
"""

from __future__ import annotations

from typing import NamedTuple

from dockerhub.standin.bases import base_layers
from dockerhub.standin.formats import EMPTY_LAYER, EMPTY_LAYER_SIZE
from dockerhub.standin.truth import Builder, Image, Layer

EMPTY, NONE = 3, 4
"""The places of the layer that changed no file, and of none."""
BASE_ENTRY = ' CMD ["/bin/sh"]'
NOP = "/bin/sh -c #(nop) "
"""What the classic builder writes before a step that runs nothing."""
BUILDKIT = "buildkit.dockerfile.v0"
"""The comment of every step of BuildKit."""


class Step(NamedTuple):
    """One step on top of the base image.

    *place* is that of its layer among the image's own ones, `EMPTY` or `NONE`.
    ``{copied}`` stands for the digest of what was copied, ``{architecture}`` for the platform's.
    """

    text: str
    place: int = NONE


STEPS: dict[Builder, tuple[Step, ...]] = {
    "classic": (
        Step(" ENV LANG=C.UTF-8"),
        Step("/bin/sh -c fetch-release && unpack-release /opt/app", 0),
        Step("COPY dir:{copied} in / ", 1),
        Step(" WORKDIR /opt/app"),
        Step("/bin/sh -c chown -R svc:svc /opt/app && rm -rf /tmp/*", 2),
        Step(" EXPOSE 8080"),
        Step(' ENTRYPOINT ["/opt/app/run"]'),
        Step(' CMD ["--arch={architecture}"]'),
    ),
    "buildkit": (
        Step("ENV LANG=C.UTF-8"),
        Step("RUN /bin/sh -c fetch-release && unpack-release /opt/app # buildkit", 0),
        Step("COPY rootfs/ / # buildkit", 1),
        Step("WORKDIR /opt/app", EMPTY),
        Step("RUN /bin/sh -c chown -R svc:svc /opt/app && rm -rf /tmp/* # buildkit", 2),
        Step("EXPOSE map[8080/tcp:{{}}]"),
        Step('ENTRYPOINT ["/opt/app/run"]'),
        Step('CMD ["--arch={architecture}"]'),
    ),
}
"""What is done in every image, bottom first; the last step alone is the platform's."""


def created_by(instruction: str, builder: Builder) -> str:
    """Return what stands in an image's history for what Docker Hub shows as *instruction*."""
    runs = builder == "buildkit" or instruction.startswith("/bin/sh -c ")
    return instruction if runs else NOP + instruction


def last_of(first: str) -> str:
    """Return the digits of the digest of an image's last layer, by those of its first own one."""
    return first[32:] + first[:32]


def first_and_last_size(first: str) -> tuple[int, int]:
    """Return the compressed bytes of these two layers.

    They are read off the digests, so that a page of tags need not make the layers to know them.
    """
    packed = int(first[:16], 16)
    return 1_000 + packed % 30_000_000, 32 + (packed >> 32) % 4_096


def copied_size(digits: str) -> int:
    """Return the compressed bytes of the layer of copied files, by the digits of its digest."""
    return 200 + int(digits[:8], 16) % 400_000


def layers_of(image: Image) -> tuple[Layer, ...]:
    """Return the build steps of *image*, bottom first; their sizes add up to its size.

    Steps without a digest changed metadata only. What was built by nobody has none.
    """
    if image.base is None or image.builder is None:
        return ()
    platform = (image.os, image.architecture, image.variant, image.os_version)
    base = base_layers(image.base, platform)
    first_size, last_size = first_and_last_size(image.first)
    own = (
        (f"sha256:{image.first}", first_size),
        (f"sha256:{image.copied}", copied_size(image.copied)),
        (f"sha256:{last_of(image.first)}", last_size),
        (EMPTY_LAYER, EMPTY_LAYER_SIZE),
        (None, 0),
    )
    empty = Layer(digest=None, size=0, instruction=BASE_ENTRY)
    return (*base, empty, *(_layer(image, step, own[step.place]) for step in STEPS[image.builder]))


def _layer(image: Image, step: Step, found: tuple[str | None, int]) -> Layer:
    text = step.text.format(copied=image.copied, architecture=image.architecture)
    return Layer(digest=found[0], size=found[1], instruction=text)
