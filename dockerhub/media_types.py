"""The media types of the registry: what is asked for, and what an answer is by its type.

Source: https://github.com/opencontainers/image-spec/blob/main/media-types.md and
https://distribution.github.io/distribution/spec/manifest-v2-2/ (read 2026-11-22)
"""

from __future__ import annotations

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_SCHEMA_1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
OCTET_STREAM = "application/octet-stream"
IN_TOTO = "application/vnd.in-toto+json"

INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
SCHEMA_1 = frozenset({DOCKER_SCHEMA_1, DOCKER_SCHEMA_1_SIGNED})
# Pushes of 2017 name their config an octet stream; it is told apart by what is in it.
IMAGE_CONFIGS = frozenset({OCI_CONFIG, DOCKER_CONFIG, OCTET_STREAM})

ACCEPTED = (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST)
"""What `Accept` lists for a manifest; without it a registry may answer in an old form."""

REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
ATTESTATION_REFERENCE = "attestation-manifest"
PREDICATE_TYPE = "in-toto.io/predicate-type"
BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"

EMPTY_LAYERS = frozenset(
    {
        bytes.fromhex("4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1"),
        bytes.fromhex("a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"),
    }
)
"""Digests of layers that hold nothing: they are in most images and say nothing of a base.

Source: https://github.com/moby/moby (`EmptyLayer`), seen in old images (read 2026-11-22)
"""
