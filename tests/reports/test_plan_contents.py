"""What a crawl would ask about images that are stored, of which something is lacking."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.arguments import read_scope
from dockerhub.items import TagPage
from dockerhub.names import RepositoryName
from dockerhub.reports import plan_contents
from dockerhub.reports.plan_aim import read_aim
from dockerhub.reports.plan_contents import HUB, Contents, ContentsPlanner
from dockerhub.reports.plan_facts import Facts
from dockerhub.reports.plan_spans import Span, known
from dockerhub.store.questions import Questions
from dockerhub.store.reader import Reader
from dockerhub.store.writer import Writer
from tests.store.made import NOW, digest, image, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [RepositoryName("acme", f"app{number}") for number in range(12)]


@pytest.fixture
def planner(url: str) -> Iterator[ContentsPlanner]:
    """Twelve repositories with two tags each, of whose images no layers are known."""
    with closing(Writer(url)) as writer:
        for name in NAMES:
            rows = [
                tag(each, f"{name}:{each}", images=(image(digest=digest(f"{name}:{each} amd64")),))
                for each in "12"
            ]
            writer.write([TagPage(seen=NOW, repository=name, rows=tuple(rows))])
    scope = read_scope({"depth": "layers"})
    with Questions(url, "plan_reading") as questions, closing(Reader(url)) as reader:
        yield ContentsPlanner(read_aim("org", scope, []), Facts(questions, reader), HUB)


def test_each_repository_is_looked_at(planner: ContentsPlanner) -> None:
    assert planner.stored(NAMES) == Contents(images=known(24))
    assert planner.notes == []


def test_of_very_many_some_stand_for_the_others(
    planner: ContentsPlanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_contents, "_MOST_LOOKED_AT", 6)
    assert planner.stored(NAMES) == Contents(
        images=Span(24, 24, 24), heads=Span(0, 0, 0), pulls=Span(0, 0, 0), blobs=Span(0, 0, 0)
    )
    assert planner.notes == ["images that are lacking: reckoned from 6 of 12 repositories"]


def test_nothing_is_lacking_of_nothing(planner: ContentsPlanner) -> None:
    assert planner.stored([]) == Contents()
