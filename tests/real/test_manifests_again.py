"""What a crawl of the real registry costs once the database knows something of it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.crawling import ACCOUNT
from tests.real.crawling import RegistryCrawls
from tests.real.nginx import Nginx
from tests.real.programs import repository_folder
from tests.real.shelf import APP, WORKER, Push
from tests.real.skopeo import Skopeo

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.real.programs import Registry
    from tests.real.shelf import Shelf
    from tests.real.witness import Witness


def assert_alike(crawls: RegistryCrawls, truth: Witness) -> None:
    """Assert that the database holds what is in the first repository, and nothing else."""
    assert truth.tags() <= crawls.stored.tags(APP)
    for what in ("kinds", "members", "layers", "images", "labels", "steps", "statements"):
        assert getattr(crawls.stored, what)() == getattr(truth, what)(), what


def members_of(shelf: Shelf, index: str) -> list[str]:
    return [each["digest"] for each in json.loads(shelf.layout.read(index))["manifests"]]


def config_of(shelf: Shelf, image: str) -> str:
    digest: str = json.loads(shelf.layout.read(image))["config"]["digest"]
    return digest


def test_again_costs_heads_alone(crawls: RegistryCrawls, shelf: Shelf, truth: Witness) -> None:
    crawls.run(APP)
    crawls.run(APP)
    assert crawls.heads(APP) == sorted(shelf.tags(APP) - {shelf.signature_tag})
    assert (crawls.pulls(), crawls.blobs()) == ([], [])
    assert_alike(crawls, truth)


def test_signed_in_it_is_the_same(crawls: RegistryCrawls, truth: Witness) -> None:
    crawls.hub.journal.clear()
    crawls.run(APP, signed_in=True)
    assert_alike(crawls, truth)
    assert {exchange.account for exchange in crawls.hub.journal.of("registry_token")} == {*ACCOUNT}


def test_an_open_registry_is_read_without_tokens(
    hub: StandIn, registry: Registry, tmp_path: Path, truth: Witness
) -> None:
    crawls = RegistryCrawls(hub, registry, tmp_path)
    hub.journal.clear()
    crawls.run(APP)
    assert_alike(crawls, truth)
    assert hub.journal.exchanges == []


def test_another_repository_costs_what_it_has_of_its_own(
    crawls: RegistryCrawls, shelf: Shelf, truth: Witness
) -> None:
    crawls.run(APP)
    crawls.run(WORKER)
    assert crawls.heads(WORKER) == sorted(shelf.tags(WORKER))
    index = shelf.named("acme-worker-1.0")["digest"]
    digests = {tag: digest for tag, digest, _ in crawls.stored.tags(WORKER)}
    assert digests["1.0"] == digests["latest"] == index
    assert digests["app"] in truth.manifests, "the image that both have"
    pulled = Counter(digests.get(each, each) for each in crawls.pulls())
    [image] = members_of(shelf, index)
    assert pulled == {index: 1, image: 1}
    assert crawls.blobs() == [config_of(shelf, image)]


@pytest.mark.parametrize("tag", ["1", "new"])
def test_a_tag_that_moved_or_is_new_costs_what_is_new(
    own_crawls: RegistryCrawls, shelf: Shelf, tmp_path: Path, tag: str
) -> None:
    """An index of the other repository is pushed to a tag of the first one meanwhile."""
    own_crawls.run(APP)
    pushed = Push("acme-worker-1.0", APP, tag)
    Skopeo(own_crawls.registry.host, tmp_path, "ada:secret").push(shelf.layout.folder, pushed)
    own_crawls.run(APP)
    index = shelf.named(pushed.layout_tag)["digest"]
    digests = {tag: digest for tag, digest, _ in own_crawls.stored.tags(APP)}
    assert digests[tag] == index
    assert digests["1.0"] == digests["latest"] != index
    pulled = Counter(digests.get(each, each) for each in own_crawls.pulls())
    [image] = members_of(shelf, index)
    assert pulled == {index: 1, image: 1}
    assert own_crawls.blobs() == [config_of(shelf, image)]


def test_a_tag_that_is_gone_is_gone(
    own_crawls: RegistryCrawls, own_storage: Path, truth: Witness
) -> None:
    """Its name is not listed any more; what it showed is still known."""
    own_crawls.run(APP)
    shutil.rmtree(repository_folder(own_storage, APP) / "_manifests" / "tags" / "zstd")
    own_crawls.run(APP)
    tags = {tag for tag, *_ in own_crawls.stored.tags(APP)}
    assert "zstd" not in tags
    assert {tag for tag, *_ in truth.tags()} - tags == {"zstd"}
    assert own_crawls.pulls() == []
    assert own_crawls.stored.kinds() == truth.kinds()


def test_a_limit_in_front_loses_nothing(
    hub: StandIn, guarded: Registry, tmp_path: Path, truth: Witness
) -> None:
    with Nginx(guarded.url, tmp_path / "nginx", rate="10r/s", burst=8) as nginx:
        crawls = RegistryCrawls(hub, guarded, tmp_path, nginx.url)
        crawls.run(APP)
        statuses = Counter(each.status for each in nginx.passed())
        assert statuses[429] > 0, "the crawl was never told to wait"
        assert_alike(crawls, truth)
        digests = {tag: digest for tag, digest, _ in truth.tags()}
        pulled = Counter(digests.get(each, each) for each in crawls.pulls())
        assert pulled == dict.fromkeys(truth.manifests, 1)
        crawls.run(APP)
        assert (crawls.pulls(), crawls.blobs()) == ([], [])
