from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest

from dockerhub.standin import Image, World

if TYPE_CHECKING:
    from collections.abc import Iterator

SPDX = "https://spdx.dev/Document"
SLSA = ("https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1")


class Attested(NamedTuple):
    """One image of a repository, and what is stated about it, by the type of the predicate."""

    repository: str
    image: Image
    statements: dict[str, Any]

    @property
    def provenance(self) -> tuple[str, Any]:
        (found,) = ((kind, each) for kind, each in self.statements.items() if kind != SPDX)
        return found

    @property
    def platform(self) -> str:
        parts = (self.image.os, self.image.architecture, self.image.variant)
        return "/".join(part for part in parts if part)


def attested(world: World, repository: str) -> Iterator[Attested]:
    """Yield every image of *repository* that has an attestation, with its statements."""
    for tag in {tag.images: tag for tag in world.tags(repository)}.values():
        by_digest = {image.digest: image for image in tag.images}
        for image in tag.images:
            if not image.is_attestation:
                continue
            index = json.loads(world.manifest_bytes(repository, tag.name)[0])
            (entry,) = (each for each in index["manifests"] if each["digest"] == image.digest)
            about = entry["annotations"]["vnd.docker.reference.digest"]
            assert entry["platform"] == {"architecture": "unknown", "os": "unknown"}
            assert entry["annotations"]["vnd.docker.reference.type"] == "attestation-manifest"
            manifest = json.loads(world.manifest_bytes(repository, image.digest)[0])
            statements = {
                layer["annotations"]["in-toto.io/predicate-type"]: json.loads(
                    world.blob_bytes(repository, layer["digest"])
                )
                for layer in manifest["layers"]
                if layer["mediaType"] == "application/vnd.in-toto+json"
            }
            yield Attested(repository, by_digest[about], statements)


@pytest.fixture(scope="module")
def found() -> tuple[World, list[Attested]]:
    world = World(seed=7)
    world.add_namespace("bitnami", repositories=24, tags=20, attestations=0.5)
    world.add_namespace("library", repositories=3, tags=20, attestations=1.0)
    each = [one for state in world.states() for one in attested(world, state.full_name)]
    assert len(each) > 100
    return world, each


def test_both_statements_are_about_the_image(found: tuple[World, list[Attested]]) -> None:
    for one in found[1]:
        assert len(one.statements) == 2
        for kind, statement in one.statements.items():
            assert statement["predicateType"] == kind
            assert statement["_type"].startswith("https://in-toto.io/Statement/")
            (subject,) = statement["subject"]
            assert subject["digest"] == {"sha256": one.image.digest[7:]}
            assert subject["name"].startswith(f"pkg:docker/{one.repository}@")
            assert subject["name"].endswith(f"?platform={quote(one.platform, safe='')}")


def test_old_provenance_tells_base_image_and_source(found: tuple[World, list[Attested]]) -> None:
    seen = 0
    for one in found[1]:
        kind, statement = one.provenance
        if kind != SLSA[0]:
            continue
        seen += 1
        predicate, base = statement["predicate"], found[0].base(one.image)
        assert base is not None
        image, source = predicate["materials"]
        where = quote(one.platform, safe="")
        assert image["uri"] == f"pkg:docker/{base.name}@{base.tag}?platform={where}"
        assert image["digest"] == {"sha256": base.digest[7:]}
        assert predicate["builder"]["id"].startswith("https://github.com/")
        assert "mobyproject.org/buildkit" in predicate["buildType"]
        config = predicate["invocation"]["configSource"]
        assert (config["uri"], config["digest"]) == (source["uri"], source["digest"])
        assert config["entryPoint"] == "Dockerfile"
        vcs = predicate["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["vcs"]
        assert vcs["revision"] == config["digest"]["sha1"]
        assert config["uri"].startswith(vcs["source"])
    assert seen > 20


def test_new_provenance_tells_the_same(found: tuple[World, list[Attested]]) -> None:
    seen = 0
    for one in found[1]:
        kind, statement = one.provenance
        if kind != SLSA[1]:
            continue
        seen += 1
        definition, details = (statement["predicate"][k] for k in ("buildDefinition", "runDetails"))
        base = found[0].base(one.image)
        assert base is not None
        image, source = definition["resolvedDependencies"]
        assert image["digest"] == {"sha256": base.digest[7:]}
        config = definition["externalParameters"]["configSource"]
        assert (config["digest"], config["path"]) == (source["digest"], "Dockerfile")
        assert definition["internalParameters"]["builderPlatform"] == one.platform
        assert details["builder"]["id"].startswith("https://github.com/")
        vcs = details["metadata"]["buildkit_metadata"]["vcs"]
        assert vcs["revision"] == config["digest"]["sha1"]
    assert seen > 20


def test_some_provenance_holds_the_dockerfile(found: tuple[World, list[Attested]]) -> None:
    told = set()
    for one in found[1]:
        kind, statement = one.provenance
        predicate = statement["predicate"]
        metadata = (
            predicate["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]
            if kind == SLSA[0]
            else predicate["runDetails"]["metadata"]["buildkit_metadata"]
        )
        infos = metadata.get("source", {}).get("infos", [])
        told.add(bool(infos))
        for info in infos:
            text = base64.b64decode(info["data"]).decode()
            base = found[0].base(one.image)
            assert base is not None
            assert text.startswith(f"FROM {base.name}:{base.tag}\n")
    assert told == {True, False}


def test_the_bill_of_materials_lists_packages(found: tuple[World, list[Attested]]) -> None:
    for one in found[1]:
        document = one.statements[SPDX]["predicate"]
        assert document["spdxVersion"] == "SPDX-2.3"
        names = [each["name"] for each in document["packages"]]
        assert len(names) >= 2
        assert names[-1] == one.repository.partition("/")[2]
        for each in document["packages"]:
            (reference,) = each["externalRefs"]
            assert reference["referenceType"] == "purl"
            assert reference["referenceLocator"].startswith("pkg:")
            assert f"@{each['versionInfo']}" in reference["referenceLocator"]


def test_both_versions_of_provenance_occur(found: tuple[World, list[Attested]]) -> None:
    assert {one.provenance[0] for one in found[1]} == set(SLSA)
