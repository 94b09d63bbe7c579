from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT
from tests.real.crawling import RegistryCrawls, token_auth
from tests.real.images import INDEX
from tests.real.programs import Registry, ask
from tests.real.shelf import APP, NESTED_TAG, Shelf
from tests.real.skopeo import Skopeo
from tests.real.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Everything that is in the registry, as it was written by hand."""
    return Shelf(tmp_path_factory.mktemp("shelf") / "layout")


@pytest.fixture(scope="session")
def storage(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a registry that skopeo has filled; tests must not push into it."""
    folder = tmp_path_factory.mktemp("filled")
    with Registry(folder / "storage", folder / "program") as registry:
        fill(registry, shelf, folder)
    return folder / "storage"


def fill(registry: Registry, shelf: Shelf, home: Path) -> None:
    """Push all of *shelf* into *registry*."""
    skopeo = Skopeo(registry.host, home)
    for push in shelf.pushes:
        skopeo.push(shelf.layout.folder, push)
    put = ask(
        f"{registry.url}/v2/{APP}/manifests/{NESTED_TAG}",
        method="PUT",
        headers={"Content-Type": INDEX},
        body=shelf.layout.read(shelf.nested["digest"]),
    )
    assert put.status == 201, put.body


@pytest.fixture(scope="session")
def truth(storage: Path, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Witness:
    """What skopeo says of the first repository, the signature aside: nobody is to fetch that."""
    folder = tmp_path_factory.mktemp("truth")
    with Registry(storage, folder / "registry") as running:
        tags = shelf.tags(APP) - {shelf.signature_tag}
        return Witness(Skopeo(running.host, folder), APP, tags)


@pytest.fixture
def registry(storage: Path, tmp_path: Path) -> Iterator[Registry]:
    """The filled registry, open to everybody; its log begins with the test."""
    with Registry(storage, tmp_path / "registry") as running:
        yield running


@pytest.fixture
def skopeo(registry: Registry, tmp_path: Path) -> Skopeo:
    return Skopeo(registry.host, tmp_path)


@pytest.fixture(scope="session")
def hub() -> Iterator[StandIn]:
    """Whoever gives out the tokens, for every repository; of their contents it knows nothing."""
    with StandIn(World(seed=1), accounts=ACCOUNT, grant_push=True) as running:
        yield running


@pytest.fixture(scope="session")
def guarded(
    hub: StandIn, storage: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    """The filled registry, which wants tokens of *hub*'s."""
    folder = tmp_path_factory.mktemp("guarded") / "registry"
    with Registry(storage, folder, token_auth(hub)) as running:
        yield running


@pytest.fixture(scope="session")
def crawled(
    hub: StandIn, guarded: Registry, tmp_path_factory: pytest.TempPathFactory
) -> RegistryCrawls:
    """One crawl of all of the first repository; the tests only look at it."""
    crawls = RegistryCrawls(hub, guarded, tmp_path_factory.mktemp("crawled"))
    crawls.run(APP)
    return crawls


@pytest.fixture
def crawls(hub: StandIn, guarded: Registry, tmp_path: Path) -> RegistryCrawls:
    return RegistryCrawls(hub, guarded, tmp_path)


@pytest.fixture
def own_storage(storage: Path, tmp_path: Path) -> Path:
    """A filled folder of the test's own, to push to and to break things in."""
    copied: Path = shutil.copytree(storage, tmp_path / "storage")
    return copied


@pytest.fixture
def own_crawls(hub: StandIn, own_storage: Path, tmp_path: Path) -> Iterator[RegistryCrawls]:
    with Registry(own_storage, tmp_path / "registry", token_auth(hub)) as running:
        yield RegistryCrawls(hub, running, tmp_path)
