"""The hits of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerhub.spiders.base import HubSpider
from dockerhub.spiders.list_walks import SEARCH
from dockerhub.targets import read_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class SearchSpider(HubSpider):
    """Stores the hits of a search and visits each; their namespaces are not listed.

    Yields: RepositoryPage, RepositoryDetail, TagPage
    Arguments: query (words to search for; required)
    Cost: one request for 100 hits, one for each hit (a hit does not say when it was last updated),
        one for 100 tags of a repository that changed; no pulls. With depth=repositories the pages
        of hits alone.
    API: not documented by Docker; see https://github.com/docker/hub-mcp for its successor
    """

    name = "search"
    ARGUMENTS: ClassVar[Mapping[str, str]] = {"query": "words to search for (required)"}

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> str:
        """Return the query."""
        return read_query(given)

    async def begin(self) -> AsyncIterator[Any]:
        """Begin the search."""
        yield await self.lists.begin(SEARCH, self.targets)
