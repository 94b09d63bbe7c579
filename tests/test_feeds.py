from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Base, BuildStep, BuiltImage, Descriptor, Member, Package
from dockerhub.feeds import COLUMNS, RowsCsvExporter, RowsJsonExporter, RowsJsonLinesExporter
from dockerhub.items import (
    Absence,
    Attestation,
    Config,
    ImageRow,
    Manifest,
    RepositoryDetail,
    RepositoryPage,
    RepositoryRow,
    TagDigest,
    TagImages,
    TagNames,
    TagPage,
    TagRow,
    WalkEnd,
    WalkKey,
    WalkStep,
)
from dockerhub.kinds import ManifestKind, StopReason
from dockerhub.names import RepositoryName

if TYPE_CHECKING:
    from dockerhub.items import Item

SEEN = 1_700_000_000_000_001
SEEN_TEXT = "2023-11-14T22:13:20.000001Z"
REDIS = RepositoryName("acme", "redis")
NGINX = RepositoryName("library", "nginx")
INDEX, AMD64 = b"\x01" * 32, b"\x02" * 32
IMAGES = (
    ImageRow(AMD64, 7, "linux", "amd64", None, None, None, None),
    ImageRow(None, None, "linux", "arm64", "v8", None, None, None),
    ImageRow(INDEX, 0, None, None, None, None, None, None),
)
TAG = TagRow("7.2", INDEX, 9, 0, 1, None, "active", "list", "image", IMAGES)
BARE_TAG = TagRow("old", None, None, None, None, None, None, None, None, ())
ROW = RepositoryRow(
    NGINX,
    "=cmd|' /C calc'!A0",
    3,
    2**40,
    last_updated=0,
    status_description="active",
    is_private=False,
    storage_size=5,
    categories=("web-servers", "security"),
)
STEP = WalkStep(
    WalkKey("tags", "acme/redis", "", "", False),
    SEEN,
    True,
    None,
    1,
    0,
    0,
    None,
    None,
    None,
    StopReason.ERROR,
)

TAG_PAGE = TagPage(seen=SEEN, repository=REDIS, rows=(TAG, BARE_TAG))
REPOSITORY_PAGE = RepositoryPage(seen=SEEN, rows=(ROW, RepositoryRow(REDIS, None, None, None)))
DETAIL = RepositoryDetail(
    seen=SEEN,
    row=ROW,
    full_description="# nginx\n\n@me",
    collaborator_count=None,
    immutable_tags_enabled=None,
    immutable_tags_rules=(),
)

