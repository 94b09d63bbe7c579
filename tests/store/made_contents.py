"""Manifests, configs and attestations made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.contents import Base, BuildStep, BuiltImage, Descriptor, Member, Package
from dockerhub.items import Attestation, Config, Manifest, TagDigest, TagImages, TagNames
from dockerhub.kinds import ManifestKind
from dockerhub.media_types import (
    ATTESTATION_REFERENCE,
    IN_TOTO,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
)
from tests.store.made import NGINX, digest, image

if TYPE_CHECKING:
    from dockerhub.items import TagRow

TAR = "application/vnd.oci.image.layer.v1.tar+gzip"
PROVENANCE = "https://slsa.dev/provenance/v1"
SPDX = "https://spdx.dev/Document"
BASE = "org.opencontainers.image.base."


def layer(what: object, size: int | None = 100, media_type: str | None = TAR) -> Descriptor:
    return Descriptor(digest(what), size, media_type)


def layers(*names: object) -> tuple[Descriptor, ...]:
    return tuple(map(layer, names))


def steps(*made: int | None, created: int | None = None, by: str = "RUN") -> tuple[BuildStep, ...]:
    """Return steps by the layers that they made; their instructions are `RUN 0`, `RUN 1` ..."""
    return tuple(BuildStep(f"{by} {number}", place, created) for number, place in enumerate(made))


def words(platform: str) -> tuple[str | None, str | None, str | None, str | None]:
    os, architecture, variant = (*platform.split("/"), "", "", "")[:3]
    return os or None, architecture or None, variant or None, None


def manifest(
    what: object,
    *its_layers: Descriptor,
    config: object = None,
    platform: str | None = None,
    kind: ManifestKind = ManifestKind.IMAGE,
    seen: int,
    **said: Any,
) -> Manifest:
    values: dict[str, Any] = {
        "repository": NGINX,
        "digest": digest(what),
        "media_type": OCI_MANIFEST,
        "size": 500,
        "config": None if config is None else Descriptor(digest(config), 700, OCI_CONFIG),
        "layers": its_layers,
        "platform": None if platform is None else words(platform),
    }
    return Manifest(seen=seen, kind=kind, **values | said)


def member(
    what: object,
    platform: str = "linux/amd64",
    *,
    about: object = None,
    annotations: tuple[tuple[str, str], ...] = (),
    **said: Any,
) -> Member:
    """Return a member of an index; *about* makes it the attestation of another one."""
    if about is not None:
        platform = "unknown/unknown"
        refers = (REFERENCE_DIGEST, f"sha256:{digest(about).hex()}")
        annotations = ((REFERENCE_TYPE, ATTESTATION_REFERENCE), refers, *annotations)
    values: dict[str, Any] = {
        "descriptor": Descriptor(digest(what), 500, OCI_MANIFEST),
        "artifact_type": None,
        "annotations": annotations,
    }
    names = ("os", "architecture", "variant", "os_version")
    return Member(**dict(zip(names, words(platform), strict=True)) | values | said)


def index(what: object, *members: Member, seen: int, **said: Any) -> Manifest:
    values: dict[str, Any] = {
        "repository": NGINX,
        "digest": digest(what),
        "media_type": OCI_INDEX,
        "size": 900,
        "members": members,
    }
    return Manifest(seen=seen, kind=ManifestKind.INDEX, **values | said)


def attestation_manifest(
    what: object, *statements: object, subject: object = None, seen: int
) -> Manifest:
    return manifest(
        what,
        *[layer(statement, 3000, IN_TOTO) for statement in statements],
        kind=ManifestKind.ATTESTATION,
        subject=None if subject is None else digest(subject),
        config=f"config of {what}",
        seen=seen,
    )


def config(
    what: object, *its_steps: BuildStep, platform: str = "linux/amd64", seen: int, **said: Any
) -> Config:
    os, architecture, variant, os_version = words(platform)
    values: dict[str, Any] = {
        "repository": NGINX,
        "digest": digest(what),
        "size": 700,
        "os": os,
        "architecture": architecture,
        "variant": variant,
        "os_version": os_version,
        "created": None,
        "author": None,
        "user": None,
        "working_dir": None,
        "entrypoint": None,
        "cmd": None,
        "env": (),
        "labels": (),
        "exposed_ports": (),
        "volumes": (),
        "stop_signal": None,
        "diff_ids": (),
        "steps": its_steps,
    }
    return Config(seen=seen, **values | said)


def attestation(what: object, held_by: object, *, seen: int, **said: Any) -> Attestation:
    values: dict[str, Any] = {
        "repository": NGINX,
        "digest": digest(what),
        "manifest": digest(held_by),
        "subject": None,
        "predicate_type": PROVENANCE,
        "size": 3000,
    }
    return Attestation(seen=seen, **values | said)


def sbom(what: object, held_by: object, *packages: Package, seen: int, **said: Any) -> Attestation:
    listed = {"packages": packages, "package_count": len(packages), "predicate_type": SPDX}
    return attestation(what, held_by, seen=seen, **listed | said)


def base(name: str | None, what: object = None) -> Base:
    known = None if what is None else digest(what)
    return Base(f"pkg:docker/{name}", name, known)


def built(
    what: object,
    its_layers: tuple[Descriptor, ...],
    its_steps: tuple[BuildStep, ...] = (),
    platform: str = "linux/amd64",
    **said: Any,
) -> BuiltImage:
    """Return an image as Hub shows it; *what* is its digest, None: it has none."""
    known = None if what is None else digest(what)
    return BuiltImage(image(platform, digest=known, **said), its_layers, its_steps)


def tag_images(seen: int, *rows: BuiltImage, tag: str = "1") -> TagImages:
    return TagImages(seen=seen, repository=NGINX, tag=tag, rows=rows)


def head(
    seen: int, tag: str = "1", shows: object = "first", media_type: str | None = OCI_INDEX
) -> TagDigest:
    return TagDigest(
        seen=seen, repository=NGINX, tag=tag, digest=digest(shows), media_type=media_type
    )


def names(seen: int, *rows: str) -> TagNames:
    return TagNames(seen=seen, repository=NGINX, rows=rows)


def showing(row: TagRow, *images: object, attested: object = None) -> TagRow:
    """Return *row* with images linux/amd64, linux/arm64 ... of these digests."""
    platforms = ("linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le")
    shown = [
        image(platform, digest=digest(what))
        for platform, what in zip(platforms, images, strict=False)
    ]
    if attested is not None:
        shown.append(image("unknown/unknown", digest=digest(attested)))
    return row._replace(images=tuple(shown))
