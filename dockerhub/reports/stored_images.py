"""Images as they are stored: which platforms one has, and what each is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Self

from dockerhub.arguments import Scope
from dockerhub.errors import DockerhubError, NameRefused, StoreError
from dockerhub.names import OFFICIAL_NAMESPACE, read_image_name
from dockerhub.store.bases_reader import BasesReader
from dockerhub.store.database import bring_up_to_date
from dockerhub.store.images_reader import ImagesReader
from dockerhub.store.place import database_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.contents import Descriptor
    from dockerhub.names import ImageName
    from dockerhub.store.images_reader import ImagePlatform, StoredConfig, StoredStep

DEFAULT_PLATFORM = "linux/amd64"
_PLATFORM = re.compile(r"[a-z0-9_]+/[a-z0-9_]+(?:/[a-z0-9_.]+)?", re.ASCII)
_IMPLIED_VARIANTS = ("linux/arm64/v8", "linux/arm/v7")


class NotStored(DockerhubError):
    """Raised when an image, or what it is made of, is not in the database, by the reports.

    `fetch` are the arguments of the spider `manifests` that bring it, None if nothing would;
    `reason` is the message without the advice.
    """

    def __init__(self, message: str, fetch: dict[str, str] | None = None) -> None:
        given = " ".join(f"-a {name}={value}" for name, value in (fetch or {}).items())
        advice = f"; add --fetch, or run: scrapy crawl manifests {given}" if given else ""
        super().__init__(message + advice)
        self.reason = message
        self.fetch = fetch


class Stored:
    """The database as the reports about images ask it."""

    def __init__(self, url: str) -> None:
        """:raises StoreError: if there is none, or it cannot be used"""
        place = database_place(url)
        if not place.exists():
            raise StoreError(
                f"database {place.name}: expected one, {place.missing}; add --fetch, or crawl first"
            )
        bring_up_to_date(url)
        self.images = ImagesReader(url)
        self.bases = BasesReader(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.images.close()
        self.bases.close()


class Contents(NamedTuple):
    """What one platform's image is made of."""

    digest: bytes
    """32 bytes of its manifest"""
    platform: str
    os_version: str | None
    index_digest: bytes | None
    layers: Sequence[Descriptor]
    steps: Sequence[StoredStep]
    config: StoredConfig | None
    """None too where only Hub spoke of the image"""

    @property
    def is_windows(self) -> bool:
        """Whether paths have backslashes."""
        return self.platform.startswith("windows/")

    @property
    def size(self) -> int | None:
        """Compressed bytes of the layers together, None if one is not known."""
        sizes = [layer.size for layer in self.layers]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None


def read_image(text: str) -> ImageName:
    """Return the image that a user names.

    :raises NameRefused: if it is none
    """
    return read_image_name(text)


def read_platform(text: str | None) -> str | None:
    """Return the platform that a user names.

    :raises NameRefused: if it is none
    """
    if text is not None and not _PLATFORM.fullmatch(text):
        raise NameRefused("os/architecture[/variant], such as linux/arm64", text)
    return text


def reference_of(image: ImageName) -> str:
    """Return the digest of an image that is named by one, else its tag."""
    return image.digest or image.tag or "latest"


def name_of(image: ImageName) -> str:
    """Return an image as people name it, with its tag or digest."""
    repository = image.repository
    is_official = repository.namespace == OFFICIAL_NAMESPACE
    name = repository.name if is_official else str(repository)
    return f"{name}{'@' if image.digest else ':'}{reference_of(image)}"


def fetch_arguments(image: ImageName, platform: str | None) -> dict[str, str]:
    """Return the arguments with which the spider `manifests` brings all of an image.

    *platform* is one that a user named, or the key of one that is stored.
    """
    given = {"repo": name_of(image)}
    asked = (platform or "").partition(" ")[0]
    return given | {"platforms": asked} if _PLATFORM.fullmatch(asked) else given


def platforms_of(
    stored: Stored, image: ImageName, platform: str | None = None
) -> dict[str, ImagePlatform]:
    """Return the platforms of an image as they are stored, those that *platform* means if given.

    Each has a key by which another image's like platform is found: without the variant that is
    meant where none is said, and with as much of a Windows version as images of it share.

    :raises NotStored: if nothing is known of the image, or it has no such platform
    """
    entries = stored.images.platforms_of(image.repository, reference_of(image))
    if not entries:
        raise NotStored(
            f"{name_of(image)}: expected it in the database, it was not read or is gone",
            fetch_arguments(image, platform),
        )
    found = {_key(stored, entry, len(entries)): entry for entry in reversed(entries)}
    kept = {key: found[key] for key in reversed(found) if _is_asked(key, platform)}
    if not kept:
        known = ", ".join(reversed(found))
        raise NotStored(f"{name_of(image)}: expected the platform {platform}, it has {known}")
    return kept


def default_platform(keys: Sequence[str]) -> str:
    """Return linux/amd64 if it is there, else the first one."""
    return DEFAULT_PLATFORM if DEFAULT_PLATFORM in keys else keys[0]


def contents_of(stored: Stored, image: ImageName, key: str, entry: ImagePlatform) -> Contents:
    """Return what one platform of an image is made of.

    :raises NotStored: if its layers were never read
    """
    layers = stored.images.layers_of(entry.digest)
    steps = stored.images.steps_of(entry.digest)
    if not layers and not steps:
        raise NotStored(
            f"{name_of(image)} {key}: expected its layers in the database, they were not read",
            fetch_arguments(image, key),
        )
    config = stored.images.config_of(entry.digest)
    return Contents(entry.digest, key, entry.os_version, entry.index_digest, layers, steps, config)


def _key(stored: Stored, entry: ImagePlatform, count: int) -> str:
    platform, version = entry.platform, entry.os_version
    if platform is None:
        config = stored.images.config_of(entry.digest) if count == 1 else None
        platform = (config.platform if config else None) or "unknown"
    if platform in _IMPLIED_VARIANTS:
        platform = platform.rpartition("/")[0]
    return f"{platform} {'.'.join(version.split('.')[:3])}" if version else platform


def _is_asked(key: str, platform: str | None) -> bool:
    if platform is None:
        return True
    os, architecture, variant = (*key.partition(" ")[0].split("/"), "", "")[:3]
    return Scope(platforms=(platform,)).wants_platform(os, architecture, variant)
