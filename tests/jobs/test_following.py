"""What follows from a job's end, from what a real crawl has left in a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.jobs import first_jobs as cuts
from dockerhub.jobs import following as followers
from dockerhub.jobs.first_jobs import first_jobs, tags_jobs
from dockerhub.jobs.following import following, lacking_jobs
from dockerhub.moments import DAY, now
from dockerhub.spiders.repos import ReposSpider
from dockerhub.spiders.tags import TagsSpider

if TYPE_CHECKING:
    from dockerhub.jobs.job import CrawlJob
    from dockerhub.standin import World
    from tests.jobs.workers import Workers


def listed(workers: Workers, depth: str = "tags", **more: str) -> CrawlJob:
    """Crawl the list of a namespace and return its job."""
    (job,) = first_jobs("org", {"org": "many", "depth": depth, **more}, "many")
    ended = workers.run("crawl", "org", **job.arguments)
    assert ended.status == 0, ended.err
    return job


def after(job: CrawlJob, url: str, at: int | None = None) -> list[CrawlJob]:
    return following(job, url, now() if at is None else at, 30)


def walk_tags(workers: Workers, *names: str) -> None:
    """Crawl the tags of repositories as a job does."""
    (job,) = tags_jobs(names, {"strict": "1"}, None)
    assert workers.run("crawl", "repos", **job.arguments).status == 0


def test_after_a_list_come_the_tags_of_what_is_due(workers: Workers, hub_world: World) -> None:
    hub_world.add_namespace("many", repositories=203, tags=1)
    job = listed(workers)

    jobs = after(job, workers.url)

    assert [len(each.names) for each in jobs] == [200, 3]
    names = {name for each in jobs for name in each.names}
    assert names == {each.full_name for each in hub_world.repositories("many")}
    assert {each.arguments["depth"] for each in jobs} == {"tags"}

    done = sorted(names)[:3]
    walk_tags(workers, *done)

    rest = [name for each in after(job, workers.url) for name in each.names]
    assert set(rest) == names - set(done)
    # Once a month what has not changed is walked as well.
    later = after(job, workers.url, now() + 31 * DAY)
    assert {name for each in later for name in each.names} == names
    # And when somebody asks for it.
    (fresh,) = first_jobs("org", {"org": "many", "fresh": "1"}, "many")
    assert {name for each in after(fresh, workers.url) for name in each.names} == names
    # But a list was all that was asked for here.
    (shallow,) = first_jobs("org", {"org": "many", "depth": "repositories"}, "many")
    assert after(shallow, workers.url) == []


@pytest.fixture
def two_sets_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cuts, followers):
        monkeypatch.setattr(module, "SETS_AT_ONCE", 2)


@pytest.mark.usefixtures("two_sets_at_once")
def test_after_tags_come_the_layers_of_so_many_image_sets(
    workers: Workers, hub_world: World
) -> None:
    for name, tags in (("one", 1), ("other", 1), ("third", 1), ("vast", 20)):
        hub_world.add_repository(f"many/{name}", tags=tags)
    names = ["many/one", "many/other", "many/third", "many/vast"]
    walk_tags(workers, *names)
    (job,) = tags_jobs(names, {"depth": "layers", "strict": "1", "fresh": "1"}, 7)

    jobs = after(job, workers.url)

    many = [each for each in jobs if each.spider == "repos"]
    parts = [each for each in jobs if each.spider == "tags"]
    assert [each.names for each in many] == [("many/one", "many/other"), ("many/third",)]
    assert all(len(each.arguments["tags"].split(",")) <= 2 for each in parts)
    assert {each.arguments["repo"] for each in parts} == {"many/vast"}
    assert len(parts) >= 2
    assert {(each.arguments["depth"], each.run) for each in jobs} == {("layers", 7)}
    assert all("fresh" not in each.arguments for each in jobs)
    assert len({each.lock for each in jobs}) == len(jobs)
    for each in many:
        ReposSpider.check_arguments(each.arguments)
    for each in parts:
        TagsSpider.check_arguments(each.arguments)
    assert all(after(each, workers.url) == [] for each in jobs)


@pytest.mark.usefixtures("two_sets_at_once")
def test_manifests_of_nothing_named_are_all_that_lack(workers: Workers, hub_world: World) -> None:
    hub_world.add_repository("many/one", tags=1)
    hub_world.add_repository("many/vast", tags=20)
    walk_tags(workers, "many/one", "many/vast")

    jobs = lacking_jobs({"strict": "1"}, workers.url)

    assert [each.spider for each in jobs] == ["manifests"] * len(jobs)
    assert dict(jobs[0].arguments) == {"repo": "many/one", "strict": "1"}
    rest = [each.arguments.get("digests") or each.arguments["tags"] for each in jobs[1:]]
    assert len(rest) >= 2
    assert all(len(text.split(",")) <= 2 for text in rest)
