"""Waits for an exit on behalf of what no queue holds: a sign-in, or a request for a token."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from dockerhub.errors import CredentialsError, ProxyError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

# A moment late rather than early: an exit that is not open yet is not tried.
_MARGIN_SECONDS = 0.05


async def download_by_exits(crawler: Crawler, request: Request) -> Response:
    """Send *request*; while all exits rest, wait for the first that may be tried again.

    :raises CredentialsError: if there is none to wait for any longer
    """
    while True:
        try:
            return await crawler.engine.download_async(request.replace())
        except ProxyError as error:
            if not await _wait_for_exit(crawler, error):
                raise


async def _wait_for_exit(crawler: Crawler, error: ProxyError) -> bool:
    """Wait until an exit may be tried again after *error*; False if one may be tried now.

    :raises CredentialsError: if there is none to wait for any longer
    """
    scheduler: Any = crawler.engine.scheduler
    exits, now = scheduler.exits, time.time()
    opens = min(exits.opens_at(name, now) for name in exits.names)
    if opens <= now:
        return False
    gives_up_at = exits.gives_up_at(now)
    if gives_up_at <= now:
        raise CredentialsError(str(error)) from error
    await asyncio.sleep(min(opens, gives_up_at) - now + _MARGIN_SECONDS)
    return True
