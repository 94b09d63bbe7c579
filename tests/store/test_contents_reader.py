from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Descriptor
from dockerhub.items import Absence
from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.known import KnownEntry, KnownManifest, KnownSet
from dockerhub.media_types import IN_TOTO, OCI_INDEX
from dockerhub.names import RepositoryName
from tests.store.made import NGINX, NOW, at, digest, image, page, row, tag, tags
from tests.store.made_contents import (
    attestation,
    attestation_manifest,
    built,
    config,
    head,
    index,
    layer,
    layers,
    manifest,
    member,
    names,
    showing,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from dockerhub.items import Item, TagRow
    from dockerhub.store.reader import Reader
    from dockerhub.store.writer import Writer

IMAGE, HUB, REGISTRY = ManifestKind.IMAGE, Evidence.HUB, Evidence.REGISTRY
TOLD = tag_images(NOW, built("a", layers("l"), steps(0)), built("b", layers("m"), steps(0)))
A = manifest("a", layer("l"), config="config of a", seen=NOW)
B = manifest("b", layer("m"), config="config of b", seen=NOW)
HOLDER = attestation_manifest("holder", "s", seen=NOW)
WHOLE_A, WHOLE_B = config("config of a", seen=NOW), config("config of b", seen=NOW)
STATED = attestation("s", "holder", seen=NOW)
INDEX = index("index", member("a"), member("b"), member("holder", about="a"), seen=NOW)
SHOWN = showing(tag("1", "index"), "a", "b")
ATTESTED = showing(tag("1", "index"), "a", "b", attested="holder")


def entry(what: object, platform: str = "linux/amd64", *stored: Any) -> KnownEntry:
    os, architecture = platform.split("/")
    kind, evidence, is_whole = stored or (None, None, False)
    known = None if what is None else digest(what)
    return KnownEntry(known, os, architecture, None, None, kind, evidence, is_whole)


def lacking(reader: Reader, *, with_configs: bool) -> list[str]:
    """Return the tags under which something is lacking."""
    return [known.tag for known in reader.contents.lacking_sets(NGINX, with_configs=with_configs)]


def test_a_set_of_which_nothing_is_stored(writer: Writer, reader: Reader) -> None:
    writer.write([tags(NOW, ATTESTED)])
    entries = (entry("a"), entry("b", "linux/arm64"), entry("holder", "unknown/unknown"))
    expected = [KnownSet("1", digest("index"), entries, is_stored=False)]
    for with_configs in (False, True):
        assert reader.contents.lacking_sets(NGINX, with_configs=with_configs) == expected


def test_entries_say_what_is_stored_of_them(writer: Writer, reader: Reader) -> None:
    writer.write([tags(NOW, ATTESTED), tag_images(NOW, TOLD.rows[1]), A, WHOLE_A, HOLDER])
    (known,) = reader.contents.lacking_sets(NGINX, with_configs=True)
    assert known.entries == (
        entry("a", "linux/amd64", IMAGE, REGISTRY, True),
        entry("b", "linux/arm64", IMAGE, HUB, False),
        entry("holder", "unknown/unknown", ManifestKind.ATTESTATION, REGISTRY, False),
    )


CASES = [
    pytest.param(SHOWN, [TOLD], False, True, id="told by Hub"),
    pytest.param(SHOWN, [A, B], False, True, id="configs lacking"),
    pytest.param(SHOWN, [A, B, WHOLE_A], False, True, id="a config lacking"),
    pytest.param(SHOWN, [A, B, WHOLE_A, WHOLE_B], False, False, id="whole, index not needed"),
    pytest.param(SHOWN, [A, WHOLE_A], True, True, id="an image lacking"),
    pytest.param(ATTESTED, [TOLD], False, True, id="attestation not asked for"),
    pytest.param(
        ATTESTED, [A, B, WHOLE_A, WHOLE_B, HOLDER, STATED], False, True, id="index lacking"
    ),
    pytest.param(
        ATTESTED, [A, B, WHOLE_A, WHOLE_B, HOLDER, INDEX], False, True, id="statement lacking"
    ),
    pytest.param(
        ATTESTED, [A, B, WHOLE_A, WHOLE_B, HOLDER, STATED, INDEX], False, False, id="all there"
    ),
    pytest.param(
        showing(tag("1", "a"), "a"), [A, WHOLE_A], False, False, id="a single manifest, whole"
    ),
    pytest.param(showing(tag("1", None), "a"), [TOLD], False, True, id="index unknown"),
    pytest.param(
        showing(tag("1", None), "a"), [A, WHOLE_A], False, False, id="index unknown, not needed"
    ),
    pytest.param(
        showing(tag("1", None), "a", attested="holder"),
        [A, WHOLE_A, HOLDER, STATED],
        False,
        True,
        id="index unknown, needed",
    ),
    pytest.param(tag("1", "index", images=()), [], True, True, id="no images"),
    pytest.param(tag("1", "index", images=()), [INDEX], True, True, id="members lacking"),
    pytest.param(tag("1", "index", images=()), [INDEX, A, B], False, True, id="members there"),
    pytest.param(
        tag("1", "index", images=()),
        [INDEX, A, B, WHOLE_A, WHOLE_B, HOLDER, STATED],
        False,
        False,
        id="members whole",
    ),
    pytest.param(tag("1", "a", images=()), [A], False, True, id="no images, single manifest"),
    pytest.param(tag("1", "a", images=()), [A, WHOLE_A], False, False, id="the same, whole"),
    pytest.param(
        tag("1", "index", images=(image(digest=None),)), [INDEX, A, B], False, True,
        id="images without digests",
    ),
    pytest.param(
        tag("1", None, images=(image(digest=None),)), [], True, True, id="no digest at all"
    ),
    pytest.param(tag("1", None, images=()), [], True, True, id="nothing told"),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "stored", "lacks_layers", "lacks_configs"), CASES)
