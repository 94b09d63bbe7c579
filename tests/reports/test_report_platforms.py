"""Which platforms are covered: reckoned by hand on small databases."""

from __future__ import annotations

import pytest

from dockerhub.reports.platforms_report import platforms
from tests.reports.reporting import (
    Reporting,
    repositories,
    repository,
    sized,
    tags_of,
    totals,
    values,
)
from tests.store.made import digest, image, tag

NAMES = ("repository", "tag", "platform_count", "platforms", "lacks")


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


def fill(reporting: Reporting) -> None:
    both = {"linux_amd64": 1, "linux_arm64": 1}
    windows = tuple(
        image("windows/amd64", os_version=f"10.0.{build}.1", digest=digest(build))
        for build in (17763, 20348)
    )
    statement = image("unknown/unknown", digest=digest("statement"))
    shown = sized("latest", 9, linux_amd64=1)
    reporting.write(
        repositories(repository("acme/none")),
        tags_of("acme/a", sized("latest", 9, **both), sized("2", 1, linux_amd64=1)),
        tags_of("acme/b", sized("1", 5, linux_amd64=1), sized("2", 3, **both), sized("3", None)),
        tags_of("acme/c", shown._replace(images=(*shown.images, *windows, statement))),
        tags_of("acme/d", tag("latest", images=(image(""),)), sized("1", 2, linux_s390x=1)),
        tags_of("other/one", sized("1", 1, linux_riscv64=1)),
    )


def test_one_tag_stands_for_a_repository(reporting: Reporting) -> None:
    fill(reporting)

    found = reporting.ask(platforms, "platforms", org="acme")

    assert values(found, *NAMES) == [
        ("acme/a", "latest", 2, "linux/amd64|linux/arm64/v8", None),
        ("acme/b", "2", 2, "linux/amd64|linux/arm64/v8", None),
        ("acme/c", "latest", 2, "linux/amd64|windows/amd64", "linux/arm64/v8"),
        ("acme/d", "1", 1, "linux/s390x", "linux/amd64|linux/arm64/v8"),
    ]
    assert found.answer.notes == ["of 1 repositories no platform is known"]
    assert totals(found) == [
        {"platform": "linux/amd64", "repository_count": 3, "share": 0.75},
        {"platform": "linux/arm64/v8", "repository_count": 2, "share": 0.5},
        {"platform": "linux/s390x", "repository_count": 1, "share": 0.25},
        {"platform": "windows/amd64", "repository_count": 1, "share": 0.25},
    ]


def test_all_tags(reporting: Reporting) -> None:
    fill(reporting)

    found = reporting.ask(platforms, "platforms", org="acme", all=True, limit="5")

    assert values(found, *NAMES) == [
        ("acme/a", "2", 1, "linux/amd64", "linux/arm64/v8"),
        ("acme/a", "latest", 2, "linux/amd64|linux/arm64/v8", None),
        ("acme/b", "2", 2, "linux/amd64|linux/arm64/v8", None),
        ("acme/b", "1", 1, "linux/amd64", "linux/arm64/v8"),
        ("acme/b", "3", 0, None, "linux/amd64|linux/arm64/v8"),
    ]
    assert found.answer.notes[1:] == ["5 of 8 tags shown; --limit 8 shows all"]


def test_what_is_usual_is_so_in_an_organisation(reporting: Reporting) -> None:
    fill(reporting)

    found = reporting.ask(platforms, "platforms")

    assert values(found, *NAMES)[-1] == ("other/one", "1", 1, "linux/riscv64", None)


def test_a_variant_that_is_meant_need_not_be_said(reporting: Reporting) -> None:
    reporting.write(
        tags_of("acme/a", sized("1", 1, linux_arm64=1, linux_arm=1)),
        tags_of("acme/b", sized("1", 1, linux_arm64_v8=1, linux_arm_v7=1)),
        tags_of("acme/c", sized("1", 1, linux_arm64_v8=1, linux_arm_v6=1)),
    )

    found = reporting.ask(platforms, "platforms")

    assert values(found, "platforms", "lacks") == [
        ("linux/arm/v7|linux/arm64/v8", None),
        ("linux/arm/v7|linux/arm64/v8", None),
        ("linux/arm/v6|linux/arm64/v8", "linux/arm/v7"),
    ]
