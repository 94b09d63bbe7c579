from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dockerhub.contents import BuildStep, Descriptor
from dockerhub.kinds import ManifestKind
from dockerhub.media_types import EMPTY_LAYERS
from dockerhub.store.contents_rows import (
    annotations_of,
    attestation_parameters,
    chains,
    config_parameters,
    layer_count,
    layer_parameters,
    member_kind,
    member_subject,
    platform_columns,
    proven_parameters,
    read_steps,
    step_parameters,
    text_fingerprint,
    told_parameters,
    written_steps,
)
from dockerhub.store.queries import load_queries
from tests.store.made import NOW, digest
from tests.store.made_contents import attestation, built, config, index, layers, manifest, member

DIGESTS = some.binary(min_size=32, max_size=32) | some.sampled_from(sorted(EMPTY_LAYERS))
LAYERS = some.lists(DIGESTS.map(lambda found: Descriptor(found, None, None)), max_size=12)
WORDS = some.text(max_size=20)
STEPS = some.lists(
    some.builds(
        BuildStep,
        some.none() | WORDS,
        some.none() | some.integers(0, 200),
        some.none() | some.integers(-(2**62), 2**62),
    )
)


def full(found: list[Descriptor]) -> list[bytes]:
    return [layer.digest for layer in found if layer.digest not in EMPTY_LAYERS]


@given(LAYERS, LAYERS)
def test_images_share_a_chain_as_far_as_they_share_layers(
    one: list[Descriptor], other: list[Descriptor]
) -> None:
    marks = [
        {mark: place for place, mark in enumerate(filter(None, chains(x)))} for x in (one, other)
    ]
    shared = 0
    for left, right in zip(full(one), full(other), strict=False):
        if left != right:
            break
        shared += 1
    assert marks[0].keys() & marks[1].keys() == set(list(marks[0])[:shared])
    assert all(marks[0][mark] == marks[1][mark] for mark in marks[0].keys() & marks[1].keys())


@given(LAYERS)
def test_empty_layers_change_no_chain(found: list[Descriptor]) -> None:
    marks = chains(found)
    assert len(marks) == len(found)
    for layer, mark in zip(found, marks, strict=True):
        assert (mark is None) == (layer.digest in EMPTY_LAYERS)
        assert mark is None or len(mark) == 16
    bare = [layer for layer in found if layer.digest not in EMPTY_LAYERS]
    assert chains(bare) == [mark for mark in marks if mark is not None]


def test_only_an_image_has_chains() -> None:
    for kind in ManifestKind:
        rows = layer_parameters(7, layers("a", "b"), kind)
        assert [row[0] for row in rows] == [7, 7]
        assert all(row[4] for row in rows) == (kind is ManifestKind.IMAGE)


@given(STEPS)
def test_a_history_that_waits_is_read_as_it_was(steps: list[BuildStep]) -> None:
    text = written_steps(steps)
    assert (text is None) == (not steps)
    assert steps == ([] if text is None else read_steps(text))


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("put_manifest", proven_parameters(manifest("m", seen=NOW), 1, None)),
        ("put_manifest", told_parameters(built("m", ()), 1, NOW)),
        ("put_manifest_layer", layer_parameters(1, layers("a"), ManifestKind.IMAGE)[0]),
        ("put_build_step", step_parameters(1, [BuildStep("RUN", 0)])[0]),
        ("put_config", config_parameters(config("c", seen=NOW), 1, None)),
        ("put_attestation", attestation_parameters(1, attestation("a", "m", seen=NOW))),
    ],
    ids=["manifest", "manifest of Hub", "layer", "step", "config", "attestation"],
)
def test_parameters_fit_their_statement(statement: str, parameters: tuple[object, ...]) -> None:
    _, text = load_queries("contents_writing")[statement].split("\n", 1)
    assert text.count("?") == len(parameters)


def test_lists_are_json_and_nothing_is_null() -> None:
    said = {
        "entrypoint": (),
        "cmd": ("sh", 'a "b"'),
        "env": ("A=é",),
        "exposed_ports": ("80/tcp", "443/tcp"),
        "volumes": ("/a b",),
        "diff_ids": (digest(1), digest(2)),
    }
    row = config_parameters(config("c", seen=NOW, **said), None, "[]")
    assert row[7:9] == ("[]", json.dumps(["sh", 'a "b"']))
    assert row[9:12] == ('["A=é"]', "80/tcp|443/tcp", '["/a b"]')
    assert row[13:] == (digest(1) + digest(2), "[]", None, NOW)
    bare = config_parameters(config("c", seen=NOW), None, None)
    assert set(bare[2:-1]) == {None}


def test_platform_columns() -> None:
    assert platform_columns(("linux", "arm", "v7", None)) == ("linux", "arm", "v7", "", "", "")
    assert platform_columns(None) == ("",) * 6


def test_layer_count() -> None:
    assert layer_count([BuildStep("a", 0), BuildStep("b", None), BuildStep("c", 1)]) == 2


def test_an_attestation_is_one_before_all() -> None:
    attested = member("a", about="image", artifact_type="x/y")
    assert member_kind(attested) is ManifestKind.ATTESTATION
    assert member_subject(attested) == digest("image")
    assert member_subject(member("a")) is None
    assert list(annotations_of(index("i", attested, seen=NOW))) == []


def test_texts_have_fingerprints() -> None:
    assert len(text_fingerprint("")) == 16
    assert text_fingerprint("a") != text_fingerprint("b")
