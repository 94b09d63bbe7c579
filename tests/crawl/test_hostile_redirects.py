"""A registry that leads elsewhere: no credential goes there, and as a rule nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawl.contents import assert_contents, truth
from tests.crawl.hostile import assert_harmless, errors
from tests.crawl.hostile_registry import ONE_TRY, TOOL, assert_told, hostile_world, read
from tests.crawl.origins import Origin, Visit, origin, unspecified
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawl.forging import Forge
    from tests.crawl.origins import Answer
    from tests.crawling import Crawls


TAG_LIST = f"/v2/{TOOL}/tags/list"


@pytest.fixture
def hub_world() -> World:
    return hostile_world()


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
        blobs.lay("wrong", f"{elsewhere.url}/first", "expected the bytes of its digest")
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
    assert_told(ended, blobs.digests, blobs.told)
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
    own = "/v2/namespaces/solo/repositories/tool"
    blobs.lay("hub", f"{hub.url}{own}")
    blobs.lay("registry", f"{hub.registry_url}/v2/{TOOL}/manifests/latest")

    ended = crawls.run(
        "tags", *ONE_TRY, repo=TOOL, depth="configs", tags="hub,registry", strict="1"
    )

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
    assert_told(ended, forge.digests, {"manifest": words, "named": words})
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
