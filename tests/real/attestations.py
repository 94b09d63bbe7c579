"""What BuildKit attests of an image, in the shapes in which it writes it; every value is invented.

Source: https://docs.docker.com/build/metadata/attestations/ and
https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md
(read 2026-11-22)
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.real.images import CONFIG, NO_PLATFORM, manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.real.images import Descriptor, Layout

IN_TOTO = "application/vnd.in-toto+json"
PROVENANCE_0_2 = "https://slsa.dev/provenance/v0.2"
PROVENANCE_1 = "https://slsa.dev/provenance/v1"
SPDX = "https://spdx.dev/Document"

BUILD_TYPE_0_2 = "https://mobyproject.org/buildkit@v1"
BUILD_TYPE_1 = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"
BUILDER = "https://ci.example/acme/app/runs/17"
SOURCE = "https://git.example/acme/app.git"
REVISION = "5d0c1b2a39485766f5e4d3c2b1a0998877665544"
DOCKERFILE = 'FROM alpine:3.20\nRUN mkdir /srv\nCOPY app /srv/app\nENTRYPOINT ["/srv/app"]\n'
BASE_DIGEST = "beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d"
MATERIALS = [
    {
        "uri": "pkg:docker/alpine@3.20?platform=linux%2Famd64",
        "digest": {"sha256": BASE_DIGEST},
    },
    {"uri": f"{SOURCE}#refs/heads/main", "digest": {"sha1": REVISION}},
]
BASES = [
    (MATERIALS[0]["uri"], "docker.io/library/alpine:3.20", f"sha256:{BASE_DIGEST}"),
    (MATERIALS[1]["uri"], None, None),
]
PACKAGES = [
    (name, version, f"pkg:apk/alpine/{name}@{version}?arch=x86_64")
    for name, version in (
        ("alpine-baselayout", "3.6.5-r0"),
        ("alpine-keys", "2.4-r1"),
        ("apk-tools", "2.14.4-r0"),
        ("busybox", "1.36.1-r29"),
        ("ca-certificates-bundle", "20240705-r0"),
        ("libcrypto3", "3.3.1-r3"),
        ("libssl3", "3.3.1-r3"),
        ("musl", "1.2.5-r0"),
        ("musl-utils", "1.2.5-r0"),
        ("scanelf", "1.3.7-r2"),
        ("ssl_client", "1.36.1-r29"),
        ("zlib", "1.3.1-r1"),
    )
]


def provenance_0_2(subject: Descriptor) -> dict[str, Any]:
    """Return how *subject* was built, as BuildKit says it with `mode=max`."""
    return _statement(
        subject,
        PROVENANCE_0_2,
        {
            "builder": {"id": BUILDER},
            "buildType": BUILD_TYPE_0_2,
            "materials": MATERIALS,
            "invocation": {
                "configSource": {**MATERIALS[1], "entryPoint": "Dockerfile"},
                "parameters": {"frontend": "dockerfile.v0", "locals": [{"name": "context"}]},
                "environment": {"platform": "linux/amd64"},
            },
            "metadata": {
                "buildInvocationID": "k2v9x0qlm3a7",
                "buildStartedOn": "2026-03-01T10:00:00Z",
                "buildFinishedOn": "2026-03-01T10:00:09Z",
                "completeness": {"parameters": True, "environment": True, "materials": False},
                "reproducible": False,
                f"{BUILD_TYPE_0_2}#metadata": _build_metadata(),
            },
        },
    )


def provenance_1(subject: Descriptor) -> dict[str, Any]:
    """Return how *subject* was built, in the newer form."""
    return _statement(
        subject,
        PROVENANCE_1,
        {
            "buildDefinition": {
                "buildType": BUILD_TYPE_1,
                "externalParameters": {
                    "configSource": {**MATERIALS[1], "path": "Dockerfile"},
                    "request": {"frontend": "dockerfile.v0", "locals": [{"name": "context"}]},
                },
                "internalParameters": {"builderPlatform": "linux/arm64"},
                "resolvedDependencies": MATERIALS,
            },
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {
                    "invocationId": "z81mm4d0c6rw",
                    "startedOn": "2026-03-01T10:00:00Z",
                    "finishedOn": "2026-03-01T10:00:11Z",
                    "buildkit_metadata": _build_metadata(),
                    "buildkit_hermetic": False,
                    "buildkit_completeness": {"request": True, "resolvedDependencies": False},
                    "buildkit_reproducible": False,
                },
            },
        },
    )


def sbom(subject: Descriptor) -> dict[str, Any]:
    """Return which packages are in *subject*, as its scanner writes it."""
    return _statement(
        subject,
        SPDX,
        {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": "sbom",
            "documentNamespace": "https://sbom.example/dir/sbom-3f0a",
            "creationInfo": {
                "creators": ["Organization: Acme, Inc", "Tool: scanner-1.0"],
                "created": "2026-03-01T10:00:10Z",
            },
            "packages": [
                {
                    "name": name,
                    "SPDXID": f"SPDXRef-Package-apk-{name}-{number:016x}",
                    "versionInfo": version,
                    "downloadLocation": "NOASSERTION",
                    "licenseDeclared": "NOASSERTION",
                    "externalRefs": [
                        {
                            "referenceCategory": "SECURITY",
                            "referenceType": "cpe23Type",
                            "referenceLocator": f"cpe:2.3:a:{name}:{name}:{version}:*:*:*:*:*:*:*",
                        },
                        {
                            "referenceCategory": "PACKAGE-MANAGER",
                            "referenceType": "purl",
                            "referenceLocator": purl,
                        },
                    ],
                }
                for number, (name, version, purl) in enumerate(PACKAGES)
            ],
            "files": [],
            "relationships": [],
        },
    )


def attestation(
    layout: Layout, subject: Descriptor, statements: Sequence[dict[str, Any]]
) -> Descriptor:
    """Keep *statements* about *subject* as BuildKit does; return what the index lists of them."""
    layers = [
        layout.document(
            statement,
            IN_TOTO,
            annotations={"in-toto.io/predicate-type": statement["predicateType"]},
        )
        for statement in statements
    ]
    diff_ids = [layer["digest"] for layer in layers]
    config = layout.document(
        {**NO_PLATFORM, "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}}, CONFIG
    )
    about = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": subject["digest"],
    }
    return {
        **manifest(layout, config, layers),
        "annotations": about,
        "platform": dict(NO_PLATFORM),
    }


def _statement(
    subject: Descriptor, predicate_type: str, predicate: dict[str, Any]
) -> dict[str, Any]:
    sha256 = subject["digest"].removeprefix("sha256:")
    return {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": predicate_type,
        "subject": [{"name": "pkg:docker/acme/app@1.0", "digest": {"sha256": sha256}}],
        "predicate": predicate,
    }


def _build_metadata() -> dict[str, Any]:
    text = base64.b64encode(DOCKERFILE.encode()).decode()
    infos = [{"filename": "Dockerfile", "language": "Dockerfile", "data": text}]
    return {
        "vcs": {"source": SOURCE, "revision": REVISION},
        "source": {"locations": {}, "infos": infos},
    }
