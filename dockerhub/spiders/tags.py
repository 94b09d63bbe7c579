"""The tags of one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerhub.spiders.base import HubSpider
from dockerhub.targets import read_repo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from dockerhub.errors import HubRefusal
    from dockerhub.names import RepositoryName
    from dockerhub.walks.walk import Walk


class TagsSpider(HubSpider):
    """Visits one repository and walks its tags if it changed.

    Yields: RepositoryDetail, TagPage
    Arguments: repo (a repository, such as nginx or bitnami/redis; required)
    Cost: one request for the repository, one for 100 of its tags if it changed; no pulls.
        With tags= naming tags in full, one for each of them.
    API: https://docs.docker.com/reference/api/hub/latest/
    """

    name = "tags"
    ARGUMENTS: ClassVar[Mapping[str, str]] = {
        "repo": "a repository, such as nginx or bitnami/redis (required)"
    }

    @classmethod
    def completed(cls, given: Mapping[str, str]) -> Mapping[str, str]:
        """Read `repo=nginx:1.27` as the tag that it names."""
        tag = read_repo(given).tag
        return given if tag is None or "tags" in given else {**given, "tags": tag}

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> RepositoryName:
        """Return the repository."""
        return read_repo(given).repository

    async def begin(self) -> AsyncIterator[Any]:
        """Visit the repository."""
        self.meet(self.targets)
        yield await self.visit_named(self.targets)

    def repository_not_there(self, repository: RepositoryName) -> None:
        """Fail: the user named it."""
        self.fail(
            f"spider argument repo={repository}: expected a repository that is visible,"
            " got HTTP 404 (there is none of that name, or it is private)"
        )

    def visit_refused(self, repository: RepositoryName, error: HubRefusal) -> None:
        """Fail for what the user named."""
        self.fail_for(
            error,
            f"spider argument repo={repository}: expected to read {repository},"
            f" got {error.kind}, {error.detail}",
        )

    def tags_refused(self, walk: Walk, error: HubRefusal) -> None:
        """Fail: nothing else was asked for."""
        self.visit_refused(self.targets, error)
