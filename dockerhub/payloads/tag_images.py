"""The images of a tag as Hub shows them: with their layers and build steps, without a pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dockerhub.caps import MOST_STEPS, PAGE_BYTES
from dockerhub.contents import BuildStep, BuiltImage, Descriptor
from dockerhub.errors import NameRefused, PayloadError
from dockerhub.items import ImageRow, TagImages
from dockerhub.names import digest_bytes
from dockerhub.payloads.bodies import decode_body, entries, kept, placed
from dockerhub.payloads.descriptors import MOST_WORD
from dockerhub.payloads.tags import WireImage
from dockerhub.payloads.wire import Size, decode_row

if TYPE_CHECKING:
    from dockerhub.names import RepositoryName

MOST_IMAGES = 1000
MOST_INSTRUCTION = 64 * 1024
"""Signs of one build step; what is longer is cut."""


class WireBuildStep(msgspec.Struct, frozen=True):
    """One entry of `layers`: without a digest it changed metadata only, and its size is 0."""

    digest: str | None = None
    size: Size | None = None
    instruction: str | None = None


class WireBuiltImage(WireImage, frozen=True):
    """An image as tag lists have it, and what it is made of, bottom first."""

    layers: msgspec.Raw = msgspec.Raw(b"")

    @property
    def is_attestation(self) -> bool:
        """Whether it stands for what BuildKit attests of an image, which has no build steps."""
        return self.os == self.architecture == "unknown" and bytes(self.layers) in _NOTHING

    def built(self) -> BuiltImage:
        """Return the image.

        :raises PayloadError: naming the place in the image, if it says not all of what it is
        """
        if not self.digest:
            raise PayloadError("$.digest: expected a digest, got none")
        found = entries(self.layers, "$.layers", MOST_STEPS, "build steps")
        if not found:
            raise PayloadError("$.layers: expected build steps, got none")
        layers: list[Descriptor] = []
        steps: list[BuildStep] = []
        for position, raw in enumerate(found):
            place = f"$.layers[{position}]"
            try:
                wire: WireBuildStep = decode_row(_STEP, bytes(raw))
            except PayloadError as error:
                raise placed(error, place) from error
            instruction = kept(wire.instruction, MOST_INSTRUCTION)
            if wire.digest:
                steps.append(BuildStep(instruction, len(layers)))
                layers.append(Descriptor(_digest(wire.digest, place), wire.size or None, None))
            elif wire.size:
                raise PayloadError(f"{place}.digest: expected one for {wire.size} bytes, got none")
            else:
                steps.append(BuildStep(instruction, None))
        _digest(self.digest, "$")
        row = self.row()
        words = [kept(word, MOST_WORD) for word in row[2:]]
        return BuiltImage(ImageRow(*row[:2], *words), tuple(layers), tuple(steps))


_NOTHING = frozenset({b"", b"null", b"[]"})
_IMAGES = msgspec.json.Decoder(list[msgspec.Raw])
_IMAGE = msgspec.json.Decoder(WireBuiltImage)
_STEP = msgspec.json.Decoder(WireBuildStep)


def read_tag_images(
    body: bytes, repository: RepositoryName, tag: str, seen: int
) -> tuple[TagImages, tuple[str, ...]]:
    """Return what `GET .../tags/{tag}/images` says, and why images of it were left out.

    An image is whole or left out: a layer missing would make it another one. A layer of 0 bytes is
    one of which Hub does not know the size. The endpoint was never documented; this is what
    recordings of 2022 to 2026 have.

    :raises PayloadError: if it is no list, or far too long
    """
    found: list[msgspec.Raw] = decode_body(_IMAGES, body, PAGE_BYTES)
    if len(found) > MOST_IMAGES:
        raise PayloadError(f"$: expected at most {MOST_IMAGES} images, got {len(found)}")
    rows: list[BuiltImage] = []
    refusals: list[str] = []
    for position, raw in enumerate(found):
        try:
            wire: WireBuiltImage = decode_row(_IMAGE, bytes(raw))
            if not wire.is_attestation:
                rows.append(wire.built())
        except PayloadError as error:
            refusals.append(str(placed(error, f"$[{position}]")))
    item = TagImages(seen=seen, repository=repository, tag=tag, rows=tuple(rows))
    return item, tuple(refusals)


def _digest(text: str, place: str) -> bytes:
    try:
        return digest_bytes(text)
    except NameRefused as error:
        raise PayloadError(f"{place}.digest: {error}") from error
