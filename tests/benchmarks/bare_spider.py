"""A bare Scrapy spider to compare with: it follows the same pages and stores nothing.

Run it outside of the project, whose settings it must not get:
`scrapy runspider bare_spider.py -a hub=http://127.0.0.1:8000 -a namespace=bench -a details=1`
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class BareSpider(Spider):
    name = "bare"
    custom_settings = {  # noqa: RUF012  (as Scrapy declares it)
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "CONCURRENT_ITEMS": 8,
        "COOKIES_ENABLED": False,
        "LOG_LEVEL": "INFO",
        "REMOTE_CONTROL_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
    }

    hub: str
    namespace: str
    details = "0"

    async def start(self) -> AsyncIterator[Request]:
        self.root = f"{self.hub}/v2/namespaces/{self.namespace}/repositories"
        yield Request(f"{self.root}?page=1&page_size=100", self.repositories)

    def repositories(self, response: Response) -> Iterator[Any]:
        page = json.loads(response.body)
        yield page
        if page["next"]:
            yield Request(page["next"], self.repositories)
        for row in page["results"]:
            path = f"{self.root}/{row['name']}"
            if self.details == "1":
                yield Request(path, self.detail)
            query = "page=1&page_size=100&ordering=last_updated"
            yield Request(f"{path}/tags?{query}", self.tags)

    def detail(self, response: Response) -> Iterator[Any]:
        yield json.loads(response.body)

    def tags(self, response: Response) -> Iterator[Any]:
        page = json.loads(response.body)
        yield page
        if page["next"]:
            yield Request(page["next"], self.tags)
