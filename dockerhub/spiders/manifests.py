"""What images are made of, from the registry alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import signals

from dockerhub.arguments import Depth
from dockerhub.errors import ArgumentError
from dockerhub.kinds import Kind
from dockerhub.outcome import FAILURES
from dockerhub.spiders.base import HubSpider
from dockerhub.targets import read_manifests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from dockerhub.errors import HubRefusal
    from dockerhub.names import RepositoryName
    from dockerhub.targets import WantedManifests

# Of the whole database no more is asked for at once than keeps the registry busy.
_MOST_WAITING = 200


class ManifestsSpider(HubSpider):
    """Reads manifests, configs and attestations that are not stored; asks the registry alone.

    Yields: Manifest, Config, Attestation, TagDigest, TagNames
    Arguments: repo (a repository, such as nginx; without it everything in the database that lacks
        its manifests), digests (sha256:... with commas: only these, of repo)
    Cost: one pull for each manifest that was never seen; configs, attestations, names and digests
        of tags cost none. One token a repository.
    API: https://distribution.github.io/distribution/spec/api/
    """

    name = "manifests"
    asks_hub = False
    ARGUMENTS: ClassVar[Mapping[str, str]] = {
        "repo": "a repository, such as nginx or bitnami/redis (default: all in the database)",
        "digests": "digests of manifests with commas, of repo (default: what its tags show)",
    }

    @classmethod
    def completed(cls, given: Mapping[str, str]) -> Mapping[str, str]:
        """Read `repo=nginx:1.27` as the tag that it names; nothing less than contents is read."""
        image = read_manifests(given).image
        tag = image.tag if image is not None else None
        tags = {"tags": tag} if tag is not None and "tags" not in given else {}
        return {"depth": Depth.CONFIGS.name.lower(), **given, **tags}

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> WantedManifests:
        """Return what is wanted.

        :raises ArgumentError: if a depth is asked for that needs no manifest
        """
        if given.get("depth") in ("repositories", "tags"):
            raise ArgumentError("spider argument depth", "layers or configs", given["depth"])
        for name in ("tags", "max_tags"):
            if name in given and given.get("digests"):
                raise ArgumentError(f"spider argument {name}", "none beside digests", given[name])
        return read_manifests(given)

    async def begin(self) -> AsyncIterator[Any]:
        """Begin with what is named, else with all that is lacking."""
        wanted: WantedManifests = self.targets
        if wanted.image is None:
            async for output in self._all():
                yield output
        elif wanted.digests:
            outputs = self.manifests.by_digests(wanted.image.repository, wanted.digests)
            async for output in outputs:
                yield output
        else:
            async for output in self._of_repository(wanted.image.repository):
                yield output

    async def _all(self) -> AsyncIterator[Any]:
        contents = self.reader.contents
        lacking = await self.thread.run(
            contents.repositories_lacking, with_configs=self.contents.with_configs
        )
        for repository in lacking:
            await self._room()
            self.meet(repository)
            async for output in self.contents.of_repository(repository):
                yield output

    async def _room(self) -> None:
        """Wait until little is waiting: the whole database need not fit into memory."""
        scheduler: Any = self.crawler.engine.scheduler
        while scheduler.waiting_count > _MOST_WAITING:
            await self.crawler.signals.wait_for(signals.scheduler_empty)

    async def _of_repository(self, repository: RepositoryName) -> AsyncIterator[Any]:
        self.meet(repository)
        if self.scope.tag_names:
            # Who names a tag wants what it is now.
            names = self.scope.tag_names
            async for request in self.names.heads(repository, names, are_named=True):
                yield request
        elif await self.thread.run(self.reader.contents.is_listed, repository):
            async for output in self.contents.of_repository(repository):
                yield output
        else:
            yield await self.names.of_unlisted(repository)

    def names_refused(self, repository: RepositoryName, error: HubRefusal) -> None:
        """Fail for what the user named."""
        if error.kind is Kind.UNREACHABLE:
            self.fail(error.detail)
        elif error.kind is Kind.NOT_THERE:
            self.fail(
                f"spider argument repo={repository}: expected a repository that is visible in the"
                f" registry, got {error.detail} (there is none of that name, or it is private)"
            )
        elif error.detail not in self.crawler.stats.get_value(FAILURES, []):
            # What was told for the crawl, such as wrong credentials, is not told again.
            self.fail_for(
                error,
                f"spider argument repo={repository}: expected its names of tags,"
                f" got {error.kind}, {error.detail}",
            )
