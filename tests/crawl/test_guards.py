"""Who is not let through: guards against robots, abuse limits, 429s, tokens that end."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, StandIn, World
from tests.crawl.spiders import (
    GONE,
    ORG,
    REPOS,
    fill,
    lay,
    noes,
    stats,
)
from tests.crawling import ACCOUNT, Crawls
from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import Exchange
    from dockerhub.standin.retry_after import RetryAfter

UNDER_WAY = 16
SHORT_RESTS = ("-s", "DOCKERHUB_REST_SECONDS=1")
ENDS = "SELECT finish_reason FROM crawls ORDER BY crawl DESC LIMIT 1"


def made() -> World:
    world = World(seed=11)
    fill(world)
    return world


@pytest.fixture
def hub_world() -> World:
    return made()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that the spiders ask for."""
    with StandIn(made(), accounts=ACCOUNT) as hub:
        crawls = Crawls(hub, tmp_path_factory.mktemp("full"))
        assert REPOS.crawl(crawls).status == 0
        return crawls.database


def test_a_guard_in_mid_crawl_ends_it_and_the_next_goes_on(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.hub.options.bot_guard_after = 25

    ended = ORG.crawl(crawls)

    assert ended.status == 1
    assert ended.err.count(" ERROR: ") == 1
    assert "guard against robots, 3 in a row" in ended.err
    assert rows(crawls.database, ENDS) == [("bot_guard",)]
    assert 3 <= crawls.hub.journal.faults()["bot_guard"] <= UNDER_WAY + 3
    assert rows(crawls.database, GONE) == [(0, 0)]
    ((kept,),) = rows(crawls.database, "SELECT COUNT(*) FROM tags")

    crawls.hub.options.bot_guard_after = None
    assert kept
    assert ORG.crawl(crawls, strict="1").status == 0
    assert sum(crawls.requests().values()) <= 41 - 24 + UNDER_WAY
    ORG.assert_agrees(crawls.database, hub_world)


def test_an_abuse_limit_makes_it_rest_until_it_is_over(crawls: Crawls, hub_world: World) -> None:
    crawls.hub.options.abuse = Limit(35, 3)

    ended = ORG.crawl(crawls, *SHORT_RESTS, strict="1")

    assert ended.status == 0, ended.err
    ORG.assert_agrees(crawls.database, hub_world)
    refused = [each.at for each in crawls.hub.journal.exchanges if each.fault == "abuse"]
    rests = [line for line in ended.lines if "too many requests, it says; a rest of" in line]
    assert rests
    assert rests[0].endswith("a rest of 1 s")
    assert all(line.endswith("a rest of 2 s") for line in rests[1:2])
    assert ended.err.count("WARNING") == len(rests)
    assert ended.err.count("answers again") == 1
    assert stats(crawls.database)["dockerhub/breaker/abuse"] == len(rests)
    heard = noes(crawls.database)
    assert heard["abuse"] + heard["slow down"] == len(refused)
    # While it rests, one request at a time finds out.
    assert len(refused) <= UNDER_WAY + 2 + len(rests)


def test_an_abuse_limit_that_does_not_end_ends_the_crawl(crawls: Crawls) -> None:
    crawls.hub.options.abuse = Limit(30, 600)

    ended = ORG.crawl(crawls, *SHORT_RESTS)

    assert ended.status == 1
    for seconds in (1, 2, 4):
        assert ended.err.count(f"too many requests, it says; a rest of {seconds} s\n") == 1
    assert ended.err.count("a rest of") == 3
    assert ended.err.count(" ERROR: ") == 1
    assert "expected an answer after long rests" in ended.err
    assert rows(crawls.database, ENDS) == [("rate_limited",)]
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert ended.seconds < 20
    crawls.hub.options.abuse = None
    assert ORG.crawl(crawls, strict="1").status == 0


def test_429s_in_every_form_among_each_other(crawls: Crawls, hub_world: World) -> None:
    options, record = crawls.hub.options, crawls.hub.journal.record
    forms: tuple[RetryAfter, ...] = (
        *("seconds", "epoch", "date", "x-epoch", "none"),
        *("zero", "past", "x-seconds", "garbage"),
    )
    told: list[RetryAfter] = []

    def recorded(exchange: Exchange) -> None:
        record(exchange)
        if exchange.kind == "repository" and not told:
            # What those under way were told does not hold any more.
            options.account_limit = Limit(2, 1)
        if exchange.status == 429:
            told.append(options.retry_after)
            options.retry_after = forms[len(told) % len(forms)]
            options.account_limit = Limit(20, 1) if len(told) > len(forms) else Limit(2, 1)

    crawls.hub.journal.record = recorded  # type: ignore[method-assign]

    ended = ORG.crawl(crawls, strict="1")

    assert ended.status == 0, ended.err
    ORG.assert_agrees(crawls.database, hub_world)
    assert noes(crawls.database).get("slow down", 0) == crawls.hub.journal.statuses()[429]
    assert set(told) == set(forms)
    assert ended.seconds < 40


def test_a_token_that_ends_in_mid_crawl_is_renewed_once_for_all(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.when_asked("tag_list", 3, crawls.hub.expire_tokens)

    ended = ORG.crawl(crawls, strict="1")

    assert ended.status == 0, ended.err
    assert "ERROR" not in ended.err
    assert len(crawls.hub.journal.of("sign_in")) == 2
    assert 1 <= crawls.hub.journal.statuses()[401] <= UNDER_WAY
    ORG.assert_agrees(crawls.database, hub_world)


def test_the_statistics_agree_with_what_was_answered(
    crawls: Crawls, hub_world: World, full: Path
) -> None:
    shutil.copy(full, crawls.database)
    known = [one.full_name for one in hub_world.repositories("acme")]
    for name in known:
        hub_world.push_tag(name, "fresh")
    hub_world.delete_repository(known[0])
    path = f"/v2/namespaces/{known[1].replace('/', '/repositories/')}"
    crawls.hub.script(f"{path}$", status=403, body={"message": "access denied"})
    crawls.hub.script(f"{path}$", status=400, body={"message": "no"})
    crawls.hub.script(f"{path}/tags", status=429, headers={"Retry-After": "1"}, body="no")
    path = f"/v2/namespaces/{known[2].replace('/', '/repositories/')}"
    crawls.hub.script(f"{path}$", status=429, headers={"X-Retry-After": "1"}, body="no")
    crawls.hub.script(f"{path}/tags", status=400, body={"message": "no"})
    lay(crawls.hub, [("repository", "500"), ("tag_list", "503"), ("repository", "html_403")])
    crawls.hub.options.gone = {"namespaces/tag_list": "410"}

    crawls.run("repos", repos=",".join(known))

    statuses, faults = crawls.hub.journal.statuses(), crawls.hub.journal.faults()
    heard = noes(crawls.database)
    spoilt = sum(faults[each] for each in ("500", "503", "html_403"))
    assert heard["broken"] == spoilt == 3
    assert heard.get("slow down", 0) == statuses[429]
    assert heard["removed endpoint"] == statuses[410] == faults["gone"] > 0
    assert heard["forbidden"] == statuses[403] - faults["html_403"]
    assert heard.get("refused request", 0) == statuses[400]
    assert heard["not there"] == statuses[404] == 1
    assert stats(crawls.database)["dockerhub/breaker/removed endpoint"] == 1
    requests = stats(crawls.database)["dockerhub/requests/hub"]
    assert requests == len(crawls.hub.journal.exchanges) - 1
