from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.kinds import ManifestKind
from dockerhub.media_types import IN_TOTO, OCI_INDEX
from tests.store.made import NOW, at, digest, digest_text
from tests.store.made_contents import (
    TAR,
    built,
    config,
    index,
    layer,
    layers,
    manifest,
    member,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from dockerhub.items import Manifest
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

FACTS = "SELECT kind, media_type, artifact_type, size, refused_count, evidence, seen_at"
LAYERS = (
    "SELECT ml.position, l.digest, COALESCE(ml.size, l.size), y.name FROM manifest_layer AS ml"
    " LEFT JOIN media_type AS y ON y.id = ml.media_type_id"
    " JOIN layer AS l ON l.id = ml.layer_id JOIN manifest AS m ON m.id = ml.manifest_id"
    " WHERE m.digest = ? ORDER BY 1"
)
PLATFORM = (
    "SELECT p.os, p.architecture, p.variant FROM manifest AS m"
    " LEFT JOIN platform AS p ON p.id = m.platform_id WHERE m.digest = ?"
)
STEPS = "SELECT step_index, instruction FROM build_steps ORDER BY 1"
IMAGE = manifest("image", *layers("a", "b"), config="config", platform="linux/arm64/v8", seen=NOW)
HUB = built("image", (layer("a", 7, None), layer("b", None, None)), steps(0, None, 1, by="Hub"))


def platform(look: Look, what: object = "image") -> tuple[object, ...]:
    return look.one(PLATFORM, digest(what))


def test_a_manifest_is_stored_as_the_registry_shows_it(writer: Writer, look: Look) -> None:
    tally = writer.write([IMAGE])
    assert look.one(f"{FACTS}, config_digest, subject_digest FROM manifest") == (
        *("image", IMAGE.media_type, None, 500, 0, "registry", NOW),
        *(digest("config"), None),
    )
    assert look(LAYERS, digest("image")) == [
        (0, digest("a"), 100, TAR),
        (1, digest("b"), 100, TAR),
    ]
    assert platform(look) == ("linux", "arm64", "v8")
    assert tally == {"manifests_new": 1, "layers_new": 2}
    assert writer.write([IMAGE]) == {}


def test_what_cannot_be_read_takes_the_place_of_what_hub_told(writer: Writer, look: Look) -> None:
    unreadable = manifest("image", kind=ManifestKind.UNREADABLE, refused_count=1, seen=NOW)
    writer.write([tag_images(NOW, HUB), unreadable, tag_images(at(1), HUB)])
    assert look.one("SELECT kind, evidence FROM manifest") == ("unreadable", "registry")
    assert look(LAYERS, digest("image")) == []
    # A version that reads it may say so.
    writer.write([unreadable, IMAGE])
    assert look.one("SELECT kind, refused_count FROM manifest") == ("image", 0)


def test_an_artifact_has_its_type_and_no_chain(writer: Writer, look: Look) -> None:
    chart = manifest("chart", layer("a"), kind=ManifestKind.ARTIFACT, artifact_type="x/y", seen=NOW)
    writer.write([chart])
    assert look.one("SELECT kind, artifact_type FROM manifest") == ("artifact", "x/y")
    assert look("SELECT chain FROM manifest_layer") == [(None,)]


def test_a_layer_of_many_manifests_is_stored_once(writer: Writer, look: Look) -> None:
    others = [manifest(number, *layers("a", number), seen=NOW) for number in range(5)]
    assert writer.write(list(others))["layers_new"] == 6
    assert look.one("SELECT COUNT(*) FROM layer") == (6,)
    assert look.one("SELECT COUNT(DISTINCT chain) FROM manifest_layer WHERE position = 0") == (1,)


def test_a_layer_may_be_in_a_manifest_twice(writer: Writer, look: Look) -> None:
    writer.write([manifest("image", *layers("a", "b", "a"), seen=NOW)])
    assert [row[1] for row in look(LAYERS, digest("image"))] == [
        digest(name) for name in ("a", "b", "a")
    ]


def test_what_hub_tells_has_no_types_and_no_config(writer: Writer, look: Look) -> None:
    tally = writer.write([tag_images(NOW, HUB)])
    assert look.one(f"{FACTS}, config_digest FROM manifest") == (
        *("image", None, None, None, 0, "hub", NOW),
        None,
    )
    assert look(LAYERS, digest("image")) == [
        (0, digest("a"), 7, None),
        (1, digest("b"), None, None),
    ]
    assert look(STEPS) == []
    assert look("SELECT position, layer_position FROM build_step") == [(0, 0), (1, None), (2, 1)]
    assert tally == {"manifests_new": 1, "layers_new": 2}


def test_the_registry_takes_the_place_of_hub(writer: Writer, look: Look) -> None:
    writer.write([tag_images(NOW, HUB)])
    assert writer.write([IMAGE])["manifests_new"] == 0
    assert look.one("SELECT evidence, config_digest, size FROM manifest") == (
        "registry",
        digest("config"),
        500,
    )
    assert [row[2:] for row in look(LAYERS, digest("image"))] == [(100, TAR)] * 2
    assert look.one("SELECT COUNT(*) FROM build_step") == (3,)
    assert look.broken_references() == []


def test_steps_of_other_layers_go(writer: Writer, look: Look) -> None:
    writer.write([tag_images(NOW, HUB), manifest("image", *layers("a", "c"), seen=at(1))])
    assert [row[1] for row in look(LAYERS, digest("image"))] == [digest("a"), digest("c")]
    assert look("SELECT * FROM build_step") == []


def test_hub_changes_nothing_that_the_registry_showed(writer: Writer, look: Look) -> None:
    writer.write([IMAGE])
    before = look.everything()
    tally = writer.write([tag_images(at(1), HUB), tag_images(at(2), built("image", layers("z")))])
    assert look.everything() == before
    assert tally == {}


def test_what_the_registry_says_of_a_layer_wins(writer: Writer, look: Look) -> None:
    writer.write([IMAGE])
    writer.write([tag_images(at(1), built("other", (layer("a", 8, None), layer("c", 9, None))))])
    writer.write([tag_images(at(2), built("third", (layer("c", None, None),)))])
    assert look("SELECT size FROM layer ORDER BY id") == [(100,), (100,), (9,)]
    writer.write([manifest("fourth", layer("c", None, None), seen=at(3))])
    assert look.one("SELECT size FROM layer WHERE digest = ?", digest("c")) == (9,)


def test_hub_may_tell_more_later_but_not_less(writer: Writer, look: Look) -> None:
    writer.write([tag_images(at(5), built("image", layers("a")))])
    writer.write([tag_images(at(4), built("image", layers("b")))])
    assert [row[1] for row in look(LAYERS, digest("image"))] == [digest("a")]
    writer.write([tag_images(at(6), HUB)])
    assert [row[1] for row in look(LAYERS, digest("image"))] == [digest("a"), digest("b")]
    before = look.everything()
    writer.write([tag_images(at(9), HUB)])
    assert look.everything() == before


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(built(None, layers("a"), steps(0)), id="no digest"),
        pytest.param(built("x", (), steps(None), "unknown/unknown"), id="an attestation"),
        pytest.param(built("x", (), ()), id="nothing"),
    ],
)
def test_what_says_nothing_is_not_stored(writer: Writer, look: Look, said: object) -> None:
    assert writer.write([tag_images(NOW, said)]) == {}  # type: ignore[arg-type]
    assert look("SELECT * FROM manifest") == []


