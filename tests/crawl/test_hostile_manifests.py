"""Manifests that mean harm: each is refused in a line of its own, and the others are whole."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import (
    OCI_INDEX,
    OCI_MANIFEST,
)
from tests.crawl.contents import assert_contents, manifests, truth
from tests.crawl.forging import Forge, digest_of, index, layer, manifest, member, text_of
from tests.crawl.hostile import DIGEST
from tests.crawl.hostile_registry import ONE_TRY, TOOL, assert_told, hostile_world, read
from tests.crawl.origins import Origin, Visit, origin
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerhub.standin import World
    from tests.crawl.origins import Answer
    from tests.crawling import Crawls


SHA512 = "sha512:" + "ab" * 64
DEEP = b"[" * 100_000 + b"]" * 100_000
REFUSED = ("broken", "refused request")
Expected = dict[str, str]
"""by tag: what is told"""


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


def lay_lies(forge: Forge) -> Expected:
    """Lay what is not what it is called, or is an index to one and an image to another."""
    wrong = manifest(forge.config(1), [layer(1)])
    forge.put("wrong", wrong, digest=DIGEST)
    own = "sha256:" + "cd" * 32
    forge.put("itself", index([member(own, OCI_INDEX)]), OCI_INDEX, digest=own)
    forge.put("image-called-index", manifest(forge.config(2), [layer(2)]), OCI_INDEX)
    unsaid = manifest(forge.config(3), [layer(3)])
    del unsaid["mediaType"]
    forge.put("image-without-a-type-called-index", unsaid, OCI_INDEX)
    forge.put("index-called-image", index([member(DIGEST)]), OCI_MANIFEST)
    forge.put("both", manifest(forge.config(4), [layer(4)], manifests=[member(DIGEST)]))
    unproven = "broken, manifest: expected the bytes of its digest, got those of "
    by_type = "broken, $: expected {} by its Content-Type, got {} by its {}"
    return {
        "wrong": unproven + digest_of(text_of(wrong)),
        "itself": unproven,
        "image-called-index": by_type.format("an index", "a manifest", "mediaType"),
        "image-without-a-type-called-index": by_type.format("an index", "a manifest", "key layers"),
        "index-called-image": by_type.format("a manifest", "an index", "mediaType"),
        "both": by_type.format("a manifest", "an index", "key manifests").replace(*REFUSED),
    }


def lay_no_json(forge: Forge) -> Expected:
    forge.put("html", b"<html><title>Welcome</title></html>")
    forge.put("null", b"null")
    forge.put("list", b"[]")
    forge.put("nothing-said", b"{}")
    forge.put("cut-off", b'{"schemaVersion":2,')
    no_json = "refused request, $: expected JSON, got "
    return {
        "html": f"{no_json}35 bytes: JSON is malformed",
        "null": "refused request, $: expected `object`, got `null`",
        "list": "refused request, $: expected `object`, got `array`",
        "nothing-said": "refused request, $: object missing required field `layers`",
        "cut-off": "refused request, $: expected JSON, got 19 bytes: Input data was truncated",
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
        "deep": "refused request, $: expected `object`, got `array`",
        "deep-objects": "maximum recursion depth exceeded",
        "deep-layers": "maximum recursion depth exceeded",
        "deep-annotations": "maximum recursion depth exceeded",
        "deep-elsewhere": "maximum recursion depth exceeded",
    }


def lay_numbers(forge: Forge) -> Expected:
    expected = {}
    most = "expected `int` <= 1125899906842624"
    sizes = {
        "minus": (-1, "expected `int` >= 0"),
        "2e63": (2**63, most),
        "2e70": (2**70, most),
        "1.5": (1.5, "expected `int`, got `float`"),
        "text": ("12", "expected `int`, got `str`"),
    }
    for name, (size, words) in sizes.items():
        forge.image(f"layer-of-{name}", layers=[layer(name, size=size)])
        expected[f"layer-of-{name}"] = f"refused request, $.layers[0].size: {words}"
        forge.image(f"config-of-{name}", config=forge.config(name) | {"size": size})
        expected[f"config-of-{name}"] = f"refused request, $.config.size: {words}"
    no_digest = 'expected sha256: and 64 hex digits, got "sha512:abab'
    forge.image("sha512-layer", layers=[layer("sha512", digest=SHA512)])
    forge.image("sha512-config", config=forge.config("sha512") | {"digest": SHA512})
    return expected | {
        "sha512-layer": f"refused request, $.layers[0].digest: {no_digest}",
        "sha512-config": f"refused request, $.config.digest: {no_digest}",
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
        "5000-members": "refused request, $.manifests: expected at most 1000 members, got 5000",
        "30000-layers": "refused request, $.layers: expected at most 1000 layers, got 30000",
        "100000-layers": too_large,
        "50-MB": too_large,
    }


@pytest.mark.parametrize(
    "lays",
    [(lay_lies, lay_no_json), (lay_depths, lay_numbers, lay_masses)],
    ids=["lies", "masses"],
)
def test_what_is_no_manifest_costs_two_pulls_at_most_and_nothing_else(
    crawls: Crawls, forge: Forge, lays: tuple[Callable[[Forge], Expected], ...]
) -> None:
    """Asked for twice where it may have been spoilt on its way, and by the next crawl as well.

    What its digest proves will never be another: it is asked for once, ever.
    """
    expected = {tag: words for lay in lays for tag, words in lay(forge).items()}
    passing = {tag: words for tag, words in expected.items() if words.startswith("broken, ")}
    unreadable = {forge.digests[tag] for tag in expected if tag not in passing}
    good = [tag.name for tag in forge.world.tags(TOOL) if tag.name not in forge.digests]
    for strict, told in (("1", expected), ("", passing)):
        ended = read(crawls, **({"strict": strict} if strict else {}))

        assert_told(ended, forge.digests, told)
        assert ended.status == (3 if strict else 0)
        pulls = Counter(digest for _, digest in crawls.hub.journal.pulls())
        assert max(pulls.values()) <= 2
        assert {pulls[digest] for digest in unreadable} == ({1} if strict else {0})
        assert_contents(crawls.database, [truth(forge.world, TOOL, good)], besides=unreadable)
        kinds = manifests(crawls.database)
        assert {kinds[digest] for digest in unreadable} == {"unreadable"}
    # What was read is not asked for again.
    assert set(pulls) == {forge.digests[tag] for tag in passing}


NO_DIGESTS = (None, "", "sha256:", SHA512, "../../etc", DIGEST.upper(), "\x9b31m")


def test_a_tag_without_a_digest_is_told(crawls: Crawls, forge: Forge, hub_world: World) -> None:
    good = [tag.name for tag in hub_world.tags(TOOL)]
    for place, said in enumerate(NO_DIGESTS):
        forge.image(f"bad{place}")
        headers = {} if said is None else {"Docker-Content-Digest": said}
        crawls.hub.script(f"/v2/{TOOL}/manifests/bad{place}", headers=headers, times=None)

    ended = read(crawls, *ONE_TRY, strict="1")

    assert ended.status == 3
    words = "refused request, Docker-Content-Digest: expected a digest of sha256, got "
    told = {f"bad{place}": words for place in range(len(NO_DIGESTS))}
    unsaid = "broken, Docker-Content-Digest: expected a digest, got none"
    assert_told(ended, {}, told | {"bad0": unsaid, "bad1": unsaid})
    asked = Counter(exchange.path for exchange in crawls.hub.journal.of("manifest"))
    for place in range(2, len(NO_DIGESTS)):
        assert asked[f"/v2/{TOOL}/manifests/bad{place}"] == 1
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
    assert_told(ended, {}, {DIGEST: words})
    # More than was read stood in the buffers between.
    assert registry.sent_bytes < 25_000_000
    assert [visit.method for visit in registry.visits].count("GET") == 3
    assert [visit.secrets for visit in registry.visits if visit.secrets] == []
