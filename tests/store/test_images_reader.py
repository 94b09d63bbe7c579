from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.contents import Descriptor
from dockerhub.items import Absence
from dockerhub.names import RepositoryName
from dockerhub.store.images_reader import ImagePlatform, ImagesReader, StoredStep
from tests.store.made import NGINX, NOW, at, digest, digest_text, image, tag, tags
from tests.store.made_contents import (
    PROVENANCE,
    TAR,
    attestation,
    attestation_manifest,
    base,
    built,
    config,
    head,
    index,
    layers,
    manifest,
    member,
    sbom,
    showing,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.writer import Writer

A = manifest("a", *layers("l", "m"), config="config", platform="linux/amd64", seen=NOW)
INDEX = index(
    "index",
    member("a", annotations=(("k", "v"),)),
    member("b", "windows/amd64", os_version="10.0"),
    member("holder", about="a"),
    annotations=(("whole", "yes"),),
    seen=NOW,
)
HOLDER = attestation_manifest("holder", "s", "t", seen=NOW)


@pytest.fixture
def images(url: str) -> Iterator[ImagesReader]:
    made = ImagesReader(url)
    yield made
    made.close()


def test_a_tag_as_hub_lists_it(writer: Writer, images: ImagesReader) -> None:
    shown = showing(tag("1", "index"), "a", "b", attested="holder")
    writer.write([tags(NOW, shown)])
    unread = (None, 1000, None, digest("index"))
    assert images.platforms_of(NGINX, "1") == [
        ImagePlatform(digest("a"), "linux/amd64", *unread),
        ImagePlatform(digest("b"), "linux/arm64", *unread),
    ]
    writer.write([A, tag_images(NOW, built("b", layers("x"), (), "linux/arm64"))])
    found = [(each.size, each.config_digest) for each in images.platforms_of(NGINX, "1")]
    assert found == [(200, digest("config")), (100, None)]
    assert images.platforms_of(NGINX, digest_text("index")) == images.platforms_of(NGINX, "1")


@pytest.mark.parametrize("told", ["1", digest_text("index")], ids=["tag", "digest"])
def test_an_index_that_the_registry_showed(writer: Writer, images: ImagesReader, told: str) -> None:
    writer.write([head(NOW, "1", "index"), INDEX, A])
    assert images.platforms_of(NGINX, told) == [
        ImagePlatform(digest("a"), "linux/amd64", None, 200, digest("config"), digest("index")),
        ImagePlatform(digest("b"), "windows/amd64", "10.0", None, None, digest("index")),
    ]


@pytest.mark.parametrize("told", ["1", digest_text("a")], ids=["tag", "digest"])
def test_a_manifest_stands_for_itself(writer: Writer, images: ImagesReader, told: str) -> None:
    writer.write([tags(NOW, tag("1", "a", images=(image(digest=digest("a")),))), A])
    alone = ImagePlatform(digest("a"), "linux/amd64", None, 200, digest("config"), None)
    assert images.platforms_of(NGINX, told) == [alone]
    writer.write([tags(at(1), tag("1", "a", images=()))])
    assert images.platforms_of(NGINX, told) == [alone]


def test_what_is_not_known_has_no_platforms(writer: Writer, images: ImagesReader) -> None:
    writer.write([tags(NOW, showing(tag("1"), "a"), tag("2", None, images=()))])
    assert images.platforms_of(NGINX, "2") == images.platforms_of(NGINX, "3") == []
    assert images.platforms_of(RepositoryName("no", "such"), "1") == []
    assert images.platforms_of(NGINX, digest_text("unknown")) == []
    writer.write([Absence(seen=at(1), repository=NGINX, tag="1")])
    assert images.platforms_of(NGINX, "1") == []


def test_layers_and_steps(writer: Writer, images: ImagesReader) -> None:
    writer.write([A, config("config", *steps(0, None, 1, created=5), seen=NOW)])
    assert images.layers_of(digest("a")) == [
        Descriptor(digest("l"), 100, TAR),
        Descriptor(digest("m"), 100, TAR),
    ]
    assert images.steps_of(digest("a")) == [
        StoredStep("RUN 0", digest("l"), 100, 5),
        StoredStep("RUN 1", None, None, 5),
        StoredStep("RUN 2", digest("m"), 100, 5),
    ]
    assert images.layers_of(digest("x")) == images.steps_of(digest("x")) == []


def test_a_config_is_given_whole(writer: Writer, images: ImagesReader) -> None:
    said = config(
        "config",
        platform="linux/arm64/v8",
        seen=NOW,
        created=7,
        author="me",
        user="1000",
        working_dir="/a",
        stop_signal="SIGTERM",
        entrypoint=("sh",),
        cmd=(),
        env=("A=b",),
        volumes=("/v",),
        exposed_ports=("80/tcp", "443/tcp"),
        diff_ids=(digest(1), digest(2)),
        labels=(("b", "2"), ("a", "1")),
    )
    assert images.config_of(digest("a")) is None
    writer.write([A, said])
    found = images.config_of(digest("a"))
    assert found is not None
    assert found[:9] == (
        *(digest("config"), 700, "linux/arm64/v8", None, 7, "me", "1000", "/a", "SIGTERM"),
    )
    assert found[9:] == (
        *(("sh",), (), ("A=b",), ("/v",), ("80/tcp", "443/tcp"), said.diff_ids),
        {"a": "1", "b": "2"},
    )


def test_a_bare_config(writer: Writer, images: ImagesReader) -> None:
    writer.write([A, config("config", platform="", seen=NOW)])
    found = images.config_of(digest("a"))
    assert found is not None
    assert found[2:] == (*[None] * 9, (), (), (), (), {})


def test_a_config_that_could_not_be_read_says_nothing(writer: Writer, images: ImagesReader) -> None:
    writer.write([A, config("config", platform="", seen=NOW, detail="$: expected JSON")])
    assert images.config_of(digest("a")) is None


@pytest.mark.parametrize("by_statement", [True, False], ids=["statement", "index"])
def test_attestations(writer: Writer, images: ImagesReader, by_statement: bool) -> None:
    subject = digest("a") if by_statement else None
    bases = (base("alpine", "alpine"), base(None))
    told = attestation("s", "holder", seen=NOW, subject=subject, bases=bases, dockerfile="FROM x")
    listed = sbom("t", "holder", seen=NOW, subject=subject, detail="too large")
    writer.write([INDEX, HOLDER, told, listed])
    first, second = images.attestations_of(digest("a"))
    assert first[:3] == (digest("s"), PROVENANCE, None)
    assert (first.dockerfile, first.bases, first.package_count) == ("FROM x", bases, None)
    assert (second.detail, second.bases, second.package_count) == ("too large", (), 0)
    assert images.attestations_of(digest("b")) == []


def test_annotations(writer: Writer, images: ImagesReader) -> None:
    writer.write([INDEX])
    assert images.annotations_of(digest("index")) == {"whole": "yes"}
    assert images.annotations_of(digest("index"), digest("a")) == {"k": "v"}
    assert images.annotations_of(digest("index"), digest("b")) == {}
    assert images.annotations_of(digest("a")) == {}
