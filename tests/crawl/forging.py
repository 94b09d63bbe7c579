"""Images as a test wants them, laid into a repository of a stand-in."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dockerhub.media_types import (
    ATTESTATION_REFERENCE,
    IN_TOTO,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    PREDICATE_TYPE,
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dockerhub.standin import World

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
SLSA = "https://slsa.dev/provenance/v0.2"
SPDX = "https://spdx.dev/Document"
UNKNOWN = {"os": "unknown", "architecture": "unknown"}

Descriptor = dict[str, Any]


def digest_of(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"


def text_of(value: Any) -> bytes:
    """Return JSON; a text may hold half a pair of surrogates, which becomes an escape."""
    return json.dumps(value, separators=(",", ":")).encode()


def layer(name: object, **more: Any) -> Descriptor:
    """Return the descriptor of a layer that nobody has."""
    made = {"mediaType": LAYER, "digest": digest_of(repr(name).encode()), "size": 1234}
    return made | more


def manifest(config: Descriptor, layers: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config,
        "layers": layers,
    } | more


def index(members: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members} | more


def member(digest: str, media_type: str = OCI_MANIFEST, **more: Any) -> Descriptor:
    """Return an entry of an index; its size is that of nothing."""
    platform = {"os": "linux", "architecture": "amd64"}
    return {"mediaType": media_type, "digest": digest, "size": UNSAID, "platform": platform} | more


UNSAID = 500
"""The size of a member that stands for its true one."""


class Forge:
    """Lays what it makes into *repository*; each of its methods returns a digest or descriptor."""

    def __init__(self, world: World, repository: str) -> None:
        self.world, self.repository = world, repository
        self.digests: dict[str, str] = {}
        """by tag"""
        self.sizes: dict[str, int] = {}
        """bytes of what was laid, by digest"""

    def blob(self, body: bytes, media_type: str, **more: Any) -> Descriptor:
        digest = self.world.put_blob(self.repository, body)
        return {"mediaType": media_type, "digest": digest, "size": len(body)} | more

    def config(self, name: object = "", **more: Any) -> Descriptor:
        """Lay a config; *name* makes it one of its own."""
        said = {"os": "linux", "architecture": "amd64", "config": {"Labels": {"name": str(name)}}}
        steps = {"rootfs": {"type": "layers", "diff_ids": []}, "history": []}
        return self.blob(text_of(said | steps | more), OCI_CONFIG)

    def put(
        self,
        tag: str | None,
        content: Mapping[str, Any] | bytes,
        media_type: str = OCI_MANIFEST,
        digest: str | None = None,
    ) -> str:
        """Lay a manifest or an index, as it is or as JSON."""
        body = content if isinstance(content, bytes) else text_of(content)
        found = self.world.put_content(self.repository, tag, body, media_type, digest=digest)
        self.sizes[found] = len(body)
        if tag is not None:
            self.digests[tag] = found
        return found

    def image(self, tag: str | None, **more: Any) -> str:
        """Lay an image; *more* is what its manifest says otherwise."""
        said = manifest(self.config(tag), [layer(tag)])
        return self.put(tag, said | more)

    def index(self, tag: str | None, members: Sequence[Any], **more: Any) -> str:
        return self.put(tag, index([self._sized(each) for each in members], **more), OCI_INDEX)

    def _sized(self, member: Any) -> Any:
        """Return a member with the size of what was laid, where it says none of its own."""
        if not isinstance(member, dict) or member.get("size") != UNSAID:
            return member
        return member | {"size": self.sizes.get(member.get("digest", ""), UNSAID)}

    def member(self, digest: str, **more: Any) -> Descriptor:
        """Return the entry of an index for a manifest or index that was laid."""
        body, media_type = self.world.manifest_bytes(self.repository, digest)
        return member(digest, media_type) | {"size": len(body)} | more

    def attested(self, tag: str, statements: Callable[[str], Sequence[Descriptor]]) -> str:
        """Lay an index of an image and of what *statements* say of it, by its digest."""
        image = self.image(None, annotations={"of": tag})
        body = manifest(self.config("attestation"), list(statements(image)))
        attestation = self.put(None, body)
        about = {REFERENCE_TYPE: ATTESTATION_REFERENCE, REFERENCE_DIGEST: image}
        stated = self.member(attestation, platform=UNKNOWN, annotations=about)
        return self.index(tag, [self.member(image), stated])

    def statement(self, predicate: Any, kind: str, image: str, **more: Any) -> Descriptor:
        """Lay a statement about *image*, a digest."""
        said = {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": kind,
            "subject": [{"name": "x", "digest": {"sha256": image.removeprefix("sha256:")}}],
            "predicate": predicate,
        }
        return self.blob(text_of(said | more), IN_TOTO, annotations={PREDICATE_TYPE: kind})
