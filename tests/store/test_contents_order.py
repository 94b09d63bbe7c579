"""What is stored in the end does not depend on what came first, nor on what came twice."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as some

from dockerhub.contents import Package
from dockerhub.store.writer import Writer
from tests.store.made import NOW, Look, at, digest, tag, tags
from tests.store.made_contents import (
    BASE,
    attestation,
    attestation_manifest,
    base,
    built,
    config,
    index,
    layer,
    layers,
    manifest,
    member,
    sbom,
    showing,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.items import Item

VIEWS = (
    *("tags", "images", "manifests", "layers", "build_steps", "configs", "labels"),
    *("attestations", "packages", "base_images"),
)
HUB_LAYERS = (layer("l", 7, None), layer("m", None, None))
ITEMS: list[Item] = [
    tags(NOW, showing(tag("1", "index"), "a", "b", attested="holder"), showing(tag("2", "b"), "b")),
    tag_images(
        NOW,
        built("a", HUB_LAYERS, steps(0, None, 1, by="Hub")),
        built("b", layers("l", "x"), steps(0, 1, by="Hub"), "linux/arm64"),
    ),
    manifest("a", *layers("l", "m"), config="config of a", seen=at(1)),
    manifest("b", *layers("l", "n"), config="config of b", seen=at(1)),
    manifest("also b", *layers("y", "z"), config="config of b", seen=at(1)),
    index(
        "index",
        member("a", "linux/amd64", annotations=((BASE + "name", "alpine"),)),
        member("b", "linux/arm64"),
        member("holder", about="a"),
        seen=at(1),
    ),
    config("config of a", *steps(0, 1, created=NOW), seen=at(1), labels=(("k", "v"),)),
    config("config of b", *steps(None, 0, 1), platform="linux/arm64", seen=at(1)),
    attestation_manifest("holder", "s", "t", seen=at(1)),
]
STATEMENTS: list[Item] = [
    attestation("s", "holder", seen=at(1), bases=(base("golang", "go"),)),
    sbom("t", "holder", Package("p", "1", None), Package("q", None, None), seen=at(1)),
]


def shown(items: Sequence[Item], batch: int) -> dict[str, list[Any]]:
    """Return all that the views show once *items* are written, *batch* at a time."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.db"
        writer = Writer(url)
        for start in range(0, len(items), batch):
            writer.write(items[start : start + batch])
        writer.close()
        look = Look(url)
        assert look("PRAGMA foreign_key_check") == []
        found = {view: sorted(look(f"SELECT * FROM {view}"), key=repr) for view in VIEWS}
        found["chains"] = sorted(look("SELECT chain FROM manifest_layer"), key=repr)
        found["waiting"] = look("SELECT history FROM config WHERE history IS NOT NULL")
        return found


EXPECTED = shown([*ITEMS, *STATEMENTS], 1)


@settings(max_examples=25, deadline=None)
@given(some.permutations(ITEMS), some.permutations(STATEMENTS), some.integers(1, 11))
def test_in_any_order_the_same_is_stored(
    items: list[Item], statements: list[Item], batch: int
) -> None:
    assert shown([*items, *statements], batch) == EXPECTED


@settings(max_examples=10, deadline=None)
@given(some.permutations([*ITEMS, *ITEMS]))
def test_what_comes_twice_is_stored_once(items: list[Item]) -> None:
    assert shown([*items, *STATEMENTS, *STATEMENTS], 4) == EXPECTED


def test_all_of_it_is_there() -> None:
    counts = {view: len(rows) for view, rows in EXPECTED.items()}
    assert counts == {
        "tags": 2,
        "images": 4,
        "manifests": 5,
        "layers": 6,
        "build_steps": 8,
        "configs": 3,
        "labels": 1,
        "attestations": 2,
        "packages": 2,
        "base_images": 2,
        "chains": 8,
        "waiting": 0,
    }
    assert {row[9] for row in EXPECTED["manifests"]} == {"registry"}
    assert {row[7] for row in EXPECTED["layers"]} == {f"RUN {place}" for place in range(3)}
    (about,) = [row[8] for row in EXPECTED["manifests"] if row[1] == "attestation"]
    assert about == f"sha256:{digest('a').hex()}"
