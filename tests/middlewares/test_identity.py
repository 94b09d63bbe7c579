from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

import dockerhub
from dockerhub.middlewares.identity import IdentityMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def test_an_honest_user_agent_with_somebody_to_write_to(crawler: Crawler) -> None:
    request = Request("http://127.0.0.1:9/", headers={"User-Agent": "Scrapy"})
    IdentityMiddleware.from_crawler(crawler).process_request(request)
    agent = f"dockerhub/{dockerhub.__version__} (+https://example.org/us)"
    assert request.headers["User-Agent"] == agent.encode()
    assert request.headers["Accept"] == b"application/json"


def test_who_asks_for_another_type_gets_it(crawler: Crawler) -> None:
    request = Request("http://127.0.0.1:9/", headers={"Accept": "text/plain"})
    IdentityMiddleware.from_crawler(crawler).process_request(request)
    assert request.headers["Accept"] == b"text/plain"
