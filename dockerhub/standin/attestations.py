"""Attestations: what stands beside each image of an index and says how it was made."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.standin.formats import IN_TOTO, OCI
from dockerhub.standin.provenance import SLSA_02, image_purl, provenance
from dockerhub.standin.push_text import BUILD, VERSION
from dockerhub.standin.rows import go_json
from dockerhub.standin.sbom import SPDX, sbom
from dockerhub.standin.template import Template
from dockerhub.standin.workshop import FULL_NAME

if TYPE_CHECKING:
    from dockerhub.standin.contents import Contents
    from dockerhub.standin.push_text import Build
    from dockerhub.standin.truth import Platform
    from dockerhub.standin.workshop import Telling

_SUBJECT = "$subject$"
_OLD_STATEMENT, _STATEMENT = "https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"
_CONFIG_START = (
    '{"architecture":"unknown","os":"unknown","config":{},'
    '"rootfs":{"type":"layers","diff_ids":["sha256:'
)
_MANIFEST_START = (
    f'{{"schemaVersion":2,"mediaType":"{OCI.manifest_type}","config":'
    f'{{"mediaType":"{OCI.config_type}","digest":"sha256:'
)
_LAYER_START = f'{{"mediaType":"{IN_TOTO}","digest":"sha256:'
_ENTRY_START = f'{{"mediaType":"{OCI.manifest_type}","digest":"'
_ENTRY_MIDDLE = (
    ',"platform":{"architecture":"unknown","os":"unknown"},"annotations":'
    '{"vnd.docker.reference.digest":"'
)
_ENTRY_END = '","vnd.docker.reference.type":"attestation-manifest"}}'


class Statements(NamedTuple):
    """What is stated about the images of one platform: two texts, and how their layers end."""

    texts: tuple[Template, Template]
    layer_ends: tuple[str, str]


class AttestationText:
    """The text of all attestations of pushes on one *base*, with one kind of provenance."""

    def __init__(self, telling: Telling, base: int, platforms: tuple[Platform, ...]) -> None:
        self._statements = [_statements(telling, base, platform) for platform in platforms]

    def attest(self, made: Contents, build: Build) -> list[str]:
        """Add an attestation of each image, and return their entries in the index."""
        return [
            _attest(made, image[0], stated, build)
            for image, stated in zip(made.images, self._statements, strict=True)
        ]


def _attest(made: Contents, subject: str, stated: Statements, build: Build) -> str:
    values = (*build.values, subject[7:])
    layers, diff_ids, total = [], [], 0
    for text, end in zip(*stated, strict=True):
        body = text.fill(values).encode()
        digest = sha256(body).hexdigest()
        made.blobs[f"sha256:{digest}"] = body
        layers.append(f'{_LAYER_START}{digest}","size":{len(body)}{end}')
        diff_ids.append(digest)
        total += len(body)
    config = f'{_CONFIG_START}{diff_ids[0]}","sha256:{diff_ids[1]}"]}}}}'.encode()
    digest = sha256(config).hexdigest()
    made.blobs[f"sha256:{digest}"] = config
    manifest = (
        f'{_MANIFEST_START}{digest}","size":{len(config)}}},"layers":[{",".join(layers)}]}}'
    ).encode()
    own = f"sha256:{sha256(manifest).hexdigest()}"
    made.manifests[own] = manifest
    made.attestations.append((own, total, ""))
    return f'{_ENTRY_START}{own}","size":{len(manifest)}{_ENTRY_MIDDLE}{subject}{_ENTRY_END}'


@lru_cache(maxsize=1024)
def _statements(telling: Telling, base: int, platform: Platform) -> Statements:
    kind, predicate = provenance(telling, base, platform)
    texts = (
        _statement(platform, SPDX, sbom(base, platform)),
        _statement(platform, kind, predicate),
    )
    first, second = (
        f',"annotations":{{"in-toto.io/predicate-type":"{each}"}}}}' for each in (SPDX, kind)
    )
    return Statements(texts, (first, second))


def _statement(platform: Platform, kind: str, predicate: dict[str, Any]) -> Template:
    name = image_purl(FULL_NAME, VERSION, platform)
    shown = {
        "_type": _OLD_STATEMENT if kind == SLSA_02 else _STATEMENT,
        "predicateType": kind,
        "subject": [{"name": name, "digest": {"sha256": _SUBJECT}}],
        "predicate": predicate,
    }
    return Template(go_json(shown), (*BUILD, _SUBJECT))