LAYERS = (Descriptor(b"\x03" * 32, 5, "tar"), Descriptor(b"\x04" * 32, None, None))
STEPS = (BuildStep("ADD\x1b[31m", 0), BuildStep("ENV a", None), BuildStep(None, 1))
TAG_IMAGES = TagImages(
    seen=SEEN,
    repository=REDIS,
    tag="7.2",
    rows=(BuiltImage(IMAGES[0], LAYERS, STEPS), BuiltImage(IMAGES[1], LAYERS[:1], ())),
)
MEMBERS = (
    Member(Descriptor(AMD64, 5, "m"), "linux", "arm64", "v8", None, None, ()),
    Member(Descriptor(INDEX, None, None), None, None, None, None, None, ()),
)
MANIFEST = Manifest(
    seen=SEEN,
    repository=REDIS,
    digest=AMD64,
    kind=ManifestKind.IMAGE,
    media_type="m",
    size=500,
    artifact_type="x/y",
    config=Descriptor(INDEX, 7, "c"),
    layers=LAYERS,
    subject=INDEX,
    annotations=(("a", "b|c"),),
    platform=("linux", "arm64", "v8", None),
)
CONFIG = Config(
    seen=SEEN,
    repository=REDIS,
    digest=INDEX,
    size=700,
    os="linux",
    architecture="amd64",
    variant=None,
    os_version=None,
    created=0,
    author="me\u202e",
    user="1000",
    working_dir="/a",
    entrypoint=("=sh", "-c"),
    cmd=(),
    env=("A=é|b",),
    labels=(("l", "1"),),
    exposed_ports=("80/tcp", "443/tcp"),
    volumes=("/data",),
    stop_signal="SIGTERM",
    diff_ids=(INDEX,),
    steps=STEPS,
)
ATTESTATION = Attestation(
    seen=SEEN,
    repository=REDIS,
    digest=INDEX,
    manifest=AMD64,
    subject=INDEX,
    predicate_type="https://slsa.dev/provenance/v1",
    size=3000,
    builder="b",
    build_type="t",
    source="s",
    revision="r",
    bases=(Base("u", "alpine", INDEX), Base("git", None, None), Base("v", "go", None)),
    dockerfile="FROM alpine",
    packages=(Package("p", "1", None),),
    package_count=1,
    detail=None,
)
TAG_DIGEST = TagDigest(seen=SEEN, repository=REDIS, tag="7.2", digest=INDEX, media_type="m")
TAG_NAMES = TagNames(seen=SEEN, repository=REDIS, rows=("a", "b"))
CONTENTS = (TAG_IMAGES, MANIFEST, CONFIG, ATTESTATION, TAG_DIGEST, TAG_NAMES)
ONES, TWOS, THREES, FOURS = (f"sha256:{f'0{number}' * 32}" for number in range(1, 5))


def exported(exporter_type: Any, *items: Item) -> str:
    file = io.BytesIO()
    exporter = exporter_type(file, encoding="utf-8")
    exporter.start_exporting()
    for item in items:
        exporter.export_item(item)
    exporter.finish_exporting()
    return file.getvalue().decode()


def as_lines(*items: Item) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(RowsJsonLinesExporter, *items).splitlines()]


def as_table(*items: Item) -> list[dict[str, str]]:
    text = exported(RowsCsvExporter, *items)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_page_of_tags_is_a_row_a_tag() -> None:
    first, second = as_lines(TAG_PAGE)
    assert first == {
        "type": "tag",
        "repository": "acme/redis",
        "tag": "7.2",
        "last_updated": "1970-01-01T00:00:00.000000Z",
        "last_pushed": "1970-01-01T00:00:00.000001Z",
        "last_pulled": None,
        "status": "active",
        "digest": "sha256:" + "01" * 32,
        "full_size": 9,
        "media_type": "list",
        "content_type": "image",
        "platforms": "linux/amd64|linux/arm64/v8|unknown/unknown",
        "image_digests": f"sha256:{'02' * 32}||sha256:{'01' * 32}",
        "image_sizes": "7||0",
        "scraped_at": SEEN_TEXT,
    }
    known = {"type": "tag", "repository": "acme/redis", "tag": "old", "scraped_at": SEEN_TEXT}
    assert second == {**dict.fromkeys(first), **known}


def test_a_page_of_repositories_is_a_row_a_repository() -> None:
    official, other = as_lines(REPOSITORY_PAGE)
    assert official == {
        "type": "repository",
        "repository": "library/nginx",
        "description": "=cmd|' /C calc'!A0",
        "star_count": 3,
        "pull_count": 2**40,
        "last_updated": "1970-01-01T00:00:00.000000Z",
        "last_modified": None,
        "date_registered": None,
        "status": "active",
        "is_official": True,
        "is_private": False,
        "is_automated": None,
        "storage_size": 5,
        "categories": "web-servers|security",
        "scraped_at": SEEN_TEXT,
    }
    assert (other["repository"], other["is_official"], other["pull_count"]) == (
        "acme/redis",
        False,
        None,
    )


def test_a_detail_has_its_description() -> None:
    (row,) = as_lines(DETAIL)
    assert (row["type"], row["full_description"]) == ("repository", "# nginx\n\n@me")


