"""What somebody enqueues, cut into the jobs with which it begins. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.arguments import Depth, read_scope
from dockerhub.catalog_targets import ALPHABET
from dockerhub.errors import ArgumentError
from dockerhub.jobs.job import CrawlJob, Stage, parts_of, scope_of
from dockerhub.names import digest_text, read_image_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dockerhub.targets import WantedManifests, Watched

REPOSITORIES_AT_ONCE = 200
"""repositories whose tags one job walks"""
SETS_AT_ONCE = 500
"""image sets of which one job brings the layers"""


def first_jobs(spider: str, given: Mapping[str, str], targets: object) -> list[CrawlJob]:
    """Return the jobs with which a crawl begins that was asked for by *given*.

    *targets* is what the spider's own `check_arguments` made of them. What follows, such as the
    tags of what a list shows, is enqueued when these end.

    :raises ArgumentError: if such a crawl cannot be cut into jobs
    """
    known = _CUTS.get(spider)
    if known is None:
        raise ArgumentError("enqueue", f"one of {', '.join(SPIDERS)}", spider)
    # A crawl that leaves something is to be run again, by whoever asked for nothing else.
    return known({"strict": "1", **given}, targets)


def tags_jobs(names: Iterable[str], asked: Mapping[str, str], run: int | None) -> list[CrawlJob]:
    """Return the jobs that walk the tags of the repositories *names*."""
    shallow = at_most(asked, Depth.TAGS)
    return [
        CrawlJob(
            spider="repos",
            arguments={"repos": ",".join(some), **shallow},
            stage=Stage.TAGS,
            asked=asked,
            run=run,
        )
        for some in parts_of(names, REPOSITORIES_AT_ONCE)
    ]


def at_most(asked: Mapping[str, str], depth: Depth) -> dict[str, str]:
    """Return the shared arguments *asked* for a job that goes no deeper than *depth*."""
    wanted = min(read_scope(asked).depth, depth)
    return {**asked, "depth": wanted.name.lower()}


def _org(given: Mapping[str, str], targets: object) -> list[CrawlJob]:
    return [_list_job(str(targets), scope_of(given))]


def _list_job(namespace: str, asked: Mapping[str, str]) -> CrawlJob:
    # Nothing but the strictness says anything of a list.
    about = {"depth": "repositories", "strict": asked["strict"]}
    arguments = {"org": namespace, **about}
    return CrawlJob(spider="org", arguments=arguments, stage=Stage.LIST, asked=asked)


def _search_job(query: str, asked: Mapping[str, str]) -> CrawlJob:
    """A search ends where Hub lets nobody see further: it is bounded as it is."""
    return CrawlJob(spider="search", arguments={"query": query, **asked})


def _search(given: Mapping[str, str], targets: object) -> list[CrawlJob]:
    return [_search_job(str(targets), scope_of(given))]


def _repos(given: Mapping[str, str], targets: object) -> list[CrawlJob]:
    watched: Watched = targets  # type: ignore[assignment]
    asked = scope_of(given)
    jobs = [_list_job(namespace, asked) for namespace in watched.namespaces]
    if watched.query is not None:
        jobs.append(_search_job(watched.query, asked))
    # What is listed is met there.
    named = [name for name in watched.repositories if name.namespace not in watched.namespaces]
    return jobs + tags_jobs(map(str, named), asked, None)


def _tags(given: Mapping[str, str], _: object) -> list[CrawlJob]:
    image = read_image_name(given["repo"])
    named = {} if image.tag is None or "tags" in given else {"tags": image.tag}
    asked = {**scope_of(given), **named}
    arguments = {"repo": str(image.repository), **at_most(asked, Depth.TAGS)}
    return [CrawlJob(spider="tags", arguments=arguments, stage=Stage.TAGS, asked=asked)]


def _manifests(given: Mapping[str, str], targets: object) -> list[CrawlJob]:
    """Those of one repository: what the tags show, or by their digests."""
    wanted: WantedManifests = targets  # type: ignore[assignment]
    asked = scope_of(given)
    if wanted.image is None:
        return []  # what is lacking is for the database to say
    repository = str(wanted.image.repository)
    if not wanted.digests:
        named = {"tags": wanted.image.tag} if wanted.image.tag and "tags" not in given else {}
        return [CrawlJob(spider="manifests", arguments={"repo": repository, **asked, **named})]
    return digest_jobs(repository, wanted.digests, asked)


def digest_jobs(
    repository: str, digests: Iterable[bytes], asked: Mapping[str, str]
) -> list[CrawlJob]:
    """Return the jobs that read the manifests with these *digests* of 32 bytes."""
    texts = [digest_text(digest) for digest in digests]
    return [
        CrawlJob(
            spider="manifests",
            arguments={"repo": repository, "digests": ",".join(some), **asked},
        )
        for some in parts_of(texts, SETS_AT_ONCE)
    ]


def _catalog(given: Mapping[str, str], _: object) -> list[CrawlJob]:
    """One prefix, or one job for each sign with which a word can begin."""
    own = {name: given[name] for name in ("alphabet", "max_requests") if name in given}
    signs = filter(str.isalnum, given.get("alphabet", ALPHABET))
    prefixes = [given["prefix"]] if "prefix" in given else signs
    return [
        CrawlJob(spider="catalog", arguments={"prefix": prefix, **own, **scope_of(given)})
        for prefix in dict.fromkeys(prefixes)
    ]


_CUTS: dict[str, Callable[[Mapping[str, str], object], list[CrawlJob]]] = {
    "org": _org,
    "search": _search,
    "repos": _repos,
    "tags": _tags,
    "manifests": _manifests,
    "catalog": _catalog,
}
SPIDERS = tuple(sorted(_CUTS))
"""the spiders whose crawls can be jobs"""
