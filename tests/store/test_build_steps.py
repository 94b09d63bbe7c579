"""Build steps come from Hub's list or from a config's history, in any order."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.store.made import NOW, at, digest, image, tag, tags
from tests.store.made_contents import (
    built,
    config,
    layers,
    manifest,
    showing,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from dockerhub.items import Item
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

STEPS = (
    "SELECT n.text, s.layer_position, s.created_at FROM build_step AS s"
    " JOIN manifest AS m ON m.id = s.manifest_id LEFT JOIN instruction AS n"
    " ON n.id = s.instruction_id WHERE m.digest = ? ORDER BY s.position"
)
HISTORY = "SELECT history FROM config"
TWO = layers("a", "b")
BY_HUB = steps(0, None, 1, by="Hub")
BY_CONFIG = steps(0, 1, None, created=5, by="config")
HUB = tag_images(NOW, built("image", TWO, BY_HUB))
MANIFEST = manifest("image", *TWO, config="config", seen=at(1))
CONFIG = config("config", *BY_CONFIG, seen=at(2))
FROM_HUB = [("Hub 0", 0, None), ("Hub 1", None, None), ("Hub 2", 1, None)]
FROM_CONFIG = [("config 0", 0, 5), ("config 1", 1, 5), ("config 2", None, 5)]


def steps_of(look: Look, what: object = "image") -> list[tuple[object, ...]]:
    return look(STEPS, digest(what))


def test_hub_tells_steps(writer: Writer, look: Look) -> None:
    writer.write([HUB])
    assert steps_of(look) == FROM_HUB
    writer.write([MANIFEST])
    assert steps_of(look) == FROM_HUB


@pytest.mark.parametrize("order", list(permutations([HUB, MANIFEST, CONFIG])))
def test_the_history_of_a_config_wins(writer: Writer, look: Look, order: tuple[Item, ...]) -> None:
    for item in order:
        writer.write([item])
    assert steps_of(look) == FROM_CONFIG
    assert look.one(HISTORY) == (None,)


@pytest.mark.parametrize("order", list(permutations([HUB, MANIFEST])))
def test_a_history_of_other_layers_gives_no_steps(
    writer: Writer, look: Look, order: tuple[Item, ...]
) -> None:
    odd = config("config", *steps(0, by="odd"), seen=NOW)
    writer.write([*order, odd, odd])
    assert steps_of(look) == (FROM_HUB if order[0] is HUB else [])
    assert look.one(HISTORY) == ('[["odd 0",0,null]]',)
    # One that fits it may come yet.
    writer.write([manifest("squashed", *layers("c"), config="config", seen=at(9))])
    assert steps_of(look, "squashed") == [("odd 0", 0, None)]
    assert look.one(HISTORY) == (None,)


def test_all_manifests_of_a_config_have_its_steps(writer: Writer, look: Look) -> None:
    other = manifest("zstd", *layers("y", "z"), config="config", seen=NOW)
    third = manifest("third", *layers("v", "w"), config="config", seen=NOW)
    longer = manifest("longer", *layers("v", "w", "x"), config="config", seen=NOW)
    writer.write([MANIFEST, other, CONFIG, third, longer])
    for what in ("image", "zstd", "third"):
        assert steps_of(look, what) == FROM_CONFIG
    assert steps_of(look, "longer") == []
    writer.write([CONFIG, MANIFEST, third])
    assert len(look("SELECT * FROM build_step")) == 9


def test_a_config_without_history_leaves_hubs_steps(writer: Writer, look: Look) -> None:
    writer.write([HUB, MANIFEST, config("config", seen=NOW)])
    assert steps_of(look) == FROM_HUB
    assert look.one(HISTORY) == (None,)


def test_a_text_is_stored_once(writer: Writer, look: Look) -> None:
    silent = BY_HUB[0]._replace(instruction=None)
    again = tag_images(NOW, built("other", TWO, (*BY_HUB, silent)))
    writer.write([HUB, again])
    assert len(look("SELECT * FROM instruction")) == 3
    assert steps_of(look, "other")[-1] == (None, 0, None)


def test_an_image_of_metadata_alone_has_its_steps(writer: Writer, look: Look) -> None:
    bare = config("config", *steps(None, None, created=1), seen=NOW)
    writer.write([manifest("image", config="config", seen=NOW), bare])
    assert steps_of(look) == [("RUN 0", None, 1), ("RUN 1", None, 1)]


def test_steps_are_readable(writer: Writer, look: Look) -> None:
    arm = image("linux/arm64", digest=digest("image"))
    writer.write([tags(NOW, showing(tag("1"), "other")._replace(images=(arm,))), MANIFEST, CONFIG])
    named = "SELECT repo_name, tag_name, step_index, instruction, size_bytes, created"
    moment = "1970-01-01T00:00:00.000005Z"
    assert look(f"{named} FROM build_steps ORDER BY step_index") == [
        ("bitnami/nginx", "1", 0, "config 0", 100, moment),
        ("bitnami/nginx", "1", 1, "config 1", 100, moment),
        ("bitnami/nginx", "1", 2, "config 2", None, moment),
    ]
    assert look("SELECT layer_index, instruction FROM layers ORDER BY 1") == [
        (0, "config 0"),
        (1, "config 1"),
    ]