def test_what_is_lacking(
    writer: Writer,
    reader: Reader,
    shown: TagRow,
    stored: list[Item],
    lacks_layers: bool,
    lacks_configs: bool,
) -> None:
    writer.write([page(NOW, row()), tags(NOW, shown), *stored])
    assert lacking(reader, with_configs=False) == ["1"] * lacks_layers
    assert lacking(reader, with_configs=True) == ["1"] * lacks_configs
    for with_configs, lacks in ((False, lacks_layers), (True, lacks_configs)):
        found = reader.contents.repositories_lacking(with_configs=with_configs)
        assert found == [NGINX] * lacks


WHOLE_KINDS = [
    pytest.param(manifest("a", kind=ManifestKind.ARTIFACT, seen=NOW), id="artifact"),
    pytest.param(manifest("a", kind=ManifestKind.SCHEMA_1, seen=NOW), id="schema 1"),
    pytest.param(manifest("a", kind=ManifestKind.UNREADABLE, seen=NOW), id="unreadable"),
    pytest.param(manifest("a", layer("l"), seen=NOW), id="image without a config"),
    pytest.param(manifest("a", kind=ManifestKind.ATTESTATION, seen=NOW), id="empty attestation"),
    pytest.param(index("a", seen=NOW), id="empty index"),
]


@pytest.mark.parametrize("item", WHOLE_KINDS)
def test_kinds_below_which_nothing_lies(writer: Writer, reader: Reader, item: Item) -> None:
    writer.write([tags(NOW, showing(tag("1", "a"), "a")), item])
    assert lacking(reader, with_configs=True) == []
    assert reader.contents.known_manifests([digest("a")])[digest("a")].is_whole


def test_a_config_that_cannot_be_read_is_not_lacking(writer: Writer, reader: Reader) -> None:
    unread = config("config of a", detail="$: expected JSON", seen=NOW)
    writer.write([tags(NOW, showing(tag("1", "a"), "a")), A, unread])
    assert lacking(reader, with_configs=True) == []
    assert reader.contents.blobs_of(digest("a")).descriptors == ()


def test_an_attestation_is_whole_with_each_of_its_statements(
    writer: Writer, reader: Reader
) -> None:
    holder = attestation_manifest("holder", "s", "t", "s", seen=NOW)
    unread = attestation("t", "holder", detail="too large", seen=NOW)
    for item, is_whole in ((holder, False), (STATED, False), (unread, True)):
        writer.write([item])
        known = reader.contents.known_manifests([digest("holder")])[digest("holder")]
        assert known.is_whole == is_whole


