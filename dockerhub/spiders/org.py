"""The repositories of an organisation or user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerhub.spiders.base import HubSpider
from dockerhub.spiders.list_walks import NAMESPACE
from dockerhub.targets import read_org

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class OrgSpider(HubSpider):
    """Lists a namespace's repositories, then walks the tags of those that changed.

    Yields: RepositoryPage, RepositoryDetail, TagPage
    Arguments: org (a namespace, such as bitnami; required)
    Cost: one request for 100 repositories, one for 100 tags of a repository that changed, one for
        its description; no pulls. Anonymous: 99 instead of 100.
    API: https://docs.docker.com/reference/api/hub/latest/
    """

    name = "org"
    ARGUMENTS: ClassVar[Mapping[str, str]] = {"org": "a namespace, such as bitnami (required)"}

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> str:
        """Return the namespace."""
        return read_org(given)

    async def begin(self) -> AsyncIterator[Any]:
        """Begin the list."""
        yield await self.lists.begin(NAMESPACE, self.targets)
