"""Lists the namespaces that a discovery came upon, as any list of a namespace is walked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dockerhub.items import CatalogPage, RepositoryPage
from dockerhub.redact import plain
from dockerhub.spiders.list_walks import ListWalks
from dockerhub.spiders.refusals import tolerant
from dockerhub.walks.prefixes import find_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy import Request
    from scrapy.http import Response

    from dockerhub.items import Item, WalkStep
    from dockerhub.spiders.catalog_discovery import Discovery
    from dockerhub.walks.walk import Walk

logger = logging.getLogger(__name__)


class CatalogLists(ListWalks):
    """The walks of lists, with their pages as pages of a discovery."""

    spider: Discovery

    @tolerant
    async def repository_page(
        self, response: Response, *, walk: Walk
    ) -> AsyncIterator[Item | Request]:
        """Take one page of a namespace's repositories."""
        async for output in super().repository_page(response, walk=walk):
            yield self._found(output) if isinstance(output, RepositoryPage) else output

    def note_nothing(self, step: WalkStep) -> None:
        """Say that a namespace has nothing any more: that is no failure of who named none."""
        if not step.row_count:
            logger.debug("%s: an empty list", plain(step.key.subject))

    def _found(self, page: RepositoryPage) -> CatalogPage:
        self.spider.telling.made += 1
        return CatalogPage(
            seen=page.seen,
            rows=page.rows,
            finds=tuple(find_of(row, None) for row in page.rows),
            since=self.spider.made_at,
            walk=page.walk,
        )
