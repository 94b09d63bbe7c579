"""What is in an image: a software bill of materials in the form of SPDX.

Source: moby/buildkit docs/attestations/sbom.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.standin.bases import base_image
from dockerhub.standin.push_text import CREATED, REVISION, VERSION
from dockerhub.standin.workshop import FULL_NAME, NAME

if TYPE_CHECKING:
    from dockerhub.standin.truth import Platform

SPDX = "https://spdx.dev/Document"
_OF_BASE = (("libinvented", "1.2.4-r3"), ("ca-invented", "20260701-1"), ("tzinvented", "2026b"))


def sbom(base: int, platform: Platform) -> dict[str, Any]:
    """Return the SPDX document of one *platform*."""
    image = base_image(base)
    system = "apk/alpine" if image.name == "alpine" else "deb/debian"
    packages = [
        _package(name, version, f"pkg:{system}/{name}@{version}?arch={platform[1]}")
        for name, version in _OF_BASE[: 1 + base % len(_OF_BASE)]
    ]
    packages.append(_package(NAME, VERSION, f"pkg:generic/{FULL_NAME}@{VERSION}"))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "sbom",
        "documentNamespace": f"https://spdx.example.com/{FULL_NAME}-{REVISION}",
        "creationInfo": {"creators": ["Tool: buildkit-v0.13.2"], "created": CREATED},
        "packages": packages,
    }


def _package(name: str, version: str, purl: str) -> dict[str, Any]:
    reference = {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": purl,
    }
    return {
        "name": name,
        "SPDXID": f"SPDXRef-Package-{name}",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "externalRefs": [reference],
    }
