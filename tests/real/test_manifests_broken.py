"""What a real registry lacks, or has wrong, is not stored; once it is mended it is taken up."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.real.crawling import RegistryCrawls
from tests.real.programs import Registry, blob_file, repository_folder
from tests.real.shelf import APP, NESTED_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.real.witness import Witness


# What is wrong stays wrong while a test runs: to ask again is to wait in vain.
ONCE = ("-s", "RETRY_TIMES=0")


def parts_of(truth: Witness, tag: str) -> dict[str, str]:
    """Return one digest of each sort behind *tag*, by its sort."""
    index = truth.digest_of_tag(tag)
    members = [member["digest"] for member in truth.manifests[index]["manifests"]]
    return {
        "index": index,
        "image": members[1],
        "attestation": members[3],
        "config": truth.manifests[members[1]]["config"]["digest"],
        "statement": truth.manifests[members[3]]["layers"][0]["digest"],
    }


def held(crawls: RegistryCrawls) -> set[str]:
    """Return the digests of all whose contents are stored."""
    stored = crawls.stored
    statements = {statement for _, statement, *_ in stored.statements()}
    return {row[0] for row in stored.kinds() | stored.images()} | statements


@pytest.mark.parametrize("sort", ["index", "image", "attestation", "config", "statement"])
def test_bytes_that_do_not_fit_their_digest_are_not_believed(
    own_crawls: RegistryCrawls, own_storage: Path, truth: Witness, sort: str
) -> None:
    """The registry itself finds out about manifests and answers 500; about blobs it does not."""
    digest = parts_of(truth, "1.0")[sort]
    file = blob_file(own_storage, digest)
    good = file.read_bytes()
    file.write_bytes(good.replace(b'":', b'" :', 1))
    own_crawls.run(f"{APP}:1.0", *ONCE, strict="1", status=3)
    assert digest not in held(own_crawls)
    file.write_bytes(good)
    own_crawls.run(f"{APP}:1.0", strict="1")
    assert digest in held(own_crawls)
    assert all(each.startswith("sha256:") for each in own_crawls.pulls())


def test_what_is_missing_deep_down_is_taken_up(
    own_crawls: RegistryCrawls, own_storage: Path, truth: Witness
) -> None:
    """A member of the index that is in another index."""
    digest = parts_of(truth, "1.0")["image"]
    file = blob_file(own_storage, digest)
    good = file.read_bytes()
    file.write_bytes(b"")
    own_crawls.run(f"{APP}:{NESTED_TAG}", *ONCE, strict="1", status=3)
    file.write_bytes(good)
    own_crawls.run(f"{APP}:{NESTED_TAG}", strict="1")
    assert own_crawls.pulls() == [digest]
    assert digest in held(own_crawls)


def test_a_manifest_that_is_gone_is_told_and_no_failure(
    own_crawls: RegistryCrawls, own_storage: Path, truth: Witness
) -> None:
    """An index may name what its registry does not have."""
    digest = parts_of(truth, "1.0")["image"]
    sha256 = digest.removeprefix("sha256:")
    manifests = repository_folder(own_storage, APP) / "_manifests"
    shutil.rmtree(manifests / "revisions" / "sha256" / sha256)
    ended = own_crawls.run(f"{APP}:1.0", strict="1", status=3)
    assert f"{APP}@{digest}: the registry does not show it" in ended.err
    assert digest not in held(own_crawls)
    assert parts_of(truth, "1.0")["attestation"] in held(own_crawls)


def test_a_repository_that_is_not_there_is_told(crawls: RegistryCrawls) -> None:
    ended = crawls.run("acme/none", status=1)
    assert "acme/none" in ended.err
    assert "there is none of that name, or it is private" in ended.err
    assert crawls.stored.kinds() == set()


def test_a_registry_that_is_not_there_is_told(hub: StandIn, storage: Path, tmp_path: Path) -> None:
    with Registry(storage, tmp_path / "registry") as registry:
        crawls = RegistryCrawls(hub, registry, tmp_path)
    ended = crawls.run(APP, *ONCE, status=1)
    assert registry.url in ended.err
