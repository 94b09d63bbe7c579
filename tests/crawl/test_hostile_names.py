"""Lists of names of tags that mean harm: links that lead elsewhere, and names that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.crawl.hostile import NAMES, errors
from tests.crawl.hostile_registry import AT_ONCE, TOOL, hostile_world, read
from tests.crawl.origins import Origin, unspecified
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawl.forging import Forge
    from tests.crawling import Crawls


TAG_LIST = f"/v2/{TOOL}/tags/list"
LINKS = {
    "another origin": "<{evil}/v2/solo/tool/tags/list?n=1000&last=latest>; rel=next",
    "another repository": "</v2/solo/other/tags/list?n=1000&last=latest>; rel=next",
    "a way up": "</v2/solo/tool/tags/../../../token?last=latest>; rel=next",
    "no tag": "</v2/solo/tool/tags/list?n=1000&last=..%2F..>; rel=next",
    "codes": "</v2/solo/tool/tags/list?n=1000&last=%1B[31m>; rel=next",
}


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_that_leads_elsewhere_is_not_followed(
    crawls: Crawls, evil: Origin, link: str
) -> None:
    link = link.format(evil=evil.url, open=unspecified(evil.url))
    body = json.dumps({"name": TOOL, "tags": ["latest"]})
    crawls.hub.script(TAG_LIST, headers={"Link": link}, body=body, times=None)

    ended = read(crawls, *AT_ONCE)

    assert ended.status == 1
    [line] = errors(ended)
    assert "expected its names of tags, got broken, Link: expected " in line
    assert evil.visits == []
    assert len(crawls.hub.journal.of("tag_names")) == 1


@pytest.mark.parametrize("last", ["latest", "a"], ids=["to itself", "backwards"])
def test_a_list_of_names_that_goes_round_is_broken_off(crawls: Crawls, last: str) -> None:
    body = json.dumps({"name": TOOL, "tags": ["latest"]})
    forward = f"<{TAG_LIST}?n=1000&last=latest>; rel=next"
    back = f"<{TAG_LIST}?n=1000&last={last}>; rel=next"
    crawls.hub.script(rf"{TAG_LIST}\?n=1000$", headers={"Link": forward}, body=body, times=None)
    crawls.hub.script(TAG_LIST, headers={"Link": back}, body=body, times=None)

    ended = read(crawls, *AT_ONCE)

    assert ended.status == 1
    [line] = errors(ended)
    assert "expected its names of tags, got broken, Link: expected " in line
    assert len(crawls.hub.journal.of("tag_names")) == 2
    # What came before is kept, and what it names is had.
    assert rows(crawls.database, "SELECT tag_name FROM tags WHERE digest IS NOT NULL") == [
        ("latest",)
    ]


def test_names_of_tags_that_are_none(crawls: Crawls, forge: Forge) -> None:
    tag_like = {"a.", "a..b"}
    good = ["latest", *sorted(tag_like)]
    for name in tag_like:
        forge.image(name)
    bad = [name for name in (*NAMES, "-a", ".a", "x" * 129) if name not in tag_like]
    body = json.dumps({"name": TOOL, "tags": [*bad, 7, None, [], {}, *good]})
    crawls.hub.script(TAG_LIST, body=body, times=None)

    ended = read(crawls, strict="1")

    assert ended.status == 3
    assert f"{len(bad) + 4} rows could not be read" in ended.err
    assert sorted(name for (name,) in rows(crawls.database, "SELECT tag_name FROM tags")) == sorted(
        good
    )
    asked = {exchange.reference for exchange in crawls.hub.journal.of("manifest")}
    assert {name for name in asked if name and ":" not in name} == set(good)
