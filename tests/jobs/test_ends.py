from __future__ import annotations

import pytest

from dockerhub.jobs.crawl_process import Ended, command_of, secrets_in
from dockerhub.jobs.ends import Verdict, verdict
from dockerhub.jobs.job import CrawlJob

HELD = "org: expected to be the only crawl of this into hub, another one is under way"


@pytest.mark.parametrize(
    ("ended", "failures", "wanted"),
    [
        pytest.param(Ended(0, ""), 4, Verdict("done"), id="done"),
        pytest.param(Ended(2, "wrong"), 0, Verdict("misused"), id="misused at once"),
        pytest.param(Ended(1, "away"), 0, Verdict("failed", 30), id="the first time"),
        pytest.param(Ended(1, "away"), 2, Verdict("failed", 480), id="the third time"),
        pytest.param(Ended(1, "away"), 4, Verdict("failed"), id="the last time"),
        pytest.param(Ended(3, "left"), 1, Verdict("incomplete", 120), id="incomplete"),
        pytest.param(Ended(3, "left"), 4, Verdict("incomplete"), id="incomplete for good"),
        pytest.param(Ended(130, ""), 0, Verdict("stopped", 30), id="stopped by hand"),
        pytest.param(Ended(-9, ""), 0, Verdict("killed", 30), id="out of memory"),
        pytest.param(
            Ended(1, HELD), 4, Verdict("held", 10, is_counted=False), id="another one has it"
        ),
    ],
)
def test_the_end_decides_what_becomes_of_a_job(
    ended: Ended, failures: int, wanted: Verdict
) -> None:
    assert verdict(ended, failures, tries=5, backoff=30) == wanted


def test_nobody_waits_longer_than_six_hours() -> None:
    found = verdict(Ended(1, ""), 30, tries=99, backoff=30)

    assert found.again_after == 6 * 3600


@pytest.mark.parametrize("word", ["done", "incomplete"])
def test_what_came_is_followed_up(word: str) -> None:
    assert Verdict(word).brings_more
    assert not Verdict("failed").brings_more


def test_a_job_is_one_crawl() -> None:
    job = CrawlJob(spider="org", arguments={"org": "bitnami", "depth": "tags"})

    words = command_of(job, ["-s", "CONCURRENT_REQUESTS=4"])

    assert words[1:9] == ["-m", "scrapy", "crawl", "org", "-a", "org=bitnami", "-a", "depth=tags"]
    assert words[-2:] == ["-s", "CONCURRENT_REQUESTS=4"]


def test_passwords_of_the_environment_are_known() -> None:
    environment = {
        "DOCKERHUB_PASSWORD": "one",
        "DOCKERHUB_DATABASE_URL": "postgresql://hub:two%2F2@db/hub",
        "DOCKERHUB_PROXIES": "http://me:three@proxy:1, direct http://[::1",
        "PATH": "/bin",
    }

    assert set(secrets_in(environment)) == {"one", "two%2F2", "two/2", "three"}
