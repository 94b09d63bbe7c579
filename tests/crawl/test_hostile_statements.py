"""Attestations that mean harm: read as far as they are to be believed, and shown nowhere."""

from __future__ import annotations

import base64
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.media_types import (
    ATTESTATION_REFERENCE,
    IN_TOTO,
    OCI_MANIFEST,
    REFERENCE_TYPE,
)
from dockerhub.names import digest_bytes
from dockerhub.store.images_reader import ImagesReader
from tests.crawl.contents import manifests
from tests.crawl.forging import SLSA, SPDX, UNKNOWN, Forge, manifest
from tests.crawl.hostile import TEXTS
from tests.crawl.hostile_registry import ONE_TRY, TOOL, hostile_world, read
from tests.crawl.test_hostile_blobs import DEEP, kept, shown
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawl.forging import Descriptor
    from tests.crawling import Crawls


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


def provenance(dockerfile: str, **more: Any) -> dict[str, Any]:
    """Return a provenance with a Dockerfile in it."""
    data = base64.b64encode(dockerfile.encode()).decode()
    source = {"infos": [{"filename": "Dockerfile", "data": data}]}
    metadata = {"https://mobyproject.org/buildkit@v1#metadata": {"source": source}}
    return {"buildType": "x", "metadata": metadata} | more


def sbom(number: int, image: str) -> bytes:
    """Return an SBOM of so many packages, in as few bytes as can be."""
    packages = ",".join(['{"name":"p"}'] * number)
    return (
        '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document",'
        f'"subject":[{{"digest":{{"sha256":"{image[7:]}"}}}}],'
        f'"predicate":{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}}}'
    ).encode()


STATED = (
    "SELECT tag_name, predicate_type, package_count, dockerfile, detail FROM attestations"
    " ORDER BY tag_name, predicate_type"
)


def test_a_dockerfile_of_terminal_codes_is_kept_and_shown_nowhere(
    crawls: Crawls, forge: Forge
) -> None:
    text = "FROM x\n" + "\n".join(TEXTS[:4])
    materials = [
        {"uri": text, "digest": {"sha256": "../.."}} for text in (*TEXTS, "pkg:docker/../x")
    ]
    more = {"materials": materials, "builder": {"id": TEXTS[1]}}
    forge.attested("latest", lambda image: [forge.statement(provenance(text, **more), SLSA, image)])

    ended = read(crawls, "-O", "rows.csv", "-O", "rows.jsonl", strict="1", tags="latest")

    assert ended.status == 0
    [(_, kind, _, dockerfile, detail)] = rows(crawls.database, STATED)
    assert (kind, dockerfile, detail) == (SLSA, kept(text), None)
    bases = rows(
        crawls.database, "SELECT uri, name, digest FROM attestation_base ORDER BY position"
    )
    assert bases == [(kept(one["uri"], 2048), None, None) for one in materials]
    assert not [cell for cell in shown(crawls) if set(cell) & set("\x00\x07\x1b\x9b\r\u202e\u2066")]


def test_statements_are_read_as_far_as_they_are_to_be_believed(
    crawls: Crawls, forge: Forge
) -> None:
    other = "sha256:" + "12" * 32

    def about_another(image: str) -> list[Descriptor]:
        return [forge.statement(provenance("FROM y"), SLSA, other)]

    def about_nothing(image: str) -> list[Descriptor]:
        return [forge.statement(provenance("FROM z"), SLSA, image, subject="\x1b[31m")]

    def deep(image: str) -> list[Descriptor]:
        body = forge.statement("DEEP", SLSA, image)
        text = forge.world.blob_bytes(TOOL, body["digest"]).replace(b'"DEEP"', DEEP.encode())
        return [forge.blob(text, IN_TOTO)]

    def none(image: str) -> list[Descriptor]:
        large = b'{"padding":"' + b"x" * 17_000_000 + b'"}'
        return [forge.blob(body, IN_TOTO) for body in (b"<html></html>", b"{}", b"[]", large)]

    attestations = {"another": about_another, "nothing": about_nothing, "deep": deep, "none": none}
    for tag, statements in attestations.items():
        forge.attested(tag, statements)

    ended = read(crawls, *ONE_TRY, strict="1", tags=",".join(attestations))

    assert ended.status == 3
    warnings = [line for line in ended.lines if "WARNING" in line]
    assert len(warnings) == 4, ended.err
    for words in (
        "refused request, $: expected JSON, got 13 bytes: ",
        "refused request, $: expected `object`, got `array`",
        "refused request, $: object missing required field `predicateType`",
        "maximum recursion depth exceeded",
    ):
        assert sum(words in line for line in warnings) == 1, words
    found = {
        (tag, detail.rpartition(" bytes: ")[2]) for tag, *_, detail in rows(crawls.database, STATED)
    }
    assert found == {
        ("another", "the statement is about another image"),
        ("nothing", "$.subject: expected `array`, got `str`; the statement is about no image"),
        ("deep", "maximum recursion depth exceeded while deserializing an object"),
        ("none", "JSON is malformed: invalid character (byte 0)"),
        ("none", "$: expected `object`, got `array`"),
        ("none", "$: object missing required field `predicateType`"),
        ("none", "not read: 17000014 bytes are more than 16777216"),
    }
    # What its digest proves will never be another: it is asked for once, ever.
    asked = Counter(exchange.path for exchange in crawls.hub.journal.of("blob"))
    assert set(asked.values()) == {1}
    ended = read(crawls, *ONE_TRY, strict="1", tags=",".join(attestations))
    assert (ended.status, len(crawls.hub.journal.of("blob"))) == (0, 0)


