"""The readable views say the same of each tag of the real registry as skopeo does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.real import attestations as said
from tests.real.shelf import APP, BASE
from tests.truth import rows

if TYPE_CHECKING:
    from tests.real.crawling import RegistryCrawls
    from tests.real.witness import Witness

IMAGES = ("1.0", "1", "latest", "zstd", "untyped", "docker", "docker-list", "nested")


def look(crawls: RegistryCrawls, columns: str, view: str, tag: str) -> list[tuple[Any, ...]]:
    sql = f"SELECT {columns} FROM {view} WHERE repo_name = ? AND tag_name = ?"
    return sorted(rows(crawls.database, sql, APP, tag), key=repr)


@pytest.mark.parametrize("tag", IMAGES)
def test_layers(crawled: RegistryCrawls, truth: Witness, tag: str) -> None:
    expected = [
        (
            image,
            platform,
            place,
            *(layer[said] for said in ("digest", "size", "mediaType")),
            truth.instructions(image)[place],
        )
        for image, platform in truth.images_of(tag).items()
        for place, layer in enumerate(truth.manifests[image]["layers"])
    ]
    columns = "manifest_digest, platform, layer_index, digest, size_bytes, media_type, instruction"
    assert look(crawled, columns, "layers", tag) == sorted(expected)


@pytest.mark.parametrize("tag", IMAGES)
def test_configs(crawled: RegistryCrawls, truth: Witness, tag: str) -> None:
    found = look(crawled, "manifest_digest, platform, digest, entrypoint, env", "configs", tag)
    expected = []
    for image, platform in truth.images_of(tag).items():
        digest = truth.manifests[image]["config"]["digest"]
        run = json.loads(truth.configs[digest])["config"]
        expected.append((image, platform, digest, run.get("Entrypoint"), run.get("Env")))
    lists = [
        (image, platform, digest, *(json.loads(each) if each else None for each in (start, env)))
        for image, platform, digest, start, env in found
    ]
    assert lists == sorted(expected, key=repr)


@pytest.mark.parametrize("tag", ["1.0", "1", "nested"])
def test_attestations(crawled: RegistryCrawls, truth: Witness, tag: str) -> None:
    platforms = truth.images_of(tag)
    expected = [
        (platforms[subject], predicate_type, subject)
        for _, _, subject, predicate_type, _ in truth.statements()
    ]
    found = look(crawled, "platform, predicate_type, subject", "attestations", tag)
    assert found == sorted(expected)


@pytest.mark.parametrize("tag", ["1.0", "nested"])
def test_packages(crawled: RegistryCrawls, tag: str) -> None:
    found = look(crawled, "platform, name, version, purl", "packages", tag)
    assert found == sorted(("linux/amd64", *package) for package in said.PACKAGES)


@pytest.mark.parametrize("tag", ["1.0", "nested"])
def test_base_images(crawled: RegistryCrawls, tag: str) -> None:
    """Three witnesses speak of amd64: the index, the label of its config, its provenance."""
    digest = f"sha256:{said.BASE_DIGEST}"
    expected = [
        (platform, BASE, digest, evidence)
        for platform in ("linux/amd64", "linux/arm64/v8")
        for evidence in ("annotation", "label", "provenance")
    ]
    assert look(crawled, "platform, name, digest, evidence", "base_images", tag) == expected


@pytest.mark.parametrize("tag", ["chart", "scan"])
def test_artifacts_have_no_images(crawled: RegistryCrawls, tag: str) -> None:
    for view in ("layers", "configs", "build_steps", "attestations", "packages", "base_images"):
        assert look(crawled, "platform", view, tag) == []


def test_manifests_by_kind(crawled: RegistryCrawls, truth: Witness) -> None:
    found = rows(
        crawled.database, "SELECT digest, kind, media_type, size_bytes, layer_count FROM manifests"
    )
    kinds = {digest: (kind, media_type) for digest, kind, media_type, *_ in truth.kinds()}
    assert {digest: (kind, media_type) for digest, kind, media_type, *_ in found} == kinds
    for digest, kind, _, size, count in found:
        layers = truth.manifests[digest].get("layers", ())
        assert (kind == "index") == (not layers)
        assert count == len(layers)
        assert size == (sum(layer["size"] for layer in layers) or None)
