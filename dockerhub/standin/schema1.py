"""Manifests of schema 1, which were signed, and whose digest leaves the signatures out.

Source: distribution docs/spec/manifest-v2-1.md; docker/libtrust, jsonsign.go.
"""

from __future__ import annotations

import base64
import json

from dockerhub.standin.chance import digest, many_digits

_EMPTY = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
_TAIL = b"\n}"
_CREATED = "2016-05-04T09:00:00.123456789Z"


def schema1(key: str, repository: str, tag: str) -> tuple[bytes, bytes]:
    """Return a manifest without its signatures, over which its digest goes, and with them."""
    steps = ['#(nop) CMD ["/opt/app/run"]', "fetch-release", "#(nop) ADD file:invented in /"]
    ids = [digest("v1", key, place)[7:] for place in range(len(steps))]
    manifest = {
        "schemaVersion": 1,
        "name": repository,
        "tag": tag,
        "architecture": "amd64",
        "fsLayers": [{"blobSum": each} for each in (_EMPTY, *_layers(key))],
        "history": [
            {"v1Compatibility": json.dumps(_compatible(ids[place:], step))}
            for place, step in enumerate(steps)
        ],
    }
    payload = json.dumps(manifest, indent=3).encode()
    return payload, _signed(payload, key)


def _layers(key: str) -> list[str]:
    return [digest("schema1", key, place) for place in range(2)]


def _compatible(ids: list[str], step: str) -> dict[str, object]:
    shown: dict[str, object] = {"id": ids[0], "created": _CREATED, "os": "linux"}
    shown |= {"parent": ids[1]} if len(ids) > 1 else {}
    return shown | {"container_config": {"Cmd": ["/bin/sh", "-c", step]}}


def _signed(payload: bytes, key: str) -> bytes:
    length = len(payload) - len(_TAIL)
    protected = {"formatLength": length, "formatTail": _part(_TAIL), "time": "2016-05-04T09:00:01Z"}
    digits = bytes.fromhex(many_digits(4, "signature", key))
    point = {"x": _part(digits[:32]), "y": _part(digits[32:64])}
    signature = {
        "header": {"jwk": {"crv": "P-256", "kty": "EC", **point}, "alg": "ES256"},
        "signature": _part(digits[64:]),
        "protected": _part(json.dumps(protected).encode()),
    }
    lines = json.dumps([signature], indent=3).replace("\n", "\n   ")
    return payload[:length] + f',\n   "signatures": {lines}'.encode() + _TAIL


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