def test_a_statement_beside_something_else_is_read(crawls: Crawls, forge: Forge) -> None:
    """The index tells that it is an attestation; what holds no statement is told."""

    def mixed(image: str) -> list[Descriptor]:
        other = forge.blob(b"hello", "text/plain")
        return [forge.statement(provenance("FROM y"), SLSA, image), other]

    def nothing(image: str) -> list[Descriptor]:
        return [forge.blob(image.encode(), "text/plain")]

    forge.attested("mixed", mixed)
    for tag in ("nothing", "nothing-more"):
        forge.attested(tag, nothing)

    ended = read(crawls, strict="1", tags="mixed,nothing,nothing-more")

    assert ended.status == 0
    kinds = Counter(manifests(crawls.database).values())
    assert kinds == {"index": 3, "image": 3, "attestation": 1, "artifact": 2}
    assert rows(crawls.database, STATED) == [
        ("mixed", None, None, None, "not read: text/plain"),
        ("mixed", SLSA, None, "FROM y", None),
    ]
    [line] = [line for line in ended.lines if "WARNING" in line]
    assert "expected statements where its index has an attestation, got text/plain" in line


def test_an_sbom_of_a_million_packages(crawls: Crawls, forge: Forge) -> None:
    forge.attested("many", lambda image: [forge.blob(sbom(990_000, image), IN_TOTO)])
    forge.attested("more", lambda image: [forge.blob(sbom(1_100_000, image), IN_TOTO)])

    ended = read(crawls, *ONE_TRY, strict="1", tags="many,more")

    assert ended.status == 3
    [line] = [line for line in ended.lines if "WARNING" in line]
    assert "refused request, $: expected at most 1000000 values, got " in line
    cut = "$: expected at most 1000000 values, got "
    found = rows(crawls.database, STATED)
    assert found[0] == ("many", SPDX, 990_000, None, None)
    assert [row[:4] for row in found[1:]] == [("more", None, None, None)]
    assert found[1][4].startswith(cut)
    assert rows(crawls.database, "SELECT COUNT(*) FROM packages") == [(1,)]
    kinds = Counter(manifests(crawls.database).values())
    assert kinds == {"attestation": 2, "image": 2, "index": 2}


def test_nobody_speaks_of_the_images_of_others(crawls: Crawls, forge: Forge) -> None:
    """Whoever looks up an image's Dockerfile is not to be shown that of somebody else's index."""
    forge.world.add_repository("library/nginx", tags=1)
    [tag] = forge.world.tags("library/nginx")
    other = tag.images[0].digest
    image = forge.image(None)
    stated = [forge.statement(provenance("FROM evil"), SLSA, other)]
    about = {"mediaType": OCI_MANIFEST, "digest": other, "size": 500}
    said = {REFERENCE_TYPE: ATTESTATION_REFERENCE}
    for number, subject in enumerate(({}, {"subject": about})):
        body = manifest(forge.config("attestation"), stated, **subject)
        attestation = forge.member(forge.put(None, body), platform=UNKNOWN, annotations=said)
        forge.index(f"evil{number}", [forge.member(image), attestation])
    assert crawls.run("manifests", repo="nginx").status == 0

    assert read(crawls, strict="1").status == 0

    with closing(ImagesReader(f"sqlite:///{crawls.database}")) as reader:
        found = reader.attestations_of(digest_bytes(other))
    assert [one for one in found if one.dockerfile == "FROM evil"] == []
