"""A repository full of what means harm, and what a crawl tells of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerhub.standin import World
from tests.crawl.hostile import assert_harmless
from tests.crawl.spiders import assert_no_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.crawling import Crawls, Ended


TOOL = "solo/tool"
ONE_TRY = ("-s", "RETRY_TIMES=1")
AT_ONCE = ("-s", "RETRY_TIMES=0")
_LINE = re.compile(r"[0-9-]+ [0-9:]+ WARNING: (?P<repository>[^:@]+)[:@](?P<what>\S+): (?P<why>.*)")


def hostile_world() -> World:
    """Return a world of one repository; what is in it by itself means no harm."""
    world = World(seed=17)
    world.add_repository(TOOL, tags=3)
    return world


def read(crawls: Crawls, *options: str, **more: str) -> Ended:
    """Read what the registry has of the repository, and see that nothing harmful is told."""
    ended = crawls.run("manifests", *options, repo=TOOL, **more)
    assert_harmless(ended)
    assert_no_secret(crawls, ended)
    return ended


def assert_told(ended: Ended, digests: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Assert that one line is told of each tag in *expected*, with its words, and none else.

    *digests* are those of tags: a line may name the one or the other.
    """
    tags = {digest: tag for tag, digest in digests.items()}
    found: dict[str, str] = {}
    for line in ended.lines:
        parts = _LINE.match(line)
        assert parts or " WARNING: " not in line, line
        if parts is None:
            continue
        assert parts["repository"] == TOOL
        tag = tags.get(parts["what"], parts["what"])
        assert tag not in found, line
        words = expected.get(tag)
        found[tag] = words if words is not None and words in parts["why"] else parts["why"]
    wrong = {
        tag: found.get(tag) for tag in {*found, *expected} if found.get(tag) != expected.get(tag)
    }
    assert not wrong, wrong
