"""Lets a discovery make no more requests than it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy import Request

    from dockerhub.spiders.catalog_discovery import Discovery


class CatalogBound:
    """The part of the discovery that counts requests of all kinds, at any depth.

    Those that are made again after a failure count as well: Docker Hub has to answer them too.
    """

    def __init__(self, spider: Discovery) -> None:
        self.spider = spider
        self._scheduled = 0

    @property
    def is_spent(self) -> bool:
        """Whether as many requests were made as there may be."""
        most = self.spider.targets.max_requests
        return most is not None and self._scheduled >= most

    def scheduled(self, request: Request) -> None:
        """Count a request, unless there may be no more.

        One is kept for the witness while there is something to doubt.

        :raises IgnoreRequest: if there may be no more: Scrapy then makes it not
        """
        spider = self.spider
        most = spider.targets.max_requests
        if most is None or self._scheduled + int(spider.search.witness.is_due) < most:
            self._scheduled += 1
            return
        spider.left_out(request, f"{most} requests were asked for")
        raise IgnoreRequest
