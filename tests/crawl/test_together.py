"""Two crawls at once: of the same subject the second says so, of others nothing is spoilt."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from dockerhub.standin import Limit
from tests.crawling import SIGNED_IN, environment, started
from tests.truth import assert_repositories, assert_tags, rows

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls
    from tests.forks import Running


def begun(crawls: Crawls, spider: str, *given: str) -> Running:
    """Start a crawl and wait until it asks for data."""
    arguments = [word for each in given for word in ("-a", each)]
    env = environment(crawls.hub.url, crawls.database, SIGNED_IN)
    crawl = started("crawl", spider, *arguments, env=env, cwd=crawls.folder)
    deadline = time.monotonic() + 30
    while not crawls.hub.journal.of("namespace_list") and not crawls.hub.journal.of("repository"):
        assert time.monotonic() < deadline
        assert crawl.poll() is None
        time.sleep(0.01)
    return crawl


def ended(crawl: Running) -> tuple[int, str]:
    _, said = crawl.communicate(timeout=60)
    return crawl.wait(), said


def test_the_second_crawl_of_a_subject_says_so_and_ends(crawls: Crawls, hub_world: World) -> None:
    crawls.hub.options.account_limit = Limit(10, 1)
    with begun(crawls, "org", "org=bitnami") as first:
        second = crawls.run("org", org="bitnami", depth="repositories")
        assert crawls.requests().get("sign_in", 0) == 0
        crawls.hub.options.account_limit = None
        status, _ = ended(first)

    assert second.status == 1
    assert second.lines == [
        (
            "scrapy crawl: org: expected to be the only crawl of this into"
            f" {crawls.database}, another one (process {first.pid}) is under way; let it end,"
            " or stop it"
        )
    ]
    assert status == 0
    assert rows(crawls.database, "SELECT COUNT(*) FROM crawl") == [(1,)]
    assert_repositories(crawls.database, hub_world, "bitnami")


def test_a_killed_crawl_keeps_nobody_waiting(crawls: Crawls) -> None:
    crawls.hub.options.account_limit = Limit(10, 1)
    with begun(crawls, "org", "org=bitnami") as first:
        first.send_signal(signal.SIGKILL)
    crawls.hub.options.account_limit = None

    assert crawls.run("org", org="bitnami").status == 0


def test_crawls_that_share_repositories_spoil_nothing(crawls: Crawls, hub_world: World) -> None:
    hub_world.add_repository("bitnami/shared", tags=1700)
    crawls.hub.options.account_limit = Limit(20, 1)
    with (
        begun(crawls, "org", "org=bitnami") as org,
        begun(crawls, "tags", "repo=bitnami/shared") as tags,
        begun(crawls, "repos", "repos=bitnami/shared,nginx", "max_tags=300") as repos,
    ):
        time.sleep(0.5)
        hub_world.push_tag("bitnami/shared", "fresh")
        crawls.hub.options.account_limit = None
        for crawl in (org, tags, repos):
            status, said = ended(crawl)
            assert (status, "ERROR" in said) == (0, False), said

    assert rows(crawls.database, "SELECT COUNT(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]
    assert rows(crawls.database, "SELECT COUNT(*) FROM walk WHERE finished_at IS NULL") == [(0,)]
    # Who came too early for the last push has it now.
    crawls.run("org", org="bitnami")
    for repository in hub_world.repositories("bitnami"):
        assert_tags(crawls.database, hub_world, repository.full_name)
