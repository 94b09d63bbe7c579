"""What a real registry lacks, or has wrong, is not stored; once it is mended it is taken up."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.real.crawling import RegistryCrawls, token_auth
from tests.real.programs import Registry
from tests.real.shelf import APP, NESTED_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.real.shelf import Shelf
    from tests.real.witness import Witness


@pytest.fixture
def own_storage(storage: Path, tmp_path: Path) -> Path:
    """A filled folder of the test's own, to break things in."""
    copied: Path = shutil.copytree(storage, tmp_path / "storage")
    return copied


@pytest.fixture
def own_crawls(hub: StandIn, own_storage: Path, tmp_path: Path) -> Iterator[RegistryCrawls]:
    with Registry(own_storage, tmp_path / "registry", token_auth(hub)) as registry:
        yield RegistryCrawls(hub, registry, tmp_path)


def blob_file(storage: Path, digest: str) -> Path:
    """Return where the registry keeps the bytes of *digest*."""
    sha256 = digest.removeprefix("sha256:")
    root = storage / "docker" / "registry" / "v2" / "blobs" / "sha256"
    return root / sha256[:2] / sha256 / "data"


def parts_of(truth: Witness, tag: str) -> dict[str, str]:
    """Return one digest of each sort behind *tag*, by its sort."""
    index = next(digest for name, digest, _ in truth.tags() if name == tag)
    members = [member["digest"] for member in truth.manifests[index]["manifests"]]
    attestation = truth.manifests[members[3]]
    return {
        "index": index,
        "image": members[1],
        "attestation": members[3],
        "config": truth.manifests[members[1]]["config"]["digest"],
        "statement": attestation["layers"][0]["digest"],
    }


@pytest.mark.parametrize("sort", ["index", "image", "attestation", "config", "statement"])
def test_bytes_that_do_not_fit_their_digest_are_not_believed(
    own_crawls: RegistryCrawls, own_storage: Path, truth: Witness, sort: str
) -> None:
    digest = parts_of(truth, "1.0")[sort]
    file = blob_file(own_storage, digest)
    good = file.read_bytes()
    file.write_bytes(good.replace(b'"', b'" ', 1))
    own_crawls.run(f"{APP}:1.0", strict="1", status=3)
    held = {row[0] for row in own_crawls.stored.kinds() | own_crawls.stored.images()}
    held |= {statement for _, statement, *_ in own_crawls.stored.statements()}
    assert digest not in held
    file.write_bytes(good)
    own_crawls.run(f"{APP}:1.0")
    held = {row[0] for row in own_crawls.stored.kinds() | own_crawls.stored.images()}
    held |= {statement for _, statement, *_ in own_crawls.stored.statements()}
    assert digest in held
