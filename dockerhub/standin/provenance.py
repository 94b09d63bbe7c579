"""How an image was built: provenance as BuildKit writes it, in both versions of SLSA.

Source: moby/buildkit docs/attestations/slsa-provenance.md.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dockerhub.standin.bases import base_image
from dockerhub.standin.push_text import CREATED, REVISION, VERSION
from dockerhub.standin.workshop import SOURCE, dockerfile

if TYPE_CHECKING:
    from dockerhub.standin.truth import Platform
    from dockerhub.standin.workshop import Telling

SLSA_02 = "https://slsa.dev/provenance/v0.2"
SLSA_1 = "https://slsa.dev/provenance/v1"
_BUILDKIT = "https://mobyproject.org/buildkit@v1"
_DEFINITIONS = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"
_BRANCH = f"{SOURCE}.git#refs/heads/main"
_RUN = "actions/runs/4711/attempts/1"


def provenance(telling: Telling, base: int, platform: Platform) -> tuple[str, dict[str, Any]]:
    """Return the type and the predicate of the provenance of one *platform*."""
    materials = _materials(base, platform)
    if telling.newest:
        return SLSA_1, _slsa_1(telling, base, platform, materials)
    return SLSA_02, _slsa_02(telling, base, platform, materials)


def platform_text(platform: Platform) -> str:
    """Return ``linux/arm64/v8``."""
    return "/".join(part for part in platform[:3] if part)


def image_purl(name: str, tag: str, platform: Platform) -> str:
    """Return the package URL of an image for one platform."""
    return f"pkg:docker/{name}@{tag}?platform={quote(platform_text(platform), safe='')}"


def _materials(base: int, platform: Platform) -> list[dict[str, Any]]:
    image = base_image(base)
    return [
        {
            "uri": image_purl(image.name, image.tag, platform),
            "digest": {"sha256": image.digest[7:]},
        },
        {"uri": _BRANCH, "digest": {"sha1": REVISION}},
    ]


def _slsa_02(
    telling: Telling, base: int, platform: Platform, materials: list[dict[str, Any]]
) -> dict[str, Any]:
    source = {"uri": _BRANCH, "digest": {"sha1": REVISION}, "entryPoint": "Dockerfile"}
    return {
        "builder": {"id": f"{SOURCE}/{_RUN}"},
        "buildType": _BUILDKIT,
        "materials": materials,
        "invocation": {
            "configSource": source,
            "parameters": _request(),
            "environment": {"platform": platform_text(platform)},
        },
        "metadata": {
            "buildInvocationID": f"build{REVISION}",
            "buildStartedOn": CREATED,
            "buildFinishedOn": CREATED,
            "completeness": {"parameters": True, "environment": True, "materials": False},
            "reproducible": False,
            f"{_BUILDKIT}#metadata": _metadata(telling, base),
        },
    }


def _slsa_1(
    telling: Telling, base: int, platform: Platform, materials: list[dict[str, Any]]
) -> dict[str, Any]:
    source = {"uri": _BRANCH, "digest": {"sha1": REVISION}, "path": "Dockerfile"}
    return {
        "buildDefinition": {
            "buildType": _DEFINITIONS,
            "externalParameters": {"configSource": source, "request": _request()},
            "internalParameters": {"builderPlatform": platform_text(platform)},
            "resolvedDependencies": materials,
        },
        "runDetails": {
            "builder": {"id": f"{SOURCE}/{_RUN}"},
            "metadata": {
                "invocationID": f"build{REVISION}",
                "startedOn": CREATED,
                "finishedOn": CREATED,
                "buildkit_metadata": _metadata(telling, base),
                "buildkit_completeness": {"request": True, "resolvedDependencies": False},
                "buildkit_hermetic": False,
            },
        },
    }


def _request() -> dict[str, Any]:
    return {"frontend": "dockerfile.v0", "args": {"build-arg:VERSION": VERSION}}


def _metadata(telling: Telling, base: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"vcs": {"source": SOURCE, "revision": REVISION}}
    if telling.dockerfile:
        text = dockerfile(base_image(base)).encode()
        data = base64.b64encode(text).decode()
        info = {"filename": "Dockerfile", "language": "Dockerfile", "data": data}
        shown["source"] = {"infos": [info]}
    return shown
