from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from scrapy.exceptions import DropItem

from dockerhub.items import Absence, RepositoryDetail, WalkEnd
from dockerhub.pipelines.dedupe import DedupePipeline
from tests.store.made import NGINX, NOW, hit, page, row, step, tag, tags

if TYPE_CHECKING:
    from dockerhub.items import Item

DETAIL = RepositoryDetail(
    seen=NOW,
    row=row(),
    full_description=None,
    collaborator_count=None,
    immutable_tags_enabled=None,
    immutable_tags_rules=(),
)


@pytest.fixture
def pipeline() -> DedupePipeline:
    return DedupePipeline()


def processed(pipeline: DedupePipeline, item: Item) -> Item:
    return asyncio.run(pipeline.process_item(item))


def test_a_repository_met_on_two_pages_is_kept_once(pipeline: DedupePipeline) -> None:
    first = page(NOW, row("a"), row("b"), walk=step("repositories", next_page=2))
    assert processed(pipeline, first) is first
    second = page(NOW, row("b", pull_count=9), row("c"), walk=step("repositories"))
    assert processed(pipeline, second) == replace(second, rows=(row("c"),))


def test_a_page_of_nothing_new_keeps_its_walk(pipeline: DedupePipeline) -> None:
    item = page(NOW, row("a"), walk=step("repositories", next_page=2))
    processed(pipeline, item)
    assert processed(pipeline, item) == replace(item, rows=())


def test_a_name_twice_on_one_page_is_kept_once(pipeline: DedupePipeline) -> None:
    item = page(NOW, row("a"), row("a", pull_count=9))
    assert processed(pipeline, item) == replace(item, rows=(row("a", pull_count=9),))


def test_a_hit_a_list_row_and_a_detail_are_each_kept(pipeline: DedupePipeline) -> None:
    said = page(NOW, hit(), is_search=True), page(NOW, row()), DETAIL
    assert tuple(processed(pipeline, item) for item in said) == said


def test_a_second_detail_is_dropped_quietly(pipeline: DedupePipeline) -> None:
    processed(pipeline, DETAIL)
    with pytest.raises(DropItem) as caught:
        processed(pipeline, replace(DETAIL, full_description="# later"))
    assert str(caught.value) == "bitnami/nginx was stored already"
    assert caught.value.log_level == "DEBUG"


def test_a_second_detail_that_has_a_walk_is_kept(pipeline: DedupePipeline) -> None:
    item = replace(DETAIL, walk=step())
    assert [processed(pipeline, item) for _ in range(2)] == [item, item]


@pytest.mark.parametrize(
    "item",
    [
        tags(NOW, tag("1"), walk=step()),
        tags(NOW),
        Absence(seen=NOW, repository=NGINX),
        WalkEnd(seen=NOW, walk=step()),
    ],
    ids=["tags", "no tags", "absence", "walk end"],
)
def test_everything_else_passes_each_time(pipeline: DedupePipeline, item: Item) -> None:
    assert [processed(pipeline, item) for _ in range(2)] == [item, item]