def test_an_image_may_have_no_layer_at_all(writer: Writer, look: Look) -> None:
    writer.write([tag_images(NOW, built("image", (), steps(None, None)))])
    assert look.one("SELECT layer_count, size_bytes FROM manifests") == (0, None)


def test_an_empty_layer_is_in_no_chain(writer: Writer, look: Look) -> None:
    empty = bytes.fromhex("a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4")
    with_it = (layer("a"), layer("a")._replace(digest=empty), layer("b"))
    writer.write([manifest(1, *with_it, seen=NOW), manifest(2, *layers("a", "b"), seen=NOW)])
    one, other = (
        [
            chain
            for (chain,) in look(
                "SELECT chain FROM manifest_layer WHERE manifest_id = ? ORDER BY position", number
            )
        ]
        for number in (1, 2)
    )
    assert one[1] is None
    assert [one[0], one[2]] == other


INDEX = index(
    "index",
    member("image", "linux/arm64/v8", annotations=(("b", "2"), ("a", "1"))),
    member("attested", about="image"),
    member("inner", descriptor=layer("inner", 5, OCI_INDEX)),
    member("signed", artifact_type="x/y"),
    member("bare", ""),
    annotations=(("whole", "yes"),),
    seen=NOW,
)


def test_an_index_has_its_members(writer: Writer, look: Look) -> None:
    writer.write([INDEX])
    kinds = "SELECT position, digest, kind, subject_digest, platform_id IS NULL FROM index_member"
    assert look(kinds) == [
        (0, digest("image"), "image", None, 0),
        (1, digest("attested"), "attestation", digest("image"), 0),
        (2, digest("inner"), "index", None, 0),
        (3, digest("signed"), "artifact", None, 0),
        (4, digest("bare"), "image", None, 1),
    ]
    assert look("SELECT media_type, size FROM index_member LIMIT 3")[2] == (OCI_INDEX, 5)
    assert look("SELECT member, name, value FROM annotation ORDER BY 1, 2") == [
        (-1, "whole", "yes"),
        (0, "a", "1"),
        (0, "b", "2"),
    ]


