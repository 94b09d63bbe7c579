"""Every recorded answer of the registry is read or refused, and proven where it is exact."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dockerhub.errors import PayloadError
from dockerhub.names import RepositoryName, digest_bytes
from dockerhub.payloads.configs import pair, read_config
from dockerhub.payloads.manifests import attestation_subject, read_manifest, read_proven_manifest
from dockerhub.payloads.proof import prove
from dockerhub.payloads.tag_names import next_names, read_tag_names
from tests.payloads.registry import REPOSITORY, SEEN, digest

RECORDED = Path(__file__).parents[3] / "shared" / "recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the folder shared is absent")

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

# Files with the beginning of their digest, where it is known from elsewhere, and what they are.
MANIFESTS = {
    "registry-manifest-list-busybox.json": (None, "index", 7),
    "registry-oci-index-tianon-test-windows.json": ("347290dd", "index", 3),
    "registry-oci-index-with-attestation-notary.json": ("09dd1c01", "index", 2),
    "registry-oci-manifest-cosign-signature.json": ("7ebe8964", "artifact", 1),
    "registry-oci-manifest-tianon-true-inline-data.json": ("9ef42f1d", "image", 1),
    "registry-schema1-signed-busybox.json": (None, "schema 1", 0),
    "registry-schema1-signed-httpd-converted-by-docker.json": (None, "schema 1", 0),
    "registry-schema2-manifest-cosign1-t1.json": ("4c1c50d0", "image", 6),
    "registry-schema2-manifest-httpd.json": (None, "image", 5),
}
# Files with the beginning of their digest, how many layers they know, and whether steps fit them.
CONFIGS = {
    "registry-config-blob-hello-world-buildkit.json": ("d2c94e25", 1, True),
    "registry-config-blob-httpd-schema2.json": ("9ca4bda0", 5, True),
    "registry-config-blob-ollama-cuda-labels.json": (None, 37, True),
    "registry-config-blob-tianon-true.json": ("25be8225", 1, True),
    "registry-config-blob-ubuntu-2021-classic-builder.reserialised.json": (None, 1, True),
}
DESCRIPTORS = "registry-oci-descriptors-hello-world-multiarch-attestations.json"
EXCHANGE = "registry-manifest-get-authenticated-2023.http"
LINK = "registry-tags-list-link-header-2026.fragment.http"
NO_DATA = (
    "registry-401-documented-challenge.http",
    "registry-401-unknown-repo-with-pull-token.http",
    "registry-401-v2-base.http",
    "registry-404-manifest-unknown.http",
    "registry-429-body-2020-2024.json",
    "registry-429-unauthenticated-body-2026.json",
    "registry-token-response-2024-09-04.elided.json",
)
NOT_FOR_THIS_ROOM = {
    "registry-blob-307-redirect.http": "redirects",
    "registry-blob-cdn-200-2025-04-07.headers.json": "headers",
    "registry-blob-cdn-200.http": "headers",
    "registry-ratelimit-head-anonymous-2021-11-14.http": "headers",
}


def recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


def body_of(exchange: bytes) -> bytes:
    """Return what stands behind the headers, or all where there are none."""
    head, blank, body = exchange.replace(b"\r\n", b"\n").partition(b"\n\n")
    return body.strip() if blank and head.startswith(b"HTTP") else exchange


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_are_read(name: str) -> None:
    body = recorded(name)
    known, kind, count = MANIFESTS[name]
    asked = hashlib.sha256(body).digest()
    assert asked.hex().startswith(known or "")
    found = read_proven_manifest(
        body, content_type=None, digest=asked, repository=REPOSITORY, seen=SEEN, size=len(body)
    )
    said = json.loads(body)
    assert (found.kind, found.refused_count) == (kind, 0)
    assert found.media_type == said.get("mediaType")
    rows = found.layers or [one.descriptor for one in found.members]
    assert len(rows) == count
    if count:
        assert [(f"sha256:{one.digest.hex()}", one.size, one.media_type) for one in rows] == [
            (one["digest"], one["size"], one["mediaType"])
            for one in said.get("layers") or said["manifests"]
        ]
    if "config" in said:
        assert found.config is not None
        assert f"sha256:{found.config.digest.hex()}" == said["config"]["digest"]


@pytest.mark.parametrize("name", CONFIGS)
def test_configs_are_read(name: str) -> None:
    body = recorded(name)
    known, layers, fit = CONFIGS[name]
    asked = hashlib.sha256(body).digest()
    assert asked.hex().startswith(known or "")
    found = read_config(body, digest=asked, repository=REPOSITORY, seen=SEEN)
    said = json.loads(body)
    run = said["config"]
    assert (found.os, found.architecture) == (said["os"], said["architecture"])
    assert [f"sha256:{one.hex()}" for one in found.diff_ids] == said["rootfs"]["diff_ids"]
    assert len(found.diff_ids) == layers
    assert [step.instruction for step in found.steps] == [
        step.get("created_by") for step in said["history"]
    ]
    assert (pair(found.steps, layers) is not None) is fit
    assert dict(found.labels) == (run.get("Labels") or {})
    assert list(found.env) == run.get("Env", [])
    assert list(found.cmd or ()) == run["Cmd"]
    assert set(found.exposed_ports) == set(run.get("ExposedPorts") or {})
    assert found.created is not None


def test_the_members_of_an_index_of_today_are_read() -> None:
    said: list[dict[str, Any]] = json.loads(recorded(DESCRIPTORS))
    body = json.dumps({"manifests": said}).encode()
    found = read_manifest(
        body, content_type=None, digest=digest("01"), repository=REPOSITORY, seen=SEEN
    )
    assert found.refused_count == 0
    assert [(one.os, one.variant, one.os_version) for one in found.members] == [
        (
            one["platform"]["os"],
            one["platform"].get("variant"),
            one["platform"].get("os.version"),
        )
        for one in said
    ]
    assert [dict(one.annotations) for one in found.members] == [
        one.get("annotations", {}) for one in said
    ]
    attestations = [one for one in found.members if one.is_attestation]
    assert len(attestations) > 5
    digests = {one.descriptor.digest for one in found.members}
    assert {attestation_subject(one) for one in attestations} <= digests


def test_the_manifest_of_an_exchange_is_proven_by_its_header() -> None:
    exchange = recorded(EXCHANGE)
    headers = dict(
        line.split(": ", 1) for line in exchange.decode().splitlines()[1:] if ": " in line[:40]
    )
    asked = digest_bytes(headers["Docker-Content-Digest"])
    body = body_of(exchange)
    prove(body, asked, int(headers["Content-Length"]), "manifest")
    found = read_proven_manifest(
        body,
        content_type=headers["Content-Type"],
        digest=asked,
        repository=REPOSITORY,
        seen=SEEN,
    )
    assert (found.kind, found.media_type) == ("image", DOCKER_MANIFEST)


def test_a_link_of_today_is_followed() -> None:
    link = recorded(LINK).decode().partition(": ")[2].strip()
    postgres = RepositoryName("library", "postgres")
    origin = "https://registry-1.docker.io"
    assert next_names(link, origin=origin, repository=postgres) == ("17.9", None)
    last, refusal = next_names(link, origin=origin, repository=REPOSITORY)
    assert last is None
    assert refusal is not None


@pytest.mark.parametrize("name", NO_DATA)
def test_what_holds_no_data_is_refused(name: str) -> None:
    body = body_of(recorded(name))
    with pytest.raises(PayloadError, match=r"^\$: expected "):
        read_manifest(
            body, content_type=None, digest=digest("01"), repository=REPOSITORY, seen=SEEN
        )
    with pytest.raises(PayloadError):
        read_tag_names(body)


def test_no_recording_is_forgotten() -> None:
    covered = {*MANIFESTS, *CONFIGS, DESCRIPTORS, EXCHANGE, LINK, *NO_DATA}
    assert covered & set(NOT_FOR_THIS_ROOM) == set()
    assert {path.name for path in RECORDED.glob("registry-*")} == covered | set(NOT_FOR_THIS_ROOM)
