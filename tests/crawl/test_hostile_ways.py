"""A registry that leads elsewhere: no credential goes there, and as a rule nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.contents import assert_contents, truth
from tests.crawl.forging import Forge
from tests.crawl.hostile import NAMES, assert_harmless, errors
from tests.crawl.hostile_registry import Visit, assert_told, origin
from tests.crawl.spiders import assert_no_secret
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.crawl.hostile_registry import Answer, Origin
    from tests.crawling import Crawls, Ended

TOOL = "solo/tool"
ONE_TRY = ("-s", "RETRY_TIMES=1")
AT_ONCE = ("-s", "RETRY_TIMES=0")
TAG_LIST = f"/v2/{TOOL}/tags/list"


@pytest.fixture
def hub_world() -> World:
    world = World(seed=17)
    world.add_repository(TOOL, tags=3)
    return world


@pytest.fixture
def forge(hub_world: World) -> Forge:
    return Forge(hub_world, TOOL)


@pytest.fixture
def evil() -> Iterator[Origin]:
    with origin() as made:
        yield made


def read(crawls: Crawls, *options: str, **more: str) -> Ended:
    ended = crawls.run("manifests", *options, repo=TOOL, **more)
    assert_harmless(ended)
    assert_no_secret(crawls, ended)
    return ended


def unspecified(url: str) -> str:
    """Return *url* by an address that is no loopback one, and leads to this machine all the same."""
    return url.replace("127.0.0.1", "0.0.0.0")


REALMS = {
    "another port": "{evil}/token",
    "a host that is not this machine": "{open}/token",
    "another scheme": "https://{auth}/token",
    "a user": "http://ada:secret@{auth}/token",
    "a user that looks like the host": "http://{auth}@{host}/token",
    "a backslash": "http://{host}\\\\@{auth}/token",
    "no scheme": "//{host}/token",
    "a path": "/token",
    "no URL": "http://[::1/token",
    "codes": "http://{host}/\u009b31m",
}


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
        expected = f"realm of the registry's challenge: expected a URL at {crawls.hub.auth_url}, got "
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
    "none": "",
    "basic": 'Basic realm="x"',
    "no realm": "Bearer",
    "an empty realm": 'Bearer realm="",service="x"',
    "two realms": 'Bearer realm="{auth}/token",realm="{evil}/token"',
    "an open quote": 'Bearer realm="{auth}/token,service=x',
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


class Blobs:
    """The configs of images, each of which the registry sends elsewhere for."""

    def __init__(self, crawls: Crawls, forge: Forge) -> None:
        self._crawls, self._forge = crawls, forge
        self.bodies: dict[str, bytes] = {}
        """by path, what an origin that is honest answers"""
        self.told: dict[str, str] = {}
        self.digests: dict[str, str] = {}

    def lay(self, name: str, location: str, told: str = "") -> None:
        """Send for the config of an image to *location*, with its name in the place of `{}`."""
        config = self._forge.config(name)
        self._forge.image(name, config=config)
        where = location.replace("{}", f"/{name}")
        headers = {"Location": where}
        path = f"/v2/{TOOL}/blobs/{config['digest']}"
        self._crawls.hub.script(path, status=307, headers=headers, times=None)
        self.bodies[f"/{name}"] = self._forge.world.blob_bytes(TOOL, config["digest"])
        self.digests[name] = config["digest"]
        if told:
            self.told[name] = told

    def answer(self, visit: Visit) -> Answer:
        return 200, {"Set-Cookie": "a=b", "Content-Type": "text/html"}, self.bodies[visit.path]


# Whoever finds fault with them later would show what stands behind, were it a signature.
NO_PLACES = (
    *("", "javascript:alert(1)", "file:///etc/passwd", "data:text/json,1", "gopher://a\x9b31m/"),
    *("https://", "https:///x", "https://[::1/x", "https://{host}:99999/", "http://127.0.0.1:a/"),
    *("http://127.0.0.1:0/", "http://{host}\\@cdn.example/", "https://a b/", "http://\u00e9/"),
)


def test_a_blob_elsewhere_is_fetched_without_a_credential_where_it_may_be(
    crawls: Crawls, forge: Forge, evil: Origin
) -> None:
    good = [tag.name for tag in forge.world.tags(TOOL)]
    blobs, redirect = Blobs(crawls, forge), "refused request, redirect of a blob: expected "
    https = f"{redirect}https, got a redirect to "
    once = f'{redirect}its bytes after one redirect, got a redirect to "http://127.0.0.1"'
    plain = f"{redirect}a URL with a host and without a user, got a redirect to "
    host = evil.url.removeprefix("http://")
    with origin(blobs.answer) as elsewhere, origin() as further:
        back = elsewhere.url.removeprefix("http://")
        blobs.lay("first", f"{elsewhere.url}{{}}")
        blobs.lay("relative", f"//{back}{{}}")
        blobs.lay("wrong", f"{elsewhere.url}/first", "expected the bytes of that digest")
        blobs.lay("unspecified", f"{unspecified(evil.url)}{{}}", f'{https}"http://0.0.0.0"')
        blobs.lay("no-loopback", "http://cdn.example{}", f'{https}"http://cdn.example"')
        blobs.lay("ftp", f"ftp://{host}{{}}", f'{https}"ftp://127.0.0.1"')
        blobs.lay("user", f"http://ada:secret@{host}{{}}", f'{plain}"http://127.0.0.1"')
        blobs.lay("like", "http://127.0.0.1@cdn.example{}", f'{plain}"http://cdn.example"')
        for place, where in enumerate(NO_PLACES):
            blobs.lay(f"bad{place}", where.format(host=host), plain)
        blobs.lay("twice", f"{further.url}{{}}", once)
        further.answer = lambda visit: (307, {"Location": f"{evil.url}/"}, b"{}")

        ended = read(crawls, *ONE_TRY, strict="1")

    assert ended.status == 3
    assert_told(ended, TOOL, blobs.digests, blobs.told)
    assert evil.visits == []
    # What was read elsewhere does not make it wrong: the digest tells.
    found = {digest for (digest,) in rows(crawls.database, "SELECT digest FROM configs")}
    had = {name for name, digest in blobs.digests.items() if digest in found}
    assert had == {"first", "relative"}
    assert all(visit.path in ("/first", "/relative") for visit in elsewhere.visits)
    for visit in (*elsewhere.visits, *further.visits):
        assert visit.secrets == {}, visit
    assert [visit.path for visit in further.visits] == ["/twice"]
    besides = {forge.digests[name] for name in blobs.digests}
    assert_contents(crawls.database, [truth(forge.world, TOOL, good)], besides=besides)


def test_a_blob_at_one_of_our_own_services_is_asked_for_without_a_credential(
    crawls: Crawls, forge: Forge
) -> None:
    """A registry must not make us call Docker Hub's API, or itself, in our name."""
    hub, blobs = crawls.hub, Blobs(crawls, forge)
    own = f"/v2/namespaces/solo/repositories/tool"
    blobs.lay("hub", f"{hub.url}{own}")
    blobs.lay("registry", f"{hub.registry_url}/v2/{TOOL}/manifests/latest")

    ended = crawls.run("tags", *ONE_TRY, repo=TOOL, depth="configs", tags="hub,registry", strict="1")

    assert_harmless(ended)
    assert ended.status == 3
    redirected = [each for each in hub.journal.exchanges if each.path == own and each.token is None]
    assert redirected
    path = f"/v2/{TOOL}/manifests/latest"
    latest = [each for each in hub.journal.of("manifest") if each.path == path]
    assert {(each.token, each.charged) for each in latest} == {(None, False)}


