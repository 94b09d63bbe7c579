"""How large images are: reckoned by hand on small databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence, TagDigest
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.sizes_report import sizes
from tests.postgres import ON_BOTH
from tests.reports.reporting import (
    Reporting,
    repositories,
    repository,
    sized,
    tags_of,
    totals,
    values,
)
from tests.store.made import DAY, NOW, at, digest, image, tag
from tests.store.made_contents import index, layer, manifest, member

if TYPE_CHECKING:
    from dockerhub.items import TagPage, TagRow

NGINX, REDIS = "acme/nginx", "acme/redis"


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


def test_a_tag_is_compared_with_the_one_pushed_before_it_on_its_line(reporting: Reporting) -> None:
    reporting.write(
        tags_of(
            NGINX,
            sized("1.25-alpine", 30, linux_amd64=100, linux_arm64=90),
            sized("1.26-alpine", 20, linux_amd64=130),
            sized("1.26", 15, linux_amd64=700),
            sized("1.27-alpine", 10, linux_amd64=120, linux_arm64=95),
        )
    )

    found = reporting.ask(sizes, "sizes", repo=NGINX)

    assert values(found, "tag", "platform", "size", "difference", "before") == [
        ("1.27-alpine", "linux/amd64", 120, -10, "1.26-alpine"),
        ("1.27-alpine", "linux/arm64/v8", 95, 5, "1.25-alpine"),
        ("1.26", "linux/amd64", 700, None, None),
        ("1.26-alpine", "linux/amd64", 130, 30, "1.25-alpine"),
        ("1.25-alpine", "linux/amd64", 100, None, None),
        ("1.25-alpine", "linux/arm64/v8", 90, None, None),
    ]
    assert values(found, "pushed", "line")[0] == ("2026-11-12T08:00:00.000000Z", "#.#-alpine")
    assert found.answer.notes == ()


def test_tags_pushed_together_are_in_the_order_of_their_versions(reporting: Reporting) -> None:
    pushed = [sized(f"1.{minor}", 1, linux_amd64=10 * minor) for minor in (10, 9, 8)]
    reporting.write(tags_of(NGINX, *pushed))

    found = reporting.ask(sizes, "sizes", repo=NGINX)

    assert values(found, "tag", "difference", "before") == [
        ("1.10", 10, "1.9"),
        ("1.9", 10, "1.8"),
        ("1.8", None, None),
    ]


def test_what_nobody_knows_is_no_number(reporting: Reporting) -> None:
    statement = image("unknown/unknown", digest=digest("statement"))
    attested = sized("3", 1, linux_amd64=50)
    reporting.write(
        tags_of(
            NGINX,
            sized("1", 9, linux_amd64=40),
            sized("2", 8, linux_amd64=None),
            sized("x9", None, linux_amd64=7),
            attested._replace(images=(*attested.images, statement)),
            tag("4", updated=NOW, images=(image("", size=60),)),
        )
    )

    found = reporting.ask(sizes, "sizes", repo=NGINX)

    assert values(found, "tag", "platform", "size", "difference", "before") == [
        ("4", None, 60, None, None),
        ("3", "linux/amd64", 50, 10, "1"),
        ("2", "linux/amd64", None, None, None),
        ("1", "linux/amd64", 40, None, None),
        ("x9", "linux/amd64", 7, None, None),
    ]


def test_builds_of_one_windows_follow_each_other(reporting: Reporting) -> None:
    def windows(name: str, days: int, build: str, size: int) -> TagRow:
        shown = image("windows/amd64", os_version=build, size=size, digest=digest(name))
        return tag(name, name, updated=NOW - days * DAY, images=(shown,))

    older, other = windows("1", 3, "10.0.20348.1", 5), windows("2", 2, "10.0.17763.9", 50)
    reporting.write(tags_of(NGINX, older, other, windows("3", 1, "10.0.20348.7", 8)))

    found = reporting.ask(sizes, "sizes", repo=NGINX)

    assert values(found, "tag", "platform", "difference") == [
        ("3", "windows/amd64 10.0.20348", 3),
        ("2", "windows/amd64 10.0.17763", None),
        ("1", "windows/amd64 10.0.20348", None),
    ]


def test_only_one_platform(reporting: Reporting) -> None:
    shown = sized("1", 1, linux_amd64=1, linux_arm64_v8=2, linux_arm=3)
    reporting.write(tags_of(NGINX, shown))

    found = reporting.ask(sizes, "sizes", repo=NGINX, platform="linux/arm64")

    assert values(found, "platform", "size") == [("linux/arm64/v8", 2)]


@ON_BOTH
def test_images_that_only_the_registry_has_shown(reporting: Reporting) -> None:
    known = {"repository": RepositoryName("acme", "nginx")}
    amd64 = manifest("a", layer("l", 30), layer("m", 12), platform="linux/amd64", seen=NOW, **known)
    arm64 = manifest(
        "b", layer("l", 30), layer("n", None), platform="linux/arm64/v8", seen=NOW, **known
    )
    top = index("top", member("a"), member("b", "linux/arm64"), seen=NOW, **known)
    said = TagDigest(seen=NOW, tag="1", digest=digest("top"), media_type=None, **known)
    reporting.write(said, top, amd64, arm64)

    for given in ({"repo": NGINX}, {"repo": NGINX, "tag": "1"}):
        found = reporting.ask(sizes, "sizes", **given)
        assert values(found, "tag", "platform", "size") == [
            ("1", "linux/amd64", 42),
            ("1", "linux/arm64/v8", None),
        ]
    found = reporting.ask(sizes, "sizes", org="acme")
    assert values(found, "platform", "size") == [("linux/amd64", 42)]


def test_one_tag_over_time(reporting: Reporting) -> None:
    def latest(day: int, **shown: int | None) -> TagPage:
        return tags_of(NGINX, sized("latest", -day, **shown), seen=NOW + day * DAY)

    reporting.write(
        latest(0, linux_amd64=100),
        latest(1, linux_amd64=100),
        latest(2, linux_amd64=110, linux_arm64=80),
        latest(3, linux_amd64=100, linux_arm64=None),
    )

    found = reporting.ask(sizes, "sizes", repo=NGINX, tag="latest")

    names = ("seen_from", "seen_until", "platform", "size", "difference")
    days = [f"2026-11-{day}T08:00:00.000000Z" for day in (22, 23, 24, 25)]
    assert values(found, *names) == [
        (days[3], None, "linux/amd64", 100, -10),
        (days[3], None, "linux/arm64/v8", None, None),
        (days[2], days[3], "linux/amd64", 110, 10),
        (days[2], days[3], "linux/arm64/v8", 80, None),
        (days[0], days[2], "linux/amd64", 100, None),
    ]
    assert values(found, "pushed")[0] == (days[3],)
    limited = reporting.ask(sizes, "sizes", repo=NGINX, tag="latest", limit="2")
    assert limited.answer.notes == ["2 of 5 rows shown; --limit 5 shows all"]


def test_a_tag_that_is_gone_has_a_history(reporting: Reporting) -> None:
    gone = Absence(seen=at(60), repository=RepositoryName("acme", "nginx"), tag="1")
    reporting.write(tags_of(NGINX, sized("1", 1, linux_amd64=10), sized("2", 1)), gone)

    history = reporting.ask(sizes, "sizes", repo=NGINX, tag="1")

    assert values(history, "seen_until", "size") == [("2026-11-22T08:01:00.000000Z", 10)]
    assert history.answer.notes == ["acme/nginx:1 is not there any more"]
    assert values(reporting.ask(sizes, "sizes", repo=NGINX), "tag") == []


def test_over_an_organisation(reporting: Reporting) -> None:
    reporting.write(
        repositories(
            repository(NGINX, storage_size=1000),
            repository(REDIS, storage_size=5000),
            repository("acme/empty"),
            repository("other/one", storage_size=9000),
        ),
        tags_of(
            NGINX,
            sized("1.25", 500, linux_amd64=100, linux_arm64=70),
            sized("1.26", 400, linux_amd64=130),
            sized("1.27", 3, linux_amd64=120, linux_arm64=75),
            sized("0.9-slim", 450, linux_amd64=20),
        ),
        tags_of(REDIS, sized("7", 2, linux_amd64=300), sized("old", 900, linux_s390x=1)),
        tags_of("other/one", sized("1", 1, linux_amd64=1)),
    )

    found = reporting.ask(sizes, "sizes", org="acme")

    names = ("repository", "platform", "tag", "size", "growth", "smallest", "median", "largest")
    assert values(found, *names, "tag_count") == [
        (REDIS, "linux/amd64", "7", 300, None, 300, 300, 300, 1),
        (REDIS, "linux/s390x", "old", 1, 0, 1, 1, 1, 1),
        (NGINX, "linux/amd64", "1.27", 120, -10, 20, 100, 130, 4),
        (NGINX, "linux/arm64/v8", "1.27", 75, None, 70, 70, 75, 2),
    ]
    assert totals(found) == [
        {"repository_count": 3, "tag_count": 6, "storage": 6000, "unsaid_count": 1}
    ]


def test_growth_of_a_tag_that_moves(reporting: Reporting) -> None:
    then = NOW - 40 * DAY
    reporting.write(
        tags_of(NGINX, sized("latest", 50, linux_amd64=100), seen=then),
        tags_of(NGINX, sized("latest", 20, linux_amd64=110), seen=NOW - 20 * DAY),
        tags_of(NGINX, sized("latest", 1, linux_amd64=150), seen=NOW),
    )

    for days, growth in (("30", 50), ("15", 40), ("60", None)):
        found = reporting.ask(sizes, "sizes", org="acme", days=days)
        assert values(found, "size", "growth") == [(150, growth)]


def test_the_tags_of_several_repositories(reporting: Reporting) -> None:
    reporting.write(
        tags_of(NGINX, sized("1", 3, linux_amd64=1), sized("2", 1, linux_amd64=2)),
        tags_of(REDIS, sized("1", 2, linux_amd64=3)),
    )

    found = reporting.ask(sizes, "sizes", org="acme", tags=True, limit="2")

    assert values(found, "repository", "tag", "difference") == [(NGINX, "2", 1), (REDIS, "1", None)]
    assert found.answer.notes == ("2 of 3 tags shown; --limit 3 shows all",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"org": "none"},
            "database: expected tags of none, none are in it; run: scrapy crawl org -a org=none",
        ),
        (
            {"repo": "redis"},
            (
                "database: expected tags of library/redis, none are in it;"
                " run: scrapy crawl tags -a repo=library/redis"
            ),
        ),
        (
            {"repo": "acme/nginx", "tag": "9"},
            (
                "database: expected a tag 9 of acme/nginx, none is in it;"
                " run: scrapy crawl tags -a repo=acme/nginx:9"
            ),
        ),
        (
            {"repo": "n*"},
            (
                "database: expected tags of library/n*, none are in it;"
                " run: scrapy crawl org -a org=library"
            ),
        ),
    ],
)
def test_without_an_answer_the_crawl_is_named(
    reporting: Reporting, given: dict[str, str], message: str
) -> None:
    reporting.write(tags_of(NGINX, sized("1", 1)))

    with pytest.raises(NotAnswered) as refused:
        reporting.ask(sizes, "sizes", **given)

    assert str(refused.value) == message
