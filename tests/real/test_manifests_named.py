"""What a crawl of the real registry is told to leave out is not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.real.shelf import APP

if TYPE_CHECKING:
    from tests.real.crawling import RegistryCrawls
    from tests.real.witness import Witness


def index_of(truth: Witness, tag: str) -> tuple[str, Any]:
    digest = truth.digest_of_tag(tag)
    return digest, truth.manifests[digest]


def test_one_tag_is_asked_for_alone(crawls: RegistryCrawls, truth: Witness) -> None:
    index, content = index_of(truth, "1.0")
    crawls.run(f"{APP}:1.0")
    assert crawls.heads(APP) == ["1.0"]
    members = [member["digest"] for member in content["manifests"]]
    assert sorted(crawls.pulls()) == sorted([index, *members])
    assert [name for name, *_ in crawls.stored.tags(APP)] == ["1.0"]


def test_patterns_choose_among_the_tags(crawls: RegistryCrawls, truth: Witness) -> None:
    crawls.run(APP, tags="docker*")
    assert crawls.heads(APP) == ["docker", "docker-list"]
    index, content = index_of(truth, "docker-list")
    members = [member["digest"] for member in content["manifests"]]
    assert sorted(crawls.pulls()) == sorted([index, *members])


@pytest.mark.parametrize(
    ("platforms", "places"),
    [("linux/arm64", [1, 4]), ("windows/amd64", [2]), ("linux/amd64,linux/arm64/v8", [0, 1, 3, 4])],
)
def test_platforms_choose_images_and_what_is_about_them(
    crawls: RegistryCrawls, truth: Witness, platforms: str, places: list[int]
) -> None:
    index, content = index_of(truth, "1.0")
    crawls.run(f"{APP}:1.0", platforms=platforms)
    members = [member["digest"] for member in content["manifests"]]
    assert sorted(crawls.pulls()) == sorted([index, *(members[place] for place in places)])


def test_a_digest_is_asked_for_alone(crawls: RegistryCrawls, truth: Witness) -> None:
    _, content = index_of(truth, "1.0")
    image = content["manifests"][1]["digest"]
    crawls.run(APP, digests=image)
    assert crawls.heads(APP) == []
    assert crawls.pulls() == [image]
    assert crawls.blobs() == [truth.manifests[image]["config"]["digest"]]


def test_layers_cost_no_attestations(crawls: RegistryCrawls, truth: Witness) -> None:
    index, content = index_of(truth, "1.0")
    members = [member["digest"] for member in content["manifests"]]
    images, attestations = members[:3], members[3:]
    crawls.run(f"{APP}:1.0", depth="layers")
    assert sorted(crawls.pulls()) == sorted([index, *images])
    configs = [truth.manifests[image]["config"]["digest"] for image in images]
    assert sorted(crawls.blobs()) == sorted(configs), "the build steps stand in the configs"
    crawls.run(f"{APP}:1.0")
    assert sorted(crawls.pulls()) == sorted(attestations)
    statements = {statement for _, statement, *_ in truth.statements()}
    assert set(crawls.blobs()) == statements
