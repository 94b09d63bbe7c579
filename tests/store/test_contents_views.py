"""The readable side of what images are made of: columns, values, and the ways to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.contents import Package
from dockerhub.items import Absence
from dockerhub.kinds import ManifestKind
from tests.store.made import NGINX, NOW, at, digest, digest_text, image, tag, tags
from tests.store.made_contents import (
    BASE,
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
    from dockerhub.items import Item, TagRow
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

COLUMNS = {
    "layers": (
        "repo_name tag_name platform layer_index digest media_type size_bytes instruction"
        " scraped_at evidence manifest_digest namespace"
    ),
    "manifests": (
        "digest kind media_type artifact_type platform size_bytes layer_count config_digest"
        " subject evidence refused_count scraped_at"
    ),
    "build_steps": (
        "repo_name tag_name platform step_index instruction layer_digest size_bytes created"
        " namespace"
    ),
    "configs": (
        "repo_name tag_name platform digest created user entrypoint cmd env working_dir"
        " exposed_ports volumes stop_signal author size_bytes scraped_at manifest_digest namespace"
    ),
    "labels": "repo_name tag_name platform name value namespace",
    "attestations": (
        "repo_name tag_name platform predicate_type builder build_type source revision"
        " package_count dockerfile subject digest size_bytes detail scraped_at namespace"
    ),
    "packages": "repo_name tag_name platform name version purl namespace",
    "base_images": "repo_name tag_name platform name digest evidence namespace",
}
OF_TAGS = [view for view in COLUMNS if view != "manifests"]
T0 = "2026-11-22T08:00:00.000000Z"
NAMED = ("bitnami/nginx", "1", "linux/arm64/v8")
INDEX = index("index", member("a", "linux/arm64/v8"), member("holder", about="a"), seen=NOW)
A = manifest("a", *layers("l", "m"), config="config", seen=NOW)
CONFIG = config(
    "config",
    *steps(0, None, 1, created=NOW),
    platform="linux/arm64/v8",
    seen=NOW,
    created=NOW,
    author="me",
    user="1000",
    working_dir="/a",
    entrypoint=("sh",),
    cmd=("-c", "x"),
    env=("A=b",),
    labels=(("k", "v"), (BASE + "name", "docker.io/library/debian:12")),
    exposed_ports=("80/tcp",),
    volumes=("/v",),
    stop_signal="SIGTERM",
)
HOLDER = attestation_manifest("holder", "s", seen=NOW)
STATED = attestation("s", "holder", bases=(base("golang:1", "go"), base(None, "git")), seen=NOW)
ARM = image("linux/arm64/v8", digest=digest("a"))
SHOWN = [
    pytest.param(tag("1", "index", images=(ARM,)), None, id="images of Hub"),
    pytest.param(tag("1", "index", images=()), None, id="index"),
    pytest.param(tag("1", None, images=()), "index", id="index told by the registry"),
    pytest.param(tag("1", None, images=(image(digest=None),)), "index", id="no digests"),
    pytest.param(tag("1", "a", images=()), None, id="single manifest"),
    pytest.param(tag("1", None, images=()), "a", id="single manifest told by the registry"),
]


@pytest.mark.parametrize("view", COLUMNS)
def test_columns(writer: Writer, look: Look, view: str) -> None:
    found = look.columns(view)
    assert found == COLUMNS[view].split()


@pytest.mark.parametrize(("shown", "told"), SHOWN)
def test_however_a_tag_is_known_its_contents_are_shown(
    writer: Writer, look: Look, shown: TagRow, told: str | None
) -> None:
    heads: list[Item] = [head(NOW, "1", told)] if told else []
    writer.write([tags(NOW, shown), *heads, INDEX, A, CONFIG])
    assert look("SELECT * FROM layers ORDER BY layer_index") == [
        (
            *(*NAMED, place, digest_text(what), TAR, 100, f"RUN {step}", T0, "registry"),
            *(digest_text("a"), "bitnami"),
        )
        for place, what, step in ((0, "l", 0), (1, "m", 2))
    ]
    assert look("SELECT * FROM build_steps ORDER BY step_index") == [
        (*NAMED, 0, "RUN 0", digest_text("l"), 100, T0, "bitnami"),
        (*NAMED, 1, "RUN 1", None, None, T0, "bitnami"),
        (*NAMED, 2, "RUN 2", digest_text("m"), 100, T0, "bitnami"),
    ]
    assert look.one("SELECT * FROM configs") == (
        *(*NAMED, digest_text("config"), T0, "1000", '["sh"]', '["-c", "x"]', '["A=b"]', "/a"),
        *("80/tcp", '["/v"]', "SIGTERM", "me", 700, T0, digest_text("a"), "bitnami"),
    )
    assert look("SELECT * FROM labels WHERE name = 'k'") == [(*NAMED, "k", "v", "bitnami")]


def test_what_cannot_be_read_is_no_image_and_no_config(writer: Writer, look: Look) -> None:
    shown = tags(NOW, showing(tag("1"), "a", "b"))
    unread = config("config", detail="$: expected JSON", seen=NOW)
    unreadable = manifest("b", kind=ManifestKind.UNREADABLE, refused_count=1, seen=NOW)
    writer.write([shown, A, unread, unreadable])
    kinds = "SELECT kind, layer_count, refused_count FROM manifests ORDER BY 1"
    assert look(kinds) == [("image", 2, 0), ("unreadable", 0, 1)]
    assert look("SELECT * FROM configs") == []
    assert look("SELECT DISTINCT manifest_digest FROM layers") == [(digest_text("a"),)]
    assert look("SELECT detail FROM config") == [("$: expected JSON",)]


def test_layers_that_only_hub_told(writer: Writer, look: Look) -> None:
    hub = built("a", layers("l", "m"), steps(0, None, 1, by="Hub"), "linux/arm64/v8")
    writer.write([tags(NOW, tag("1", images=(ARM,))), tag_images(at(1), hub)])
    told = "SELECT platform, media_type, instruction, evidence FROM layers ORDER BY layer_index"
    assert look(told) == [
        ("linux/arm64/v8", None, "Hub 0", "hub"),
        ("linux/arm64/v8", None, "Hub 2", "hub"),
    ]


def test_tags_that_share_a_manifest_each_show_it(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, *[showing(tag(name), "a") for name in ("1", "2", "gone")]), A])
    writer.write([Absence(seen=at(1), repository=NGINX, tag="gone")])
    assert look("SELECT tag_name, COUNT(*) FROM layers GROUP BY 1") == [("1", 2), ("2", 2)]
    writer.write([Absence(seen=at(2), repository=NGINX)])
    for view in OF_TAGS:
        assert look(f"SELECT * FROM {view}") == []


def test_statements_are_no_layers(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, showing(tag("1"), "a", attested="holder")), A, HOLDER])
    assert look.one("SELECT COUNT(*) FROM layers") == (2,)
    assert look.one("SELECT COUNT(*) FROM manifests WHERE kind = 'attestation'") == (1,)


def test_base_images(writer: Writer, look: Look) -> None:
    says = ((BASE + "name", "alpine:3"), (BASE + "digest", digest_text("alpine")))
    told = index(
        "index",
        member("a", "linux/arm64/v8", annotations=says),
        member("b", "linux/amd64", annotations=says[1:]),
        member("holder", about="a"),
        seen=NOW,
    )
    own = manifest("c", platform="linux/s390x", annotations=says[:1], seen=NOW)
    shown = showing(tag("1", "index"), "a", "b", "c", attested="holder")
    writer.write([tags(NOW, shown), told, A, own, CONFIG, HOLDER, STATED])
    found = look("SELECT platform, name, digest, evidence FROM base_images")
    assert sorted(found, key=str) == sorted(
        [
            ("linux/arm64/v8", "alpine:3", digest_text("alpine"), "annotation"),
            ("linux/amd64", None, digest_text("alpine"), "annotation"),
            ("linux/s390x", "alpine:3", None, "annotation"),
            ("linux/arm64/v8", "docker.io/library/debian:12", None, "label"),
            ("linux/arm64/v8", "golang:1", digest_text("go"), "provenance"),
        ],
        key=str,
    )


FILTERS = [
    "repo_name = 'bitnami/nginx' AND tag_name = '1'",
    "repo_name = 'bitnami/nginx'",
    "namespace = 'bitnami'",
]


@pytest.mark.sqlite
@pytest.mark.parametrize("what", ["*", "COUNT(*)"])
@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("view", OF_TAGS)
def test_a_question_about_a_repository_scans_nothing(
    writer: Writer, look: Look, view: str, where: str, what: str
) -> None:
    plan = look(f"EXPLAIN QUERY PLAN SELECT {what} FROM {view} WHERE {where}")
    found = [row[3] for row in plan]
    # A view of several parts is gone through itself, once its parts are narrowed down; e has two
    # rows.
    harmless = {f"SCAN {view}", "SCAN CONSTANT ROW", "SCAN e"}
    assert {step for step in found if step.startswith("SCAN")} <= harmless
    assert [step for step in found if step.startswith("SEARCH r USING INDEX")]


@pytest.mark.sqlite
def test_the_tags_that_show_a_manifest_are_found_by_an_index(writer: Writer, look: Look) -> None:
    question = (
        "SELECT t.name FROM image AS i JOIN tag AS t ON t.image_set_id = i.image_set_id"
        " WHERE substr(i.digest, 1, 6) = substr(?1, 1, 6) AND i.digest = ?1"
    )
    writer.write([tags(NOW, showing(tag("1"), "a"), showing(tag("2", "x"), "b"))])
    assert look(question, digest("a")) == [("1",)]
    plan = [row[3] for row in look(f"EXPLAIN QUERY PLAN {question}", digest("a"))]
    assert plan[0] == "SEARCH i USING INDEX image_digest (<expr>=?)"


def test_packages(writer: Writer, look: Look) -> None:
    listed = sbom("s", "holder", Package("curl", "8.0", None), subject=digest("a"), seen=NOW)
    shown = tag("1", "index", images=())
    writer.write([tags(NOW, shown), INDEX, A, HOLDER, listed])
    assert look("SELECT * FROM packages") == [(*NAMED, "curl", "8.0", None, "bitnami")]
