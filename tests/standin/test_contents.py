"""Every byte that a tag leads to, by its digest."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from dockerhub.standin import PLAIN, Image, World

NOP = "/bin/sh -c #(nop) "
REPOSITORIES = ("bitnami/long", "library/nginx", "bitnami/nginx", "bitnami/kafka")


def digest_of(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"


def descriptors(content: Any) -> list[dict[str, Any]]:
    """Return everything a manifest or an index points to that has bytes here."""
    return [*content.get("manifests", []), *([content["config"]] if "config" in content else [])]


def config_of(world: World, repository: str, image: Image) -> dict[str, Any]:
    manifest = json.loads(world.manifest_bytes(repository, image.digest)[0])
    found: dict[str, Any] = json.loads(world.blob_bytes(repository, manifest["config"]["digest"]))
    return found


def check_reachable(world: World, repository: str, digest: str) -> int:
    """Check what a manifest leads to and return how many manifests and blobs that are."""
    body, media_type = world.manifest_bytes(repository, digest)
    content = json.loads(body)
    assert digest_of(body) == digest
    assert content.get("mediaType", media_type) == media_type
    count = 1
    for each in content.get("manifests", []):
        found, found_type = world.manifest_bytes(repository, each["digest"])
        assert (len(found), found_type) == (each["size"], each["mediaType"])
        count += check_reachable(world, repository, each["digest"])
    in_toto = [each for each in content.get("layers", []) if "in-toto" in each["mediaType"]]
    for each in [content["config"], *in_toto] if "config" in content else []:
        blob = world.blob_bytes(repository, each["digest"])
        assert (digest_of(blob), len(blob)) == (each["digest"], each["size"])
        count += 1
    return count


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_all_that_a_tag_leads_to_is_named_by_its_digest(world: World, repository: str) -> None:
    digests = world.digests(repository)
    assert digests
    for name, found in digests.items():
        body, media_type = world.manifest_bytes(repository, name)
        assert digest_of(body) == found.tag
        assert check_reachable(world, repository, found.tag) >= 1
        if found.index is not None:
            members = [each["digest"] for each in json.loads(body)["manifests"]]
            assert members == [*found.images, *found.attestations]
            assert media_type.endswith(("image.index.v1+json", "manifest.list.v2+json"))
        for image, config in zip(found.images, found.configs, strict=True):
            manifest = json.loads(world.manifest_bytes(repository, image)[0])
            assert manifest["config"]["digest"] == config


def test_hub_shows_the_digests_that_the_registry_has(world: World) -> None:
    digests, hidden = world.digests("bitnami/long"), 0
    for tag in world.tags("bitnami/long"):
        found = digests[tag.name]
        hidden += tag.digest is None
        assert tag.digest in (found.tag, None)
        assert [each.digest for each in tag.images] == [*found.images, *found.attestations]
    assert hidden > 0


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_layers_are_those_that_hub_shows(world: World, repository: str) -> None:
    for tag in world.tags(repository)[::8]:
        for image in tag.images:
            manifest = json.loads(world.manifest_bytes(repository, image.digest)[0])
            layers = [(each["digest"], each["size"]) for each in manifest["layers"]]
            shown = [(each.digest, each.size) for each in world.layers(image) if each.digest]
            assert layers == shown or image.is_attestation
            assert sum(size for _, size in layers) == image.size


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_history_pairs_with_the_layers(world: World, repository: str) -> None:
    builders = set()
    for tag in world.tags(repository)[::8]:
        for image in (each for each in tag.images if not each.is_attestation):
            config, steps = config_of(world, repository, image), world.layers(image)
            texts = [each["created_by"].removeprefix(NOP) for each in config["history"]]
            assert texts == [step.instruction for step in steps]
            empty = [each.get("empty_layer", False) for each in config["history"]]
            assert empty == [step.digest is None for step in steps]
            diff_ids = config["rootfs"]["diff_ids"]
            assert len(diff_ids) == len(set(diff_ids)) == empty.count(False)
            builders.add(image.builder)
    assert builders <= {"classic", "buildkit"}


def test_a_config_tells_its_platform_and_how_it_starts(world: World) -> None:
    for tag in world.tags("bitnami/long")[::40]:
        for image in (each for each in tag.images if not each.is_attestation):
            config = config_of(world, "bitnami/long", image)
            assert (config["os"], config["architecture"]) == (image.os, image.architecture)
            assert config.get("variant") == image.variant
            assert config.get("os.version") == image.os_version
            assert config["config"]["Entrypoint"] == ["/opt/app/run"]
            assert config["config"]["Cmd"] == [f"--arch={image.architecture}"]
            assert "LANG=C.UTF-8" in config["config"]["Env"]
            assert config["created"].endswith("Z")


def test_some_configs_name_their_base_image(world: World) -> None:
    labelled = []
    for each in world.repositories():
        images = [i for tag in world.tags(each.full_name)[:1] for i in tag.images[:1]]
        for image in images:
            labels = config_of(world, each.full_name, image)["config"]["Labels"]
            labelled.append(labels is not None)
            base = world.base(image)
            if labels and base:
                assert labels["org.opencontainers.image.base.name"] == base.full_name
                assert labels["org.opencontainers.image.base.digest"] == base.digest
                assert len(labels["org.opencontainers.image.revision"]) == 40
                assert labels["org.opencontainers.image.source"].endswith(each.name)
    assert {True, False} == set(labelled)


def test_base_images_of_old_and_new_pushes_have_names(world: World) -> None:
    images = [i for tag in world.tags("bitnami/long") for i in tag.images]
    bases = {world.base(image) for image in images}
    assert None in bases
    assert all(base.full_name.startswith("docker.io/library/") for base in bases if base)


def test_official_indexes_say_what_their_images_stand_on(world: World) -> None:
    annotated = 0
    for name, found in world.digests("library/nginx").items():
        if found.index is None:
            continue
        index = json.loads(world.manifest_bytes("library/nginx", found.index)[0])
        images = world.tag("library/nginx", name).images
        for entry, image in zip(index["manifests"], images, strict=True):
            notes, base = entry.get("annotations", {}), world.base(image)
            if "org.opencontainers.image.base.name" in notes and base:
                annotated += 1
                assert notes["org.opencontainers.image.base.name"] == f"{base.name}:{base.tag}"
                assert notes["org.opencontainers.image.base.digest"] == base.digest
                revision = notes["org.opencontainers.image.revision"]
                assert f"#{revision}:" in notes["org.opencontainers.image.source"]
                assert notes["org.opencontainers.image.version"][0].isdigit()
    assert annotated > 20


def test_both_formats_and_both_builders_occur(world: World) -> None:
    found = set()
    for each in world.repositories():
        for tag in world.tags(each.full_name)[::8]:
            for image in tag.images[:1]:
                _, media_type = world.manifest_bytes(each.full_name, image.digest)
                found.add((media_type.split(".")[1], image.builder))
    assert found == {("oci", "buildkit"), ("docker", "buildkit"), ("docker", "classic")}


def test_a_single_platform_without_attestations_has_no_index() -> None:
    world = World()
    world.add_repository("a/one", 8, platforms=1, **PLAIN)
    for found in world.digests("a/one").values():
        assert (found.index, found.attestations) == (None, ())
        assert found.images == (found.tag,)


def test_windows_entries_name_their_version_and_foreign_layers() -> None:
    world = World()
    world.add_repository("a/windows", 4, platforms=1, windows=True, attestations=0, imageless=0)
    body, _ = world.manifest_bytes("a/windows", "latest")
    entries = json.loads(body)["manifests"]
    versions = [each["platform"].get("os.version") for each in entries]
    assert versions == [None, "10.0.20348.3091", "10.0.17763.6775"]
    manifest = json.loads(world.manifest_bytes("a/windows", entries[1]["digest"])[0])
    assert manifest["layers"][0]["urls"]
    assert "urls" not in manifest["layers"][-1]


def test_an_index_of_nothing_has_a_digest_too(world: World) -> None:
    tag = next(tag for tag in world.tags("bitnami/long") if tag.images == () and tag.digest)
    body, _ = world.manifest_bytes("bitnami/long", tag.digest or "")
    assert json.loads(body)["manifests"] == []
    assert digest_of(body) == tag.digest


def test_unknown_names_and_layers_are_key_errors(world: World) -> None:
    image = world.tag("bitnami/nginx", "latest").images[0]
    layer = next(each.digest for each in world.layers(image) if each.digest)
    for ask, asked in (
        (world.manifest_bytes, "sha256:" + "0" * 64),
        (world.manifest_bytes, "no-such-tag"),
        (world.manifest_bytes, "sha256:xyz"),
        (world.blob_bytes, layer),
        (world.blob_bytes, image.digest),
    ):
        with pytest.raises(KeyError):
            ask("bitnami/nginx", asked)
    with pytest.raises(KeyError):
        world.digests("bitnami/none")
