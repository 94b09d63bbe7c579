from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.catalog_targets import CatalogTargets
from dockerhub.errors import ArgumentError
from dockerhub.items import CatalogPage, CatalogPlan, Find, PrefixStep, RepositoryRow
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered, answer_json
from dockerhub.reports.coverage_plan import plan_catalog
from dockerhub.reports.coverage_report import coverage
from dockerhub.reports.plan_time import Budget
from dockerhub.reports.report_arguments import read_options
from dockerhub.store.database import open_database
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.reports.reporting import NOTHING
from tests.store.made import NOW

if TYPE_CHECKING:
    from dockerhub.reports.report_options import Report

WAYS = (("o", True, False), ("n", False, True), ("b", True, True))


def write(url: str, **counts: int) -> None:
    """Write a discovery that found so many repositories by owner, by name, and by both."""
    plan = CatalogPlan(
        seen=NOW,
        prefixes=(("a", 9), ("b", 9)),
        namespaces=(("library", "official"),),
        under="",
        renew_before=0,
    )
    items: list[CatalogPlan | CatalogPage] = [plan]
    for way, by_owner, by_name in WAYS:
        names = [RepositoryName(f"x{way}{number}", "thing") for number in range(counts[way])]
        step = PrefixStep(
            prefix="a", state="done", said_count=9, next_page=2, signed_in=True, children=()
        )
        find = Find(by_owner=by_owner, by_name=by_name, is_namesake=False)
        rows = tuple(RepositoryRow(name, None, 1, 20) for name in names)
        items.append(
            CatalogPage(seen=NOW, rows=rows, finds=(find,) * len(rows), since=NOW, step=step)
        )
    writer = Writer(url)
    writer.write(items)
    writer.close()


def report(url: str) -> Report:
    with Questions(url, "catalog_reading") as questions:
        return coverage(questions, read_options("coverage", NOTHING, NOW))


def test_without_a_discovery_there_is_no_answer(url: str) -> None:
    open_database(url).close()
    with pytest.raises(NotAnswered, match="run: scrapy crawl catalog"):
        report(url)


def test_what_was_asked_and_what_it_brought(url: str) -> None:
    write(url, o=300, n=200, b=200)

    found = answer_json(report(url).answer)["rows"]

    assert [(row["source"], row["state"], row["subject_count"]) for row in found] == [
        ("search", "done", 1),
        ("search", "waiting", 1),
        ("lists", "waiting", 701),
    ]
    done = found[0]
    assert (done["request_count"], done["row_count"], done["new_count"]) == (3, 700, 700)
    assert done["yield"] == pytest.approx(700 / 3)
    assert found[1]["yield"] is None


def test_how_much_of_all_that_is(url: str) -> None:
    write(url, o=300, n=200, b=200)

    totals = report(url).totals

    assert totals is not None
    told = answer_json(totals)
    [row] = told["rows"]
    assert row["found_count"] == 700
    assert row["total_count"] == pytest.approx(999, abs=2)
    assert row["low_count"] < row["total_count"] < row["high_count"]
    assert row["share"] == pytest.approx(0.7, abs=0.01)
    assert row["low_share"] < row["share"] < row["high_share"]
    assert "odds ratios from 2/3 to 3/2" in told["notes"][0]


def test_too_little_is_said_to_be_too_little(url: str) -> None:
    write(url, o=3, n=2, b=2)

    totals = report(url).totals

    assert totals is not None
    assert totals.rows == [(7, None, None, None, None, None, None)]
    assert "not known yet" in totals.notes[0]


@pytest.mark.parametrize("option", ["org", "repo", "limit", "days"])
def test_it_is_about_a_whole_discovery(option: str) -> None:
    with pytest.raises(ArgumentError, match=f"--{option}: expected"):
        read_options("coverage", {**NOTHING, option: "3"}, NOW)


def test_a_plan_tells_what_waits_and_that_it_is_not_all(url: str) -> None:
    write(url, o=3, n=2, b=2)
    with Questions(url, "catalog_reading") as questions:
        found = plan_catalog(CatalogTargets(), questions, Budget(120), 0.2)

    rows = answer_json(found)["rows"]
    assert [(row["requests"], row["likely"], row["high"]) for row in rows] == [
        ("searches that wait", 1, None),
        ("lists of namespaces that wait", 8, None),
        ("all", 9, None),
    ]
    assert not any(row["is_known"] for row in rows)
    assert "cannot be told before" in found.notes[0]
    assert "fewer than 0.2 new repositories" in found.notes[2]


def test_a_plan_of_nothing_yet_and_one_with_a_bound() -> None:
    first = plan_catalog(CatalogTargets(), None, Budget(120), 0.2)
    bounded = plan_catalog(CatalogTargets(max_requests=20), None, Budget(120), 0.2)
    under = plan_catalog(CatalogTargets(prefix="ab"), None, Budget(120), 0.2)

    assert [row[3] for row in first.rows] == [37, 1, 38]
    assert [(row[3], row[4]) for row in bounded.rows] == [(20, 20), (1, 20), (20, 20)]
    assert len(bounded.notes) == 2
    assert [row[3] for row in under.rows] == [1, 0, 1]
