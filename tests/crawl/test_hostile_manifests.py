"""Manifests that mean harm: each is refused in a line of its own, and the others are whole."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import DOCKER_SCHEMA_1_SIGNED, OCI_INDEX, OCI_MANIFEST
from dockerhub.standin import World
from tests.crawl.contents import assert_contents, manifests, truth
from tests.crawl.forging import Forge, index, layer, manifest, member, text_of
from tests.crawl.hostile import DIGEST, assert_harmless
from tests.crawl.hostile_registry import assert_told, origin
from tests.crawl.spiders import assert_no_secret
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crawl.hostile_registry import Answer, Origin, Visit
    from tests.crawling import Crawls, Ended

TOOL = "solo/tool"
SHA512 = "sha512:" + "ab" * 64
DEEP = b"[" * 100_000 + b"]" * 100_000
Expected = dict[str, str]
"""by tag: what is told"""


@pytest.fixture
def hub_world() -> World:
    world = World(seed=17)
    world.add_repository(TOOL, tags=3)
    return world


@pytest.fixture
def forge(hub_world: World) -> Forge:
    return Forge(hub_world, TOOL)


def read(crawls: Crawls, *options: str, **more: str) -> Ended:
    ended = crawls.run("manifests", *options, repo=TOOL, **more)
    assert_harmless(ended)
    assert_no_secret(crawls, ended)
    return ended


def refused(crawls: Crawls, forge: Forge, expected: Expected, *, stored: set[str]) -> None:
    """Assert that a crawl refuses what is *expected*, and stores all that is good.

    *stored* are the digests of what was laid by hand and is read all the same.
    """
    good = [tag.name for tag in forge.world.tags(TOOL) if tag.name not in forge.digests]
    for strict in ("1", ""):
        ended = read(crawls, **({"strict": strict} if strict else {}))
        assert_told(ended, TOOL, forge.digests, expected)
        assert ended.status == (3 if strict else 0)
        pulls = Counter(crawls.hub.journal.pulls())
        assert max(pulls.values()) <= 2
        assert_contents(crawls.database, [truth(forge.world, TOOL, good)], besides=stored)
    # What was read is not asked for again.
    assert {digest for _, digest in pulls} == {forge.digests[tag] for tag in expected}


def lay_lies(forge: Forge) -> Expected:
    """Lay what is not what it is called, or is an index to one and an image to another."""
    forge.put("wrong", manifest(forge.config(1), [layer(1)]), digest=DIGEST)
    own = "sha256:" + "cd" * 32
    forge.put("itself", index([member(own, OCI_INDEX)]), OCI_INDEX, digest=own)
    forge.put("image-called-index", manifest(forge.config(2), [layer(2)]), OCI_INDEX)
    unsaid = manifest(forge.config(3), [layer(3)])
    del unsaid["mediaType"]
    forge.put("image-without-a-type-called-index", unsaid, OCI_INDEX)
    forge.put("index-called-image", index([member(DIGEST)]), OCI_MANIFEST)
    forge.put("both", manifest(forge.config(4), [layer(4)], manifests=[member(DIGEST)]))
    unproven = "broken, manifest {}: expected the bytes of that digest"
    by_type = "broken, $: expected {} by its Content-Type, got {} by its {}"
    return {
        "wrong": unproven.format(DIGEST),
        "itself": unproven.format(own),
        "image-called-index": by_type.format("an index", "a manifest", "mediaType"),
        "image-without-a-type-called-index": by_type.format(
            "an index", "a manifest", "key layers"
        ),
        "index-called-image": by_type.format("a manifest", "an index", "mediaType"),
        "both": by_type.format("a manifest", "an index", "key manifests"),
    }


def lay_no_json(forge: Forge) -> Expected:
    forge.put("html", b"<html><title>Welcome</title></html>")
    forge.put("null", b"null")
    forge.put("list", b"[]")
    forge.put("nothing-said", b"{}")
    forge.put("cut-off", b'{"schemaVersion":2,')
    no_data = "broken, HTTP 200 without data from "
    return {
        "html": no_data,
        "null": no_data,
        "list": "broken, $: expected `object`, got `array`",
        "nothing-said": "broken, $: object missing required field `layers`",
        "cut-off": "broken, $: expected JSON, got 19 bytes: Input data was truncated",
    }


def lay_depths(forge: Forge) -> Expected:
    """Lay JSON of 100,000 levels, in each place of a manifest."""
    good = text_of(manifest(forge.config("deep"), [layer("deep")], more="DEEP"))
    forge.put("deep", DEEP)
    forge.put("deep-objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    forge.put("deep-layers", b'{"layers":' + DEEP + b"}")
    forge.put("deep-annotations", good.replace(b'"more":"DEEP"', b'"annotations":' + DEEP))
    forge.put("deep-elsewhere", good.replace(b'"DEEP"', DEEP))
    return {
        "deep": "broken, $: expected `object`, got `array`",
        "deep-objects": "maximum recursion depth exceeded",
        "deep-layers": "maximum recursion depth exceeded",
        "deep-annotations": "maximum recursion depth exceeded",
        "deep-elsewhere": "maximum recursion depth exceeded",
    }


def lay_numbers(forge: Forge) -> Expected:
    expected = {}
    most = "expected `int` <= 9223372036854775807"
    sizes = {
        "minus": (-1, "expected `int` >= 0"),
        "2e63": (2**63, most),
        "2e70": (2**70, most),
        "1.5": (1.5, "expected `int`, got `float`"),
        "text": ("12", "expected `int`, got `str`"),
    }
    for name, (size, words) in sizes.items():
        forge.image(f"layer-of-{name}", layers=[layer(name, size=size)])
        expected[f"layer-of-{name}"] = f"broken, $.layers[0].size: {words}"
        forge.image(f"config-of-{name}", config=forge.config(name) | {"size": size})
        expected[f"config-of-{name}"] = f"broken, $.config.size: {words}"
    no_digest = 'expected sha256: and 64 hex digits, got "sha512:abab'
    forge.image("sha512-layer", layers=[layer("sha512", digest=SHA512)])
    forge.image("sha512-config", config=forge.config("sha512") | {"digest": SHA512})
    return expected | {
        "sha512-layer": f"broken, $.layers[0].digest: {no_digest}",
        "sha512-config": f"broken, $.config.digest: {no_digest}",
    }


def lay_masses(forge: Forge) -> Expected:
    def digests(number: int) -> list[str]:
        return [f"sha256:{place:064x}" for place in range(number)]

    forge.index("5000-members", [member(digest) for digest in digests(5000)])
    for number in (30_000, 100_000):
        layers = [{"digest": digest, "size": 1} for digest in digests(number)]
        forge.image(f"{number}-layers", layers=layers)
    forge.image("50-MB", padding="x" * 50_000_000)
    too_large = "broken, a body of more than 4194304 bytes"
    return {
        "5000-members": "broken, $.manifests: expected at most 1000 members, got 5000",
        "30000-layers": "broken, $.layers: expected at most 1000 layers, got 30000",
        "100000-layers": too_large,
        "50-MB": too_large,
    }


@pytest.mark.parametrize("lay", [lay_lies, lay_no_json, lay_depths, lay_numbers, lay_masses])
def test_what_is_no_manifest_costs_two_pulls_at_most_and_nothing_else(
    crawls: Crawls, forge: Forge, lay
) -> None:
    refused(crawls, forge, lay(forge), stored=set())


def lay_chain(forge: Forge, length: int) -> list[str]:
    """Lay indexes of which each holds the one before, around an image; return them from outside."""
    inner = forge.image(None)
    chain = [inner]
    for place in range(length):
        media_type = OCI_INDEX if place else OCI_MANIFEST
        tag = "chain" if place == length - 1 else None
        chain.append(forge.index(tag, [member(chain[-1], media_type)]))
    return chain[::-1]


def test_a_chain_of_50_indexes_is_followed_three_deep(crawls: Crawls, forge: Forge) -> None:
    chain = lay_chain(forge, 50)

    ended = read(crawls, strict="1", tags="chain")

    assert ended.status == 3
    words = "refused request, index: expected at most 3 levels of indexes, got more"
    assert_told(ended, TOOL, {}, {chain[2]: words})
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
    forge.index("tree", [member(part, OCI_INDEX) for part in parts])

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
    bad += [member(SHA512), member("../../etc/passwd"), 7, [], {"platform": DEEP[:9].decode()}]
    forge.index("mixed", [*bad, member(forge.image(None))])

    ended = read(crawls, strict="1", tags="mixed")

    assert ended.status == 3
    words = f"{len(bad)} entries cannot be read; the first: $.manifests[0].size: expected `int`"
    assert_told(ended, TOOL, forge.digests, {"mixed": words})
    assert sorted(manifests(crawls.database).values()) == ["image", "index"]
    assert rows(crawls.database, "SELECT refused_count FROM manifests WHERE kind = 'index'") == [
        (len(bad),)
    ]
    # It is stored as far as it can be read, and nobody asks for it again.
    assert read(crawls, strict="1", tags="mixed").status == 0
    assert crawls.hub.journal.pulls() == []


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


def open_registry(crawls: Crawls, registry: Origin, body: Callable[[], Iterator[bytes]]) -> None:
    """Let *registry* be asked: it wants no token, and has one tag whose manifest is *body*."""
    crawls.settings = {"DOCKERHUB_REGISTRY_URL": registry.url}

    def answer(visit: Visit) -> Answer:
        if visit.path.startswith(f"/v2/{TOOL}/tags/list"):
            return 200, {}, text_of({"name": TOOL, "tags": ["latest"]})
        if visit.path == "/v2/":
            return 200, {}, b"{}"
        return 200, {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": DIGEST}, body()

    registry.answer = answer


def test_a_body_without_an_end_is_broken_off(crawls: Crawls) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"padding":"'
        for _ in range(50_000_000 // 65536):
            yield b"x" * 65536

    with origin() as registry:
        open_registry(crawls, registry, endless)
        ended = read(crawls, strict="1")

    assert ended.status == 3
    words = "broken, a body of more than 4194304 bytes"
    assert_told(ended, TOOL, {}, {DIGEST: words})
    # More than was read stood in the buffers between.
    assert registry.sent_bytes < 25_000_000
    assert [visit.method for visit in registry.visits].count("GET") == 3
    assert [visit.secrets for visit in registry.visits if visit.secrets] == []


NO_DIGESTS = (None, "", "sha256:", SHA512, "../../etc", DIGEST.upper(), "\x9b31m")


def test_a_tag_without_a_digest_is_told(
    crawls: Crawls, forge: Forge, hub_world: World
) -> None:
    good = [tag.name for tag in hub_world.tags(TOOL)]
    for place, said in enumerate(NO_DIGESTS):
        forge.image(f"bad{place}")
        headers = {} if said is None else {"Docker-Content-Digest": said}
        crawls.hub.script(f"/v2/{TOOL}/manifests/bad{place}", headers=headers, times=None)

    ended = read(crawls, "-s", "RETRY_TIMES=0", strict="1")

    assert ended.status == 3
    words = "broken, Docker-Content-Digest: expected sha256: and 64 hex digits, got "
    assert_told(ended, TOOL, {}, {f"bad{place}": words for place in range(len(NO_DIGESTS))})
    assert_contents(crawls.database, [truth(hub_world, TOOL, good)])


def test_a_tag_that_is_called_by_another_digest_brings_no_wrong_bytes(
    crawls: Crawls, forge: Forge, hub_world: World
) -> None:
    """The registry alone knows what its tags are; the bytes are those of the digest it says."""
    image = forge.image("good")
    headers = {"Docker-Content-Digest": image}
    forge.image("bad")
    crawls.hub.script(f"/v2/{TOOL}/manifests/bad", headers=headers, times=None)
    lie = {"Docker-Content-Digest": DIGEST, "Content-Type": OCI_MANIFEST}
    body = hub_world.manifest_bytes(TOOL, image)[0]
    crawls.hub.script(f"/v2/{TOOL}/manifests/{image}", headers=lie, body=body, times=None)

    assert read(crawls, strict="1", tags="bad").status == 0

    assert manifests(crawls.database) == {image: "image"}
    assert rows(crawls.database, "SELECT tag_name, digest FROM tags") == [("bad", image)]
