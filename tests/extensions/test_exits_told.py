"""What a crawl by proxies says of them: while it runs, and at its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Spider
from scrapy.utils.test import get_crawler

from dockerhub.exits.exits import Exits
from dockerhub.extensions.progress import ProgressExtension
from dockerhub.extensions.summary import SummaryExtension
from dockerhub.limits.budget import Budget
from dockerhub.limits.lanes import Lanes
from dockerhub.proxy import read_proxies
from dockerhub.scheduler import BudgetScheduler
from dockerhub.services import Service, Services
from dockerhub.standin import World
from tests.crawl.gateway import Gateway

if TYPE_CHECKING:
    from dockerhub.standin import StandIn
    from tests.crawling import Crawls

ONE, TWO = "10.0.0.1:3128", "10.0.0.2:3128"
STICKY = "http://{session}:open@gw.example:7000"


class Engine:
    """As much of an engine as extensions look at."""

    def __init__(self, scheduler: BudgetScheduler) -> None:
        self.scheduler = scheduler


def crawler_with(proxies: str) -> Any:
    """Return a crawler by *proxies*, which has asked nothing yet."""
    crawler: Any = get_crawler(Spider)
    found = read_proxies(proxies) if proxies else []
    where = {"hub": "http://127.0.0.1:1", "registry": "http://127.0.0.1:2"}
    crawler.engine = Engine(
        BudgetScheduler(
            services=Services(**where, auth="http://127.0.0.1:3"),
            lanes={Service.HUB: Lanes(lambda: Budget(per_minute=0))},
            wake=lambda: None,
            exits=Exits(found, new_session=lambda: "x", backoff_base=60.0),
        )
    )
    crawler.spider = Spider("org")
    crawler.spider.given_arguments = {"org": "acme"}
    return crawler


def said_of_exits(crawler: Any) -> list[str]:
    lines = SummaryExtension(crawler).lines("finished")
    return [line.removeprefix("  exit        ") for line in lines if line.startswith("  exit  ")]


@pytest.mark.parametrize("proxies", ["", "direct"])
def test_where_there_are_no_proxies_nothing_is_said(proxies: str) -> None:
    crawler = crawler_with(proxies)

    assert said_of_exits(crawler) == []
    assert "exit" not in ProgressExtension(crawler).line()


def test_the_summary_has_a_line_for_each_exit_those_in_trouble_first() -> None:
    crawler = crawler_with(f"direct {ONE} {TWO} {STICKY} {STICKY}")
    counts = {"direct/requests": 12, f"{ONE}/requests": 7, f"{ONE}/rests": 2, f"{TWO}/requests": 1}
    counts |= {f"{TWO}/rests": 1, f"{TWO}/dead": 1, "gw.example:7000#1/requests": 300}
    for key, number in counts.items():
        crawler.stats.set_value(f"dockerhub/exits/{key}", number)

    assert said_of_exits(crawler) == [
        f"{TWO}: 1 request, not used any more",
        f"{ONE}: 7 requests, rested 2 times",
        "direct: 12 requests",
        "gw.example:7000#1: 300 requests",
        "gw.example:7000#2: 0 requests",
    ]


def test_ten_exits_have_a_line() -> None:
    crawler = crawler_with(" ".join(f"10.0.0.{number}:3128" for number in range(1, 14)))
    crawler.stats.set_value("dockerhub/exits/10.0.0.13:3128/rests", 1)

    said = said_of_exits(crawler)
    assert said[0] == "10.0.0.13:3128: 0 requests, rested 1 time"
    assert said[10:] == ["and 3 more"]


def test_the_live_line_counts_the_exits_that_are_open() -> None:
    crawler = crawler_with(f"{ONE} {TWO} direct")
    exits, now = crawler.engine.scheduler.exits, time.time()
    progress = ProgressExtension(crawler)
    assert "exit" not in progress.line()

    exits.mark_dead(ONE, now, sent=now)
    assert " · 2 of 3 exits" in progress.line()
    exits.mark_dead(TWO, now, sent=now, forever=True)
    assert " · 1 of 3 exits" in progress.line()


@pytest.fixture
def hub_world() -> World:
    world = World(seed=7)
    world.add_namespace("acme", repositories=6, tags=3)
    return world


def test_a_crawl_says_what_went_by_each(crawls: Crawls) -> None:
    hub: StandIn = crawls.hub
    with Gateway("open") as gateway:
        entries = [f"http://{user}:{word}@{gateway.name}" for user, word in
                   (("anna", "open"), ("bert", "wrong"))]  # fmt: skip
        crawls.settings["DOCKERHUB_PROXIES"] = ",".join(entries)
        ended = crawls.run("org", org="acme", signed_in=False)

    assert ended.status == 0, ended.err
    total = len(hub.journal.exchanges)
    assert f"  exit        {gateway.name}#1: {total} requests" in ended.lines
    assert f"  exit        {gateway.name}#2: 1 request, not used any more" in ended.lines
