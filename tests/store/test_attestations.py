from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dockerhub.contents import Package
from tests.store.made import NOW, at, digest, digest_text, tag, tags
from tests.store.made_contents import (
    PROVENANCE,
    SPDX,
    attestation,
    attestation_manifest,
    base,
    index,
    manifest,
    member,
    sbom,
    showing,
)

if TYPE_CHECKING:
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

HOLDER = attestation_manifest("holder", "built", "listed", seen=NOW)
BUILT = attestation(
    "built",
    "holder",
    seen=at(1),
    subject=digest("image"),
    builder="buildkit",
    build_type="https://mobyproject.org/buildkit",
    source="https://example.org/a.git",
    revision="abc",
    dockerfile="FROM alpine",
    bases=(base("docker.io/library/alpine:3.20", "alpine"), base(None), base("x", None)),
)
CURL = Package("curl", "8.0", "pkg:deb/curl@8.0")
BARE = Package("unknown", None, None)
LISTED = sbom("listed", "holder", CURL, BARE, seen=at(1))
PACKAGES = (
    "SELECT p.name, p.version, p.purl FROM attestation_package AS a"
    " JOIN package AS p ON p.id = a.package_id ORDER BY p.id"
)


def test_provenance_is_stored_with_its_bases(writer: Writer, look: Look) -> None:
    tally = writer.write([HOLDER, BUILT])
    assert tally["attestations_new"] == 1
    assert look.one("SELECT * FROM attestation")[1:] == (
        *(1, digest("built"), digest("image"), PROVENANCE, 3000, "buildkit"),
        *("https://mobyproject.org/buildkit", "https://example.org/a.git", "abc", "FROM alpine"),
        *(None, None, at(1)),
    )
    assert look("SELECT position, uri, name, digest FROM attestation_base") == [
        (0, "pkg:docker/docker.io/library/alpine:3.20", "docker.io/library/alpine:3.20",
         digest("alpine")),
        (1, "pkg:docker/None", None, None),
        (2, "pkg:docker/x", "x", None),
    ]  # fmt: skip


def test_packages_are_stored_once(writer: Writer, look: Look) -> None:
    again = sbom("built", "holder", CURL, CURL, seen=NOW)
    writer.write([HOLDER, LISTED, again])
    assert look(PACKAGES) == [tuple(CURL), tuple(CURL), ("unknown", "", "")]
    assert len(look("SELECT * FROM package")) == 2


def test_the_same_twice_is_the_same(writer: Writer, look: Look) -> None:
    writer.write([HOLDER, BUILT, LISTED])
    before = look.everything()
    assert writer.write([HOLDER, BUILT, LISTED]) == Counter()
    assert look.everything() == before


def test_what_was_read_is_not_lost_to_what_was_not(writer: Writer, look: Look) -> None:
    unread = replace(LISTED, packages=(), package_count=None, detail="too large", seen=at(5))
    writer.write([HOLDER, unread])
    assert look.one("SELECT detail FROM attestation") == ("too large",)
    writer.write([LISTED])
    assert look.one("SELECT detail, package_count FROM attestation") == (None, 2)
    before = look.everything()
    writer.write([unread])
    assert look.everything() == before


def test_a_better_reading_takes_the_place_of_the_last(writer: Writer, look: Look) -> None:
    writer.write([HOLDER, LISTED, replace(LISTED, packages=(BARE,), package_count=1)])
    assert look(PACKAGES) == [("unknown", "", "")]


def test_a_statement_without_its_manifest_is_told_and_left(writer: Writer, look: Look) -> None:
    assert writer.write([BUILT]) == {"attestations_without_manifest": 1}
    assert look("SELECT * FROM attestation") == []


def test_many_packages_are_written_together(writer: Writer, look: Look) -> None:
    many = [Package(f"p{number}", "1", None) for number in range(5000)]
    writer.write([HOLDER, sbom("listed", "holder", *many, seen=NOW)])
    assert look.one("SELECT COUNT(*) FROM attestation_package") == (5000,)


@pytest.mark.parametrize("named_by", ["statement", "manifest", "index"])
def test_attestations_are_readable(writer: Writer, look: Look, named_by: str) -> None:
    """Whoever names the image, its platform is shown."""
    image = manifest("image", platform="linux/arm64", seen=NOW)
    about = digest("image")
    holder = replace(HOLDER, subject=about if named_by == "manifest" else None)
    subject = about if named_by == "statement" else None
    shown = showing(tag("1", "index"), "image", attested="holder")
    writer.write([tags(NOW, shown), image, holder])
    if named_by == "index":
        writer.write([index("index", member("holder", about="image"), seen=NOW)])
    writer.write([replace(BUILT, subject=subject), replace(LISTED, subject=subject)])
    first, second = look("SELECT * FROM attestations ORDER BY predicate_type")
    assert first[:9] == (
        *("bitnami/nginx", "1", "linux/arm64", PROVENANCE, "buildkit"),
        *("https://mobyproject.org/buildkit", "https://example.org/a.git", "abc", None),
    )
    assert (first[9], *first[10:14]) == (
        "FROM alpine",
        *(digest_text("image"), digest_text("built"), 3000, None),
    )
    assert (second[3], second[8]) == (SPDX, 2)
    assert look("SELECT platform, name, version, purl FROM packages ORDER BY name") == [
        ("linux/arm64", *CURL),
        ("linux/arm64", *BARE),
    ]
