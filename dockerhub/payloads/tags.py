"""Tags: a page of them, or one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from dockerhub.errors import NameRefused, PayloadError
from dockerhub.items import ImageRow, TagRow
from dockerhub.names import digest_bytes, is_tag
from dockerhub.payloads.wire import Count, ListReader, decode_row, moment

if TYPE_CHECKING:
    from dockerhub.payloads.wire import Listing


class WireImage(msgspec.Struct, frozen=True):
    """One entry of `images`: `features` and its like are "" in lists and null elsewhere."""

    architecture: str | None = None
    os: str | None = None
    variant: str | None = None
    os_version: str | None = None
    features: str | None = None
    os_features: str | None = None
    digest: str | None = None
    size: Count | None = None

    def row(self, position: int | None = None) -> ImageRow:
        """Return the image, the one at *position* of its tag if it has one, "" read as missing.

        :raises NameRefused: if its digest is none
        """
        return ImageRow(
            _digest(self.digest, position) if self.digest else None,
            self.size,
            self.os or None,
            self.architecture or None,
            self.variant or None,
            self.os_version or None,
            self.features or None,
            self.os_features or None,
        )


_IMAGES = msgspec.json.Decoder(list[WireImage] | None)
_NO_IMAGES = msgspec.Raw(b"null")
_MOST_REMEMBERED_BYTES = 32 * 1024


class WireTag(msgspec.Struct, frozen=True):
    """A tag as lists and the single endpoint give it.

    The documentation calls `tag_status` `status` and `images` an object; no recording does.
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """

    name: str
    images: msgspec.Raw = _NO_IMAGES
    digest: str | None = None
    full_size: Count | None = None
    last_updated: str | None = None
    tag_last_pushed: str | None = None
    tag_last_pulled: str | None = None
    tag_status: str | None = None
    media_type: str | None = None
    content_type: str | None = None

    def row(self) -> TagRow:
        """Return the tag.

        :raises NameRefused: if its name or a digest is none
        :raises PayloadError: if its images cannot be read
        """
        if not is_tag(self.name):
            raise NameRefused("a tag", self.name, ".name")
        return TagRow(
            self.name,
            _digest(self.digest) if self.digest else None,
            self.full_size or None,
            moment(self.last_updated, "last_updated"),
            moment(self.tag_last_pushed, "tag_last_pushed"),
            moment(self.tag_last_pulled, "tag_last_pulled"),
            self.tag_status or None,
            self.media_type or None,
            self.content_type or None,
            _images(bytes(self.images)),
        )


def _images(raw: bytes) -> tuple[ImageRow, ...]:
    # Only what is small is remembered: a page that means harm has 16 MiB.
    return _remembered_images(raw) if len(raw) <= _MOST_REMEMBERED_BYTES else _read_images(raw)


def _read_images(raw: bytes) -> tuple[ImageRow, ...]:
    """Return what `images` of a tag says.

    :raises NameRefused: if a digest is none
    :raises PayloadError: naming the place below the tag
    """
    if raw == b'""':
        return ()
    try:
        wires: list[WireImage] | None = decode_row(_IMAGES, raw)
    except PayloadError as error:
        raise PayloadError(str(error).replace("$", "$.images", 1)) from error
    return tuple([image.row(position) for position, image in enumerate(wires or ())])


# Names of one digest follow each other in a list and repeat its images word for word: reading them
# once saves a third of the time that a page takes, and the garbage collector most of its work.
_remembered_images = lru_cache(maxsize=64)(_read_images)


def _digest(text: str, image: int | None = None) -> bytes:
    try:
        return digest_bytes(text)
    except NameRefused as error:
        error.place = ".digest" if image is None else f".images[{image}].digest"
        raise


_PAGES: ListReader[TagRow] = ListReader(WireTag)
_TAG = msgspec.json.Decoder(WireTag)


def read_tag_page(body: bytes) -> Listing[TagRow]:
    """Return what one page of `GET /v2/namespaces/{namespace}/repositories/{name}/tags` says.

    :raises PayloadError: if `results` is missing; a bad row is left out and told in `refusals`
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    return _PAGES.read(body)


def read_tag(body: bytes) -> TagRow:
    """Return what `GET .../tags/{tag}` says.

    :raises PayloadError: if it is no tag
    """
    wire: WireTag = decode_row(_TAG, body)
    try:
        return wire.row()
    except NameRefused as error:
        raise PayloadError(f"${error.place}: {error}") from error
