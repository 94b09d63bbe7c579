"""How `scrapy plan` and `scrapy quota` ask a few things: as a crawl that does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dockerhub.commands.quota_spider import Listener, OneWay

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.commands import ScrapyCommand
    from scrapy.statscollectors import StatsCollector

    Asked = TypeVar("Asked", bound=Spider)

# s; who wants to know something before a crawl does not want to wait.
ALL_SECONDS = 60
_ANSWER_SECONDS = 20
# A handful of requests is no crawl: nothing is paced, no proxy's rest is waited for, and every
# session of a proxy is the first one.
_HANDFUL = {
    "DOCKERHUB_HUB_RATE": 0,
    "DOCKERHUB_TOTAL_RATE": 0,
    "ROTATING_PROXY_BACKOFF_BASE": 0.1,
    "ROTATING_PROXY_BACKOFF_CAP": 1,
    "DOCKERHUB_PROXY_SESSION_REQUESTS": 1000,
}


def only_ask(settings: Any, opts: argparse.Namespace) -> None:
    """Leave out all that a crawl does besides asking, and its log unless that is asked for."""
    changes: dict[str, Any] = {
        # One inside of what decides about answers, outside of what adds tokens; the other
        # inside of that, outside of what counts what the queues have handed out.
        "DOWNLOADER_MIDDLEWARES": settings.getdict("DOWNLOADER_MIDDLEWARES")
        | {Listener: 565, OneWay: 945},
        "ITEM_PIPELINES": {},
        "EXTENSIONS": dict.fromkeys(settings.getdict("EXTENSIONS")),
        "DOWNLOAD_TIMEOUT": _ANSWER_SECONDS,
        "CLOSESPIDER_TIMEOUT": ALL_SECONDS,
    }
    settings.setdict(changes, priority="project")
    if not (opts.loglevel or opts.logfile):
        settings.set("LOG_ENABLED", False, priority="cmdline")


def ask(
    command: ScrapyCommand, kind: type[Asked], **arguments: Any
) -> tuple[Asked, StatsCollector] | None:
    """Run a spider of that *kind*, and return it with what it counted; None if it was stopped."""
    process, settings = command.crawler_process, command.settings
    assert process is not None and settings is not None  # noqa: S101, PT018  (set by Scrapy)
    settings.setdict(_HANDFUL, priority="cmdline")
    crawler = process.create_crawler(kind)
    process.crawl(crawler, **arguments)
    process.start()
    spider, stats = crawler.spider, crawler.stats
    if not isinstance(spider, kind) or stats is None:
        return None
    is_stopped = stats.get_value("finish_reason", "shutdown") == "shutdown"
    return None if is_stopped else (spider, stats)
