"""What follows from a job's end: the jobs for the tags, or the layers, of what it brought."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.arguments import Depth, read_scope, written_arguments
from dockerhub.jobs.first_jobs import (
    REPOSITORIES_AT_ONCE,
    SETS_AT_ONCE,
    at_most,
    digest_jobs,
    tags_jobs,
)
from dockerhub.jobs.job import CrawlJob, Stage, parts_of, scope_of
from dockerhub.moments import DAY
from dockerhub.names import RepositoryName, read_image_name
from dockerhub.store.connection import ReadConnection
from dockerhub.store.contents_reader import ContentsReader
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.known import KnownSet

# Who looks each night looks now earlier, now later: the crawl itself decides.
_EARLY = DAY // 4


def following(job: CrawlJob, url: str, now: int, full_days: float) -> list[CrawlJob]:
    """Return the jobs that are due once *job* is done, from what is then in the database at *url*.

    *now* is in microseconds; a list of tags is walked in full every *full_days* days.

    :raises StoreError: if the database cannot be read
    """
    depth = read_scope(job.asked).depth
    with closing(ReadConnection(url)) as connection:
        if job.stage is Stage.LIST and depth >= Depth.TAGS:
            return _after_list(job, connection, now, full_days)
        if job.stage is Stage.TAGS and depth >= Depth.LAYERS:
            names = [read_image_name(name).repository for name in job.names]
            return list(_contents_jobs(job, ContentsReader(connection), names))
    return []


def _after_list(
    job: CrawlJob, connection: ReadConnection, now: int, full_days: float
) -> list[CrawlJob]:
    sql, scope = load_queries("jobs_reading"), read_scope(job.asked)
    about = (job.spider, written_arguments(job.arguments))
    told = connection.rows(sql["signed_in"], about)
    full = full_days * DAY
    asked = {
        "namespace": job.arguments["org"],
        "arguments": scope.walk_arguments,
        "signed_in": told[0][0] if told else 0,
        "fresh": scope.fresh,
        "full_since": now - round(full - min(_EARLY, full / 4)),
    }
    rows = connection.rows(sql["repositories_of"], asked)
    due = [f"{namespace}/{name}" for namespace, name, is_due in rows if is_due]
    jobs = tags_jobs(due, job.asked, job.run)
    if scope.depth >= Depth.LAYERS:
        # What has not changed may still lack what no crawl before went deep enough for.
        old = [RepositoryName(namespace, name) for namespace, name, is_due in rows if not is_due]
        jobs += _contents_jobs(job, ContentsReader(connection), old)
    return jobs


def _contents_jobs(
    job: CrawlJob, reader: ContentsReader, repositories: Sequence[RepositoryName]
) -> Iterator[CrawlJob]:
    """Yield the jobs for what *repositories* lack, each of at most so many image sets."""
    scope, room = read_scope(job.asked), SETS_AT_ONCE
    names: list[str] = []
    # The walk that `fresh` asks for was the one before.
    asked = {name: value for name, value in job.asked.items() if name != "fresh"}
    with_configs = scope.depth >= Depth.CONFIGS
    for repository in repositories:
        sets = reader.lacking_sets(
            repository, with_configs=with_configs, wants=scope.wants_tag, most=scope.max_tags
        )
        if len(sets) > SETS_AT_ONCE:
            tags = [each.tag for each in sets]
            yield from _of_one(repository, tags, asked, job)
            continue
        if names and (len(sets) > room or len(names) >= REPOSITORIES_AT_ONCE):
            yield _of_many(names, asked, job)
            names, room = [], SETS_AT_ONCE
        if sets:
            names.append(str(repository))
            room -= len(sets)
    if names:
        yield _of_many(names, asked, job)


def lacking_jobs(given: Mapping[str, str], url: str) -> list[CrawlJob]:
    """Return the jobs for all manifests that the database at *url* lacks.

    :raises StoreError: if the database cannot be read
    """
    depth = read_scope({"depth": Depth.CONFIGS.name.lower(), **given}).depth
    with_configs, jobs = depth >= Depth.CONFIGS, []
    with closing(ReadConnection(url)) as connection:
        reader = ContentsReader(connection)
        for repository in reader.repositories_lacking(with_configs=with_configs):
            sets = reader.lacking_sets(repository, with_configs=with_configs)
            jobs += list(_manifests_of(str(repository), sets, scope_of(given)))
    return jobs


def _manifests_of(
    repository: str, sets: Sequence[KnownSet], asked: dict[str, str]
) -> Iterator[CrawlJob]:
    if len(sets) <= SETS_AT_ONCE:
        yield CrawlJob(spider="manifests", arguments={"repo": repository, **asked})
        return
    yield from digest_jobs(repository, [each.digest for each in sets if each.digest], asked)
    # Of what has no digest yet, the tag has to be asked for its own.
    for some in parts_of((each.tag for each in sets if not each.digest), SETS_AT_ONCE):
        arguments = {"repo": repository, "tags": ",".join(some), **asked}
        yield CrawlJob(spider="manifests", arguments=arguments)


def _of_many(names: Sequence[str], asked: dict[str, str], job: CrawlJob) -> CrawlJob:
    arguments = {"repos": ",".join(names), **at_most(asked, Depth.CONFIGS)}
    return CrawlJob(
        spider="repos", arguments=arguments, stage=Stage.CONTENTS, asked=job.asked, run=job.run
    )


def _of_one(
    repository: RepositoryName, tags: Sequence[str], asked: dict[str, str], job: CrawlJob
) -> Iterator[CrawlJob]:
    """Yield the jobs for a repository that lacks more than one of them may bring."""
    rest = {name: value for name, value in asked.items() if name not in ("tags", "max_tags")}
    for some in parts_of(dict.fromkeys(tags), SETS_AT_ONCE):
        arguments = {"repo": str(repository), "tags": ",".join(some), **rest}
        yield CrawlJob(
            spider="tags", arguments=arguments, stage=Stage.CONTENTS, asked=job.asked, run=job.run
        )
