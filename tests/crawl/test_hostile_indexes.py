"""Indexes and manifests that are odd: what can be read of them is had, in few requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import (
    DOCKER_SCHEMA_1_SIGNED,
)
from tests.crawl.contents import manifests
from tests.crawl.forging import Forge, layer, manifest, member, text_of
from tests.crawl.hostile import DIGEST
from tests.crawl.hostile_registry import assert_told, hostile_world, read
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


SHA512 = "sha512:" + "ab" * 64


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


def lay_chain(forge: Forge, length: int) -> list[str]:
    """Lay indexes of which each holds the one before, around an image; return them from outside."""
    inner = forge.image(None)
    chain = [inner]
    for place in range(length):
        tag = "chain" if place == length - 1 else None
        chain.append(forge.index(tag, [forge.member(chain[-1])]))
    return chain[::-1]


def test_a_chain_of_50_indexes_is_followed_three_deep(crawls: Crawls, forge: Forge) -> None:
    chain = lay_chain(forge, 50)

    ended = read(crawls, strict="1", tags="chain")

    assert ended.status == 3
    words = "refused request, index: expected at most 3 levels of indexes, got more"
    assert_told(ended, {}, {chain[2]: words})
    assert [digest for _, digest in crawls.hub.journal.pulls()] == chain[:3]
    assert manifests(crawls.database) == dict.fromkeys(chain[:3], "index")


def test_an_index_of_three_levels_is_read_in_whole(crawls: Crawls, forge: Forge) -> None:
    chain = lay_chain(forge, 3)

    assert read(crawls, strict="1", tags="chain").status == 0

    assert manifests(crawls.database) == {**dict.fromkeys(chain[:3], "index"), chain[3]: "image"}


def test_more_than_a_thousand_manifests_below_one_index_are_refused(
    crawls: Crawls, forge: Forge
) -> None:
    """Each index has fewer; those that came first are read, of a platform that nobody wants."""
    other = {"os": "plan9", "architecture": "amd64"}
    parts = [
        forge.index(
            None,
            [member(f"sha256:{part:02x}{place:062x}", platform=other) for place in range(400)],
        )
        for part in range(3)
    ]
    forge.index("tree", [forge.member(part) for part in parts])

    ended = read(crawls, strict="1", tags="tree", platforms="linux/amd64")

    assert ended.status == 3
    words = "refused request, index: expected at most 1000 manifests below one index, got more"
    assert sum(words in line for line in ended.lines if "WARNING" in line) == 1
    assert len(crawls.hub.journal.pulls()) == 4


def test_a_member_that_cannot_be_read_is_told_and_the_others_are_had(
    crawls: Crawls, forge: Forge
) -> None:
    sizes = {"minus": -1, "2e70": 2**70, "2e63": 2**63, "part": 1.5, "text": "12"}
    bad = [member(DIGEST, size=size) for size in sizes.values()]
    bad += [member(SHA512), member("../../etc/passwd"), 7, [], {"platform": "["}]
    forge.index("mixed", [*bad, forge.member(forge.image(None))])

    ended = read(crawls, strict="1", tags="mixed")

    assert ended.status == 3
    words = f"{len(bad)} entries cannot be read; the first: $.manifests[0].size: expected `int`"
    assert_told(ended, forge.digests, {"mixed": words})
    assert sorted(manifests(crawls.database).values()) == ["image", "index"]
    assert rows(crawls.database, "SELECT refused_count FROM manifests WHERE kind = 'index'") == [
        (len(bad),)
    ]
    # It is stored as far as it can be read, and nobody asks for it again.
    assert read(crawls, strict="1", tags="mixed").status == 0
    assert crawls.hub.journal.pulls() == []


def test_a_member_of_another_size_than_its_index_says_is_not_believed(
    crawls: Crawls, forge: Forge
) -> None:
    good, bad = forge.image(None), forge.image(None, annotations={"a": "b"})
    forge.index("mixed", [forge.member(good), forge.member(bad, size=3)])

    ended = read(crawls, strict="1", tags="mixed")

    assert ended.status == 3
    assert_told(ended, {}, {bad: "refused request, manifest: expected 3 bytes, got "})
    assert manifests(crawls.database) == {forge.digests["mixed"]: "index", good: "image"}
    # What its digest proves is what it is, whoever says what of its size.
    assert len(crawls.hub.journal.pulls()) == 3


def test_of_keys_that_come_twice_the_last_one_counts(crawls: Crawls, forge: Forge) -> None:
    """Docker's own reader takes the last one too: nobody is shown another image."""
    first, last = layer("first"), layer("last")
    config = forge.config("first")
    end = f',"layers":{text_of([last]).decode()},"config":{text_of(forge.config()).decode()}}}'
    forge.put("twice", text_of(manifest(config, [first]))[:-1] + end.encode())

    assert read(crawls, strict="1", tags="twice").status == 0

    assert rows(crawls.database, "SELECT digest FROM layers") == [(last["digest"],)]
    assert [row[0] for row in rows(crawls.database, "SELECT digest FROM configs")] == [
        forge.config()["digest"]
    ]


def test_what_the_answer_calls_itself_is_no_matter_where_the_body_says_it(
    crawls: Crawls, forge: Forge
) -> None:
    forge.put("plain", manifest(forge.config(), [layer(1)]), "text/plain")
    forge.put("old", b'{"schemaVersion":1,"fsLayers":[]}', DOCKER_SCHEMA_1_SIGNED, digest=DIGEST)

    assert read(crawls, strict="1", tags="plain,old").status == 0

    assert manifests(crawls.database) == {forge.digests["plain"]: "image", DIGEST: "schema 1"}
