from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.utils.test import get_crawler

from dockerhub import scheduler as scheduler_module
from dockerhub.middlewares import answers, budgets
from dockerhub.middlewares.answers import AnswersMiddleware
from dockerhub.scheduler import BudgetScheduler
from tests.clock import Clock
from tests.middlewares.exchanges import HUB, NOW, Closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from dockerhub.limits.budget import Budget


@pytest.fixture
def crawler() -> Crawler:
    """A crawler with our scheduler, as far as a downloader middleware sees it."""
    settings = {
        "DOCKERHUB_HUB_URL": HUB,
        "DOCKERHUB_REGISTRY_URL": "https://registry.example",
        "DOCKERHUB_AUTH_URL": "https://auth.example",
        "DOCKERHUB_HUB_RATE": 0,
        "DOCKERHUB_REGISTRY_RATE": 0,
        "DOCKERHUB_PULL_RESERVE": 20,
        "DOCKERHUB_REST_SECONDS": "300",
        "DOCKERHUB_USER_AGENT_CONTACT": "https://example.org/us",
        "RETRY_TIMES": 4,
    }
    crawler = get_crawler(settings_dict=settings)
    engine: Any = SimpleNamespace(
        scheduler=BudgetScheduler.from_crawler(crawler), scraper=SimpleNamespace(slot=None)
    )
    crawler.engine = engine
    crawler.spider = crawler._create_spider("test")
    return crawler


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the middlewares that read answers, and of the scheduler."""
    made = Clock(NOW)
    for module in (answers, budgets, scheduler_module):
        monkeypatch.setattr(module, "time", made)
    monkeypatch.setattr(scheduler_module, "call_later", made.call_later)
    return made


@pytest.fixture
def middleware(crawler: Crawler, clock: Clock) -> AnswersMiddleware:
    return AnswersMiddleware.from_crawler(crawler)


@pytest.fixture
def middleware_with(crawler: Crawler, clock: Clock) -> Callable[..., AnswersMiddleware]:
    """Make one of other settings."""

    def make(**settings: Any) -> AnswersMiddleware:
        crawler.settings.frozen = False
        for name, value in settings.items():
            crawler.settings.set(name, value, "cmdline")
        return AnswersMiddleware.from_crawler(crawler)

    return make


@pytest.fixture
def budget(crawler: Crawler) -> Budget:
    """The Hub's budget, which has had its first answer."""
    scheduler: Any = crawler.engine.scheduler
    scheduler.queues["hub"].budget.heard(None)
    return scheduler.queues["hub"].budget


@pytest.fixture
def closing(crawler: Crawler) -> Closing:
    made = Closing()
    crawler.engine.close_spider_async = made  # type: ignore[union-attr, method-assign, assignment]
    return made
