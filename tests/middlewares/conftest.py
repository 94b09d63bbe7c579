from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.utils.test import get_crawler

from dockerhub.scheduler import BudgetScheduler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

HUB = "http://127.0.0.1:9"


@pytest.fixture
def crawler() -> Crawler:
    """A crawler with our scheduler, as far as a downloader middleware sees it."""
    settings = {
        "DOCKERHUB_HUB_URL": HUB,
        "DOCKERHUB_HUB_RATE": 0,
        "DOCKERHUB_USER_AGENT_CONTACT": "https://example.org/us",
        "RETRY_TIMES": 4,
    }
    crawler = get_crawler(settings_dict=settings)
    engine: Any = SimpleNamespace(scheduler=BudgetScheduler.from_crawler(crawler))
    crawler.engine = engine
    crawler.spider = crawler._create_spider("test")
    return crawler
