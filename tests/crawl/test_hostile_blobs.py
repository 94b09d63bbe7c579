"""Configs that mean harm: refused in a line of their own; and texts that nobody is shown."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.media_types import (
    OCI_CONFIG,
)
from dockerhub.names import digest_bytes
from tests.crawl.contents import assert_contents, truth
from tests.crawl.forging import Forge, layer, text_of
from tests.crawl.hostile import TEXTS
from tests.crawl.hostile_registry import ONE_TRY, TOOL, assert_told, hostile_world, read
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


class Configs:
    """Images whose configs mean harm."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self.digests: dict[str, str] = {}
        self.told: dict[str, str] = {}

    def lay(self, name: str, body: str | bytes, told: str, **more: Any) -> None:
        text = body.encode() if isinstance(body, str) else body
        config = self._forge.blob(text, OCI_CONFIG, **more)
        self._forge.image(name, config=config)
        self.digests[name], self.told[name] = config["digest"], told

    def forget(self, name: str, body: bytes | None) -> None:
        """Let the config be another one, or none."""
        blobs = self._forge.world.state(TOOL).holdings.laid_blobs
        if body is None:
            del blobs[self.digests[name]]
        else:
            blobs[self.digests[name]] = body


@pytest.fixture
def configs(forge: Forge) -> Configs:
    made = Configs(forge)
    large = '{"padding":"' + "x" * 17_000_000 + '"}'
    too_deep = "maximum recursion depth exceeded"
    made.lay("html", "<html>not found</html>", "refused request, $: expected JSON, got 22 bytes: ")
    made.lay("nothing", "", "refused request, $: expected JSON, got 0 bytes: ")
    made.lay(
        "cut-off",
        '{"os":',
        "refused request, $: expected JSON, got 6 bytes: Input data was truncated",
    )
    made.lay("list", "[]", "refused request, $: expected `object`, got `array`")
    made.lay("number", '{"os":7}', "refused request, $.os: expected `str | null`, got `int`")
    made.lay(
        "large", large, "refused request, config: expected at most 16777216 bytes, got 17000014"
    )
    made.lay("deep", f'{{"os":"linux","more":{DEEP}}}', too_deep)
    made.lay("deep-history", f'{{"os":"linux","history":{DEEP}}}', too_deep)
    made.lay("deep-labels", f'{{"config":{{"Labels":{DEEP}}}}}', too_deep)
    steps = text_of({"os": "linux", "history": [{"created_by": "x"}] * 5000})
    made.lay(
        "steps", steps, "refused request, $.history: expected at most 2000 build steps, got 5000"
    )
    lie = "refused request, config: expected 500 bytes, got 14"
    made.lay("small", '{"os":"linux"}', lie, size=500)
    larger = large.replace("padding", "more")
    made.lay("larger", larger, "broken, a body of more than 16777216 bytes", size=500)
    unproven = "broken, config: expected the bytes of its digest, got those of sha256:"
    made.lay("another", '{"os":"linux" }', unproven)
    made.forget("another", b'{"os":"plan 9"}')
    made.lay("missing", '{"os": "linux"}', "not there, HTTP 404 ")
    made.forget("missing", None)
    return made


UNREADABLE = (
    "html",
    "nothing",
    "cut-off",
    "list",
    "number",
    "deep",
    "deep-history",
    "deep-labels",
    "steps",
)


def asked_for(crawls: Crawls) -> Counter[str]:
    """Return how often each blob was asked for."""
    return Counter(exchange.path.rpartition("/")[2] for exchange in crawls.hub.journal.of("blob"))


@pytest.mark.parametrize("redirects", [True, False], ids=["from the CDN", "from the registry"])
def test_what_is_no_config_is_not_believed(
    crawls: Crawls, forge: Forge, configs: Configs, redirects: bool
) -> None:
    crawls.hub.options.redirect_blobs = redirects
    good = [tag.name for tag in forge.world.tags(TOOL) if tag.name not in forge.digests]

    ended = read(crawls, *ONE_TRY, strict="1")

    assert ended.status == 3
    assert_told(ended, configs.digests, configs.told)
    images = {forge.digests[name] for name in configs.digests}
    assert_contents(crawls.database, [truth(forge.world, TOOL, good)], besides=images)
    found = {digest for (digest,) in rows(crawls.database, "SELECT digest FROM configs")}
    assert found & set(configs.digests.values()) == set()
    # What says itself that it is too large is not asked for; the others are, twice at most.
    asked = asked_for(crawls)
    assert max(asked.values()) == 2
    assert configs.digests["large"] not in asked
    # What its digest proves will never be another: it is asked for once, ever.
    for name in UNREADABLE:
        assert asked[configs.digests[name]] == 1, name
    stored = dict(rows(crawls.database, "SELECT digest, detail FROM config"))
    details = {name: stored[digest_bytes(configs.digests[name])] for name in UNREADABLE}
    assert all(detail.startswith("$") for detail in details.values()), details
    read(crawls, *ONE_TRY)
    assert not {configs.digests[name] for name in UNREADABLE} & set(asked_for(crawls))


