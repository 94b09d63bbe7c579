"""Registry, CDN and token service at fault: what passes loses nothing, the rest comes next time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.crawl.contents import assert_contents, manifests, truth
from tests.crawl.hostile import assert_harmless, errors
from tests.crawl.relay import relay
from tests.crawl.spiders import assert_no_secret, lay, noes
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from dockerhub.standin import Fault
    from tests.crawling import Crawls, Ended

PASSING: tuple[Fault, ...] = (
    *("500", "502", "503", "reset", "truncated"),
    *("garbage", "html_403", "html_200", "empty_200", "hang"),
)
REGISTRY = frozenset({"manifest", "blob", "cdn", "registry_base", "registry_token", "tag_names"})
HANGS_SHORT = ("-s", "DOWNLOAD_TIMEOUT=1")
ONE_RETRY = ("-s", "RETRY_TIMES=1")


@pytest.fixture
def hub_world() -> World:
    world = World(seed=31)
    world.add_namespace("acme", repositories=5, tags=5, never_pushed=0)
    world.add_repository("solo/tool", tags=6, names_per_digest=1, platforms=2, windows=False)
    return world


def org(crawls: Crawls, *options: str, **more: str) -> Ended:
    """Crawl a namespace down to its configs; what Docker Hub shows of it is there in the end."""
    ended = crawls.run("org", *options, org="acme", depth="configs", **more)
    assert_harmless(ended)
    assert_no_secret(crawls, ended)
    for repository in crawls.hub.world.repositories("acme"):
        assert_tags(crawls.database, crawls.hub.world, repository.full_name)
    return ended


def tool(crawls: Crawls, *options: str, **more: str) -> Ended:
    ended = crawls.run("manifests", *options, repo="solo/tool", **more)
    assert_harmless(ended)
    assert_no_secret(crawls, ended)
    return ended


def assert_whole(crawls: Crawls) -> None:
    world = crawls.hub.world
    truths = [truth(world, one.full_name) for one in world.repositories("acme")]
    assert_contents(crawls.database, truths, from_hub=True)


def lacking(crawls: Crawls) -> set[str]:
    """Return the manifests, and then the configs and statements, that a crawl did not bring."""
    world = crawls.hub.world
    truths = [truth(world, one.full_name) for one in world.repositories("acme")]
    attested = {row[0] for one in truths for row in one.members() if row[-2] == "attestation"}
    known = {
        digest
        for one in truths
        for digest in one.manifests
        if one.kind(digest) != "index" or digest in attested
    }
    return known - set(manifests(crawls.database))


def blobs_lacking(crawls: Crawls) -> set[str]:
    world = crawls.hub.world
    truths = [truth(world, one.full_name) for one in world.repositories("acme")]
    known = {digest for one in truths for digest in one.configs}
    known |= {row[1] for one in truths for row in one.statements()}
    found = rows(
        crawls.database, "SELECT digest FROM configs UNION SELECT digest FROM attestations"
    )
    return known - {digest for (digest,) in found}


@pytest.mark.parametrize("kind", ["manifest", "blob", "cdn"])
def test_what_passes_costs_a_repetition_and_nothing_else(crawls: Crawls, kind: str) -> None:
    lay(crawls.hub, [(kind, fault) for fault in PASSING])

    ended = org(crawls, *HANGS_SHORT, strict="1")

    assert ended.status == 0, ended.err
    assert "ERROR" not in ended.err
    assert "WARNING" not in ended.err
    assert crawls.hub.journal.faults() == Counter(PASSING)
    heard = noes(crawls.database)
    # Twisted itself repeats what was reset; half of a redirect is one; one asks for itself.
    assert len(PASSING) - 4 <= heard["broken"] + heard.get("unreadable", 0) <= len(PASSING)
    assert_whole(crawls)
    pulls = Counter(crawls.hub.journal.pulls())
    assert sum(pulls.values()) - len(pulls) <= (len(PASSING) if kind == "manifest" else 0)


@pytest.mark.parametrize("pair", [PASSING[at : at + 2] for at in range(0, 10, 2)], ids="-".join)
def test_what_comes_first_passes(crawls: Crawls, pair: tuple[Fault, ...]) -> None:
    kinds = ("registry_base", "registry_token", "tag_names")
    plan = [(kind, fault) for kind in kinds for fault in pair]
    # A registry may let everybody in without a word.
    lay(crawls.hub, [each for each in plan if each != ("registry_base", "empty_200")])

    ended = tool(crawls, *HANGS_SHORT, strict="1")

    assert ended.status == 0, ended.err
    assert "WARNING" not in ended.err
    assert crawls.hub.options.fault_times == 0
    assert_contents(crawls.database, [truth(crawls.hub.world, "solo/tool")])


def test_faults_everywhere_lose_nothing(crawls: Crawls) -> None:
    options = crawls.hub.options
    options.fault_kinds = frozenset({"manifest", "blob", "cdn", "tag_names", "registry_token"})
    options.faults = dict.fromkeys(("500", "503", "reset", "truncated"), 0.02)

    ended = org(crawls, strict="1")

    assert ended.status == 0, ended.err
    assert "ERROR" not in ended.err
    assert crawls.hub.journal.faults().total() > 10
    assert_whole(crawls)


@pytest.mark.parametrize(("kind", "form"), [("manifests", "1"), ("blobs", None)])
def test_a_registry_that_asks_to_slow_down_is_waited_for(
    crawls: Crawls, kind: str, form: str | None
) -> None:
    """It is no word about pulls: none of them is spent."""
    headers = {} if form is None else {"Retry-After": form}
    body = '{"errors":[{"code":"DENIED","message":"requests too fast"}]}'
    path = f"^/v2/acme/[^/]+/{kind}/"
    crawls.hub.script(path, status=429, headers=headers, body=body, times=2)
    crawls.settings = {"DOCKERHUB_REST_SECONDS": "1"}

    ended = org(crawls, strict="1")

    assert ended.status == 0, ended.err
    heard = noes(crawls.database)
    # One of them may have been the question how many pulls are left.
    assert 1 <= heard["slow down"] <= 2
    assert "pulls spent" not in heard
    assert crawls.hub.journal.statuses()[429] == 2
    assert_whole(crawls)


def failing(crawls: Crawls, kinds: AbstractSet[str], fault: Fault, times: int | None) -> None:
    options = crawls.hub.options
    options.fault_kinds, options.fault_times = frozenset(kinds), times
    options.faults = {fault: 1.0}


@pytest.mark.parametrize("fault", ["500", "reset"])
def test_a_registry_that_fails_for_a_while_loses_nothing(crawls: Crawls, fault: Fault) -> None:
    down = {"manifest", "blob", "registry_token"}
    crawls.when_asked("manifest", 25, lambda: failing(crawls, down, fault, 20))

    ended = org(crawls, strict="1")

    assert ended.status == 0, ended.err
    assert crawls.hub.options.fault_times == 0
    assert_whole(crawls)


@pytest.mark.parametrize(
    ("kinds", "fault", "since"),
    [
        pytest.param(REGISTRY - {"cdn"}, "500", ("manifest", 25), id="registry"),
        pytest.param({"cdn"}, "500", ("registry_base", 1), id="CDN from the start"),
        pytest.param({"cdn"}, "reset", ("cdn", 10), id="CDN"),
        pytest.param({"registry_token"}, "500", ("manifest", 25), id="token service"),
    ],
)
def test_what_does_not_pass_is_told_and_the_next_crawl_has_it(
    crawls: Crawls, kinds: AbstractSet[str], fault: Fault, since: tuple[str, int]
) -> None:
    def fail() -> None:
        failing(crawls, kinds, fault, None)
        if kinds == {"registry_token"}:
            crawls.hub.registry_tokens.expire_all()

    crawls.when_asked(*since, fail)

    ended = org(crawls, *ONE_RETRY, strict="1")

    assert ended.status == 3, ended.err
    assert "; the next crawl takes it up" in ended.err
    assert ended.err.count("WARNING") < 200
    lost, blobs = lacking(crawls), blobs_lacking(crawls)
    assert blobs
    assert bool(lost) is (kinds != {"cdn"})
    crawls.hub.options.faults = {}

    ended = org(crawls, strict="1")

    assert ended.status == 0, ended.err
    assert_whole(crawls)
    assert {digest for _, digest in crawls.hub.journal.pulls()} == lost
    assert len(crawls.hub.journal.pulls()) == len(lost)
    assert len(crawls.hub.journal.of("blob")) == len(blobs)
    assert len(crawls.hub.journal.of("cdn")) == len(blobs)


def test_a_registry_that_goes_away_costs_its_own_part_alone(crawls: Crawls) -> None:
    with relay(crawls.hub.registry_url) as registry:
        crawls.settings = {"DOCKERHUB_REGISTRY_URL": registry.url}
        crawls.when_asked("manifest", 25, registry.shut)
        ended = org(crawls, *ONE_RETRY, strict="1")

    assert ended.status == 3, ended.err
    assert "unreachable" in ended.err
    lost, blobs = lacking(crawls), blobs_lacking(crawls)
    assert lost
    crawls.settings = {}
    assert org(crawls, strict="1").status == 0
    assert_whole(crawls)
    assert {digest for _, digest in crawls.hub.journal.pulls()} == lost
    assert len(crawls.hub.journal.of("blob")) == len(blobs)


def test_a_token_service_that_goes_away_is_told_once(crawls: Crawls) -> None:
    """Those whose token is good are read on; there is no more to be had for the others."""
    failing(crawls, {"registry_token"}, "reset", None)

    ended = org(crawls, strict="1")

    assert ended.status == 3
    told = [line for line in ended.lines if "registry token: expected an answer from" in line]
    assert sum("WARNING: registry token" in line for line in told) == 1
    assert len(crawls.hub.journal.of("registry_token")) <= 9
    crawls.hub.options.faults = {}
    assert org(crawls, strict="1").status == 0
    assert_whole(crawls)


@pytest.mark.parametrize("tags", ["", "latest"])
def test_a_token_service_that_cannot_be_reached_is_named_and_told_once(
    crawls: Crawls, tags: str
) -> None:
    with relay(crawls.hub.auth_url) as auth:
        auth.shut()
    challenge = f'Bearer realm="{auth.url}/token",service="registry.docker.io"'
    headers = {"WWW-Authenticate": challenge}
    crawls.hub.script("^/v2/$", status=401, headers=headers, times=None)
    crawls.settings = {"DOCKERHUB_AUTH_URL": auth.url}

    ended = tool(crawls, *ONE_RETRY, **({"tags": tags} if tags else {}))

    assert ended.status == 1
    [line] = errors(ended)
    assert line.endswith(f"ERROR: {auth.url}: expected an answer, it cannot be reached")
    # The token service's own line, and no other about what needed a token.
    assert ended.err.count("WARNING") <= 1
    assert crawls.hub.registry_url not in ended.err


def test_a_registry_that_cannot_be_reached_is_named_and_told_once(crawls: Crawls) -> None:
    with relay(crawls.hub.registry_url) as registry:
        crawls.settings = {"DOCKERHUB_REGISTRY_URL": registry.url}
        crawls.when_asked("manifest", 1, registry.shut)
        ended = tool(crawls, *ONE_RETRY)

    assert ended.status == 1
    [line] = errors(ended)
    assert line.endswith(f"ERROR: {registry.url}: expected an answer, it cannot be reached")
    assert "WARNING" not in ended.err


def test_an_asked_for_registry_that_is_down_fails_the_crawl(crawls: Crawls) -> None:
    failing(crawls, {"tag_names"}, "500", None)

    ended = tool(crawls, *ONE_RETRY)

    assert ended.status == 1
    [line] = errors(ended)
    assert (
        "spider argument repo=solo/tool: expected its names of tags, got broken, HTTP 500" in line
    )
    crawls.hub.options.faults = {}
    assert tool(crawls, strict="1").status == 0
    assert_contents(crawls.database, [truth(crawls.hub.world, "solo/tool")])


def test_storage_that_cannot_be_reached_is_not_taken_for_the_registry(crawls: Crawls) -> None:
    headers = {"Location": "http://127.0.0.1:9/x"}
    script = crawls.hub.script("^/v2/solo/tool/blobs/", status=307, headers=headers, times=None)

    ended = tool(crawls, *ONE_RETRY, strict="1", tags="latest")

    assert ended.status == 3, ended.err
    assert errors(ended) == []
    assert "broken, DownloadConnectionRefusedError: " in ended.err
    pulls = len(crawls.hub.journal.pulls())
    assert script.used
    crawls.hub.clear_script()
    assert tool(crawls, strict="1", tags="latest").status == 0
    assert (pulls > 0, crawls.hub.journal.pulls()) == (True, [])
    assert_contents(crawls.database, [truth(crawls.hub.world, "solo/tool", ["latest"])])