def test_annotations_that_say_more_than_the_columns_are_kept(writer: Writer, look: Look) -> None:
    odd = (("vnd.docker.reference.type", "other"), ("vnd.docker.reference.digest", "sha512:x"))
    writer.write([index("index", member("a", annotations=odd), seen=NOW)])
    assert look("SELECT name, value FROM annotation ORDER BY name DESC") == list(odd)
    assert look.one("SELECT kind, subject_digest FROM index_member") == ("image", None)


@pytest.mark.parametrize("order", [1, -1], ids=["index first", "members first"])
def test_an_index_names_its_members(writer: Writer, look: Look, order: int) -> None:
    image = manifest("image", layer("a"), seen=NOW)
    attested = manifest("attested", layer("s", 1, IN_TOTO), kind=ManifestKind.ATTESTATION, seen=NOW)
    for item in [INDEX, image, attested][::order]:
        writer.write([item])
    assert platform(look) == ("linux", "arm64", "v8")
    assert platform(look, "attested") == ("unknown", "unknown", "")
    subject = "SELECT subject_digest FROM manifest WHERE digest = ?"
    assert look.one(subject, digest("attested")) == (digest("image"),)


def test_what_a_manifest_was_said_to_be_stays(writer: Writer, look: Look) -> None:
    other = index("other", member("image", "linux/amd64"), seen=NOW)
    writer.write([IMAGE, INDEX, other, config("config", platform="windows/amd64", seen=NOW)])
    assert platform(look) == ("linux", "arm64", "v8")
    writer.write([manifest("image", platform="linux/s390x", seen=at(9))])
    assert platform(look) == ("linux", "arm64", "v8")


@pytest.mark.parametrize("told", [None, "unknown/unknown", "/"], ids=["nothing", "unknown", "none"])
@pytest.mark.parametrize("order", [1, -1], ids=["config last", "config first"])
def test_a_config_names_its_manifest(
    writer: Writer, look: Look, order: int, told: str | None
) -> None:
    image = manifest("image", layer("a"), config="config", platform=told, seen=NOW)
    named = config("config", platform="linux/arm/v7", seen=NOW)
    for item in [image, named][::order]:
        writer.write([item])
    assert platform(look) == ("linux", "arm", "v7")


def test_a_better_reading_takes_the_place_of_a_worse(writer: Writer, look: Look) -> None:
    worse = index("index", member("a"), refused_count=1, seen=NOW)
    writer.write([worse])
    writer.write([index("index", member("a"), member("b", "linux/arm64"), seen=at(1))])
    writer.write([worse])
    assert look.one("SELECT COUNT(*) FROM index_member") == (2,)
    assert look.one("SELECT refused_count, seen_at FROM manifest") == (0, at(1))


REGISTRY_SAYS = [
    pytest.param(INDEX, id="index"),
    pytest.param(
        manifest("index", layer("s"), kind=ManifestKind.ATTESTATION, seen=NOW), id="attestation"
    ),
]


@pytest.mark.parametrize("proven", REGISTRY_SAYS)
def test_hub_may_be_wrong_about_the_kind(writer: Writer, look: Look, proven: Manifest) -> None:
    writer.write([tag_images(NOW, built("index", layers("s", "t"), steps(0, 1))), proven])
    assert look.one("SELECT kind FROM manifest WHERE digest = ?", digest("index")) == (proven.kind,)
    assert len(look("SELECT * FROM manifest_layer")) == len(proven.layers)
    assert look("SELECT * FROM build_step") == []
    assert set(look("SELECT chain FROM manifest_layer")) <= {(None,)}


def test_manifests_are_readable(writer: Writer, look: Look) -> None:
    writer.write([IMAGE, INDEX])
    shown = look("SELECT * FROM manifests")
    assert shown[0] == (
        *(digest_text("image"), "image", IMAGE.media_type, None, "linux/arm64/v8", 200, 2),
        *(digest_text("config"), None, "registry", 0, "2026-11-22T08:00:00.000000Z"),
    )
    assert shown[1][1:8] == ("index", OCI_INDEX, None, None, None, 0, None)
