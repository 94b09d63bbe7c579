"""Bases by layers beside an independent reckoning: none too many, none missing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence
from dockerhub.names import read_image_name
from dockerhub.reports.lineage_said import Confidence
from tests.reports.lineage_made import EMPTY, OLD_EMPTY, Asked, Drawn, write
from tests.store.made import Look, at, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DEEPEST = 6


def draw_images(seed: int) -> list[Drawn]:
    """Return images in trees up to 6 deep, with siblings, twins and layers that hold nothing."""
    draw = random.Random(seed)
    found: list[Drawn] = []
    depths: list[int] = []
    for number in range(60):
        # Rather one of the newer ones, so that chains grow long.
        below = max(draw.choices(range(number), k=2)) if found and draw.random() < 0.9 else None
        if below is not None and depths[below] == _DEEPEST:
            below = None
        held = list(found[below].held) if below is not None else []
        kind = draw.random()
        if kind < 0.8 or not held:
            held += [f"layer {number}.{place}" for place in range(draw.randint(1, 3))]
        # Else a twin: the same layers in another image. And a layer may be there twice.
        if kind < 0.05:
            held.append(held[0])
        layers: list[object] = []
        for one in held:
            layers += [draw.choice((EMPTY, OLD_EMPTY))] * (draw.random() < 0.2)
            layers.append(one)
        layers += [EMPTY] * (draw.random() < 0.2)
        name = f"{draw.choice(('library', 'acme', 'other'))}/app{number % 20}:{number}"
        is_told = draw.random() < 0.4
        found.append(Drawn(name, tuple(layers), is_told, draw.random() < 0.5))
        depths.append(0 if below is None else depths[below] + 1)
    # Nothing but what holds nothing, and what has another image's upper layers.
    found.append(Drawn("acme/nothing:1", (EMPTY, OLD_EMPTY)))
    found.append(Drawn("acme/upper:1", found[-2].held[1:] or ("other",)))
    return found


def bases_of(one: Drawn, images: Sequence[Drawn]) -> dict[str, int]:
    """Reckon what an image is built on, and how many layers they share."""
    return {
        other.name: len(other.held)
        for other in images
        if other.held
        and len(other.held) < len(one.held)
        and one.held[: len(other.held)] == other.held
    }


@pytest.fixture(scope="module", params=[1, 2, 3], ids="seed {}".format)
def drawn(request: pytest.FixtureRequest) -> list[Drawn]:
    return draw_images(request.param)


@pytest.fixture(scope="module")
def url(drawn: list[Drawn], tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('lineage') / 'hub.db'}"
    write(made, *drawn)
    lost = [read_image_name(one.name) for one in lost_of(drawn)]
    write(made, *[Absence(seen=at(1), repository=one.repository, tag=one.tag) for one in lost])
    return made


@pytest.fixture(scope="module")
def asked(url: str) -> Iterator[Asked]:
    with Asked(url) as made:
        yield made


def lost_of(images: Sequence[Drawn]) -> list[Drawn]:
    """Return the images that have lost their tag."""
    return [one for place, one in enumerate(images) if place % 7 == 0]


def test_it_is_deep_and_wide_enough_to_say_something(drawn: list[Drawn]) -> None:
    levels = [len(set(bases_of(one, drawn).values())) for one in drawn]
    assert max(levels) >= 5
    held = [one.held for one in drawn if one.held]
    assert len(set(held)) < len(held), "twins"
    assert any(bases_of(one, drawn) for one in lost_of(drawn))


def test_bases_are_those_with_all_their_layers_below(asked: Asked, drawn: list[Drawn]) -> None:
    names = {digest(one.name): one.name for one in drawn}
    lost = set(lost_of(drawn))
    told = {one.name for one in drawn if one.by_hub}
    for one in drawn:
        if one in lost:
            continue
        found = asked.platform(one.name)
        seen = {names[of]: level.shared_layers for level in found.levels for of in level.digests}
        assert seen == bases_of(one, drawn), one.name
        assert found.layer_count == len(one.held)
        assert [level.distance for level in found.levels] == [*range(1, len(found.levels) + 1)]
        shared = [level.shared_layers for level in found.levels]
        assert shared == sorted(set(shared), reverse=True)
        for level in found.levels:
            is_told = one.by_hub or all(names[of] in told for of in level.digests)
            assert level.confidence is (Confidence.TOLD if is_told else Confidence.PROVEN)


def test_dependents_are_those_with_all_its_layers_below(asked: Asked, drawn: list[Drawn]) -> None:
    lost = set(lost_of(drawn))
    bases = {one.name: bases_of(one, drawn) for one in drawn}
    for one in drawn:
        if one in lost:
            continue
        found = asked.dependents(one.name)
        above = [other for other in drawn if one.name in bases[other.name]]
        expected = {other.name for other in above if other not in lost}
        tags = {f"{each.repository}:{tag.tag}" for each in found.repositories for tag in each.tags}
        assert tags == {str_of(name) for name in expected}, one.name
        assert found.image_count == len(above)
        assert found.tag_count == len(expected)
        for each in found.repositories:
            for tag in each.tags:
                (other,) = [o for o in above if str_of(o.name) == f"{each.repository}:{tag.tag}"]
                between = nearest(bases[other.name], len(one.held))
                assert (tag.through_digest is None) is (not between), (one.name, other.name)
                assert not between or tag.through_digest in between, (one.name, other.name)


def nearest(bases: Mapping[str, int], above: int) -> set[bytes]:
    """Return the manifests of the bases with most layers that have more than *above*."""
    most = max(bases.values())
    return {digest(of) for of, length in bases.items() if length == most > above}


def str_of(name: str) -> str:
    named = read_image_name(name)
    return f"{named.repository}:{named.tag}"


def test_the_view_says_the_same_of_bases_that_tags_show(url: str, drawn: list[Drawn]) -> None:
    lost = set(lost_of(drawn))
    rows = Look(url)("SELECT repo_name, tag_name, base_repo, base_tag, shared_layers FROM lineage")
    expected = {
        (*str_of(one.name).split(":"), *str_of(base).split(":"), length)
        for one in drawn
        if one not in lost
        for base, length in bases_of(one, [other for other in drawn if other not in lost]).items()
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)
