"""What nobody pushes but people pull: reckoned by hand on small databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.pull_growth import Growth, growth_of
from dockerhub.reports.stale_report import stale
from tests.reports.reporting import Reporting, repositories, repository, sized, tags_of, values
from tests.store.made import DAY, NOW, at

if TYPE_CHECKING:
    from dockerhub.items import TagRow

NAMES = ("repository", "days_since_push", "pulls_gained", "gained_in_days", "pull_count")


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


def pulled(name: str, pushed: float | None, days: float | None) -> TagRow:
    last = None if days is None else NOW - round(days * DAY)
    return sized(name, pushed, linux_amd64=1)._replace(last_pulled=last)


def old(name: str, days: float = 200, **said: Any) -> Any:
    return repository(name, last_updated=NOW - round(days * DAY), **said)


SAMPLES = [
    pytest.param([], None, id="none"),
    pytest.param([(7, 100)], None, id="one day"),
    pytest.param([(1, 100), (11, 150)], Growth(50, 10, 11), id="two"),
    pytest.param([(1, 100), (2, 140), (3, 10), (4, 15)], Growth(45, 2, 4), id="set back"),
    pytest.param([(1, 100), (9, 100)], Growth(0, 8, 9), id="nothing"),
]


@pytest.mark.parametrize(("samples", "growth"), SAMPLES)
def test_what_samples_gain(samples: list[tuple[int, int]], growth: Growth | None) -> None:
    assert growth_of(samples) == growth


def test_old_and_still_pulled(reporting: Reporting) -> None:
    before = [
        old("acme/grows", pull_count=1000),
        old("acme/grows-more", 400, pull_count=50),
        old("acme/silent", pull_count=70),
        repository("acme/fresh", pull_count=10),
    ]
    reporting.write(
        repositories(*before, seen=NOW - 10 * DAY),
        repositories(
            old("acme/grows", pull_count=1500),
            old("acme/grows-more", 400, pull_count=950),
            old("acme/silent", pull_count=70),
            repository("acme/fresh", pull_count=900),
            old("acme/by-its-tag", 180.5, pull_count=3),
            old("acme/nearly", 179.9, pull_count=3),
            repository("acme/unknown", last_updated=None, pull_count=3),
            old("other/one"),
        ),
        tags_of("acme/by-its-tag", pulled("1", 181, 29), pulled("2", 300, None)),
        tags_of("acme/nearly", pulled("1", 181, 29)),
        tags_of("acme/silent", pulled("1", 200, 31)),
    )

    found = reporting.ask(stale, "stale", org="acme")

    assert values(found, *NAMES) == [
        ("acme/grows-more", 400, 900, 10, 950),
        ("acme/grows", 200, 500, 10, 1500),
        ("acme/by-its-tag", 180, None, None, 3),
    ]
    assert values(found, "last_pushed", "last_pulled")[2] == (
        "2026-05-25T20:00:00.000000Z",
        "2026-10-24T08:00:00.000000Z",
    )
    assert found.answer.notes == [
        "1 more not pushed for 180 days show no pull in 30 days",
        "of 1 the last push is not known; they are left out",
    ]


def test_where_the_repository_does_not_say_its_tags_do(reporting: Reporting) -> None:
    reporting.write(tags_of("acme/a", pulled("1", 300, 1), pulled("2", 250, 2)))

    assert values(reporting.ask(stale, "stale"), *NAMES) == [("acme/a", 250, None, None, None)]


def test_the_periods_are_those_asked_for(reporting: Reporting) -> None:
    reporting.write(repositories(old("acme/a", 50)), tags_of("acme/a", pulled("1", 50, 3)))

    for days, within, count in (("49", "4", 1), ("51", "4", 0), ("49", "2", 0)):
        found = reporting.ask(stale, "stale", days=days, pulled_within=within)
        assert len(found.answer.rows) == count


def test_pulls_of_long_ago_are_no_sign(reporting: Reporting) -> None:
    for days, pulls in ((90, 10), (60, 500)):
        reporting.write(repositories(old("acme/a", pull_count=pulls), seen=NOW - days * DAY))

    assert values(reporting.ask(stale, "stale"), *NAMES) == []
    reporting.write(repositories(old("acme/a", pull_count=501), seen=NOW))
    assert values(reporting.ask(stale, "stale"), *NAMES) == [("acme/a", 200, 1, 60, 501)]


def test_tags(reporting: Reporting) -> None:
    reporting.write(
        repositories(old("acme/a", pull_count=10), seen=NOW - 5 * DAY),
        repositories(old("acme/a", pull_count=17), repository("acme/b", pull_count=99)),
        tags_of(
            "acme/a",
            pulled("old", 190, 3),
            pulled("gone", 190, 3),
            pulled("forgotten", 190, 40),
            pulled("new", 1, 3),
            pulled("unknown", None, 3),
            pulled("unpulled", 190, None),
        ),
        tags_of("acme/b", pulled("old", 500, 1)),
        Absence(seen=at(1), repository=RepositoryName("acme", "a"), tag="gone"),
    )

    found = reporting.ask(stale, "stale", tags=True)

    assert values(found, "repository", "tag", *NAMES[1:]) == [
        ("acme/a", "old", 190, 7, 5, 17),
        ("acme/b", "old", 500, None, None, 99),
    ]
    assert found.answer.notes == ["of 1 tags the last push is not known; they are left out"]
    limited = reporting.ask(stale, "stale", tags=True, limit="1")
    assert limited.answer.notes[-1] == "1 of 2 tags shown; --limit 2 shows all"


def test_without_repositories_the_crawl_is_named(reporting: Reporting) -> None:
    reporting.write(repositories(repository("acme/a")))

    with pytest.raises(NotAnswered, match=r"run: scrapy crawl org -a org=none$"):
        reporting.ask(stale, "stale", org="none")
    with pytest.raises(NotAnswered, match=r"expected tags of acme, none are in it"):
        reporting.ask(stale, "stale", org="acme", tags=True)
