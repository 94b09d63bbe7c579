"""What Scrapy's own log lines say of a request: never an address that somebody signed for us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.http import Response
from scrapy.logformatter import LogFormatter

from dockerhub.meta import REDIRECTED
from dockerhub.redact import shown_url

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


class SafeLogFormatter(LogFormatter):
    """Scrapy's, with what stands in for a blob's address cut down to what may be shown."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        """Return the line for an answer."""
        return super().crawled(_shown(request), response, spider)

    def scraped(
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Return the line for an item."""
        if isinstance(response, Response) and response.request is not None:
            shown = _shown(response.request)
            response = response if shown is response.request else response.replace(url=shown.url)
        return super().scraped(item, response, spider)

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        """Return the line for a callback that failed."""
        return super().spider_error(failure, _shown(request), response, spider)

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """Return the line for a request that came to nothing."""
        return super().download_error(failure, _shown(request), spider, errmsg)


def _shown(request: Request) -> Request:
    if REDIRECTED not in request.meta:
        return request
    shown: Request = request.replace(url=shown_url(request.url))
    return shown