def test_nothing_else_is_followed(crawls: Crawls, forge: Forge, evil: Origin) -> None:
    good = [tag.name for tag in forge.world.tags(TOOL)]
    manifest, named = forge.image("manifest"), f"/v2/{TOOL}/manifests/named"
    forge.image("named")
    headers = {"Location": f"{evil.url}/"}
    crawls.hub.script(f"/v2/{TOOL}/manifests/{manifest}", status=307, headers=headers, times=None)
    crawls.hub.script(named, status=302, headers=headers, times=None)

    ended = read(crawls, strict="1")

    assert ended.status == 3
    words = (
        "refused request, manifests: expected an answer from the one that was asked, got a redirect"
        ' to "http://127.0.0.1"'
    )
    assert_told(ended, TOOL, forge.digests, {"manifest": words, "named": words})
    assert evil.visits == []
    assert_contents(crawls.database, [truth(forge.world, TOOL, good)])


FIRST = {
    "the registry": ("^/v2/$", "expected a challenge with a realm, got HTTP 307"),
    "names of tags": (TAG_LIST, "names of tags: expected an answer from the one that was asked"),
    "tokens": ("/token", "registry token: expected one from {auth}, got HTTP 307"),
}


@pytest.mark.parametrize(("path", "words"), FIRST.values(), ids=FIRST)
def test_what_comes_first_is_not_followed_either(
    crawls: Crawls, evil: Origin, path: str, words: str
) -> None:
    headers = {"Location": f"{evil.url}/"}
    crawls.hub.script(path, status=307, headers=headers, times=None)

    ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    assert words.format(auth=crawls.hub.auth_url) in line
    assert evil.visits == []