def test_a_config_of_another_size_than_its_manifest_says_is_refused_whenever_it_is_asked_for(
    crawls: Crawls, forge: Forge
) -> None:
    made = Configs(forge)
    large = "refused request, config: expected at most 16777216 bytes, got 17000014"
    made.lay("large", '{"padding":"' + "x" * 17_000_000 + '"}', large)
    small = "expected 500 bytes, got 14"
    made.lay("small", '{"os":"linux"}', small, size=500)
    for _ in range(2):
        ended = read(crawls, *ONE_TRY, strict="1", tags="large,small")

        assert ended.status == 3
        assert_told(ended, made.digests, made.told)
    assert crawls.hub.journal.pulls() == []


HALF = "\ud800 half a pair"


def kept(text: str, most: int = 64 * 1024) -> str:
    whole = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    return whole.encode()[:most].decode("utf-8", "ignore")


def test_texts_of_images_are_kept_as_they_are_and_shown_nowhere(
    crawls: Crawls, forge: Forge
) -> None:
    texts = (*TEXTS, HALF)
    config = forge.config(
        "texts",
        os=TEXTS[1],
        architecture="../..",
        author=TEXTS[1],
        config={
            "Labels": {text[:200]: text for text in texts},
            "Env": [f"A={text}" for text in texts],
            "Cmd": list(texts),
            "User": TEXTS[1],
            "WorkingDir": "../../etc",
            "ExposedPorts": {TEXTS[1]: {}},
        },
        history=[
            {"created_by": text, "empty_layer": place > 0} for place, text in enumerate(texts)
        ],
    )
    own = layer("texts", mediaType=f"application/vnd.oci.image.layer.{TEXTS[1]}")
    image = forge.image(None, config=config, layers=[own])
    said = {f"a{place}": text for place, text in enumerate(texts)}
    about = {"os": TEXTS[1], "architecture": TEXTS[0]}
    forge.index("latest", [forge.member(image, annotations=said, platform=about)], annotations=said)

    feeds = ("-O", "rows.csv", "-O", "rows.jsonl")
    ended = read(crawls, *feeds, "-L", "DEBUG", strict="1", tags="latest")

    assert ended.status == 0
    database = crawls.database
    labels = dict(rows(database, "SELECT name, value FROM labels"))
    assert labels == {kept(text[:200]): kept(text) for text in texts}
    [(env, cmd, user, folder)] = rows(database, "SELECT env, cmd, user, working_dir FROM configs")
    assert json.loads(env) == [kept(f"A={text}") for text in texts]
    assert json.loads(cmd) == [kept(text) for text in texts]
    assert (user, folder) == (TEXTS[1], "../../etc")
    steps = rows(database, "SELECT instruction FROM build_steps ORDER BY step_index")
    assert [text for (text,) in steps] == [kept(text) for text in texts]
    annotations = "SELECT member, name, value FROM annotation"
    assert sorted(rows(database, annotations)) == sorted(
        (place, name, kept(text, 8192)) for place in (-1, 0) for name, text in said.items()
    )
    cells = shown(crawls)
    assert any("alert(1)" in cell for cell in cells)
    assert max(map(len, cells)) <= 1_000_000
    assert not [cell for cell in cells if set(cell) & set("\x00\x07\x1b\x9b\r\u202e\u2066")]


def shown(crawls: Crawls) -> list[str]:
    """Return every text in the feeds, wherever it stands."""
    csv.field_size_limit(10_000_000)
    with (crawls.folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        table = [dict(row) for row in csv.DictReader(file)]
    assert not [cell for row in table for cell in row.values() if cell and cell.startswith("=")]
    lines = (crawls.folder / "rows.jsonl").read_text("utf-8").split("\n")
    told: list[Any] = [json.loads(line) for line in lines if line]
    return [text for value in (*table, *told) for text in _texts(value)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
