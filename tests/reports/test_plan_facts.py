from __future__ import annotations

from contextlib import closing

import pytest

from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.reports.plan_facts import Facts
from dockerhub.store.questions import Questions
from dockerhub.store.reader import Reader
from dockerhub.store.writer import Writer
from tests.postgres import ON_BOTH
from tests.store.made import DAY, NGINX, NOW, at, image, page, row, step, tag, tags

_SMALL = ("SCAN counted",)
"""what was found already"""


@pytest.fixture
def filled(url: str) -> str:
    with closing(Writer(url)) as writer:
        writer.begin_crawl("org", "{}", signed_in=False, now=NOW)
        lists = step("repositories", StopReason.COMPLETE, signed_in=False, last_count=7, reach=198)
        rows = [row("nginx"), row("redis", last_updated=NOW - 100 * DAY)]
        shown = (image(), image("linux/arm64"))
        writer.write(
            [
                page(NOW, *rows, walk=lists),
                tags(at(1), *[tag(f"1.{n}", n, images=shown) for n in range(3)]),
            ]
        )
    return url


@ON_BOTH
def test_tells_what_decides(filled: str) -> None:
    with Questions(filled, "plan_reading") as questions, closing(Reader(filled)) as reader:
        facts = Facts(questions, reader)
        assert facts.was_signed_in() is False
        assert facts.last_count("repositories", "bitnami") == 7
        assert facts.last_count("repositories", "acme") is None
        assert (facts.reach("repositories"), facts.reach("search")) == (198, 100)
        assert facts.reach("tags") == 1000
        assert facts.tag_count(NGINX) == 3
        assert facts.tag_counts("bitnami")[0] == [3]
        assert facts.tag_counts("acme") == ([3], "the repositories in the database")
        assert facts.images_a_set() == (2, True)
        found = facts.of_namespace("bitnami")
        assert list(found) == [NGINX, RepositoryName("bitnami", "redis")]
        # A day later: what was pushed when it was seen changed within a day, the other did not.
        assert [one.has_changed_lately(NOW + DAY) for one in found.values()] == [True, False]


def test_knows_nothing_without_a_database() -> None:
    facts = Facts(None, None)
    assert facts.was_signed_in() is None
    assert facts.stored(NGINX) is None
    assert facts.known([NGINX], "", signed_in=True) == {}
    assert facts.tag_counts("acme")[0] == []
    assert facts.images_a_set() == (4, False)


def test_asks_by_indexes(filled: str) -> None:
    asked = {"kind": "tags", "subject": "a/b", "namespace": "a", "name": "b", "most": 1000}
    with Questions(filled, "plan_reading") as questions:
        for name, statement in questions._sql.items():
            plan = questions._connection.execute(f"EXPLAIN QUERY PLAN {statement}", asked)
            scans = [step[3] for step in plan if step[3].startswith("SCAN ")]
            # The last crawl is the last row: no more than that is read.
            allowed = ["SCAN crawl"] if name == "last_identity" else []
            assert [scan for scan in scans if scan not in _SMALL] == allowed, name