def test_an_index_in_an_index_is_whole_with_its_members(writer: Writer, reader: Reader) -> None:
    inner = member("inner", descriptor=Descriptor(digest("inner"), 5, OCI_INDEX))
    outer = index("index", inner, seen=NOW)
    writer.write([tags(NOW, tag("1", "index", images=())), outer])
    assert lacking(reader, with_configs=False) == ["1"]
    writer.write([index("inner", member("a"), seen=NOW)])
    # What is in it is not there yet.
    assert lacking(reader, with_configs=False) == ["1"]
    assert lacking(reader, with_configs=True) == ["1"]
    writer.write([A, WHOLE_A])
    assert lacking(reader, with_configs=False) == lacking(reader, with_configs=True) == []


def test_the_newest_live_tag_stands_for_a_set(writer: Writer, reader: Reader) -> None:
    shown = [
        showing(tag("old", "index", updated=NOW), "a"),
        showing(tag("new", "index", updated=at(5)), "a"),
        showing(tag("gone", "index", updated=at(9)), "a"),
        showing(tag("other", "else", updated=at(7)), "b"),
        showing(tag("b", "third", updated=None), "c"),
        showing(tag("a", "third", updated=None), "c"),
    ]
    writer.write([tags(at(10), *shown), Absence(seen=at(11), repository=NGINX, tag="gone")])
    assert lacking(reader, with_configs=False) == ["other", "new", "a"]
    wanted = reader.contents.lacking_sets(
        NGINX, with_configs=False, wants=lambda name: name in {"old", "b"}
    )
    assert [known.tag for known in wanted] == ["old", "b"]


def test_tags_without_a_digest_stand_for_themselves(writer: Writer, reader: Reader) -> None:
    undigested = (image(digest=None),)
    listed = [tag(name, None, images=undigested) for name in ("1", "2")]
    alike = [tag(name, "index", images=()) for name in ("3", "4")]
    writer.write([tags(NOW, *listed, *alike), names(NOW, "5", "6"), head(NOW, "6", "index")])
    found = reader.contents.lacking_sets(NGINX, with_configs=False)
    assert found == [
        KnownSet("1", None, (entry(None),), is_stored=False),
        KnownSet("2", None, (entry(None),), is_stored=False),
        KnownSet("3", digest("index"), (), is_stored=False),
        KnownSet("5", None, (), is_stored=False, is_blank=True),
        KnownSet("6", digest("index"), (), is_stored=False),
    ]
    writer.write([head(at(1), "1", "a"), head(at(1), "2", "index"), A, INDEX, B])
    assert lacking(reader, with_configs=False) == ["5"]
    assert lacking(reader, with_configs=True) == ["1", "2", "3", "5", "6"]
    one, two, *_ = reader.contents.lacking_sets(NGINX, with_configs=True)
    assert one == KnownSet("1", digest("a"), (one.entries[0],), is_stored=True)
    assert one.entries[0][5:8] == (IMAGE, REGISTRY, False)
    assert [each.digest for each in two.entries] == [digest(x) for x in ("a", "b", "holder")]


def test_another_repository_is_another_matter(writer: Writer, reader: Reader) -> None:
    redis = RepositoryName("bitnami", "redis")
    elsewhere = replace(tags(NOW, showing(tag("1", "index"), "a")), repository=redis)
    official = replace(elsewhere, repository=RepositoryName("library", "nginx"))
    writer.write([tags(NOW, showing(tag("1", "x"), "b")), B, elsewhere, official])
    assert lacking(reader, with_configs=False) == []
    found = reader.contents.repositories_lacking(with_configs=False)
    assert found == [redis, official.repository]
    writer.write([Absence(seen=at(1), repository=redis)])
    assert reader.contents.repositories_lacking(with_configs=False) == [official.repository]
    assert reader.contents.lacking_sets(RepositoryName("no", "such"), with_configs=True) == []


def test_repositories_of_tags_without_a_digest(writer: Writer, reader: Reader) -> None:
    def found(*, with_configs: bool) -> list[RepositoryName]:
        return reader.contents.repositories_lacking(with_configs=with_configs)

    writer.write([head(NOW, "1", "a")])
    assert found(with_configs=False) == [NGINX]
    writer.write([A])
    assert (found(with_configs=False), found(with_configs=True)) == ([], [NGINX])
    writer.write([WHOLE_A, names(NOW, "2")])
    assert found(with_configs=False) == [NGINX]


