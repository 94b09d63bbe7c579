"""What a crawl of the real registry costs once the database knows something of it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING

from tests.crawling import ACCOUNT
from tests.real.crawling import RegistryCrawls
from tests.real.nginx import Nginx
from tests.real.programs import Registry
from tests.real.shelf import APP, WORKER, Push
from tests.real.skopeo import Skopeo

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
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


def test_again_costs_no_pull_and_no_blob(crawls: RegistryCrawls, truth: Witness) -> None:
    crawls.run(APP)
    crawls.run(APP)
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


def test_a_tag_that_moved_costs_what_is_new(
    hub: StandIn, storage: Path, shelf: Shelf, tmp_path: Path
) -> None:
    """An index of the other repository is pushed to a tag of the first one meanwhile."""
    copied = tmp_path / "storage"
    shutil.copytree(storage, copied)
    with Registry(copied, tmp_path / "registry") as registry:
        crawls = RegistryCrawls(hub, registry, tmp_path)
        crawls.run(APP)
        moved = Push("acme-worker-1.0", APP, "1")
        Skopeo(registry.host, tmp_path).push(shelf.layout.folder, moved)
        crawls.run(APP)
        index = shelf.named(moved.layout_tag)["digest"]
        digests = {tag: digest for tag, digest, _ in crawls.stored.tags(APP)}
        assert digests["1"] == index
        assert digests["1.0"] == digests["latest"] != index
        pulled = Counter(digests.get(each, each) for each in crawls.pulls())
        [image] = members_of(shelf, index)
        assert pulled == {index: 1, image: 1}
        assert crawls.blobs() == [config_of(shelf, image)]


def test_a_limit_in_front_loses_nothing(
    hub: StandIn, guarded: Registry, tmp_path: Path, truth: Witness
) -> None:
    with Nginx(guarded.url, tmp_path / "nginx", rate="20r/s", burst=20) as nginx:
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