@pytest.mark.parametrize(
    ("tag", "kind"), [(None, "repository_gone"), ("7.2", "tag_gone")], ids=["repository", "tag"]
)
def test_what_is_gone_is_a_row(tag: str | None, kind: str) -> None:
    assert as_lines(Absence(seen=SEEN, repository=REDIS, tag=tag)) == [
        {"type": kind, "repository": "acme/redis", "tag": tag, "scraped_at": SEEN_TEXT}
    ]


def test_an_image_of_a_tag_is_a_row_a_layer() -> None:
    first, second, third = as_lines(TAG_IMAGES)
    assert first == {
        "type": "layer",
        "repository": "acme/redis",
        "tag": "7.2",
        "platform": "linux/amd64",
        "manifest_digest": TWOS,
        "layer_index": 0,
        "digest": THREES,
        "size": 5,
        "instruction": "ADD [31m",
        "scraped_at": SEEN_TEXT,
    }
    changed = {"layer_index": 1, "digest": FOURS, "size": None, "instruction": None}
    assert second == first | changed
    undigested = {"platform": "linux/arm64/v8", "manifest_digest": None, "instruction": None}
    assert third == first | undigested


def test_a_manifest_is_a_row() -> None:
    (row,) = as_lines(MANIFEST)
    assert row == {
        "type": "manifest",
        "repository": "acme/redis",
        "digest": TWOS,
        "kind": "image",
        "media_type": "m",
        "artifact_type": "x/y",
        "platform": "linux/arm64/v8",
        "size": 500,
        "config_digest": ONES,
        "subject": ONES,
        "platforms": None,
        "image_digests": None,
        "layer_digests": f"{THREES}|{FOURS}",
        "layer_sizes": "5|",
        "annotations": '{"a": "b|c"}',
        "scraped_at": SEEN_TEXT,
    }
    index = replace(MANIFEST, kind=ManifestKind.INDEX, layers=(), platform=None, members=MEMBERS)
    (row,) = as_lines(replace(index, config=None))
    assert (row["kind"], row["platform"], row["config_digest"]) == ("index", None, None)
    assert row["platforms"] == "linux/arm64/v8|unknown/unknown"
    assert row["image_digests"] == f"{TWOS}|{ONES}"


def test_a_config_is_a_row() -> None:
    (row,) = as_lines(CONFIG)
    assert row == {
        "type": "config",
        "repository": "acme/redis",
        "digest": ONES,
        "size": 700,
        "platform": "linux/amd64",
        "created": "1970-01-01T00:00:00.000000Z",
        "author": "me ",
        "user": "1000",
        "working_dir": "/a",
        "entrypoint": '["=sh", "-c"]',
        "cmd": "[]",
        "env": '["A=é|b"]',
        "labels": '{"l": "1"}',
        "exposed_ports": "80/tcp|443/tcp",
        "volumes": '["/data"]',
        "stop_signal": "SIGTERM",
        "detail": None,
        "scraped_at": SEEN_TEXT,
    }
    bare = replace(CONFIG, entrypoint=None, cmd=None, env=(), labels=(), volumes=())
    (row,) = as_lines(bare)
    names = ("entrypoint", "cmd", "env", "labels", "volumes")
    assert [row[name] for name in names] == [None] * 5


def test_an_attestation_is_a_row() -> None:
    (row,) = as_lines(ATTESTATION)
    assert row == {
        "type": "attestation",
        "repository": "acme/redis",
        "digest": ONES,
        "manifest_digest": TWOS,
        "subject": ONES,
        "size": 3000,
        "predicate_type": "https://slsa.dev/provenance/v1",
        "builder": "b",
        "build_type": "t",
        "source": "s",
        "revision": "r",
        "dockerfile": "FROM alpine",
        "base_images": "alpine|go",
        "package_count": 1,
        "detail": None,
        "scraped_at": SEEN_TEXT,
    }


