"""Writes images by hand, as an OCI image layout: every byte of them is known before it is pushed.

Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md (read 2026-11-22)
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Descriptor = dict[str, Any]

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
TAR_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
NO_PLATFORM = {"architecture": "unknown", "os": "unknown"}


def digest_of(content: bytes) -> str:
    """Return the digest of *content* as registries write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Layout:
    """An image layout in *folder*: blobs by their digest, and tags that name some of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tags: dict[str, Descriptor] = {}
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")

    def blob(self, content: bytes, media_type: str, **more: object) -> Descriptor:
        """Keep *content*; return its descriptor, with *more* fields."""
        digest = digest_of(content)
        self._path(digest).write_bytes(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content), **more}

    def document(self, content: object, media_type: str, **more: object) -> Descriptor:
        """Keep *content* as JSON; return its descriptor, with *more* fields."""
        text = json.dumps(content, separators=(",", ":")).encode()
        return self.blob(text, media_type, **more)

    def read(self, digest: str) -> bytes:
        return self._path(digest).read_bytes()

    def tag(self, name: str, descriptor: Descriptor) -> None:
        """Let *name* stand for *descriptor*, so that skopeo finds it by `oci:folder:name`."""
        self.tags[name] = descriptor
        named = [
            {**entry, "annotations": {"org.opencontainers.image.ref.name": name}}
            for name, entry in self.tags.items()
        ]
        text = json.dumps({"schemaVersion": 2, "manifests": named})
        (self.folder / "index.json").write_text(text, encoding="utf-8")

    def _path(self, digest: str) -> Path:
        return self.folder / "blobs" / "sha256" / digest.removeprefix("sha256:")


@dataclass(frozen=True)
class Layer:
    """A layer: its compressed form, and the digest of what it is unpacked."""

    descriptor: Descriptor
    diff_id: str


@dataclass(frozen=True)
class Step:
    """One line of an image's history; without a layer it changed metadata only."""

    instruction: str
    created: str
    layer: Layer | None = None


def gzip_layer(layout: Layout, files: Mapping[str, str]) -> Layer:
    """Return a layer of *files* as builders pack it."""
    unpacked = _tar(files)
    packed = gzip.compress(unpacked, mtime=0)
    return Layer(layout.blob(packed, TAR_GZIP), digest_of(unpacked))


def zstd_layer(layout: Layout, files: Mapping[str, str]) -> Layer:
    """Return a layer of *files* in the other packing."""
    unpacked = _tar(files)
    return Layer(layout.blob(_zstd(unpacked), TAR_ZSTD), digest_of(unpacked))


def empty_layer(layout: Layout) -> Layer:
    """Return the layer of nothing that is in very many images, as Docker's builders packed it."""
    packed = bytes.fromhex("1f8b08000000000000ff621805a360148c5800080000ffff2eafb5ef00040000")
    return Layer(layout.blob(packed, TAR_GZIP), digest_of(bytes(1024)))


def foreign_layer(files: Mapping[str, str], url: str) -> Layer:
    """Return a layer that is fetched from *url*, and that no registry has: Windows' own."""
    unpacked = _tar(files)
    packed = gzip.compress(unpacked, mtime=0)
    descriptor = {"mediaType": FOREIGN, "digest": digest_of(packed), "size": len(packed)}
    return Layer({**descriptor, "urls": [url]}, digest_of(unpacked))


def image(
    layout: Layout,
    platform: Mapping[str, str],
    steps: Sequence[Step],
    run: Mapping[str, Any],
    **annotations: str,
) -> Descriptor:
    """Keep an image that starts as *run* says; return its descriptor as an index would list it."""
    layers = [step.layer for step in steps if step.layer is not None]
    config = layout.document(
        {
            "created": steps[-1].created,
            **platform,
            "config": run,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [_history(step) for step in steps],
        },
        CONFIG,
    )
    found = manifest(layout, config, [layer.descriptor for layer in layers])
    more = {"annotations": annotations} if annotations else {}
    return {**found, "platform": dict(platform), **more}


def manifest(
    layout: Layout, config: Descriptor, layers: Sequence[Descriptor], **more: object
) -> Descriptor:
    """Keep a manifest of *config* and *layers*, with *more* fields; return its descriptor."""
    content = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": list(layers)}
    return layout.document({**content, **more}, MANIFEST)


def index(layout: Layout, members: Sequence[Descriptor], **annotations: str) -> Descriptor:
    """Keep an index of *members*; return its descriptor."""
    content = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(members)}
    more = {"annotations": annotations} if annotations else {}
    return layout.document({**content, **more}, INDEX)


def untyped(layout: Layout, descriptor: Descriptor) -> Descriptor:
    """Keep the same without `mediaType` in its body, where it need not be; return what it is."""
    content = json.loads(layout.read(descriptor["digest"]))
    del content["mediaType"]
    return {**descriptor, **layout.document(content, descriptor["mediaType"])}


def artifact(
    layout: Layout, config_type: str, content: Mapping[str, bytes], **more: object
) -> Descriptor:
    """Keep what is no image: *content* is by its media type; return its descriptor."""
    config = layout.document({}, config_type)
    layers = [layout.blob(each, media_type) for media_type, each in content.items()]
    return manifest(layout, config, layers, **more)


def _history(step: Step) -> dict[str, Any]:
    line = {"created": step.created, "created_by": step.instruction}
    return line if step.layer is not None else {**line, "empty_layer": True}


def _tar(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def _zstd(content: bytes) -> bytes:
    """Return *content* as a frame of stored blocks: packing is not what is tried here.

    Source: https://www.rfc-editor.org/rfc/rfc8878 section 3.1.1 (read 2026-11-22)
    """
    whole, most = len(content), 1 << 17
    frame = [b"\x28\xb5\x2f\xfd", b"\xa0", whole.to_bytes(4, "little")]
    for start in range(0, whole, most):
        block = content[start : start + most]
        is_last = start + most >= whole
        frame += [(len(block) << 3 | is_last).to_bytes(3, "little"), block]
    return b"".join(frame)