def test_what_is_known_of_manifests(writer: Writer, reader: Reader) -> None:
    writer.write([TOLD, A, WHOLE_A])
    asked = [digest(name) for name in ("a", "b", "c", "a")]
    assert reader.contents.known_manifests(asked) == {
        digest("a"): KnownManifest(IMAGE, REGISTRY, digest("config of a"), True),
        digest("b"): KnownManifest(IMAGE, HUB, None, False),
    }
    configs = [digest("config of a"), digest("config of b")]
    assert reader.contents.known_configs(configs) == {digest("config of a")}
    assert reader.contents.known_configs([]) == set()


def test_many_digests_may_be_asked_at_once(writer: Writer, reader: Reader) -> None:
    writer.write([A])
    many = [digest(number) for number in range(2500)]
    assert set(reader.contents.known_manifests([*many, digest("a")])) == {digest("a")}


def test_the_blobs_that_are_lacking_below_a_manifest(writer: Writer, reader: Reader) -> None:
    holder = attestation_manifest("holder", "s", "t", "t", subject="a", seen=NOW)
    writer.write([A, holder, STATED])
    blobs_of = reader.contents.blobs_of
    assert A.config is not None
    lacks = (Descriptor(digest("config of a"), A.config.size, None),)
    assert blobs_of(digest("a")) == (IMAGE, None, lacks)
    statement = (Descriptor(digest("t"), 3000, IN_TOTO),)
    assert blobs_of(digest("holder")) == (ManifestKind.ATTESTATION, digest("a"), statement)
    writer.write([WHOLE_A, INDEX])
    assert blobs_of(digest("a")).descriptors == ()
    assert blobs_of(digest("index")) == (ManifestKind.INDEX, None, ())
    assert blobs_of(digest("unknown")).descriptors == ()


def test_what_is_behind_a_digest(writer: Writer, reader: Reader) -> None:
    behind = reader.contents.set_behind
    writer.write([tags(NOW, tag("1", None, images=()))])
    assert behind("1", digest("index")) == KnownSet("1", digest("index"), (), is_stored=False)
    writer.write([INDEX, A])
    found = behind("1", digest("index"))
    assert [each.evidence for each in found.entries] == [REGISTRY, None, None]
    assert found.is_stored
    (alone,) = behind("1", digest("a")).entries
    assert alone.digest == digest("a")


def test_whether_hub_has_listed_a_tag(writer: Writer, reader: Reader) -> None:
    writer.write([names(NOW, "1", "2")])
    assert not reader.contents.is_listed(NGINX)
    writer.write([tags(at(1), tag("2"))])
    assert reader.contents.is_listed(NGINX)
    writer.write([Absence(seen=at(2), repository=NGINX, tag="2")])
    assert not reader.contents.is_listed(NGINX)


@pytest.mark.sqlite
def test_nothing_is_scanned_for_what_is_lacking(writer: Writer, reader: Reader) -> None:
    """A question about one repository goes through indexes, from its tags to what they show."""
    writer.write([tags(NOW, ATTESTED)])
    asked = {**NGINX._asdict(), "with_configs": True}
    sql = reader.contents._sql["lacking_sets"]
    plan = reader._connection.rows(f"EXPLAIN QUERY PLAN {sql}", asked)
    scanned = Counter(row[3] for row in plan if row[3].startswith("SCAN"))
    # Platforms are few.
    assert set(scanned) <= {"SCAN shown", "SCAN q", "SCAN below"}, scanned


def test_tags_known_by_name_alone_are_counted_at_one_moment(writer: Writer, reader: Reader) -> None:
    count = "SELECT COUNT(*) FROM tag"
    writer.write([names(NOW, "1", "2"), tags(at(1), tag("4"))])
    assert reader.contents.undetailed(NGINX, 9) == (["1", "2"], 2)
    with reader._connection.snapshot():
        assert reader._connection.rows(count) == [(3,)]
        writer.write([names(at(2), "5")])
        assert reader._connection.rows(count) == [(3,)]
    assert reader._connection.rows(count) == [(4,)]
