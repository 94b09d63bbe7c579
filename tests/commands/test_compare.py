from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.crawling import SIGNED_IN

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.commands.running import Commands

NOWHERE = "http://127.0.0.1:9"
HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r[red]"


def summaries(err: str) -> list[str]:
    """Return how each crawl began its summary."""
    return [line.partition(":")[0] for line in err.splitlines() if ": done in " in line]


def test_images_are_fetched_and_compared(commands: Commands) -> None:
    names = ("nginx:1.0.0", "nginx")
    ended = commands.run("compare", *names, "--fetch", "--platform", "linux/amd64")

    assert ended.status == 0
    assert summaries(ended.err) == [
        "manifests repo=nginx",
        "manifests repo=nginx",
    ]
    lines = ended.out.splitlines()
    assert lines[:3] == ["nginx:1.0.0 -> nginx:latest", "", "linux/amd64"]
    assert any(line.startswith("  layers  ") and " shared" in line for line in lines)

    again = commands.run("compare", *names, "--platform", "linux/amd64", "--json")
    assert (again.status, again.err) == (0, "")
    (platform,) = json.loads(again.out)["platforms"]
    layers = platform["layers"]
    assert layers["removed"]
    assert layers["added"]
    assert platform["size_difference_bytes"] == sum(
        one["size_bytes"] for one in layers["added"]
    ) - sum(one["size_bytes"] for one in layers["removed"])


def test_all_platforms_are_compared_and_those_of_one_image_named(commands: Commands) -> None:
    ended = commands.run("compare", "nginx", "acme/single", "--fetch")

    assert ended.status == 0
    lines = ended.out.splitlines()
    assert [line for line in lines if line.startswith("linux/")] == ["linux/amd64"]
    assert lines[-1] == "only nginx:latest has linux/arm64, linux/arm"


def test_images_of_their_digests_are_compared(commands: Commands, world: World) -> None:
    digests = world.digests("acme/single")
    old, new = (f"acme/single@{digests[tag].tag}" for tag in ("1.0.0", "latest"))

    ended = commands.run("compare", old, new, "--fetch", **SIGNED_IN)

    assert ended.status == 0
    assert ended.out.startswith(f"{old} -> {new}\n")
    assert "secret" not in ended.out + ended.err


def test_platforms_that_were_not_read_are_told_beside_the_others(commands: Commands) -> None:
    commands.run("compare", "nginx:1.0.0", "nginx", "--fetch", "--platform", "linux/amd64")

    ended = commands.run("compare", "nginx:1.0.0", "nginx")

    assert ended.status == 1
    assert "\nlinux/amd64\n" in ended.out
    assert ended.lines == [
        (
            "scrapy compare: nginx:1.0.0 linux/arm64: expected its layers in the database, they"
            " were not read; add --fetch, or run: scrapy crawl manifests -a repo=nginx:1.0.0"
            " -a platforms=linux/arm64"
        )
    ]
