"""Artifacts: what is no image and stands under tags all the same.

Source: the forms of Helm, of Docker's models (docker/model-spec) and of cosign's signatures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, get_args

from dockerhub.standin.chance import digest, number
from dockerhub.standin.contents import Stored
from dockerhub.standin.formats import OCI, SCHEMA1
from dockerhub.standin.rows import raw_json
from dockerhub.standin.schema1 import schema1

if TYPE_CHECKING:
    from collections.abc import Callable

ArtifactKind = Literal["helm", "model", "cosign", "schema1"]
KINDS: tuple[ArtifactKind, ...] = get_args(ArtifactKind)
_HELM = "application/vnd.cncf.helm"
_MODEL = "application/vnd.docker.ai"
_COSIGN = "application/vnd.dev.cosign.simplesigning.v1+json"
_LARGEST_MODEL = 40_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A manifest and its blobs; *shown_type*, *content_type* and *size* are what Hub shows."""

    digest: str
    stored: Stored
    shown_type: str
    content_type: str
    size: int
    blobs: dict[str, bytes] = field(default_factory=dict)


def artifact(kind: ArtifactKind, key: str, repository: str, tag: str) -> Artifact:
    """Return an artifact of one *kind*; it depends on *key* and the names alone.

    :raises ValueError: if there is no such kind
    """
    makers: dict[str, Callable[[str, str, str], Artifact]] = {
        "helm": _helm,
        "model": _model,
        "cosign": _cosign,
        "schema1": _schema1,
    }
    if kind not in makers:
        raise ValueError(f"artifact: expected one of {' '.join(makers)}, got {kind!r}")
    return makers[kind](key, repository, tag)


def _helm(key: str, repository: str, tag: str) -> Artifact:
    name = repository.partition("/")[2]
    config = {"name": name, "version": tag, "apiVersion": "v2", "type": "application"}
    chart = _layer(f"{_HELM}.chart.content.v1.tar+gzip", key, 4_000 + number(key, "chart") % 90_000)
    return _oci("helm", f"{_HELM}.config.v1+json", config, [chart])


def _model(key: str, *_names: str) -> Artifact:
    size = 200_000_000 + number(key, "weights") % _LARGEST_MODEL
    weights = _layer(f"{_MODEL}.gguf.v3", key, size)
    license_text = _layer(f"{_MODEL}.license", f"{key} license", 11_357)
    config = {
        "config": {
            "format": "gguf",
            "quantization": "Q4_K_M",
            "parameters": "7.62 B",
            "architecture": "invented",
            "size": f"{size / 2**30:.2f} GiB",
        },
        "descriptor": {"created": "2026-05-04T09:00:00Z"},
        "files": [{"diffID": weights["digest"], "type": weights["mediaType"]}],
    }
    return _oci("model", f"{_MODEL}.model.config.v0.1+json", config, [weights, license_text])


def _cosign(key: str, repository: str, tag: str) -> Artifact:
    signed = tag.removesuffix(".sig").replace("-", ":", 1)
    critical = {
        "identity": {"docker-reference": f"index.docker.io/{repository}"},
        "image": {"docker-manifest-digest": signed},
        "type": "cosign container image signature",
    }
    payload = raw_json({"critical": critical, "optional": None}).encode()
    layer = _descriptor(_COSIGN, payload)
    layer["annotations"] = {"dev.cosignproject.cosign/signature": f"invented{number(key, 'sig')}"}
    rootfs = {"type": "layers", "diff_ids": [layer["digest"]]}
    config = {"architecture": "", "created": "0001-01-01T00:00:00Z", "os": "", "rootfs": rootfs}
    return _oci("unrecognized", OCI.config_type, config | {"config": {}}, [layer], payload)


def _schema1(key: str, repository: str, tag: str) -> Artifact:
    payload, signed = schema1(key, repository, tag)
    return Artifact(
        digest=f"sha256:{sha256(payload).hexdigest()}",
        stored=Stored(SCHEMA1, signed),
        shown_type=SCHEMA1,
        content_type="image",
        size=30_000_000 + number(key, "size") % 30_000_000,
    )


def _oci(
    content_type: str, config_type: str, config: object, layers: list[dict[str, Any]], *blobs: bytes
) -> Artifact:
    config_body = raw_json(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI.manifest_type,
        "config": _descriptor(config_type, config_body),
        "layers": layers,
    }
    body = raw_json(manifest).encode()
    return Artifact(
        digest=f"sha256:{sha256(body).hexdigest()}",
        stored=Stored(OCI.manifest_type, body),
        shown_type=config_type,
        content_type=content_type,
        size=sum(layer["size"] for layer in layers),
        blobs={f"sha256:{sha256(blob).hexdigest()}": blob for blob in (config_body, *blobs)},
    )


def _descriptor(media_type: str, body: bytes) -> dict[str, Any]:
    found = f"sha256:{sha256(body).hexdigest()}"
    return {"mediaType": media_type, "digest": found, "size": len(body)}


def _layer(media_type: str, key: str, size: int) -> dict[str, Any]:
    # Of which nobody has the bytes.
    return {"mediaType": media_type, "digest": digest("artifact", key), "size": size}
