"""All that somebody watches: repositories by name, from a file, of an organisation, of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerhub.spiders.base import HubSpider
from dockerhub.spiders.list_walks import NAMESPACE, SEARCH
from dockerhub.targets import read_watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request

    from dockerhub.errors import HubRefusal
    from dockerhub.names import RepositoryName
    from dockerhub.targets import Watched
    from dockerhub.walks.walk import Walk


class ReposSpider(HubSpider):
    """Visits the repositories of a watch list; one met twice costs one visit.

    Yields: RepositoryPage, RepositoryDetail, TagPage
    Arguments: repos (names with commas), file (a file with a name a line), org (namespaces with
        commas), query (words to search for); at least one of them
    Cost: one request for each named repository that no listed organisation has, and what org and
        search cost for theirs; one for 100 tags of a repository that changed; no pulls.
    API: https://docs.docker.com/reference/api/hub/latest/
    """

    name = "repos"
    ARGUMENTS: ClassVar[Mapping[str, str]] = {
        "repos": "repositories with commas, such as nginx,bitnami/redis",
        "file": "a file that names a repository a line; # begins a comment",
        "org": "namespaces with commas, all of whose repositories are wanted",
        "query": "words to search for, all of whose hits are wanted",
    }

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> Watched:
        """Return all that is watched."""
        return read_watched(given)

    async def begin(self) -> AsyncIterator[Any]:
        """Begin with the lists: what they show of a named repository saves its own request."""
        watched: Watched = self.targets
        self._put_off: dict[str, list[RepositoryName]] = {name: [] for name in watched.namespaces}
        for namespace in watched.namespaces:
            yield await self.lists.begin(NAMESPACE, namespace)
        if watched.query is not None:
            yield await self.lists.begin(SEARCH, watched.query)
        for repository in watched.repositories:
            if not self._is_put_off(repository) and self.meet(repository):
                yield await self.visit_named(repository)

    def wants_hit(self, repository: RepositoryName) -> bool:
        """Tell whether a hit is to be visited now: its namespace is not being listed."""
        return super().wants_hit(repository) and not self._is_put_off(repository)

    def _is_put_off(self, repository: RepositoryName) -> bool:
        waiting = self._put_off.get(repository.namespace)
        if waiting is not None:
            waiting.append(repository)
        return waiting is not None

    def list_ended(self, walk: Walk) -> Iterator[Request]:
        """Visit what was put off and not shown by the list of its namespace."""
        if walk.key.kind == NAMESPACE:
            for repository in self._put_off.pop(walk.key.subject, ()):
                if self.meet(repository):
                    yield self.visit(repository)

    def repository_not_there(self, repository: RepositoryName) -> None:
        """Fail for what the user named; a hit that is gone since is none of his mistakes."""
        if repository not in self.targets.repositories:
            super().repository_not_there(repository)
            return
        self.fail(
            f"spider argument repos: expected repositories that are visible, {repository} got HTTP"
            " 404 (there is none of that name, or it is private)"
        )

    def visit_refused(self, repository: RepositoryName, error: HubRefusal) -> None:
        """Fail for what the user named."""
        if repository not in self.targets.repositories:
            super().visit_refused(repository, error)
            return
        self.fail_for(
            error,
            f"spider argument repos: expected to read {repository},"
            f" got {error.kind}, {error.detail}",
        )
