"""What a user of `scrapy report` may type, and which repositories it means."""

from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.sizes_report import sizes
from tests.reports.reporting import Reporting, sized, tags_of, values

NGINX, REDIS = "acme/nginx", "acme/redis"


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


GLOBS = [
    ({}, [NGINX, REDIS, "library/nginx"]),
    ({"repo": "*"}, [NGINX, REDIS, "library/nginx"]),
    ({"repo": "n*"}, ["library/nginx"]),
    ({"repo": "acme/*x"}, [NGINX]),
    ({"repo": "*/nginx"}, [NGINX, "library/nginx"]),
    ({"repo": "[ab]c*/[^x]*"}, [NGINX, REDIS]),
    ({"repo": "r*", "org": "acme"}, [REDIS]),
    ({"repo": "redis", "org": "acme"}, [REDIS]),
    ({"repo": "docker.io/library/nginx"}, ["library/nginx"]),
    ({"repo": "ac*", "org": "acme"}, []),
]


@pytest.mark.parametrize(("given", "names"), GLOBS)
def test_which_repositories_are_meant(
    reporting: Reporting, given: dict[str, str], names: list[str]
) -> None:
    reporting.write(
        *[tags_of(name, sized("1", 1, linux_amd64=1)) for name in (NGINX, REDIS, "library/nginx")]
    )
    if not names:
        with pytest.raises(NotAnswered):
            reporting.ask(sizes, "sizes", **given)
        return
    found = reporting.ask(sizes, "sizes", **given)
    assert sorted({name for (name,) in values(found, "repository")}) == names


WRONG = [
    ({"days": "0"}, '--days: expected a whole number from 1 to 36500, got "0"'),
    ({"limit": "ten"}, '--limit: expected a whole number from 1 to 999999999, got "ten"'),
    ({"tag": "a b"}, '--tag: expected the name of a tag, got "a b"'),
    (
        {"platform": "arm64"},
        '--platform: expected os/architecture[/variant], such as linux/arm64, got "arm64"',
    ),
    (
        {"repo": "nginx:1"},
        (
            "--repo: expected a repository or a pattern, such as nginx or bitnami/*, without a tag,"
            ' got "nginx:1"'
        ),
    ),
    (
        {"repo": "a b*"},
        '--repo: expected a repository or a pattern, such as nginx or bitnami/*, got "a b*"',
    ),
    (
        {"repo": "other/*", "org": "acme"},
        '--repo: expected repositories of --org acme, got "other/*"',
    ),
    ({"by": "stars"}, '--by: expected one of the reports popular, got "sizes"'),
    ({"all": True}, '--all: expected one of the reports platforms, got "sizes"'),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_wrong_options(reporting: Reporting, given: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        reporting.ask(sizes, "sizes", **given)
    assert str(refused.value) == message
