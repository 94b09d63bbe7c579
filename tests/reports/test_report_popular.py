"""Who is pulled most: reckoned by hand on small databases."""

from __future__ import annotations

import pytest

from dockerhub.items import Absence
from dockerhub.names import RepositoryName
from dockerhub.reports.popular_report import popular
from tests.reports.reporting import Reporting, repositories, repository, totals, values
from tests.store.made import DAY, NOW, at

NAMES = ("repository", "pull_count", "share", "pulls_a_day", "sampled_days", "star_count")


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


def fill(reporting: Reporting) -> None:
    reporting.write(
        repositories(
            repository("acme/a", pull_count=500, star_count=9),
            repository("acme/b", pull_count=190, star_count=30),
            seen=NOW - 4 * DAY,
        ),
        repositories(
            repository("acme/a", pull_count=600, star_count=10),
            repository("acme/b", pull_count=300, star_count=30),
            repository("acme/c", pull_count=100),
            repository("acme/unsaid"),
            repository("other/one", pull_count=5000),
            repository("acme/gone", pull_count=4000),
        ),
        Absence(seen=at(1), repository=RepositoryName("acme", "gone")),
    )


def test_by_pulls(reporting: Reporting) -> None:
    fill(reporting)

    found = reporting.ask(popular, "popular", org="acme")

    assert values(found, *NAMES) == [
        ("acme/a", 600, 0.6, 25.0, 4, 10),
        ("acme/b", 300, 0.3, 27.5, 4, 30),
        ("acme/c", 100, 0.1, None, None, None),
        ("acme/unsaid", None, None, None, None, None),
    ]
    assert totals(found) == [
        {
            "repository_count": 4,
            "pull_count": 1000,
            "star_count": 40,
            "top_1_share": 0.6,
            "top_10_share": 1.0,
        }
    ]
    assert found.answer.notes == []


ORDERS = [("stars", ["b", "a", "c", "unsaid"]), ("growth", ["b", "a", "c", "unsaid"])]


@pytest.mark.parametrize(("order", "names"), ORDERS)
def test_by_something_else(reporting: Reporting, order: str, names: list[str]) -> None:
    fill(reporting)

    found = reporting.ask(popular, "popular", org="acme", by=order)

    assert values(found, "repository") == [(f"acme/{name}",) for name in names]


def test_how_concentrated_pulls_are(reporting: Reporting) -> None:
    rows = [repository(f"acme/r{n:02}", pull_count=10) for n in range(19)]
    reporting.write(repositories(*rows, repository("acme/top", pull_count=810)))

    found = reporting.ask(popular, "popular", org="acme", limit="3")

    (together,) = totals(found)
    # 810 of 1000, and with nine of ten each 900.
    assert (together["top_1_share"], together["top_10_share"]) == (0.81, 0.9)
    assert found.answer.notes == [
        "3 of 20 repositories shown; --limit 20 shows all",
        "pulls a day are known once a repository was seen on two days",
    ]


def test_nobody_has_said_any_pulls(reporting: Reporting) -> None:
    reporting.write(repositories(repository("acme/a")))

    found = reporting.ask(popular, "popular")

    assert values(found, "pull_count", "share") == [(None, None)]
    assert totals(found)[0]["top_1_share"] is None
    assert totals(found)[0]["pull_count"] is None
