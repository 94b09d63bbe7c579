"""Answers what an image is made of: its platforms, layers, build steps, config, attestations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.contents import Base, Descriptor
from dockerhub.kinds import ManifestKind
from dockerhub.names import DIGEST_PREFIX, digest_bytes
from dockerhub.store.connection import ReadConnection
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.names import RepositoryName

_DIGEST_BYTES = 32


class ImagePlatform(NamedTuple):
    """One platform of a tag or an index."""

    digest: bytes
    """32 bytes of the platform's manifest"""
    platform: str | None
    """`linux/arm64/v8`; None where nobody said it"""
    os_version: str | None
    size: int | None
    """compressed bytes of the layers together; None where nobody said it"""
    config_digest: bytes | None
    """None too where only Hub spoke of the manifest"""
    index_digest: bytes | None
    """32 bytes of the index that it was found in; None where it was found by itself"""


class StoredStep(NamedTuple):
    """One step of a build."""

    instruction: str | None
    layer: bytes | None
    """32 bytes of the layer that it made; None where it changed metadata only"""
    size: int | None
    """compressed bytes of that layer"""
    created: int | None


class StoredConfig(NamedTuple):
    """An image's config."""

    digest: bytes
    size: int
    platform: str | None
    os_version: str | None
    created: int | None
    author: str | None
    user: str | None
    working_dir: str | None
    stop_signal: str | None
    entrypoint: tuple[str, ...] | None
    cmd: tuple[str, ...] | None
    env: tuple[str, ...]
    volumes: tuple[str, ...]
    exposed_ports: tuple[str, ...]
    diff_ids: tuple[bytes, ...]
    labels: dict[str, str]


class StoredAttestation(NamedTuple):
    """What is stated about an image."""

    digest: bytes
    predicate_type: str | None
    builder: str | None
    build_type: str | None
    source: str | None
    revision: str | None
    dockerfile: str | None
    package_count: int | None
    detail: str | None
    """why it was not read, where it was not"""
    bases: tuple[Base, ...]


class ImagesReader:
    """The questions about single images. Digests are 32 bytes; for one thread at a time."""

    def __init__(self, url: str) -> None:
        self._connection = ReadConnection(url)
        self._sql = load_queries("images_reading")

    def platforms_of(self, repository: RepositoryName, reference: str) -> list[ImagePlatform]:
        """Return the platforms of a tag, or of what a `sha256:...` digest names.

        Attestations are left out; nothing comes of a tag that is not known or gone. A digest means
        the same in every repository.
        """
        if reference.startswith(DIGEST_PREFIX):
            digest = digest_bytes(reference)
            sets = self._rows("image_set", digest)
            return self._platforms(sets[0][0] if sets else None, digest)
        shown = self._rows("tag", reference, *repository)
        return self._platforms(*shown[0]) if shown else []

    def layers_of(self, manifest: bytes) -> list[Descriptor]:
        """Return the layers of a manifest, bottom first."""
        return [Descriptor(*row) for row in self._rows("layers", manifest)]

    def steps_of(self, manifest: bytes) -> list[StoredStep]:
        """Return the steps of a manifest's build, first one first."""
        return [StoredStep(*row) for row in self._rows("steps", manifest)]

    def config_of(self, manifest: bytes) -> StoredConfig | None:
        """Return the config of a manifest, None if it is not stored."""
        rows = self._rows("config", manifest)
        if not rows:
            return None
        config_id, digest, size, *platform, created, author, user, folder, signal = rows[0][:12]
        entrypoint, cmd, env, volumes, ports, diff_ids = rows[0][12:]
        return StoredConfig(
            digest,
            size,
            _platform(*platform[:3]),
            platform[3] or None,
            created,
            author,
            user,
            folder,
            signal,
            _list(entrypoint),
            _list(cmd),
            _list(env) or (),
            _list(volumes) or (),
            tuple(ports.split("|")) if ports else (),
            tuple(_digests(diff_ids or b"")),
            dict(self._rows("labels", config_id)),
        )

    def attestations_of(
        self, manifest: bytes, index: bytes | None = None
    ) -> list[StoredAttestation]:
        """Return what is stated about the image with this manifest, by *index* if it is given."""
        asked = {"digest": manifest, "index": index}
        rows = self._connection.rows(self._sql["attestations"], asked)
        return [
            StoredAttestation._make([*said, tuple(self._bases(number))]) for number, *said in rows
        ]

    def annotations_of(self, manifest: bytes, member: bytes | None = None) -> dict[str, str]:
        """Return what a manifest says of itself, or what an index says of one of its members."""
        if member is None:
            return dict(self._rows("annotations", manifest))
        return dict(self._rows("member_annotations", manifest, member))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _platforms(self, set_id: int | None, digest: bytes | None) -> list[ImagePlatform]:
        rows = [] if set_id is None else self._rows("told_platforms", set_id)
        if not rows and digest is not None:
            named = {"digest": digest}
            rows = self._connection.rows(self._sql["stored_platforms"], named)
        return [
            ImagePlatform(
                found,
                _platform(*words[:3]),
                words[3] or None,
                size,
                config_digest,
                None if found == digest else digest,
            )
            for found, *words, size, config_digest, kind in rows
            if kind != ManifestKind.ATTESTATION and words[:2] != ["unknown", "unknown"]
        ]

    def _bases(self, attestation_id: int) -> Iterator[Base]:
        return (Base(*row) for row in self._rows("bases", attestation_id))

    def _rows(self, name: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._connection.rows(self._sql[name], parameters)


def _platform(os: str | None, architecture: str | None, variant: str | None) -> str | None:
    if not os and not architecture:
        return None
    return "/".join([os or "unknown", architecture or "unknown", *([variant] if variant else [])])


def _list(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _digests(joined: bytes) -> Iterator[bytes]:
    for start in range(0, len(joined), _DIGEST_BYTES):
        yield joined[start : start + _DIGEST_BYTES]
