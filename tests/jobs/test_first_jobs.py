from __future__ import annotations

import json

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.jobs.first_jobs import first_jobs
from dockerhub.jobs.job import CrawlJob, Stage
from dockerhub.spiders.catalog import CatalogSpider
from dockerhub.spiders.manifests import ManifestsSpider
from dockerhub.spiders.org import OrgSpider
from dockerhub.spiders.repos import ReposSpider
from dockerhub.spiders.search import SearchSpider
from dockerhub.spiders.tags import TagsSpider

SPIDERS = {
    kind.name: kind
    for kind in (CatalogSpider, ManifestsSpider, OrgSpider, ReposSpider, SearchSpider, TagsSpider)
}


def cut(spider: str, **given: str) -> list[CrawlJob]:
    return first_jobs(spider, given, SPIDERS[spider].check_arguments(given))


@pytest.mark.parametrize(
    ("spider", "given", "arguments", "stage"),
    [
        pytest.param(
            "org",
            {"org": "bitnami", "depth": "layers", "platforms": "linux/amd64"},
            {"org": "bitnami", "depth": "repositories", "strict": "1"},
            Stage.LIST,
            id="a list first",
        ),
        pytest.param(
            "search",
            {"query": "redis", "depth": "layers", "strict": "0"},
            {"query": "redis", "depth": "layers", "strict": "0"},
            Stage.WHOLE,
            id="a search is bounded by what it may see",
        ),
        pytest.param(
            "tags",
            {"repo": "nginx:1.27", "depth": "configs"},
            {"repo": "library/nginx", "tags": "1.27", "depth": "tags", "strict": "1"},
            Stage.TAGS,
            id="a tag that is named",
        ),
        pytest.param(
            "manifests",
            {"repo": "nginx"},
            {"repo": "library/nginx", "strict": "1"},
            Stage.WHOLE,
            id="the manifests of a repository",
        ),
        pytest.param(
            "catalog",
            {"prefix": "red", "max_requests": "9"},
            {"prefix": "red", "max_requests": "9", "strict": "1"},
            Stage.WHOLE,
            id="a prefix",
        ),
    ],
)
def test_a_crawl_begins_with_one_job(
    spider: str, given: dict[str, str], arguments: dict[str, str], stage: Stage
) -> None:
    (job,) = cut(spider, **given)

    assert (job.spider, dict(job.arguments), job.stage) == (spider, arguments, stage)


def test_what_every_job_runs_is_a_crawl_that_its_spider_accepts() -> None:
    jobs = [
        *cut("org", org="bitnami", depth="layers"),
        *cut("repos", repos="nginx,a/b", org="bitnami", query="redis", max_tags="5"),
        *cut("tags", repo="nginx", tags="1.*"),
        *cut("manifests", repo="nginx", digests=f"sha256:{'a' * 64}"),
        *cut("catalog"),
    ]
    for job in jobs:
        SPIDERS[job.spider].check_arguments(job.arguments)
        assert CrawlJob.of(json.loads(json.dumps(job.said))) == job


def test_two_hundred_repositories_are_one_job() -> None:
    names = [f"a/r{number}" for number in range(450)]

    jobs = cut("repos", repos=",".join(names), depth="layers")

    assert [len(job.names) for job in jobs] == [200, 200, 50]
    assert [name for job in jobs for name in job.names] == names
    assert {job.arguments["depth"] for job in jobs} == {"tags"}
    assert {job.asked["depth"] for job in jobs} == {"layers"}
    assert len({job.lock for job in jobs}) == len({job.key for job in jobs}) == 3


def test_what_a_listed_namespace_has_is_not_enqueued_twice() -> None:
    jobs = cut("repos", repos="bitnami/redis,nginx", org="bitnami")

    assert [job.stage for job in jobs] == [Stage.LIST, Stage.TAGS]
    assert jobs[1].names == ("library/nginx",)


def test_five_hundred_digests_are_one_job() -> None:
    digests = [f"sha256:{number:064x}" for number in range(1001)]

    jobs = cut("manifests", repo="nginx", digests=",".join(digests))

    assert [len(job.arguments["digests"].split(",")) for job in jobs] == [500, 500, 1]
    assert len({job.lock for job in jobs}) == 3


def test_a_catalog_is_cut_by_the_first_signs_of_words() -> None:
    jobs = cut("catalog", alphabet="ab0_-", max_requests="50")

    assert [job.arguments["prefix"] for job in jobs] == ["a", "b", "0"]
    assert {job.arguments["alphabet"] for job in jobs} == {"ab0_-"}


def test_the_lock_is_the_subject_and_the_key_how_it_is_crawled() -> None:
    (shallow,), (deep,) = cut("tags", repo="nginx"), cut("tags", repo="nginx", max_tags="5")

    assert shallow.lock == deep.lock == "repo=library/nginx"
    assert shallow.key != deep.key


def test_a_spider_that_nobody_can_cut_is_refused() -> None:
    expected = "enqueue: expected one of catalog, manifests, org, repos, search, tags"
    with pytest.raises(ArgumentError, match=expected):
        first_jobs("quota", {}, None)
