from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.known import KnownEntry, KnownSet
from dockerhub.walks.wanted import (
    SAMPLED_OF,
    is_attestation,
    is_sampled,
    lacks_contents,
    lacks_layers,
    sample_of,
    set_key,
)

HUB, REGISTRY = Evidence.HUB, Evidence.REGISTRY


def entry(
    os: str | None = "linux",
    architecture: str | None = "amd64",
    *,
    digest: bytes | None = b"\1" * 32,
    kind: ManifestKind | None = None,
    evidence: Evidence | None = None,
    is_whole: bool = False,
) -> KnownEntry:
    return KnownEntry(digest, os, architecture, None, None, kind, evidence, is_whole)


def known(*entries: KnownEntry, digest: bytes | None = None) -> KnownSet:
    return KnownSet("latest", digest, entries, is_stored=False)


@pytest.mark.parametrize(
    ("one", "answer"),
    [
        pytest.param(entry(), False, id="an image, not stored"),
        pytest.param(entry("unknown", "unknown"), True, id="unknown, not stored"),
        pytest.param(entry("unknown"), False, id="half unknown"),
        pytest.param(entry(None, None), False, id="nothing said"),
        pytest.param(
            entry("unknown", "unknown", kind=ManifestKind.IMAGE), False, id="unknown, an image"
        ),
        pytest.param(entry(kind=ManifestKind.ATTESTATION), True, id="stored as one"),
        pytest.param(entry(kind=ManifestKind.ARTIFACT), False, id="an artifact"),
    ],
)
def test_an_attestation_is_what_is_stored_of_it_or_else_its_platform(
    one: KnownEntry, answer: bool
) -> None:
    assert is_attestation(one) is answer


ENTRIES = [
    pytest.param(entry(), True, True, id="image of which nothing is known"),
    pytest.param(entry(evidence=HUB), False, True, id="image told by hub"),
    pytest.param(entry(evidence=HUB, is_whole=True), False, True, id="image, hub, whole"),
    pytest.param(entry(evidence=REGISTRY), False, True, id="image without its config"),
    pytest.param(entry(evidence=REGISTRY, is_whole=True), False, False, id="image, whole"),
    pytest.param(
        entry(kind=ManifestKind.INDEX, evidence=REGISTRY), True, True, id="index, not all of it"
    ),
    pytest.param(
        entry(kind=ManifestKind.INDEX, evidence=REGISTRY, is_whole=True),
        False,
        False,
        id="index, whole",
    ),
    pytest.param(entry("unknown", "unknown"), False, True, id="attestation"),
    pytest.param(
        entry(kind=ManifestKind.ATTESTATION, evidence=REGISTRY),
        False,
        True,
        id="attestation without its statements",
    ),
    pytest.param(
        entry(kind=ManifestKind.ATTESTATION, evidence=REGISTRY, is_whole=True),
        False,
        False,
        id="attestation, whole",
    ),
    pytest.param(entry(None, None, digest=None), True, True, id="nothing at all"),
]


@pytest.mark.parametrize(("one", "layers", "contents"), ENTRIES)
def test_what_is_lacking_depends_on_the_depth(
    one: KnownEntry, layers: bool, contents: bool
) -> None:
    assert (lacks_layers(one), lacks_contents(one)) == (layers, contents)


def test_a_set_is_known_by_its_digest_whatever_is_in_it() -> None:
    digest = b"\7" * 32
    assert set_key(known(digest=digest)) == set_key(known(entry(), digest=digest)) == digest


def test_a_set_without_a_digest_is_known_by_its_images_in_their_order() -> None:
    first, second = entry(digest=b"\1" * 32), entry(digest=b"\2" * 32)
    key = set_key(known(first, second))
    assert len(key) == 32
    assert key == set_key(known(first._replace(evidence=HUB, is_whole=True), second))
    assert len({key, *map(set_key, [known(), known(first), known(second, first)])}) == 4
    # One whose digest is not told adds nothing.
    assert set_key(known(first, second, entry(digest=None))) == key


KEYS = [number.to_bytes(32) for number in range(20_000)]


def test_one_set_in_a_hundred_is_in_the_sample() -> None:
    assert SAMPLED_OF == 100
    share = sum(map(is_sampled, KEYS)) / len(KEYS)
    assert share == pytest.approx(1 / SAMPLED_OF, rel=0.15)


def test_every_image_of_a_sampled_set_has_its_turn() -> None:
    entries = [entry(digest=bytes([number]) * 32) for number in range(4)]
    drawn = [sample_of(entries, key) for key in KEYS if is_sampled(key)]
    assert {one.digest for one in drawn} == {one.digest for one in entries}
    assert min(drawn.count(one) for one in entries) > len(drawn) / 8


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=40), st.integers(1, 50))
def test_the_draw_is_made_once_for_a_set(key: bytes, count: int) -> None:
    entries = [entry(digest=number.to_bytes(32)) for number in range(count)]
    assert is_sampled(key) is is_sampled(bytes(key))
    assert sample_of(entries, key) is sample_of(tuple(entries), key)