def test_what_the_registry_says_of_tags_is_a_row_a_tag() -> None:
    known = {"repository": "acme/redis", "scraped_at": SEEN_TEXT}
    digest = {"type": "tag_digest", "tag": "7.2", "digest": ONES, "media_type": "m"}
    assert as_lines(TAG_DIGEST) == [digest | known]
    names = [{"type": "tag_name", "tag": name} for name in ("a", "b")]
    assert as_lines(TAG_NAMES) == [name | known for name in names]


def test_columns_come_in_the_order_that_they_had() -> None:
    assert COLUMNS[:4] == ("type", "repository", "tag", "description")
    assert COLUMNS[-1] == "scraped_at"
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_the_end_of_a_walk_is_no_row() -> None:
    assert exported(RowsJsonLinesExporter, WalkEnd(seen=SEEN, walk=STEP)) == ""
    assert json.loads(exported(RowsJsonExporter, WalkEnd(seen=SEEN, walk=STEP))) == []


def test_json_is_one_array_of_the_same_rows() -> None:
    items = (TAG_PAGE, REPOSITORY_PAGE, DETAIL)
    assert json.loads(exported(RowsJsonExporter, *items)) == as_lines(*items)


def test_a_table_has_the_columns_of_all_entities_whatever_comes_first() -> None:
    for item in (TAG_PAGE, DETAIL, Absence(seen=SEEN, repository=REDIS)):
        assert tuple(as_table(item)[0]) == COLUMNS


def test_every_key_of_a_row_is_a_column() -> None:
    absences = (Absence(seen=SEEN, repository=REDIS),)
    rows = as_lines(TAG_PAGE, REPOSITORY_PAGE, DETAIL, *absences, *CONTENTS)
    assert {key for row in rows for key in row} == set(COLUMNS)


def test_missing_cells_of_a_table_are_empty() -> None:
    row = as_table(Absence(seen=SEEN, repository=REDIS))[0]
    assert {key: value for key, value in row.items() if value} == {
        "type": "repository_gone",
        "repository": "acme/redis",
        "scraped_at": SEEN_TEXT,
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_spreadsheet_is_not_made_to_run_a_cell(start: str) -> None:
    item = RepositoryPage(seen=SEEN, rows=(ROW._replace(description=start + "x"),))
    assert as_table(item)[0]["description"] == "'" + start + "x"
    assert as_lines(item)[0]["description"] == start + "x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("\rx", " x", id="carriage return"),
        pytest.param("a\x1b]0;b\x07c", "a ]0;b c", id="escape sequence"),
        pytest.param("a\u202eb", "a b", id="direction mark"),
        pytest.param("a\n\tb", "a\n\tb", id="lines stay"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_terminal_is_not_made_to_act_on_a_description(text: str | None, said: str | None) -> None:
    row = ROW._replace(description=text)
    detail = replace(DETAIL, row=row, full_description=text)
    (listed,) = as_lines(RepositoryPage(seen=SEEN, rows=(row,)))
    assert listed["description"] == said
    (visited,) = as_lines(detail)
    assert (visited["description"], visited["full_description"]) == (said, said)
    _, added = as_lines(RepositoryPage(seen=SEEN, rows=(row,)), detail)
    assert (added["type"], added["full_description"]) == ("description", said)
    (cell,) = as_table(detail)
    assert (cell["description"], cell["full_description"]) == (said or "", said or "")


def test_lines_and_quotes_survive_a_table() -> None:
    text = 'a "b", c\nd'
    item = RepositoryPage(seen=SEEN, rows=(ROW._replace(description=text),))
    assert as_table(item)[0]["description"] == text


def test_a_table_may_be_narrowed() -> None:
    file = io.BytesIO()
    exporter = RowsCsvExporter(file, fields_to_export=["tag", "type"])
    exporter.export_item(TAG_PAGE)
    exporter.finish_exporting()
    assert file.getvalue().decode().split() == ["tag,type", "7.2,tag", "old,tag"]
