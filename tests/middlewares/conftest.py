from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.utils.test import get_crawler

from dockerhub import scheduler as scheduler_module
from dockerhub.auth.credentials import Credentials
from dockerhub.middlewares import (
    answers,
    breakers,
    budgets,
    exits,
    pull_probe,
    registry_tokens,
    token_desk,
)
from dockerhub.middlewares.answers import AnswersMiddleware
from dockerhub.middlewares.token_desk import TokenDesk
from dockerhub.redact import Secret
from dockerhub.scheduler import BudgetScheduler
from dockerhub.services import Services
from tests.clock import Clock
from tests.middlewares.chain import Chain, built_chain
from tests.middlewares.exchanges import HUB, NOW, Closing
from tests.middlewares.registry import AUTH, REGISTRY, Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

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
    """The time of the middlewares but for the sign-in, and of the scheduler."""
    made = Clock(NOW)
    ours = (
        answers,
        breakers,
        budgets,
        exits,
        pull_probe,
        registry_tokens,
        token_desk,
        scheduler_module,
    )
    for module in ours:
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


@pytest.fixture
def registry(clock: Clock) -> Registry:
    return Registry(clock)


@pytest.fixture
def chain_with(
    crawler: Crawler, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Chain]:
    """Make a chain: of whose account, which budgets have had an answer, with what settings."""

    def make(*, account: bool = False, heard: str = "hub registry pulls cdn", **ours: Any) -> Chain:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("DOCKER_CONFIG", raising=False)
        for name, value in (("DOCKERHUB_USERNAME", "ada"), ("DOCKERHUB_PASSWORD", "secret")):
            monkeypatch.setenv(name, value if account else "")
        monkeypatch.setattr(token_desk, "backoff_seconds", lambda *_: 0.0)
        origins = {
            "DOCKERHUB_HUB_URL": HUB,
            "DOCKERHUB_REGISTRY_URL": REGISTRY,
            "DOCKERHUB_AUTH_URL": AUTH,
        }
        rates = {"DOCKERHUB_HUB_RATE": 0, "DOCKERHUB_REGISTRY_RATE": 0}
        made = built_chain(crawler, clock, **origins, **rates, **ours)
        for service in heard.split():
            made.scheduler.queues[service].budget.heard(None)
        return made

    return make


@pytest.fixture
def chain(chain_with: Callable[..., Chain]) -> Chain:
    """The middlewares without an account; all services have had their first answer."""
    return chain_with()


@pytest.fixture
def pauses() -> list[float]:
    """For how many seconds it paused."""
    return []


@pytest.fixture
def desk_of(
    crawler: Crawler, registry: Registry, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TokenDesk]:
    """Make a desk, with an account or without."""

    async def download(request: Request) -> Response:
        answer = registry(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    def make(*, account: bool = False) -> TokenDesk:
        engine: Any = crawler.engine
        engine.download_async = download
        who = Credentials("ada", Secret("secret")) if account else None
        return TokenDesk(crawler, Services(hub=HUB, registry=REGISTRY, auth=AUTH), who)

    monkeypatch.setattr(token_desk, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(token_desk, "backoff_seconds", lambda attempt, _: 2.0**attempt)
    return make


@pytest.fixture
def desk(desk_of: Callable[..., TokenDesk]) -> TokenDesk:
    return desk_of()
