"""Says who we are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import dockerhub

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request


class IdentityMiddleware:
    """An honest User-Agent with somebody to write to, and what we understand."""

    def __init__(self, *, contact: str) -> None:
        name = f"dockerhub/{dockerhub.__version__}"
        self._agent = f"{name} (+{contact})" if contact else f"{name} (Scrapy)"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the contact."""
        return cls(contact=crawler.settings["DOCKERHUB_USER_AGENT_CONTACT"])

    def process_request(self, request: Request) -> None:
        """Set the headers of every request."""
        request.headers[b"User-Agent"] = self._agent
        request.headers.setdefault(b"Accept", b"application/json")
