"""Holds what is stored of images' contents against what the stand-in knows to be true."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.truth import platform, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import Image, World

LAYERS = (
    "SELECT tag_name, platform, layer_index, digest, size_bytes, instruction FROM layers"
    " WHERE repo_name = ?"
)
STEPS = (
    "SELECT b.position, t.text, l.digest IS NOT NULL FROM build_step AS b"
    " JOIN manifest AS m ON m.id = b.manifest_id"
    " LEFT JOIN instruction AS t ON t.id = b.instruction_id"
    " LEFT JOIN manifest_layer AS ml"
    " ON ml.manifest_id = m.id AND ml.position = b.layer_position"
    " LEFT JOIN layer AS l ON l.id = ml.layer_id WHERE m.digest = ?"
)


def as_hub(instruction: str) -> str:
    """Return a step of a config as Hub's list of layers writes it."""
    return instruction.removeprefix("/bin/sh -c #(nop) ")


def images_of(world: World, repository: str) -> dict[str, Image]:
    """Return the images of a repository by their digests, attestations left out."""
    return {
        image.digest: image
        for tag in world.tags(repository)
        for image in tag.images
        if not image.is_attestation
    }


def assert_layers(database: Path, world: World, repository: str) -> None:
    """Assert that each tag's images have the layers, in the places and sizes, of the truth."""
    stored = [(*row[:-1], as_hub(row[-1])) for row in rows(database, LAYERS, repository)]
    assert sorted(stored) == sorted(_layer_rows(world, repository))


def _layer_rows(world: World, repository: str) -> Iterator[tuple[Any, ...]]:
    for tag in world.tags(repository):
        for image in tag.images:
            layers = [layer for layer in world.layers(image) if layer.digest]
            for place, layer in enumerate(layers):
                about = (layer.digest, layer.size, layer.instruction)
                yield (tag.name, platform(image), place, *about)


def assert_steps(database: Path, world: World, repository: str) -> None:
    """Assert that each image's build steps are those of the truth, metadata among them."""
    for digest, image in images_of(world, repository).items():
        truth = [
            (place, layer.instruction, int(layer.digest is not None))
            for place, layer in enumerate(world.layers(image))
        ]
        stored = rows(database, STEPS, bytes.fromhex(digest[7:]))
        assert sorted((place, as_hub(text), made) for place, text, made in stored) == truth


def assert_configs(database: Path, world: World, repository: str) -> None:
    """Assert that each image's config is stored as its bytes say it."""
    for digest in images_of(world, repository):
        manifest = json.loads(world.manifest_bytes(repository, digest)[0])
        config = json.loads(world.blob_bytes(repository, manifest["config"]["digest"]))
        [(env, cmd, entrypoint, size)] = rows(
            database,
            "SELECT env, cmd, entrypoint, size FROM config WHERE digest = ?",
            bytes.fromhex(manifest["config"]["digest"][7:]),
        )
        said = config["config"]
        assert json.loads(env or "[]") == (said.get("Env") or [])
        assert json.loads(cmd or "null") == said.get("Cmd")
        assert json.loads(entrypoint or "null") == said.get("Entrypoint")
        assert size == manifest["config"]["size"]
        labels = rows(
            database,
            "SELECT l.name, l.value FROM label AS l JOIN config AS c ON c.id = l.config_id"
            " WHERE c.digest = ?",
            bytes.fromhex(manifest["config"]["digest"][7:]),
        )
        assert dict(labels) == (said.get("Labels") or {})


def assert_attestations(database: Path, world: World, repository: str) -> None:
    """Assert that every statement of every attestation is stored, with its subject."""
    found = {}
    for digests in world.digests(repository).values():
        for subject, attestation in zip(digests.images, digests.attestations, strict=False):
            manifest = json.loads(world.manifest_bytes(repository, attestation)[0])
            for layer in manifest["layers"]:
                about = layer["annotations"]["in-toto.io/predicate-type"]
                found[attestation, layer["digest"]] = (subject, about, layer["size"])
    stored = rows(
        database,
        "SELECT m.digest, a.digest, a.subject_digest, a.predicate_type, a.size, a.detail"
        " FROM attestation AS a JOIN manifest AS m ON m.id = a.manifest_id",
    )
    kept = {
        (_text(manifest), _text(digest)): (_text(subject), about, size)
        for manifest, digest, subject, about, size, detail in stored
        if detail is None
    }
    assert {key: kept.get(key) for key in found} == found


def _text(digest: bytes | None) -> str | None:
    return None if digest is None else f"sha256:{digest.hex()}"
