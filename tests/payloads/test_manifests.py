from __future__ import annotations

from typing import Any

import pytest

from dockerhub.caps import MANIFEST_BYTES
from dockerhub.contents import Descriptor, Member
from dockerhub.errors import PayloadError
from dockerhub.items import Manifest
from dockerhub.kinds import ManifestKind
from dockerhub.payloads.manifests import read_manifest, read_refusals
from tests.payloads.from_file import payload
from tests.payloads.registry import CONFIG, LAYER, REPOSITORY, SEEN, descriptor, digest, json_of

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
IN_TOTO = "application/vnd.in-toto+json"
BASE = "org.opencontainers.image.base"
EMPTY_LAYER = bytes.fromhex("4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1")


def read(body: bytes, **more: Any) -> Manifest:
    said = {"content_type": None, "digest": digest("01"), "repository": REPOSITORY, "seen": SEEN}
    return read_manifest(body, **{**said, **more})


def manifest(name: str, kind: ManifestKind, **more: Any) -> Manifest:
    said = {"media_type": OCI_MANIFEST, "size": len(payload(name)), "digest": digest("01")}
    return Manifest(**{**said, "seen": SEEN, "repository": REPOSITORY, "kind": kind, **more})


def member(number: str, size: int, *words: str | None, **more: Any) -> Member:
    filled = [*words, *[None] * (4 - len(words))]
    os, architecture, variant, os_version = filled
    media_type = more.get("media_type", OCI_MANIFEST)
    return Member(
        Descriptor(digest(number), size, media_type),
        os,
        architecture,
        variant,
        os_version,
        more.get("artifact_type"),
        more.get("annotations", ()),
    )


CASES: dict[str, dict[str, Any]] = {
    "manifest_of_oci": {
        "kind": ManifestKind.IMAGE,
        "config": Descriptor(digest("10"), 1234, CONFIG),
        "layers": (
            Descriptor(digest("11"), 30000100, LAYER),
            Descriptor(digest("12"), 2**33, LAYER.replace("gzip", "zstd")),
        ),
        "annotations": (
            (f"{BASE}.digest", f"sha256:{'13' * 32}"),
            (f"{BASE}.name", "docker.io/library/alpine:3.21"),
            ("org.opencontainers.image.created", "2026-02-03T04:05:06Z"),
        ),
    },
    "manifest_of_docker_2017": {
        "kind": ManifestKind.IMAGE,
        "media_type": DOCKER_MANIFEST,
        "config": Descriptor(digest("20"), 5566, "application/octet-stream"),
        "layers": tuple(
            Descriptor(one, size, "application/vnd.docker.image.rootfs.diff.tar.gzip")
            for one, size in ((digest("21"), 50400300), (EMPTY_LAYER, 32), (digest("22"), 290))
        ),
    },
    "manifest_with_data_and_urls": {
        "kind": ManifestKind.IMAGE,
        "media_type": None,
        "config": Descriptor(digest("30"), 17, CONFIG),
        "layers": (
            Descriptor(
                digest("31"),
                1800000000,
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            ),
            Descriptor(digest("32"), 99, LAYER),
        ),
    },
    "manifest_of_attestation": {
        "kind": ManifestKind.ATTESTATION,
        "config": Descriptor(digest("40"), 241, CONFIG),
        "layers": (
            Descriptor(digest("41"), 5000, IN_TOTO),
            Descriptor(digest("42"), 3000, IN_TOTO),
            Descriptor(digest("43"), 200, IN_TOTO),
        ),
    },
    "manifest_of_signature": {
        "kind": ManifestKind.ARTIFACT,
        "artifact_type": "application/vnd.dev.cosign.simplesigning.v1+json",
        "config": Descriptor(digest("50"), 233, CONFIG),
        "layers": (
            Descriptor(digest("51"), 250, "application/vnd.dev.cosign.simplesigning.v1+json"),
        ),
    },
    "manifest_of_referrer": {
        "kind": ManifestKind.ARTIFACT,
        "artifact_type": "application/vnd.example.review.v1",
        "config": Descriptor(digest("60"), 2, "application/vnd.oci.empty.v1+json"),
        "layers": (Descriptor(digest("61"), 77, "text/plain"),),
        "subject": digest("62"),
    },
    "manifest_of_model": {
        "kind": ManifestKind.ARTIFACT,
        "artifact_type": "application/vnd.docker.ai.model.config.v0.1+json",
        "config": Descriptor(digest("70"), 600, "application/vnd.docker.ai.model.config.v0.1+json"),
        "layers": (
            Descriptor(digest("71"), 4_900_000_000, "application/vnd.docker.ai.gguf.v3"),
            Descriptor(digest("72"), 11000, "application/vnd.docker.ai.license"),
        ),
    },
    "manifest_of_schema_1": {"kind": ManifestKind.SCHEMA_1, "media_type": None},
    "index_of_all_sorts": {
        "kind": ManifestKind.INDEX,
        "media_type": OCI_INDEX,
        "annotations": (("org.opencontainers.image.vendor", "Acme"),),
        "members": (
            member(
                "01",
                1100,
                "linux",
                "amd64",
                annotations=(
                    ("com.docker.official-images.bashbrew.arch", "amd64"),
                    (f"{BASE}.name", "docker.io/library/debian:13-slim"),
                ),
            ),
            member("02", 1101, "linux", "arm", "v7"),
            member(
                "03", 940, "windows", "amd64", None, "10.0.12345.678", media_type=DOCKER_MANIFEST
            ),
            member(
                "04",
                941,
                media_type=DOCKER_MANIFEST,
                annotations=(("org.opencontainers.image.ref.name", "made-up:1"),),
            ),
            member(
                "05",
                840,
                "unknown",
                "unknown",
                annotations=(
                    ("vnd.docker.reference.digest", f"sha256:{'01' * 32}"),
                    ("vnd.docker.reference.type", "attestation-manifest"),
                ),
            ),
            member("06", 500, artifact_type="application/vnd.example.notes.v1"),
            member("07", 300, media_type=OCI_INDEX),
        ),
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_manifest_is_read(name: str) -> None:
    assert read(payload(name)) == manifest(name, **CASES[name])


def test_the_platform_is_the_one_that_was_said() -> None:
    platform = ("linux", "arm", "v7", None)
    assert read(payload("manifest_of_oci"), platform=platform).platform == platform


def test_a_bad_member_is_left_out_and_counted() -> None:
    body = payload("index_with_bad_members")
    found = read(body)
    assert [one.descriptor.digest for one in found.members] == [digest("01"), digest("07")]
    assert (found.refused_count, found.subject) == (9, None)
    assert read_refusals(body, None) == (
        '$.subject.digest: expected sha256: and 64 hex digits, got "md5:00"',
        f'$.manifests[1].digest: expected sha256: and 64 hex digits, got "sha512:{"ab" * 25}..."',
        "$.manifests[2].size: expected `int` >= 0",
        "$.manifests[3].size: expected `int` <= 1125899906842624",
        "$.manifests[4].size: expected `int`, got `str`",
        "$.manifests[5]: object missing required field `size`",
        "$.manifests[6]: object missing required field `digest`",
        "$.manifests[7]: expected `object`, got `str`",
        "$.manifests[8].platform: expected `object | null`, got `str`",
    )


SHA512 = f"sha512:{'ab' * 64}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            {"layers": [descriptor(), descriptor(size=-1)]},
            "$.layers[1].size: expected `int` >= 0",
            id="size below 0",
        ),
        pytest.param(
            {"layers": [descriptor(size=2**70)]},
            "$.layers[0].size: expected `int` <= 1125899906842624",
            id="size beyond 64 bits",
        ),
        pytest.param(
            {"layers": [descriptor(size="5")]},
            "$.layers[0].size: expected `int`, got `str`",
            id="size is a text",
        ),
        pytest.param(
            {"layers": [descriptor(digest=SHA512)]},
            f'$.layers[0].digest: expected sha256: and 64 hex digits, got "sha512:{"ab" * 25}..."',
            id="another algorithm",
        ),
        pytest.param(
            {"layers": [descriptor(digest=f"sha256:{'AB' * 32}")]},
            f'$.layers[0].digest: expected sha256: and 64 hex digits, got "sha256:{"AB" * 25}..."',
            id="upper case",
        ),
        pytest.param(
            {"layers": [descriptor(), None]},
            "$.layers[1]: expected `object`, got `null`",
            id="null among layers",
        ),
        pytest.param({"layers": ""}, "$.layers: expected `array`, got `str`", id="blank"),
        pytest.param({"layers": {}}, "$.layers: expected `array`, got `object`", id="no list"),
        pytest.param(
            {"config": descriptor(digest="sha256:")},
            '$.config.digest: expected sha256: and 64 hex digits, got "sha256:"',
            id="config",
        ),
        pytest.param({"config": []}, "$.config: expected `object`, got `array`", id="no config"),
        pytest.param(
            {"layers": [{}] * 100_000},
            "$.layers: expected at most 1000 layers, got 100000",
            id="far too many layers",
        ),
        pytest.param(
            {"layers": None, "config": None, "manifests": [1] * 1001},
            "$.manifests: expected at most 1000 members, got 1001",
            id="far too many members",
        ),
    ],
)
def test_a_manifest_with_a_bad_part_is_refused_as_a_whole(
    fields: dict[str, Any], message: str
) -> None:
    good = {"config": descriptor("10", kind=CONFIG), "layers": [descriptor()]}
    with pytest.raises(PayloadError) as caught:
        read(json_of({**good, **fields}))
    assert str(caught.value) == message


