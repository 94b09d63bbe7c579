"""A registry that sends for its tokens elsewhere: nobody is asked there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawl.hostile import assert_harmless, errors
from tests.crawl.hostile_registry import ONE_TRY, TOOL, hostile_world, read
from tests.crawl.origins import Origin, origin, unspecified
from tests.truth import assert_tags

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawl.forging import Forge
    from tests.crawling import Crawls


REALMS = {
    "another port": "{evil}/token",
    "a host that is not this machine": "{open}/token",
    "a user": "http://ada:secret@{auth}/token",
    "a user that looks like the host": "http://{auth}@{host}/token",
    "no URL": "http://[::1/token",
    "codes": "http://{host}/\u009b31m",
}


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


@pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS)
def test_a_realm_elsewhere_is_not_asked(crawls: Crawls, evil: Origin, realm: str) -> None:
    auth, host = (url.removeprefix("http://") for url in (crawls.hub.auth_url, evil.url))
    where = realm.format(evil=evil.url, open=unspecified(evil.url), auth=auth, host=host)
    said = f'Bearer realm="{where}",service="registry.docker.io"'
    crawls.hub.script("^/v2/$", status=401, headers={"Www-Authenticate": said}, times=None)

    ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    if "\x9b" not in realm:
        expected = (
            f"realm of the registry's challenge: expected a URL at {crawls.hub.auth_url}, got "
        )
        assert expected in line
    assert "secret" not in ended.err
    assert evil.visits == []
    assert crawls.requests() == {"registry_base": 1}


def test_a_realm_elsewhere_costs_the_registry_s_part_alone(
    crawls: Crawls, evil: Origin, hub_world: World
) -> None:
    said = f'Bearer realm="{evil.url}/token",service="registry.docker.io"'
    crawls.hub.script("^/v2/$", status=401, headers={"Www-Authenticate": said}, times=None)

    ended = crawls.run("org", *ONE_TRY, org="solo", depth="configs", strict="1")

    assert_harmless(ended)
    assert ended.status == 3
    assert "realm of the registry's challenge: expected a URL at " in ended.err
    assert evil.visits == []
    assert_tags(crawls.database, hub_world, TOOL)


def test_a_realm_elsewhere_in_the_midst_of_a_crawl_is_not_asked(
    crawls: Crawls, forge: Forge, evil: Origin
) -> None:
    """What was had with the good token before is kept."""
    bad = forge.image("bad")
    said = f'Bearer realm="{evil.url}/token",error="invalid_token"'
    headers = {"Www-Authenticate": said}
    crawls.hub.script(f"/v2/{TOOL}/manifests/{bad}", status=401, headers=headers, times=None)

    ended = read(crawls, strict="1")

    assert ended.status == 3
    assert "realm of the registry's challenge: expected a URL at " in ended.err
    assert evil.visits == []
    assert len(crawls.hub.journal.of("registry_token")) <= 3


CHALLENGES = {
    "no realm": "Bearer",
    "two realms": 'Bearer realm="{auth}/token",realm="{evil}/token"',
    "codes": 'Bearer \x1b[31mrealm="{evil}/token"',
    "5 kB": 'Bearer realm="{auth}/token",service="' + "x" * 5000 + '"',
    "100 kB": 'Bearer realm="{auth}/token",service="' + "x" * 100_000 + '"',
}


@pytest.mark.parametrize("said", CHALLENGES.values(), ids=CHALLENGES)
def test_a_challenge_that_is_none_is_told(crawls: Crawls, evil: Origin, said: str) -> None:
    said = said.format(auth=crawls.hub.auth_url, evil=evil.url)
    with origin(lambda visit: (401, {"Www-Authenticate": said} if said else {}, b"{}")) as registry:
        crawls.settings = {"DOCKERHUB_REGISTRY_URL": registry.url}
        ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    assert registry.url in line
    assert "expected a challenge with a realm, got HTTP 401" in line or len(said) > 50_000
    assert evil.visits == []
    assert [visit.secrets for visit in registry.visits if visit.secrets] == []
    assert len(registry.visits) <= 3
    assert crawls.requests() == {}