LINKS = {
    "another origin": "<{evil}/v2/solo/tool/tags/list?n=1000&last=latest>; rel=next",
    "a host that is not this machine": "<{open}/v2/solo/tool/tags/list?last=latest>; rel=next",
    "another repository": "</v2/solo/other/tags/list?n=1000&last=latest>; rel=next",
    "another endpoint": "</v2/solo/tool/manifests/latest?last=latest>; rel=next",
    "a way up": "</v2/solo/tool/tags/../../../token?last=latest>; rel=next",
    "no tag": "</v2/solo/tool/tags/list?n=1000&last=..%2F..>; rel=next",
    "codes": "</v2/solo/tool/tags/list?n=1000&last=%1B[31m>; rel=next",
    "a script": "<javascript:alert(1)>; rel=next",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_that_leads_elsewhere_is_not_followed(
    crawls: Crawls, evil: Origin, link: str
) -> None:
    link = link.format(evil=evil.url, open=unspecified(evil.url))
    body = json.dumps({"name": TOOL, "tags": ["latest"]})
    crawls.hub.script(TAG_LIST, headers={"Link": link}, body=body, times=None)

    ended = read(crawls, *AT_ONCE)

    assert ended.status == 1
    [line] = errors(ended)
    assert "expected its names of tags, got broken, Link: expected " in line
    assert evil.visits == []
    assert len(crawls.hub.journal.of("tag_names")) == 1


@pytest.mark.parametrize("last", ["latest", "a"], ids=["to itself", "backwards"])
def test_a_list_of_names_that_goes_round_is_broken_off(crawls: Crawls, last: str) -> None:
    body = json.dumps({"name": TOOL, "tags": ["latest"]})
    forward = f"<{TAG_LIST}?n=1000&last=latest>; rel=next"
    back = f"<{TAG_LIST}?n=1000&last={last}>; rel=next"
    crawls.hub.script(rf"{TAG_LIST}\?n=1000$", headers={"Link": forward}, body=body, times=None)
    crawls.hub.script(TAG_LIST, headers={"Link": back}, body=body, times=None)

    ended = read(crawls, *AT_ONCE)

    assert ended.status == 1
    [line] = errors(ended)
    assert "expected its names of tags, got broken, Link: expected " in line
    assert len(crawls.hub.journal.of("tag_names")) == 2
    # What came before is kept, and what it names is had.
    assert rows(crawls.database, "SELECT tag_name FROM tags WHERE digest IS NOT NULL") == [
        ("latest",)
    ]


def test_names_of_tags_that_are_none(crawls: Crawls, forge: Forge) -> None:
    tag_like = {"a.", "a..b"}
    good = ["latest", *sorted(tag_like)]
    for name in tag_like:
        forge.image(name)
    bad = [name for name in (*NAMES, "-a", ".a", "x" * 129) if name not in tag_like]
    body = json.dumps({"name": TOOL, "tags": [*bad, 7, None, [], {}, *good]})
    crawls.hub.script(TAG_LIST, body=body, times=None)

    ended = read(crawls, strict="1")

    assert ended.status == 3
    assert f"{len(bad) + 4} rows could not be read" in ended.err
    assert sorted(name for (name,) in rows(crawls.database, "SELECT tag_name FROM tags")) == sorted(
        good
    )
    asked = {exchange.reference for exchange in crawls.hub.journal.of("manifest")}
    assert {name for name in asked if name and ":" not in name} == set(good)
