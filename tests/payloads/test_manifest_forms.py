"""What a manifest is: an index or a manifest, an image or something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.errors import PayloadError
from dockerhub.kinds import ManifestKind
from dockerhub.payloads.manifests import read_manifest
from tests.payloads.registry import CONFIG, LAYER, REPOSITORY, SEEN, descriptor, digest, json_of

if TYPE_CHECKING:
    from dockerhub.items import Manifest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
IN_TOTO = "application/vnd.in-toto+json"
EMPTY = "application/vnd.oci.empty.v1+json"
COSIGN = "application/vnd.dev.cosign.simplesigning.v1+json"
HELM = "application/vnd.cncf.helm.config.v1+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
PLUGIN = "application/vnd.docker.plugin.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCTETS = "application/octet-stream"

INDEX = {"manifests": [descriptor(kind=OCI_MANIFEST)]}
IMAGE = {"config": descriptor("10", kind=CONFIG), "layers": [descriptor()]}
OLD = {"schemaVersion": 1, "fsLayers": [{"blobSum": "sha256:00"}], "history": []}


def read(content_type: str | None = None, *, attests: bool = False, **fields: Any) -> Manifest:
    return read_manifest(
        json_of(fields),
        content_type=content_type,
        digest=digest("01"),
        repository=REPOSITORY,
        seen=SEEN,
        attests=attests,
    )


@pytest.mark.parametrize(
    ("content_type", "media_type", "fields", "kind", "kept"),
    [
        pytest.param(OCI_INDEX, None, INDEX, "index", OCI_INDEX, id="Content-Type"),
        pytest.param(
            f" {OCI_INDEX.upper()} ; charset=utf-8", "", INDEX, "index", OCI_INDEX, id="parameters"
        ),
        pytest.param(None, DOCKER_LIST, INDEX, "index", DOCKER_LIST, id="mediaType"),
        pytest.param("text/plain", DOCKER_LIST, INDEX, "index", DOCKER_LIST, id="text/plain"),
        pytest.param("application/json", None, INDEX, "index", None, id="keys of an index"),
        pytest.param("", None, IMAGE, "image", None, id="keys of a manifest"),
        pytest.param(None, None, OLD, "schema 1", None, id="keys of schema 1"),
        pytest.param(OCI_MANIFEST, DOCKER_MANIFEST, IMAGE, "image", DOCKER_MANIFEST, id="family"),
        pytest.param(None, "application/vnd.x", IMAGE, "image", "application/vnd.x", id="unknown"),
        pytest.param(SIGNED, None, OLD, "schema 1", SIGNED, id="signed"),
        pytest.param(OCI_INDEX, None, {"manifests": None}, "index", OCI_INDEX, id="empty index"),
        pytest.param(None, None, {**INDEX, "layers": None}, "index", None, id="null is no layers"),
    ],
)
def test_the_form_is_told_by_types_and_then_by_keys(
    content_type: str | None,
    media_type: str | None,
    fields: dict[str, Any],
    kind: str,
    kept: str | None,
) -> None:
    found = read(content_type, mediaType=media_type, **fields)
    assert (found.kind, found.media_type) == (kind, kept)


@pytest.mark.parametrize(
    ("content_type", "fields", "message"),
    [
        pytest.param(
            OCI_INDEX,
            {**INDEX, "mediaType": OCI_MANIFEST},
            "$: expected an index by its Content-Type, got a manifest by its mediaType",
            id="types",
        ),
        pytest.param(
            OCI_MANIFEST,
            INDEX,
            "$: expected a manifest by its Content-Type, got an index by its key manifests",
            id="an index as a manifest",
        ),
        pytest.param(
            None,
            {**IMAGE, "mediaType": DOCKER_LIST},
            "$: expected an index by its mediaType, got a manifest by its key layers",
            id="a manifest as an index",
        ),
        pytest.param(
            None,
            {**INDEX, **IMAGE},
            "$: expected an index by its key manifests, got a manifest by its key layers",
            id="both",
        ),
        pytest.param(
            OCI_INDEX,
            {**INDEX, "layers": []},
            "$: expected an index by its Content-Type, got a manifest by its key layers",
            id="an index with an empty list of layers",
        ),
        pytest.param(
            SIGNED,
            IMAGE,
            "$: expected a schema 1 manifest by its Content-Type, got a manifest by its key layers",
            id="an image as schema 1",
        ),
        pytest.param(
            None,
            {**OLD, "layers": []},
            "$: expected a manifest by its key layers, got a schema 1 manifest by its key fsLayers",
            id="schema 1 and layers",
        ),
        pytest.param(
            "application/json",
            {"errors": [{"code": "DENIED"}]},
            "$: expected manifests, layers, config or fsLayers, got none of them",
            id="an error with status 200",
        ),
        pytest.param(
            OCI_INDEX, {}, "$: object missing required field `manifests`", id="no members"
        ),
        pytest.param(
            OCI_MANIFEST,
            {"config": descriptor()},
            "$: object missing required field `layers`",
            id="no layers",
        ),
        pytest.param(
            None,
            {"mediaType": 5},
            "$.mediaType: expected `str | null`, got `int`",
            id="no media type",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(
    content_type: str | None, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(PayloadError) as caught:
        read(content_type, **fields)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("config", "layers", "more", "kind", "artifact_type"),
    [
        pytest.param(CONFIG, [LAYER], {}, "image", None, id="OCI"),
        pytest.param(DOCKER_CONFIG, [DOCKER_LAYER], {}, "image", None, id="Docker"),
        pytest.param(OCTETS, [DOCKER_LAYER], {}, "image", None, id="2017"),
        pytest.param(CONFIG, [], {}, "image", None, id="no layers"),
        pytest.param(CONFIG.upper(), [LAYER.upper()], {}, "image", None, id="upper case"),
        pytest.param(None, [LAYER], {}, "image", None, id="config without a type"),
        pytest.param(CONFIG, [None, LAYER], {}, "image", None, id="layer without a type"),
        pytest.param(CONFIG, [f"{LAYER}+encrypted"], {}, "image", None, id="encrypted"),
        pytest.param(CONFIG, [LAYER], {"artifactType": "a/b"}, "image", "a/b", id="said of it"),
        pytest.param(CONFIG, [IN_TOTO, IN_TOTO], {}, "attestation", None, id="attestation"),
        pytest.param(EMPTY, [IN_TOTO], {}, "attestation", None, id="attestation of its own"),
        pytest.param(
            "application/vnd.docker.attestation.config.v1+json",
            [IN_TOTO, "text/plain"],
            {},
            "attestation",
            None,
            id="attestation with more",
        ),
        pytest.param(
            CONFIG,
            [IN_TOTO, "text/plain"],
            {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            "attestation",
            None,
            id="annotated",
        ),
        pytest.param(
            CONFIG,
            [LAYER],
            {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            "image",
            None,
            id="an image is no attestation because it says so",
        ),
        pytest.param(CONFIG, [LAYER, IN_TOTO], {}, "artifact", LAYER, id="mixed"),
        pytest.param(CONFIG, [COSIGN], {}, "artifact", COSIGN, id="signature"),
        pytest.param(HELM, [CHART], {}, "artifact", HELM, id="chart"),
        pytest.param(PLUGIN, [DOCKER_LAYER], {}, "artifact", PLUGIN, id="plugin"),
        pytest.param(
            EMPTY, ["text/plain"], {"artifactType": "a/b"}, "artifact", "a/b", id="artifact"
        ),
        pytest.param(EMPTY, ["text/plain"], {}, "artifact", "text/plain", id="nameless"),
        pytest.param(EMPTY, [], {}, "artifact", EMPTY, id="nothing but empty"),
        pytest.param(None, [], {}, "artifact", None, id="nothing at all"),
    ],
)
def test_the_kind_is_told_by_config_and_layers(
    config: str | None,
    layers: list[str | None],
    more: dict[str, Any],
    kind: str,
    artifact_type: str | None,
) -> None:
    found = read(
        config=descriptor("10", kind=config),
        layers=[descriptor(kind=one) for one in layers],
        **more,
    )
    assert (found.kind, found.artifact_type) == (kind, artifact_type)
    assert len(found.layers) == len(layers)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ([IN_TOTO, "text/plain"], "attestation"),
        ([LAYER, IN_TOTO], "attestation"),
        (["text/plain"], "artifact"),
        ([LAYER], "image"),
    ],
    ids=["more", "a layer", "no statement", "image"],
)
def test_an_index_is_believed_that_calls_statements_an_attestation(
    layers: list[str], kind: str
) -> None:
    found = read(
        attests=True,
        config=descriptor("10", kind=CONFIG),
        layers=[descriptor(kind=one) for one in layers],
    )
    assert found.kind == kind


def test_a_manifest_without_a_config_is_an_artifact() -> None:
    found = read(layers=[descriptor(kind="text/plain")])
    assert (found.kind, found.config, found.artifact_type) == (
        ManifestKind.ARTIFACT,
        None,
        "text/plain",
    )