def test_a_body_is_capped() -> None:
    with pytest.raises(PayloadError) as caught:
        read(b"{" + b" " * MANIFEST_BYTES + b"}")
    assert str(caught.value) == "$: expected at most 4194304 bytes, got 4194306"


def test_the_largest_size_and_as_many_layers_as_there_may_be_are_read() -> None:
    found = read(json_of(layers=[descriptor(size=2**50)] * 1000, config=descriptor("10")))
    assert len(found.layers) == 1000
    assert found.layers[0].size == 2**50
    # Their sum is still a number that the database can hold.
    assert sum(layer.size or 0 for layer in found.layers) < 2**63


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        pytest.param(None, (), id="null"),
        pytest.param(["a"], (), id="list"),
        pytest.param("a", (), id="text"),
        pytest.param({"a": "x" * 9000}, (("a", "x" * 8192),), id="long"),
        pytest.param({"a": 5}, (("a", "5"),), id="number"),
        pytest.param(
            {f"a{number:03}": "" for number in range(300)},
            tuple((f"a{number:03}", "") for number in range(200)),
            id="many",
        ),
    ],
)
def test_no_manifest_is_lost_for_its_annotations(annotations: Any, found: Any) -> None:
    body = json_of(layers=[], config=descriptor(kind=CONFIG), annotations=annotations)
    assert read(body).annotations == found
    index = read(json_of(manifests=[descriptor(annotations=annotations)]))
    assert index.members[0].annotations == found


def test_words_are_cut_and_blanks_are_missing() -> None:
    platform = {"os": "o" * 300, "architecture": "", "variant": "v\0"}
    body = json_of(manifests=[descriptor(kind="", platform=platform, artifactType="")])
    (found,) = read(body).members
    assert found == Member(
        Descriptor(digest("11"), 5, None), "o" * 255, None, "v\ufffd", None, None, ()
    )
