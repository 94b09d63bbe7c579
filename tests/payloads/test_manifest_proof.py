"""Manifests that are proven, the statements of an attestation, and what members say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Descriptor, Member
from dockerhub.errors import PayloadError, PayloadRefused, ProvenUnreadable
from dockerhub.kinds import ManifestKind
from dockerhub.payloads.manifests import (
    attestation_subject,
    holds_manifest,
    read_predicate_types,
    read_proven_manifest,
    unreadable_manifest,
)
from tests.payloads.from_file import payload
from tests.payloads.registry import LAYER, REPOSITORY, SEEN, descriptor, digest, json_of

if TYPE_CHECKING:
    from dockerhub.items import Manifest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
IN_TOTO = "application/vnd.in-toto+json"
SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"


def member(media_type: str | None, **annotations: str) -> Member:
    descriptor = Descriptor(digest("05"), 1, media_type)
    return Member(descriptor, None, None, None, None, None, tuple(annotations.items()))


def proven(body: bytes, **more: Any) -> Manifest:
    said = {"content_type": None, "digest": hashlib.sha256(body).digest()}
    return read_proven_manifest(body, **{**said, **more}, repository=REPOSITORY, seen=SEEN)


def test_bytes_are_proven_before_they_are_believed() -> None:
    body = payload("manifest_of_oci")
    assert proven(body, size=len(body)).digest == hashlib.sha256(body).digest()
    for more, message in (
        ({"size": 7}, f"expected 7 bytes, got {len(body)}"),
        ({"digest": digest("01")}, "expected the bytes of its digest, got those of sha256:"),
    ):
        with pytest.raises(PayloadError, match=message):
            proven(body, **more)


def test_what_is_no_manifest_at_all_is_unproven_first() -> None:
    with pytest.raises(PayloadError, match="^manifest: expected the bytes of its"):
        proven(b"<html>", digest=digest("01"))


def test_schema_1_is_kept_under_the_digest_that_was_asked_for() -> None:
    body = payload("manifest_of_schema_1")
    for content_type in (SIGNED, None):
        found = proven(body, content_type=content_type, digest=digest("01"), size=1)
        assert (found.kind, found.digest) == (ManifestKind.SCHEMA_1, digest("01"))
        assert (found.layers, found.config) == ((), None)


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        pytest.param(
            payload("manifest_of_oci"),
            SIGNED,
            r"^\$: expected a schema 1 manifest by its Content-Type",
            id="by its Content-Type",
        ),
        pytest.param(
            json_of(
                config=descriptor("10"), layers=[descriptor(annotations={"fsLayers": "fsLayers"})]
            ),
            None,
            "^manifest: expected the bytes of its",
            id="by a word in it",
        ),
    ],
)
def test_no_other_manifest_is_believed_as_schema_1(
    body: bytes, content_type: str | None, message: str
) -> None:
    with pytest.raises(PayloadError, match=message):
        proven(body, content_type=content_type, digest=digest("01"))


def test_statements_are_told_by_their_annotations_before_they_are_fetched() -> None:
    body = payload("manifest_of_attestation")
    types = read_predicate_types(body)
    assert types == ("https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2", None)
    assert read_predicate_types(payload("index_of_all_sorts")) == ()


def test_what_is_proven_and_no_manifest_is_recorded_as_that() -> None:
    body = b'{"layers":5}'
    with pytest.raises(ProvenUnreadable, match=r"^\$\.layers: expected `array`, got `int`$"):
        proven(body, content_type=OCI_MANIFEST)
    found = unreadable_manifest(body, digest=digest("01"), repository=REPOSITORY, seen=SEEN)
    assert (found.kind, found.size, found.refused_count) == (ManifestKind.UNREADABLE, 12, 1)


def test_what_an_answer_calls_a_manifest_is_not_proven() -> None:
    body = payload("manifest_of_oci")
    with pytest.raises(PayloadError, match="by its Content-Type") as caught:
        proven(body, content_type=OCI_INDEX)
    assert not isinstance(caught.value, PayloadRefused)


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ({"vnd.docker.reference.digest": f"sha256:{'01' * 32}"}, digest("01")),
        ({"vnd.docker.reference.digest": "sha256:01"}, None),
        ({"vnd.docker.reference.digest": ""}, None),
        ({}, None),
    ],
)
def test_an_attestation_says_what_it_is_about(said: dict[str, str], subject: bytes | None) -> None:
    assert attestation_subject(member(OCI_MANIFEST, **said)) == subject


@pytest.mark.parametrize(
    ("media_type", "is_one"),
    [
        (OCI_MANIFEST, True),
        (OCI_INDEX, True),
        (DOCKER_MANIFEST, True),
        (SIGNED, True),
        (None, True),
        (LAYER, False),
        ("application/vnd.buildkit.cacheconfig.v0", False),
    ],
)
def test_members_that_are_no_manifests_are_told(media_type: str | None, is_one: bool) -> None:
    assert holds_manifest(member(media_type)) is is_one
