"""The views of sizes, staleness, platforms and shared layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence
from dockerhub.moments import now
from dockerhub.names import RepositoryName
from tests.reports.reporting import Reporting, repositories, repository, sized, tags_of
from tests.reports.test_report_shared import fill, of_registry
from tests.store.made import DAY, Look, at, digest, digest_text, image, tag
from tests.store.made_contents import layer

if TYPE_CHECKING:
    from tests.reports.images import Images

COLUMNS = {
    "tag_sizes": "repo_name tag_name platform pushed size_bytes os_version namespace",
    "stale_repositories": (
        "repo_name last_pushed days_since_push last_pulled days_since_pull pull_count namespace"
    ),
    "platform_coverage": "repo_name platform tag_count last_pushed namespace",
    "shared_layers": "namespace digest size_bytes image_count repository_count saved_bytes",
}


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


@pytest.fixture
def look(url: str) -> Look:
    return Look(url)


@pytest.mark.parametrize("view", COLUMNS)
def test_columns(reporting: Reporting, look: Look, view: str) -> None:
    reporting.write(repositories())
    names = [name for _, name, *_ in look(f"PRAGMA table_info({view})")]
    assert names == COLUMNS[view].split()
    assert look(f"SELECT * FROM {view}") == []


def test_tag_sizes(reporting: Reporting, look: Look) -> None:
    windows = image("windows/amd64", os_version="10.0.1.2", size=7)
    statement = image("unknown/unknown", digest=digest("statement"))
    unsaid = image("", size=None)
    reporting.write(
        tags_of("acme/a", tag("1", images=(windows, statement, unsaid)), sized("gone", 1)),
        *of_registry("b", layer("l", 30), layer("m", 12), tag="2"),
        Absence(seen=at(1), repository=RepositoryName("acme", "a"), tag="gone"),
    )
    pushed = "2026-11-22T08:00:00.000000Z"
    assert look("SELECT * FROM tag_sizes") == [
        ("acme/a", "1", "windows/amd64", pushed, 7, "10.0.1.2", "acme"),
        ("acme/a", "1", None, pushed, None, None, "acme"),
        ("acme/r", "2", "linux/amd64", None, 42, None, "acme"),
    ]


def test_stale_repositories(reporting: Reporting, look: Look) -> None:
    present = now()
    pulled = sized("1", 1)._replace(last_pulled=present - 3 * DAY - DAY // 2)
    pushed = sized("1", 1)._replace(last_pushed=present - 9 * DAY - DAY // 2)
    reporting.write(
        repositories(
            repository("acme/a", last_updated=present - 200 * DAY - DAY // 2, pull_count=5),
            repository("acme/b", last_updated=None),
            repository("acme/c", last_updated=None),
        ),
        tags_of("acme/a", pulled),
        tags_of("acme/b", pushed),
    )
    found = "SELECT repo_name, days_since_push, days_since_pull, pull_count FROM stale_repositories"
    assert look(found) == [("acme/a", 200, 3, 5), ("acme/b", 9, None, None)]


def test_platform_coverage(reporting: Reporting, look: Look) -> None:
    windows = tuple(
        image("windows/amd64", os_version=build, digest=digest(build)) for build in ("10.1", "10.2")
    )
    shared = sized("1", 0, linux_amd64=1)
    reporting.write(
        tags_of(
            "acme/a",
            shared,
            shared._replace(name="1.0"),
            sized("2", 1, linux_amd64=2, linux_arm64=2),
            tag("w", images=(*windows, image(""), image("unknown/unknown"))),
            sized("gone", 0, linux_s390x=1),
        ),
        Absence(seen=at(1), repository=RepositoryName("acme", "a"), tag="gone"),
    )
    first, second = "2026-11-22T08:00:00.000000Z", "2026-11-21T08:00:00.000000Z"
    assert look("SELECT * FROM platform_coverage ORDER BY platform") == [
        ("acme/a", "linux/amd64", 3, first, "acme"),
        ("acme/a", "linux/arm64/v8", 1, second, "acme"),
        ("acme/a", "windows/amd64", 1, first, "acme"),
    ]


def test_shared_layers(reporting: Reporting, look: Look, images: Images) -> None:
    fill(images)
    reporting.write(Absence(seen=at(1), repository=RepositoryName("acme", "c")))
    assert look("SELECT * FROM shared_layers ORDER BY saved_bytes DESC") == [
        ("acme", digest_text("layer base1000"), 1000, 3, 2, 2000),
        ("acme", digest_text("layer common50"), 50, 2, 1, 50),
    ]


PLANS = [
    *[(view, "repo_name = 'acme/a'") for view in COLUMNS if view != "shared_layers"],
    *[(view, "namespace = 'acme'") for view in COLUMNS],
]


@pytest.mark.parametrize("what", ["*", "COUNT(*)"])
@pytest.mark.parametrize(("view", "where"), PLANS)
def test_a_question_about_one_scans_no_table(
    reporting: Reporting, look: Look, view: str, where: str, what: str
) -> None:
    reporting.write(repositories())
    plan = [row[3] for row in look(f"EXPLAIN QUERY PLAN SELECT {what} FROM {view} WHERE {where}")]
    # What is gone through is what was found of one repository or namespace before: n, s, p, k, c.
    tables = {"r", "t", "i", "m", "ml", "l", "x"}
    assert {step for step in plan if step.startswith("SCAN") and step.split()[1] in tables} == set()
    assert [step for step in plan if step.startswith("SEARCH r USING")]
